"""Opens the log of this installation, and one organisation in it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

import typer
from sqlmodel import col, select

from learning_log.domain.folding import folded
from learning_log.errors import NotFound
from learning_log.settings import Settings, read_settings
from learning_log.storage.records import LearningLog, Records, open_log
from learning_log.storage.tables import NOBODY, Tenant

Organisation = Annotated[
    str | None,
    typer.Option(
        "--organisation",
        envvar="WHATMATTERS_ORGANISATION",
        metavar="NAME",
        help="Which organisation, when there are several.",
    ),
]


@dataclass(frozen=True)
class Opened:
    """The log, and the organisation that the command is about."""

    log: LearningLog
    tenant: UUID
    settings: Settings

    @contextmanager
    def write(self) -> Iterator[Records]:
        with self.log.write(self.tenant) as records:
            yield records

    @contextmanager
    def read(self) -> Iterator[Records]:
        with self.log.read(self.tenant) as records:
            yield records


@contextmanager
def opened(organisation: str | None, settings: Settings | None = None) -> Iterator[Opened]:
    settings = settings or read_settings()
    log = open_log(settings)
    try:
        yield Opened(log, choose_tenant(log, organisation), settings)
    finally:
        log.close()


def tenants(log: LearningLog) -> dict[UUID, str]:
    """The organisations and their names, oldest first."""
    with log.read() as records:
        found = records.all(select(Tenant).where(Tenant.id != NOBODY).order_by(col(Tenant.made_at), col(Tenant.id)))
        return {tenant.id: records.text(tenant, "name") for tenant in found}


def choose_tenant(log: LearningLog, organisation: str | None) -> UUID:
    """The one of that name; without a name the only one. Raises NotFound."""
    known = tenants(log)
    if not known:
        raise NotFound("There is no organisation yet. Make one with: whatmatters init --name NAME")
    wanted = folded(organisation) if organisation else None
    found = [id for id, name in known.items() if wanted is None or wanted in (folded(name), str(id))]
    if len(found) == 1:
        return found[0]
    names = ", ".join(known.values())
    if not found:
        raise NotFound(f"There is no organisation called {organisation!r}. Nothing was changed. There is: {names}.")
    raise NotFound(f"Say which organisation with --organisation NAME. Nothing was changed. There is: {names}.")
