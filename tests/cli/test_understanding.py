"""The command line installs the model, and finds what words are about."""

from __future__ import annotations

import contextlib
import json
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

from sqlmodel import select

from learning_log.cli.opening import tenants
from learning_log.services import deciding, feelings
from learning_log.settings import Settings
from learning_log.storage.records import LearningLog
from learning_log.storage.tables import Theme
from tests.cli.conftest import Run, environment
from tests.cli.test_serving import SECONDS, started
from tests.services.test_arranging import a_reader
from tests.services.test_theming import a_home, everything, said_about, tell
from tests.services.test_theming_by_meaning import EVERYTHING


def the_only(log: LearningLog) -> UUID:
    (found,) = tenants(log)
    return found


def test_what_is_new_is_looked_at_once(run: Run, log: LearningLog) -> None:
    with log.write(the_only(log)) as records:
        tell(records, a_home(records), everything(6))
    assert json.loads(run("understand", "--once", "--json").stdout) == {"reflections": 24}
    themes = json.loads(run("themes", "list", "--json").stdout)
    assert themes
    assert run("understand", "--once").stdout == "Looked at 0 reflections.\n"


def test_the_process_finds_themes_as_answers_come_and_ends_when_asked(
    run: Run, log: LearningLog, settings: Settings
) -> None:
    with log.write(the_only(log)) as records:
        tell(records, a_home(records), everything(6))
    with started("understand", **environment(settings.data_dir, settings.database_url)) as program:
        wait_for(program, lambda: bool(json.loads(run("themes", "list", "--json").stdout)))
        seen = {each["name"]: each["ok"] for each in json.loads(run("check", "--json").stdout)["checks"]}
        assert seen["themes"]
        program.send_signal(signal.SIGTERM)
        assert program.wait(SECONDS) == 0


def wait_for(program: subprocess.Popen[str], true: Callable[[], bool]) -> None:
    for _ in range(SECONDS):
        if true():
            return
        with contextlib.suppress(subprocess.TimeoutExpired):
            raise AssertionError(f"it ended with {program.wait(1)}")
    raise AssertionError("nothing happened")


def test_without_a_model_themes_are_found_by_shared_words_and_it_is_said(
    run: Run, log: LearningLog, tmp_path: Path
) -> None:
    with log.write(the_only(log)) as records:
        tell(records, a_home(records), everything(6))
    nowhere = {"WHATMATTERS_MODELS_DIR": str(tmp_path / "nowhere")}
    result = run("understand", "--once", "--json", **nowhere)
    assert json.loads(result.stdout) == {"reflections": 24}
    assert "The model is not installed" in result.stderr
    assert json.loads(run("models", "show", "--json", **nowhere).stdout)["installed"] is False
    assert "whatmatters models install" in run("models", "show", **nowhere).stdout


