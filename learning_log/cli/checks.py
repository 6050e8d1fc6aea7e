"""What can be wrong with an installation, and how each is mended."""

from __future__ import annotations

import json
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from sqlmodel import select

from learning_log import config
from learning_log.analysis.model_files import find, model_in_use
from learning_log.cli.opening import tenants
from learning_log.errors import LearningLogError, SettingsWrong
from learning_log.services import agreements, auditing, concerns
from learning_log.services.delivery import SEEN_WITHIN
from learning_log.services.seen import THEMES
from learning_log.settings import Settings
from learning_log.storage.keys import read_keys
from learning_log.storage.records import LearningLog
from learning_log.storage.tables import Channel

LEAST_LEADS = 2
TOKEN_SECONDS = 30


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at. mend is empty when it is well. counts: the numbers in what is said."""

    name: str
    said: str
    mend: str = ""
    counts: Mapping[str, int] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        return not self.mend


def check_config(_: Settings) -> Finding:
    for path in sorted(config.folder().rglob("*.toml")):
        name = path.relative_to(config.folder()).with_suffix("").as_posix()
        try:
            config.load(name)
        except SettingsWrong as error:
            return Finding("config", str(error), "Mend that file, or take it from the version you installed.")
    if not config.names("import_layouts"):
        return Finding("config", f"There is nothing in {config.folder()}.", "Set WHATMATTERS_CONFIG_DIR.")
    return Finding("config", "All files in config/ can be read.")


def check_keys(settings: Settings) -> Finding:
    path = settings.path_of_keys
    try:
        read_keys(path)
    except LearningLogError as error:
        return Finding("keys", str(error), "Put the right key file back, or make a new installation: whatmatters init")
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        return Finding("keys", f"Others can read the key file {path}.", f"Make it private: chmod 600 {path}")
    return Finding("keys", "The key file is there and private.")


def check_telegram(settings: Settings) -> Finding:
    """Asks the worker's own check, because the command line knows no channel."""
    if not settings.telegram_token.get_secret_value():
        return Finding("telegram", "No token is set. People use the web chat.")
    mend = "Take a new token from @BotFather and set WHATMATTERS_TELEGRAM_TOKEN, or look at the network."
    try:
        ran = subprocess.run(
            [sys.executable, "-m", "bot", "--check"], capture_output=True, text=True, timeout=TOKEN_SECONDS, check=False
        )
        answer = json.loads(ran.stdout.strip().splitlines()[-1])
    except subprocess.TimeoutExpired:
        return Finding("telegram", f"There was no answer within {TOKEN_SECONDS} seconds.", mend)
    except (ValueError, IndexError):
        return Finding("telegram", f"The worker's own check ended with {ran.returncode}.", mend)
    if answer.get("ok"):
        return Finding("telegram", f"The token is that of @{answer.get('username')}.")
    return Finding("telegram", f"{answer.get('problem') or 'The token does not work.'}", mend)


def check_speech(_: Settings) -> Finding:
    """Asks the worker, because the command line knows no channel. Never wrong: people can do without."""
    try:
        ran = subprocess.run([sys.executable, "-m", "bot.speech"], capture_output=True, timeout=60, check=False)
    except subprocess.TimeoutExpired:
        return Finding("speech", "Messages cannot be read aloud: making speech takes too long.")
    if ran.returncode:
        return Finding("speech", "Messages cannot be read aloud. If they should be: script/environment speech")
    return Finding("speech", "Messages can be read aloud.")


def check_worker(log: LearningLog, settings: Settings) -> Finding:
    late = _not_seen(log, {"webchat"} | ({"telegram"} if settings.telegram_token.get_secret_value() else set()))
    if late:
        said = f"The worker has not been seen in the last 2 minutes ({', '.join(late)})."
        return Finding("worker", said, "Start it: whatmatters serve")
    return Finding("worker", "The worker is running.")


def check_themes(log: LearningLog, settings: Settings) -> Finding:
    if without := _without_model(log, settings):
        said = f"{', '.join(without)}: themes were found with a model that is not installed. New answers wait."
        return Finding(
            "themes", said, "Install it as docs/administrators.md says, or go on without it: whatmatters themes propose"
        )
    if _not_seen(log, {THEMES}):
        said = "Nobody has looked for themes in the last 2 minutes: new answers wait for their place."
        return Finding("themes", said, "Start it: whatmatters serve, or by itself: whatmatters understand")
    return Finding("themes", "New answers get their place among the themes.")


def _without_model(log: LearningLog, settings: Settings) -> list[str]:
    """The names of organisations whose themes need a model that is not here."""
    # Loaded only here: the theme finder takes seconds to load.
    from learning_log.services import theme_rows

    needed = {}
    for tenant, name in tenants(log).items():
        with log.read(tenant) as records:
            known = theme_rows.kept_model(records)
        if known and known[0].encoder:
            needed[name] = known[0].encoder
    model = model_in_use(config.load("analysis/models")) if needed else None
    if model and find(settings.models_dir, model):
        return [name for name, encoder in needed.items() if encoder != model.name]
    return list(needed)


def _not_seen(log: LearningLog, wanted: set[str]) -> list[str]:
    with log.read() as records:
        seen = {row.name: row.seen_at for row in records.all(select(Channel))}
        return sorted(name for name in wanted if name not in seen or records.now - seen[name] > SEEN_WITHIN)


def check_audit(log: LearningLog) -> Iterator[Finding]:
    for tenant, name in tenants(log).items():
        with log.read(tenant) as records:
            broken = auditing.broken_at(records)
        if broken is not None:
            mend = "Somebody changed the database by hand. Compare it with a backup, and find out who."
            yield Finding("audit", f"{name}: the audit log does not hold from entry {broken} on.", mend)
        else:
            yield Finding("audit", f"{name}: the audit log holds.")


def check_rota(log: LearningLog) -> Iterator[Finding]:
    """A worry goes to at least two named people; one of them may be away."""
    for tenant, name in tenants(log).items():
        with log.read(tenant) as records:
            reached = concerns.leads(records)
        if len(reached) < LEAST_LEADS:
            said = f"{name}: {len(reached)} safeguarding leads can be reached, and {LEAST_LEADS} are needed."
            mend = (
                'Add them: whatmatters role "NAME" safeguarding_lead, '
                'then: whatmatters password "NAME" --username NAME; and for alerts: whatmatters invite "NAME"'
            )
            yield Finding("rota", said, mend)
        else:
            yield Finding("rota", f"{name}: {len(reached)} safeguarding leads can be reached.")


def check_capacity(log: LearningLog) -> Iterator[Finding]:
    """Whoever cannot decide is not asked until their team has written down what is in their best interests."""
    for tenant, name in tenants(log).items():
        with log.read(tenant) as records:
            found = agreements.not_asked(records)
        counts = {"undecided": found.undecided, "overdue": found.overdue}
        if any(counts.values()):
            said = (
                f"{name}: not asked because a best-interests record is missing: {found.undecided}; "
                f"because a record is past its review: {found.overdue}."
            )
            mend = "Ask their teams to look at it in the app: on the page Agreements these people come first."
            yield Finding("capacity", said, mend, counts)
        else:
            said = f"{name}: nobody is left out because a record of capacity is missing or past its review."
            yield Finding("capacity", said, counts=counts)


OF_SETTINGS: tuple[Callable[[Settings], Finding], ...] = (check_config, check_keys, check_telegram, check_speech)
