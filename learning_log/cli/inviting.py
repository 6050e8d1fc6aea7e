"""whatmatters invite, and whatmatters ask."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import segno
import typer
from sqlmodel import select

from learning_log.cli.app import app
from learning_log.cli.opening import Organisation, opened
from learning_log.cli.output import AsJson, as_json, say
from learning_log.errors import SettingsWrong
from learning_log.services import asking, joining
from learning_log.services.organisation import find_anybody
from learning_log.settings import Settings
from learning_log.storage.records import LearningLog, Records
from learning_log.storage.tables import Channel, Person, Staff

Somebody = Annotated[str, typer.Argument(help="A person or a member of staff: name, reference or id.")]
HOURS = 72.0
MOST_HOURS = 24.0 * 31


@dataclass(frozen=True)
class Invite:
    code: str
    chat_link: str
    telegram_link: str | None
    expires_at: datetime

    @property
    def best_link(self) -> str:
        return self.telegram_link or self.chat_link


@app.command("invite")
def invite(
    somebody: Somebody,
    hours: Annotated[float, typer.Option(help="How long the code works.")] = HOURS,
    qr: Annotated[Path | None, typer.Option(help="Write the QR code to this .png or .svg file.")] = None,
    json: AsJson = False,
    organisation: Organisation = None,
) -> None:
    """Make a code that lets one person in, once. Older codes of theirs stop working.

    The QR code leads to Telegram where a bot is set up, else to the web chat.

    Example: whatmatters invite "Ann Example" --qr ann.png
    """
    if not 0 < hours <= MOST_HOURS:
        raise SettingsWrong(f"--hours is more than 0 and at most {MOST_HOURS:.0f}. Nothing was made.")
    if qr and qr.suffix.lower() not in (".png", ".svg"):
        raise SettingsWrong("The file of a QR code ends in .png or .svg. Nothing was made.")
    with opened(organisation) as here:
        username = telegram_name(here.log)
        with here.write() as records:
            made = new_invite(records, find_anybody(records, somebody), here.settings, username, hours)
    code = segno.make(made.best_link, error="m", micro=False)
    if qr:
        code.save(str(qr), scale=8, border=4)
    if json:
        as_json({**vars(made), "expires_at": made.expires_at.isoformat()})
        return
    _print(made, code)
    if qr:
        say(f"QR code: {qr}")


def new_invite(
    records: Records, somebody: Person | Staff, settings: Settings, telegram: str | None, hours: float = HOURS
) -> Invite:
    who: dict[str, Any] = {"person_id" if isinstance(somebody, Person) else "staff_id": somebody.id}
    code = joining.invite(records, hours=hours, **who)
    telegram_link = f"https://t.me/{telegram}?start={code}" if telegram else None
    return Invite(code, f"{settings.address_of_chat}/join/{code}", telegram_link, records.now + timedelta(hours=hours))


def telegram_name(log: LearningLog) -> str | None:
    """The bot's name on Telegram, once the worker has been there."""
    with log.read() as records:
        channel = records.first(select(Channel).where(Channel.name == "telegram"))
        return channel.username if channel else None


@app.command("ask")
def ask(somebody: Somebody, json: AsJson = False, organisation: Organisation = None) -> None:
    """Ask a person or a member of staff now. Only those who have joined and agreed are asked.

    Example: whatmatters ask "Ann Example"
    """
    with opened(organisation) as here, here.write() as records:
        found = find_anybody(records, somebody)
        who: dict[str, Any] = {"person_id" if isinstance(found, Person) else "staff_id": found.id}
        asked = asking.ask_now(records, **who)
        name = records.text(found, "name")
    if json:
        as_json({"asked": asked.id, "due_at": asked.due_at.isoformat()})
    else:
        say(f"{name} is asked at the worker's next round.")


def _print(made: Invite, code: segno.QRCode) -> None:
    say(f"Code: {made.code}")
    say(f"Web chat: {made.chat_link}")
    if made.telegram_link:
        say(f"Telegram: {made.telegram_link}")
    say(f"Works once, until {made.expires_at:%d %B %Y %H:%M} UTC. Give it to nobody else.")
    drawn = io.StringIO()
    code.terminal(drawn, compact=True)
    say(drawn.getvalue())
