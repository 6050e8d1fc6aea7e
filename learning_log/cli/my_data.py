"""whatmatters mydata, forget, purge and hold: what people may ask for, for those who do not use the chat."""

from __future__ import annotations

import json as jsons
import os
import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from learning_log.cli.app import app
from learning_log.cli.opening import Organisation, opened
from learning_log.cli.output import AsJson, as_json, say
from learning_log.errors import AlreadyThere, SettingsWrong
from learning_log.services import auditing, forgetting, holds, my_data, retaining
from learning_log.services import organisation as services
from learning_log.services.signing_in import reader_of
from learning_log.storage.tables import Staff

ADMINISTRATOR = "administrator"
Name = Annotated[str, typer.Argument(help="A person supported or a member of staff: name or reference.")]


@app.command("mydata")
def give_my_data(
    name: Name,
    to: Annotated[Path, typer.Option("--to", metavar="DIR", help="The folder to write into. It is made if needed.")],
    json: AsJson = False,
    organisation: Organisation = None,
) -> None:
    """Write everything that is kept about somebody: a page in Easy Read, and JSON for another program.

    Both hold words that anybody can read: give them to this person only.

    Example: whatmatters mydata "Ann Example" --to ./for-ann
    """
    with opened(organisation) as here, here.write() as records:
        somebody = services.find_anybody(records, name)
        kept = my_data.everything_about(records, somebody)
        texts = {
            "my-data.html": my_data.easy_read_page(kept),
            "my-data.json": jsons.dumps(kept, ensure_ascii=False, indent=2) + "\n",
        }
        to.mkdir(parents=True, exist_ok=True, mode=0o700)
        for file, text in texts.items():
            _write(to / file, text)
        my_data.record_look(records, somebody, ADMINISTRATOR)
    files = [str((to / file).absolute()) for file in texts]
    if json:
        as_json({"files": files})
    else:
        say("\n".join([*files, "They hold this person's words in plain text: give them to this person only."]))


@app.command("forget")
def forget(
    name: Name,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask again.")] = False,
    json: AsJson = False,
    organisation: Organisation = None,
) -> None:
    """Erase what somebody said, because they asked for it. It cannot be undone.

    A person's name goes too; a member of staff keeps name and account. Nothing is erased while a safeguarding lead
    holds it.

    Example: whatmatters forget "Ann Example"
    """
    with opened(organisation) as here:
        with here.read() as records:
            known = records.text(services.find_anybody(records, name), "name")
        if not yes:
            if not sys.stdin.isatty():
                raise SettingsWrong("Nobody is there to say yes. Nothing was changed. Use --yes if they asked for it.")
            typer.confirm(f"Erase everything that {known} said? It cannot be undone.", abort=True)
        with here.write() as records:
            somebody = services.find_anybody(records, name)
            done = forgetting.forget(records, somebody, ADMINISTRATOR)
    if json:
        as_json(
            {
                "id": somebody.id,
                "answers": done.answers,
                "in_backups_until": done.in_backups_until,
                "chat": done.channel,
            }
        )
        return
    say(f"{known} is forgotten. Answers that were erased: {done.answers:,}.")
    say(f"Backups may hold a copy until {done.in_backups_until:%d %B %Y}.")
    if done.channel == "telegram":
        say("Telegram may keep its own copy of the chat. Tell the person that they can delete it there.")


@app.command("purge")
def purge(
    yes: Annotated[bool, typer.Option("--yes", help="Do it. Without it nothing is changed.")] = False,
    json: AsJson = False,
    organisation: Organisation = None,
) -> None:
    """Say who left so long ago that they are to be forgotten, and with --yes forget them. It cannot be undone.

    How long is in config/defaults.toml. What safeguarding holds stays. The audit log has the proof.

    Example: whatmatters purge --yes
    """
    with opened(organisation) as here:
        if not yes:
            with here.read() as records:
                count = len(retaining.due(records))
            as_json({"due": count}) if json else say(
                f"To be forgotten: {count:,}. Nothing was changed. Do it with --yes"
            )
            return
        with here.write() as records:
            done = retaining.purge(records, retaining.due(records))
    if json:
        as_json({"forgotten": done.forgotten, "held": done.held, "answers": done.answers})
    else:
        say(
            f"Forgotten: {len(done.forgotten):,}. Answers that were erased: {done.answers:,}. Held: {len(done.held):,}."
        )


@app.command("hold")
def hold(
    name: Annotated[str, typer.Argument(help="A person supported: name or reference.")],
    by: Annotated[str, typer.Option("--by", help="The safeguarding lead who decides it: name, reference or username.")],
    reviewer: Annotated[
        str | None, typer.Option(help="The lead who looks at it again. Without it: who decides.")
    ] = None,
    review_on: Annotated[
        datetime | None, typer.Option("--review-on", formats=["%Y-%m-%d"], help="The day to look at it again.")
    ] = None,
    reason_stdin: Annotated[bool, typer.Option("--reason-stdin", help="Read the reason from input.")] = False,
    lift: Annotated[bool, typer.Option("--lift", help="Lift it: the person can be forgotten again.")] = False,
    json: AsJson = False,
    organisation: Organisation = None,
) -> None:
    """Keep what a person said although they may ask to be forgotten, for safeguarding; or lift that.

    The reason is asked for and kept sealed. It is looked at again on the day, and stands until it is lifted.

    Example: whatmatters hold "Ann Example" --by "Lee Example" --review-on 2026-06-01

    Example: whatmatters hold "Ann Example" --by "Lee Example" --lift
    """
    reason = "" if lift else _reason(reason_stdin)
    with opened(organisation) as here, here.write() as records:
        person = services.find_person(records, name)
        lead = services.find_staff(records, by)
        looks: Staff = services.find_staff(records, reviewer) if reviewer else lead
        acting = reader_of(records, lead.id)
        auditing.record(records, ADMINISTRATOR, "acted_for_lead", "staff", lead.id)
        if lift:
            lifted = holds.lift(records, acting, person.id)
            as_json({"lifted": lifted}) if json else say(f"Holds that were lifted: {lifted}.")
            return
        if review_on is None:
            raise SettingsWrong("Say when it is looked at again, with --review-on. Nothing was changed.")
        made = holds.place(records, acting, person.id, reason, looks.id, review_on.date())
        if json:
            as_json({"id": made.id, "review_on": made.review_on})
        else:
            say(f"It is kept. {records.text(looks, 'name')} looks at it again on {made.review_on:%d %B %Y}.")


def _reason(from_input: bool) -> str:
    """Never an argument: other users of the machine can see those."""
    if from_input:
        return sys.stdin.read().strip()
    if not sys.stdin.isatty():
        raise SettingsWrong("Nobody is there to type a reason. Nothing was changed. Use --reason-stdin.")
    typed: str = typer.prompt("Reason")
    return typed


def _write(path: Path, text: str) -> None:
    """Private to its owner; an earlier file of this name is written over, and a link is not followed."""
    if path.is_dir():
        raise AlreadyThere(f"{path} is a folder. Nothing was written.")
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
