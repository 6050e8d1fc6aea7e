"""An invented partnership for tests: two services with three homes, the people there, and staff in each role."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

from learning_log.services.access import Reader
from learning_log.services.organisation import (
    add_person,
    add_provider,
    add_service,
    add_staff,
    add_team,
    give_role,
    set_sign_in,
)
from learning_log.services.signing_in import reader_of
from learning_log.storage.records import LearningLog, Records
from learning_log.storage.tables import (
    Agreement,
    Conversation,
    Indicator,
    IndicatorValue,
    Person,
    Reflection,
    Service,
    Staff,
    Team,
    Theme,
    ThemePlacement,
)

PASSWORD = "correct-horse-battery"


@dataclass(frozen=True)
class Place:
    """`other_team` is in the service of `team`, `far_team` in another. Every name ends in the tenant's mark."""

    log: LearningLog
    tenant: UUID
    mark: str
    service: Service
    far_service: Service
    team: Team
    other_team: Team
    far_team: Team
    people: tuple[Person, ...]  # two in each team, in the order of the teams
    staff: dict[str, Staff]

    def reader(self, role: str) -> Reader:
        """role: a key of `staff`."""
        with self.log.read(self.tenant) as records:
            return reader_of(records, self.staff[role].id)

    @property
    def names(self) -> tuple[str, ...]:
        """Every name that was put in."""
        people = [f"Person{number}{self.mark}" for number in range(6)]
        places = [f"{place}{self.mark}" for place in ("Northside", "Southside", "Ash", "Birch", "Cedar", "Provider")]
        return (*people, *places, *(f"Staff{role}{self.mark}" for role in self.staff))


ROLES = {
    "own_team": ("team", "team"),
    "own_service": ("team", "service"),
    "every_team": ("team", None),
    "far_team": ("team", "far_team"),
    "commissioner": ("commissioner", None),
    "part_commissioner": ("commissioner", "service"),
    "administrator": ("administrator", None),
    "lead": ("safeguarding_lead", None),
    "own_lead": ("safeguarding_lead", "team"),
}


def make_place(
    log: LearningLog, tenant: UUID, mark: str = "Aa", password: str | None = None, signing_in: Sequence[str] = ()
) -> Place:
    """Those who are `signing_in` can do so as "<role>.<mark>"; the others only have the hash of no password."""
    with log.write(tenant) as records:
        provider = add_provider(records, f"Provider{mark}")
        service, far_service = (add_service(records, f"{name}{mark}", provider) for name in ("Northside", "Southside"))
        team, other_team = (add_team(records, f"{name}{mark}", service) for name in ("Ash", "Birch"))
        far_team = add_team(records, f"Cedar{mark}", far_service)
        teams = (team, team, other_team, other_team, far_team, far_team)
        people = tuple(add_person(records, f"Person{at}{mark}", home) for at, home in enumerate(teams))
        where = {"team": team, "far_team": far_team}
        staff = {}
        for role, (kind, scope) in ROLES.items():
            one = add_staff(records, f"Staff{role}{mark}", team)
            if password and role in signing_in:
                set_sign_in(records, one, f"{role}.{mark}", password)
            # Argon2 is slow on purpose: tests that do not sign in go without.
            one.password_hash = one.password_hash or "none"
            give_role(records, one, kind, where.get(scope or ""), service if scope == "service" else None)
            staff[role] = one
    return Place(log, tenant, mark, service, far_service, team, other_team, far_team, people, staff)


def reflect(
    records: Records,
    by: Person | Staff | None,
    words: str,
    said_at: datetime,
    *,
    service_id: UUID,
    direction: str = "works",
    audience: str = "team",
    nothing: bool = False,
    withdrawn: bool = False,
    superseded: bool = False,
    outcome_id: UUID | None = None,
) -> Reflection:
    reflection = Reflection(
        person_id=by.id if isinstance(by, Person) else None,
        staff_id=by.id if isinstance(by, Staff) else None,
        team_id=by.team_id if by else None,
        service_id=service_id,
        outcome_id=outcome_id,
        direction=direction,
        audience=audience,
        nothing_to_report=nothing,
        source="import",
        feeling="good" if direction == "works" else "bad",
        feeling_score=0.5,
        feeling_sureness=0.8,
        said_at=said_at,
        kept_at=said_at,
        withdrawn_at=said_at if withdrawn else None,
        superseded_at=said_at if superseded else None,
    )
    records.add(reflection, words=words)
    return reflection


def make_theme(
    records: Records,
    label: str,
    reflections: Sequence[Reflection],
    *,
    direction: str = "works",
    state: str = "proposed",
) -> Theme:
    theme = Theme(key=f"{direction}:{uuid4()}", direction=direction, state=state, clarity=0.8, found_at=records.now)
    records.add(theme, label=label, terms=label)
    records.session.flush()
    for place, reflection in enumerate(reflections):
        strength = 1 - place / (len(reflections) + 1)
        placed = ThemePlacement(
            theme_id=theme.id, reflection_id=reflection.id, strength=strength, placed_at=records.now
        )
        records.add(placed)
    records.session.flush()
    return theme


def agree(records: Records, person: Person, purpose: str, agreed: bool, at: datetime) -> None:
    records.add(Agreement(person_id=person.id, purpose=purpose, agreed=agreed, text_version="en.1", answered_at=at))
    records.session.flush()


def crowd(records: Records, team: Team, mark: str, count: int) -> list[Person]:
    """Many people at once, without an audit entry for each."""
    names = [f"Crowd{number}{mark}" for number in range(count)]
    people = [
        Person(
            team_id=team.id,
            name_hash=records.fingerprint("person.name", name),
            reference_hash=records.fingerprint("person.reference", name),
            added_at=records.now,
        )
        for name in names
    ]
    for person, name in zip(people, names, strict=True):
        records.add(person, name=name, reference=name)
    records.session.flush()
    return people


def measure(
    records: Records, key: str, values: dict[UUID, Sequence[float]], first: date, *, unit: str = "hours", **more: object
) -> Indicator:
    """values: by service, a figure for each month from `first` on."""
    options = {"kind": "output", "better": "up", **more}
    indicator = Indicator(key=key, unit=unit, **options)
    records.add(indicator, name=f"KPI {key}", definition=f"What {key} means")
    records.session.flush()
    for service_id, figures in values.items():
        start = first
        for value in figures:
            following = (start.replace(day=1) + timedelta(days=32)).replace(day=1)
            row = IndicatorValue(
                indicator_id=indicator.id,
                service_id=service_id,
                period_start=start,
                period_end=following - timedelta(days=1),
                value=value,
                entered_at=records.now,
            )
            records.add(row)
            start = following
    records.session.flush()
    return indicator


def chat(records: Records, by: Person | Staff) -> Conversation:
    whose = {"person_id": by.id} if isinstance(by, Person) else {"staff_id": by.id}
    conversation = Conversation(
        **whose,
        channel="webchat",
        address_hash=uuid4().bytes,
        status="active",
        made_at=records.now,
        changed_at=records.now,
    )
    records.add(conversation)
    records.session.flush()
    return conversation
