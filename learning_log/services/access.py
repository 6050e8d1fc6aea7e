"""Who may see and do what. Pure questions, asked of a Reader who was read from the database a moment ago."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from uuid import UUID

from learning_log.errors import NotAllowed

TEAM = "team"
COMMISSIONER = "commissioner"
ADMINISTRATOR = "administrator"
SAFEGUARDING_LEAD = "safeguarding_lead"


@dataclass(frozen=True)
class Scope:
    """Where a role holds. `teams` has every team of `services` too; `homes` are the services of those teams.

    staff_id: whose role it is, where it is asked for to read words.
    """

    everywhere: bool = False
    services: frozenset[UUID] = frozenset()
    teams: frozenset[UUID] = frozenset()
    homes: frozenset[UUID] = frozenset()
    staff_id: UUID | None = None

    def holds_team(self, team: UUID | None) -> bool:
        return self.everywhere or (team is not None and team in self.teams)

    def holds_service(self, service: UUID) -> bool:
        return self.everywhere or service in self.services


NOWHERE = Scope()


@dataclass(frozen=True)
class Reader:
    """Somebody who signed in. `scopes` says where each of their roles holds.

    `password_mark` is another one once their password was changed.
    """

    staff_id: UUID
    tenant_id: UUID
    name: str
    scopes: Mapping[str, Scope] = field(default_factory=dict)
    password_mark: bytes = field(default=b"", repr=False)

    @property
    def roles(self) -> frozenset[str]:
        return frozenset(self.scopes)

    @property
    def service_ids(self) -> frozenset[UUID] | None:
        """The services whose words they may read; None means all of them."""
        scope = self.scopes.get(TEAM, NOWHERE)
        return None if scope.everywhere else scope.services

    @property
    def team_ids(self) -> frozenset[UUID] | None:
        """The teams whose words they may read; None means all of them."""
        scope = self.scopes.get(TEAM, NOWHERE)
        return None if scope.everywhere else scope.teams

    @property
    def actor(self) -> str:
        """Who the audit log says did it."""
        return f"staff:{self.staff_id}"


def may_see_words(reader: Reader, tenant: UUID) -> Scope:
    """Where this reader may read what people said, and their names. Raises NotAllowed."""
    return replace(_scope(reader, tenant, TEAM), staff_id=reader.staff_id)


def may_see_people(reader: Reader, tenant: UUID, team: UUID) -> None:
    """Raises NotAllowed unless people of this team are the reader's to know by name."""
    if not may_see_words(reader, tenant).holds_team(team):
        raise NotAllowed


def may_work_with_team(reader: Reader, tenant: UUID, team: UUID) -> None:
    """To hold its meetings, try things, and keep its people's outcomes. Raises NotAllowed."""
    may_see_people(reader, tenant, team)


def may_decide_themes(reader: Reader, tenant: UUID) -> Scope:
    """Themes belong to everybody who reads the words behind them. Raises NotAllowed."""
    return may_see_words(reader, tenant)


def may_see_released_counts(reader: Reader, tenant: UUID) -> None:
    """Raises NotAllowed for all but a commissioner of the whole partnership.

    Two commissioners of overlapping parts could take one count from the other and find a person.
    """
    if not _scope(reader, tenant, COMMISSIONER).everywhere:
        raise NotAllowed("These numbers are only for a commissioner of all services. Nothing was shown.")


def may_see_indicators(reader: Reader, tenant: UUID) -> Scope:
    """The services whose minimum KPIs this reader may see: a team's own, or a commissioner's. Raises NotAllowed."""
    return _scope(reader, tenant, TEAM if TEAM in reader.scopes else COMMISSIONER)


def sees_services_apart(reader: Reader) -> bool:
    """A commissioner sees services added up: a service of one home would be a house."""
    return TEAM in reader.scopes


def may_look_after_concerns(reader: Reader, tenant: UUID) -> Scope:
    return _scope(reader, tenant, SAFEGUARDING_LEAD)


def may_see_running(reader: Reader, tenant: UUID) -> None:
    """How the log is running, in counts. Raises NotAllowed unless an administrator of all of it."""
    if not _scope(reader, tenant, ADMINISTRATOR).everywhere:
        raise NotAllowed


def _scope(reader: Reader, tenant: UUID, role: str) -> Scope:
    # A reader of another tenant has no business here, whatever their role there is.
    if reader.tenant_id != tenant or role not in reader.scopes:
        raise NotAllowed
    return reader.scopes[role]
