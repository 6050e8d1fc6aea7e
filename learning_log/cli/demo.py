"""whatmatters demo: everything, with an invented service, in one command."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from sqlmodel import col, select

from learning_log.cli.app import app
from learning_log.cli.inviting import new_invite
from learning_log.cli.opening import tenants
from learning_log.cli.output import progress, say
from learning_log.cli.serving import check_ports, run
from learning_log.cli.setting_up import set_up
from learning_log.cli.understanding import encoder_of
from learning_log.errors import SettingsWrong
from learning_log.example.cast import read_cast
from learning_log.settings import Settings, read_settings
from learning_log.storage.records import LearningLog, open_log
from learning_log.storage.tables import Person, Tenant

if TYPE_CHECKING:
    from learning_log.services.example import Invented

# What would lead the demo to somebody's real log, or send invented messages to real people.
NOT_FOR_A_DEMO = (
    "DATABASE_URL",
    "KEY_FILE",
    "TELEGRAM_TOKEN",
    "TELEGRAM_WEBHOOK_URL",
    "CHAT_URL",
    "APP_URL",
    "CHAT_HOST",
    "APP_HOST",
)


@app.command()
def demo(
    chat_port: Annotated[int, typer.Option(help="The port of the web chat.", min=1, max=65535)] = 8080,
    app_port: Annotated[int, typer.Option(help="The port of the sense-making app.", min=1, max=65535)] = 8501,
    data_dir: Annotated[Path, typer.Option(help="Where the invented example is kept.")] = Path("data/demo"),
) -> None:
    """Try everything with an invented service. Needs no account and no network. Ctrl-C ends it.

    The example is kept, and used again next time; sign-in details and the joining link are new each time.

    Example: whatmatters demo --chat-port 8090 --app-port 8590
    """
    settings = _settings(chat_port, app_port, data_dir)
    check_ports(settings)
    _refuse_a_real_log(settings)
    say(f"The example is kept in {settings.data_dir}.")
    set_up(settings, read_cast().partnership, invented=True)
    log = open_log(settings)
    try:
        invented = _example(log, settings)
        lines = _what_to_try(log, settings, invented)
    finally:
        log.close()
    run(settings, lambda: say("\n".join(lines)))


def _settings(chat_port: int, app_port: int, data_dir: Path) -> Settings:
    for name in NOT_FOR_A_DEMO:
        os.environ.pop(f"WHATMATTERS_{name}", None)
    ours = {"CHAT_PORT": str(chat_port), "APP_PORT": str(app_port), "DATA_DIR": str(data_dir.absolute())}
    os.environ.update({f"WHATMATTERS_{name}": value for name, value in ours.items()})
    return read_settings()


def _refuse_a_real_log(settings: Settings) -> None:
    if not (settings.data_dir / "whatmatters.db").exists():
        return
    log = open_log(settings)
    try:
        with log.read() as records:
            real = records.first(
                select(Tenant).where(col(Tenant.invented).is_(False), col(Tenant.name_sealed).is_not(None))
            )
        if real:
            raise SettingsWrong(
                f"{settings.data_dir} holds an organisation that is not invented. Nothing was changed. "
                "Choose another folder with --data-dir."
            )
    finally:
        log.close()


def _example(log: LearningLog, settings: Settings) -> Invented:
    # Loaded only here: the theme finder takes seconds to load, and other commands do without.
    from learning_log.services import example

    tenant = next(iter(tenants(log)))
    with log.read(tenant) as records:
        is_there = records.first(select(Person.id).limit(1)) is not None
    if is_there:
        return example.renew_sign_ins(log, tenant)
    say("Inventing a year of an invented service …")
    with progress("Inventing") as advance:
        return example.invent(
            log,
            tenant,
            log.clock().date(),
            lambda stage, done, total: advance(done, total),
            encoder=encoder_of(settings),
        )


def _what_to_try(log: LearningLog, settings: Settings, invented: Invented) -> list[str]:
    tenant = next(iter(tenants(log)))
    with log.write(tenant) as records:
        person = records.get(Person, invented.join_person)
        made = new_invite(records, person, settings, telegram=None)
        name = records.text(person, "name")
    width = max(len(each.username) for each in invented.sign_ins)
    doors = [
        f"  {each.username:<{width}}  {each.password}  ({each.role.replace('_', ' ')})" for each in invented.sign_ins
    ]
    return [
        "",
        "Everything here is invented: the service, the people, their words and the numbers.",
        "",
        f"Web chat:         {settings.address_of_chat}",
        f"Sense-making app: {settings.address_of_app}",
        "",
        f"Join as {name} (once): {made.chat_link}",
        "",
        "Sign in to the app as:",
        *doors,
        "",
        "Ctrl-C ends it. Start it again with the same command.",
    ]
