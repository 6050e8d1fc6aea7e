"""Writes the invented example, and opens its doors."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count
from uuid import UUID

from sqlalchemy import update
from sqlmodel import col, select

from learning_log import config
from learning_log.analysis.encoder import Encoder
from learning_log.domain.capacity import Assessment
from learning_log.errors import NotFound
from learning_log.example import writing
from learning_log.example.cast import Cast, read_cast
from learning_log.example.year import said_in_a_year, shares_themes
from learning_log.services import auditing, capacity, deciding, organisation, passwords, theming
from learning_log.services.access import TEAM, Reader, Scope
from learning_log.services.example_organisation import BY, REFERENCE, SIGNS_IN, add_organisation
from learning_log.services.finding import username_hash
from learning_log.storage.records import LearningLog, Records
from learning_log.storage.tables import Agreement, Experiment, Person, Reflection, Staff, Tenant, ThemePlacement

SEED = 1
CONFIRMED = 14
SECOND = "second_safeguarding_lead"
MOSTLY = 0.5  # of a theme's words, for it to be about a topic

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class SignIn:
    """role: team, team_lead, commissioner, safeguarding_lead or administrator."""

    role: str
    username: str
    password: str


@dataclass(frozen=True)
class Invented:
    """join_person: somebody who has not joined yet, to try the bot with."""

    sign_ins: tuple[SignIn, ...]
    join_person: UUID


def invent(
    log: LearningLog,
    tenant: UUID,
    today: date,
    progress: Progress | None = None,
    seed: int = SEED,
    encoder: Encoder | None = None,
) -> Invented:
    """Writes the example into a tenant that is still empty, in one transaction, and marks the tenant as invented.

    The same seed and day tell the same stories; ids and passwords are new each time. progress: stage, done, total.
    encoder: of words, for the themes.
    """
    told = progress or _tell_nobody
    cast = read_cast()
    usernames = _free_usernames(log)
    year = said_in_a_year(cast, today, seed)
    with log.write(tenant) as records:
        _mark_invented(records, cast)
        told("people", 0, len(cast.people))
        places, leads = add_organisation(records, cast, today)
        told("people", len(cast.people), len(cast.people))
        writing.write_agreements(records, cast, places, today, seed)
        _assess(records, _leading(tenant, cast, places), cast, places, today)
        outcomes = writing.write_outcomes(records, cast, places, today, seed)
        sharing = {member.name for member in (*cast.people, *cast.staff) if shares_themes(member, seed)}
        topics = writing.write_reflections(records, year, places, outcomes, sharing, told)
        experiments = writing.write_meetings(records, cast, year, places, today, seed)
        writing.write_concerns(records, places, [lead.id for lead in leads], today)
        writing.write_indicators(records, cast, places, today, seed)
        theming.refresh(records, told, encoder=encoder)
        _decide_themes(records, _leading(tenant, cast, places), topics, experiments)
        auditing.record(records, BY, "invented the example", "tenant", tenant)
        # Nobody is told the second lead's password, but worries reach two people only if both can sign in.
        organisation.set_sign_in(records, leads[1], usernames[SECOND], passwords.new_password(), BY)
        return _open_doors(records, usernames)


def renew_sign_ins(log: LearningLog, tenant: UUID) -> Invented:
    """New passwords for the same people, for an example that is used again. Raises NotFound where there is none."""
    with log.write(tenant) as records:
        kept = {role: records.text(_holder(records, role), "username") for role in SIGNS_IN}
        return _open_doors(records, kept)


def _mark_invented(records: Records, cast: Cast) -> None:
    tenant = records.session.get_one(Tenant, records.tenant)
    tenant.invented = True
    if not tenant.name_sealed:
        records.seal(tenant, name=cast.partnership)


def _free_usernames(log: LearningLog) -> dict[str, str]:
    """A username for each role that signs in, not in use anywhere: one installation may hold several examples."""
    with log.read() as records:
        return {role: _free_username(records, role.replace("_", "-")) for role in (*SIGNS_IN, SECOND)}


def _free_username(records: Records, wanted: str) -> str:
    numbered = (wanted if number == 1 else f"{wanted}-{number}" for number in count(1))
    return next(name for name in numbered if not _is_used(records, name))


def _is_used(records: Records, username: str) -> bool:
    hashed = username_hash(records, username)
    return records.first(select(Staff.id).where(Staff.username_hash == hashed)) is not None


def _open_doors(records: Records, usernames: Mapping[str, str]) -> Invented:
    sign_ins = [SignIn(role, usernames[role], passwords.new_password()) for role in SIGNS_IN]
    for sign_in in sign_ins:
        organisation.set_sign_in(records, _holder(records, sign_in.role), sign_in.username, sign_in.password, BY)
    return Invented(tuple(sign_ins), _not_yet_joined(records))


def _holder(records: Records, role: str) -> Staff:
    reference = records.fingerprint("staff.reference", REFERENCE.format(role=role))
    found: Staff | None = records.first(
        select(Staff).where(Staff.tenant_id == records.tenant, Staff.reference_hash == reference)
    )
    if found is None:
        raise NotFound("There is no example here. Nothing was changed. Make one with: whatmatters demo")
    return found


def _not_yet_joined(records: Records) -> UUID:
    """Somebody who never answered whether they agree; where all have, whoever was added last."""
    answered = select(Agreement.person_id).where(col(Agreement.person_id).is_not(None))
    everybody = select(Person.id).where(Person.tenant_id == records.tenant).order_by(col(Person.id))
    waiting: UUID | None = records.first(everybody.where(col(Person.id).not_in(answered)))
    return waiting or records.all(everybody)[-1]


def _assess(records: Records, readers: Mapping[UUID, Reader], cast: Cast, places: writing.Places, today: date) -> None:
    home_of = {member.name: member.home for member in cast.people}
    for one in config.load("example/capacity")["record"]:
        assessed_on, review_on = (today + timedelta(days=days) for days in (-one["assessed"], one["review"]))
        found = Assessment(one["decision"], assessed_on, one["able"], one.get("best_interests"), review_on)
        said = (one.get(name, "") for name in ("assessor", "support", "reasons", "consulted"))
        reader = readers[places.services[home_of[one["person"]]]]
        capacity.record(records, reader, places.people[one["person"]], found, capacity.InWords(*said))


def _decide_themes(
    records: Records, readers: Mapping[UUID, Reader], topics: Mapping[UUID, str], experiments: Mapping[str, list[UUID]]
) -> None:
    """What teams would have done in their meetings: given some themes a name, and tried things about them."""
    themes = _themes_of(records, topics)
    for topic, ids in experiments.items():
        if topic in themes:
            tried = update(Experiment).where(col(Experiment.id).in_(ids)).values(theme_id=themes[topic])
            records.session.execute(tried)
    names = config.load("example/learning")["names"]
    for topic in [topic for topic in names if topic in themes][:CONFIRMED]:
        reader = readers[_mostly_in(records, themes[topic])]
        deciding.rename(records, reader, themes[topic], names[topic])
        deciding.confirm(records, reader, themes[topic])


def _mostly_in(records: Records, theme: UUID) -> UUID:
    """The service where a theme is spoken of most."""
    inside = select(Reflection.service_id).join(ThemePlacement, col(ThemePlacement.reflection_id) == Reflection.id)
    services: Counter[UUID] = Counter(records.session.execute(inside.where(ThemePlacement.theme_id == theme)).scalars())
    return max(services, key=lambda service: (services[service], service))


def _leading(tenant: UUID, cast: Cast, places: writing.Places) -> dict[UUID, Reader]:
    """Those who lead a service, by its id, with what they may read there."""
    readers = {}
    for service in cast.services:
        teams = frozenset(places.homes[home.key] for home in cast.homes if home.service == service.key)
        own = frozenset({places.services[service.key]})
        scope = Scope(services=own, teams=teams, homes=own)
        reader = Reader(places.staff[service.lead], tenant, service.lead, {TEAM: scope})
        readers[places.services[service.key]] = reader
    return readers


def _themes_of(records: Records, topics: Mapping[UUID, str]) -> dict[str, UUID]:
    """The theme that is mostly about each topic, where there is one; no theme is given to two topics."""
    of_theme: Counter[UUID] = Counter()
    shared: Counter[tuple[str, UUID]] = Counter()
    for theme, reflection in records.session.execute(select(ThemePlacement.theme_id, ThemePlacement.reflection_id)):
        of_theme[theme] += 1
        if reflection in topics:
            shared[topics[reflection], theme] += 1
    spoken = Counter(topics.values())

    def alike(pair: tuple[str, UUID]) -> float:
        return 2 * shared[pair] / (spoken[pair[0]] + of_theme[pair[1]])

    found: dict[str, UUID] = {}
    for topic, theme in sorted(shared, key=lambda pair: (-alike(pair), pair[0])):
        mostly = shared[topic, theme] >= MOSTLY * of_theme[theme]
        if mostly and topic not in found and theme not in found.values():
            found[topic] = theme
    return found


def _tell_nobody(stage: str, done: int, total: int) -> None:
    """For callers that show no progress."""