def test_a_folder_without_the_files_installs_nothing(run: Run, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    result = run("models", "install", str(tmp_path / "empty"), WHATMATTERS_MODELS_DIR=str(tmp_path / "models"))
    assert result.exit_code == 1
    assert "Nothing was changed." in result.stderr


def test_the_installed_model_can_be_installed_elsewhere(run: Run, tmp_path: Path) -> None:
    elsewhere = {"WHATMATTERS_MODELS_DIR": str(tmp_path / "models")}
    assert run("models", "install", str(Settings().models_dir), **elsewhere).exit_code == 0
    assert json.loads(run("models", "show", "--json", **elsewhere).stdout)["installed"] is True


def test_why_a_reflection_stands_where_it_does_is_told_without_its_words(run: Run, log: LearningLog) -> None:
    with log.write(the_only(log)) as records:
        (first, *_) = tell(records, a_home(records), everything(6))
    run("understand", "--once")
    reasons = json.loads(run("themes", "explain", first.id, "--json").stdout)
    assert reasons[0]["stands_there"] == "yes"
    assert reasons[0]["nearness"] >= reasons[0]["needed"]
    assert "minibus driver" not in run("themes", "explain", first.id).stdout.replace(reasons[0]["theme"], "")
    assert run("themes", "explain", "01a2150b-8ab7-72d6-85af-515e96727241").exit_code == 1


def test_what_is_proposed_is_applied_and_undone_by_command(run: Run, log: LearningLog) -> None:
    with log.write(the_only(log)) as records:
        home = a_home(records)
        tell(records, home, everything(6))
    run("understand", "--once")
    assert json.loads(run("themes", "find", "--json").stdout)["found"] > 0
    with log.write(the_only(log)) as records:
        theme = records.all(select(Theme))[0]
        deciding.confirm(records, a_reader(records, home), theme.id)
        tell(records, home, [(f"The lift {end}", "not_working") for end in ("is stuck.", "stopped.", "was a problem.")])
    refused = run("themes", "find")
    assert (refused.exit_code, "whatmatters themes propose" in refused.output) == (1, True)
    proposal = json.loads(run("themes", "propose", "--json").stdout)
    assert proposal["of"] == 27
    assert [one["id"] for one in json.loads(run("themes", "proposals", "--json").stdout)] == [proposal["id"]]
    assert json.loads(run("themes", "apply", proposal["id"], "--json").stdout)["placed"] == 27
    newest, confirmed = json.loads(run("themes", "steps", "--json").stdout)
    assert (newest["what"], newest["who"], confirmed["what"]) == ("found anew", "command line", "confirmed")
    assert json.loads(run("themes", "undo", newest["id"], "--json").stdout)["undone"] == newest["id"]
    assert run("themes", "undo", newest["id"]).exit_code == 1
    again = json.loads(run("themes", "propose", "--json").stdout)
    assert run("themes", "turn-down", again["id"]).exit_code == 0
    assert json.loads(run("themes", "stability", "--json").stdout)["earlier"] == 25


def test_names_are_looked_for_by_command(run: Run, log: LearningLog) -> None:
    with log.write(the_only(log)) as records:
        tell(records, a_home(records), EVERYTHING)
    made = json.loads(run("themes", "seed", "Money and bills", "Noise at night", "--json").stdout)
    assert set(made["drew"]) == {"Money and bills", "Noise at night"}
    said = run("themes", "seed", "--framework", "care_act", "Money and bills").stdout
    assert "names drew answers" in said
    assert "Nobody spoke of: " in said
    assert run("themes", "seed", "--none").exit_code == 0
    refused = run("themes", "seed")
    assert refused.exit_code == 1
    assert "Nothing was changed" in refused.stderr


def test_once_people_have_decided_names_are_proposed(run: Run, log: LearningLog) -> None:
    tenant = the_only(log)
    with log.write(tenant) as records:
        home = a_home(records)
        tell(records, home, EVERYTHING)
        reader = a_reader(records, home)
    run("themes", "find")
    with log.write(tenant) as records:
        deciding.confirm(records, reader, records.all(select(Theme))[0].id)
    assert "proposed to them" in run("themes", "seed", "Money and bills").stdout
    assert len(json.loads(run("themes", "proposals", "--json").stdout)) == 1


def test_it_is_said_where_the_hint_about_feelings_comes_from(run: Run, log: LearningLog) -> None:
    with log.write(the_only(log)) as records:
        home = a_home(records)
        (row,) = tell(records, home, said_about("choir", 1))
        feelings.say(records, a_reader(records, home), row.id, "good")
    assert json.loads(run("feelings", "--json").stdout)["said"] == 1
    assert "1 answers" in run("feelings").stdout
    assert "from the word list" in run("feelings").stdout


def test_what_themes_are_counted_from_is_made_anew(run: Run, log: LearningLog) -> None:
    with log.write(the_only(log)) as records:
        tell(records, a_home(records), everything(6))
    run("themes", "find")
    made = json.loads(run("themes", "recount", "--json").stdout)
    assert made["counted"] > 0
    assert made["were_wrong"] == 0
    assert "All were right." in run("themes", "recount").stdout
