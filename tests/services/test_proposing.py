"""Once people have decided about themes, the machine asks before it changes them."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import delete
from sqlmodel import select

from learning_log.analysis.encoder import Encoder
from learning_log.services import arranging, deciding, proposing, theme_steps, theming, undoing
from learning_log.services.access import Reader
from learning_log.storage.records import LearningLog, Records
from learning_log.storage.tables import Reflection, ReflectionMeaning, Team, Theme, ThemeModel, ThemeProposal
from tests.services.test_arranging import a_reader, by_meaning, newest_step, theme_of
from tests.services.test_theming import (
    ENDS,
    NOT_WORKING,
    STARTS,
    WORKS,
    a_home,
    by_words,
    said_about,
    tell,
    texts_in,
    theme_about,
)

__all__ = ["by_meaning"]

NEW = [(f"{start} lift {end}", NOT_WORKING) for start in STARTS[:4] for end in ENDS[NOT_WORKING]]


@pytest.fixture
def decided(log: LearningLog, tenant: UUID) -> Reader:
    """Somebody who confirmed a theme; since then people began to speak of something new."""
    with log.write(tenant) as records:
        home = a_home(records)
        tell(records, home, said_about("minibus", 20) + said_about("choir", 20))
    theming.bring_up_to_date(log, tenant)
    with log.write(tenant) as records:
        reader = a_reader(records, home)
        deciding.confirm(records, reader, theme_about(records, "minibus").id)
        tell(records, home, NEW)
    return reader


def seen(log: LearningLog, tenant: UUID) -> dict[str, set[str]]:
    with log.read(tenant) as records:
        return {key: texts for key, texts in by_words(records).items() if texts}


def the_proposal(records: Records) -> proposing.Proposal:
    (found,) = proposing.open_proposals(records)
    return found


def test_until_somebody_decided_themes_are_found_anew_by_themselves(log: LearningLog, tenant: UUID) -> None:
    with log.write(tenant) as records:
        home = a_home(records)
        tell(records, home, said_about("minibus", 20))
    theming.bring_up_to_date(log, tenant)
    with log.write(tenant) as records:
        tell(records, home, said_about("heating", 20))
    theming.bring_up_to_date(log, tenant)
    with log.read(tenant) as records:
        assert proposing.open_proposals(records) == []
        assert theme_about(records, "heating")


def test_a_fifth_more_is_proposed_and_changes_nothing(log: LearningLog, tenant: UUID, decided: Reader) -> None:
    before = seen(log, tenant)
    theming.bring_up_to_date(log, tenant)
    assert {key: texts & before[key] for key, texts in seen(log, tenant).items()} == before
    with log.read(tenant) as records:
        proposal = the_proposal(records)
        assert proposal.kind == proposing.FOUND_ANEW
        assert any("lift" in label for label in proposal.new)
        assert proposal.looked_at == proposal.reflections == 56
        lift = next(flow for flow in proposal.flows if flow.before == "" and "lift" in flow.after)
        assert lift.answers == 16


def test_the_same_is_not_proposed_again_until_a_fifth_more_was_said(
    log: LearningLog, tenant: UUID, decided: Reader
) -> None:
    theming.bring_up_to_date(log, tenant)
    with log.write(tenant) as records:
        first = the_proposal(records).id
        proposing.turn_down(records, first, decided.staff_id)
        tell(records, records.all(select(Team))[0], said_about("heating", 3))
    theming.bring_up_to_date(log, tenant)
    with log.write(tenant) as records:
        assert proposing.open_proposals(records) == []
        with pytest.raises(proposing.NoLongerOpen):
            proposing.apply(records, first)
        tell(records, records.all(select(Team))[0], said_about("heating", 20))
    theming.bring_up_to_date(log, tenant)
    with log.read(tenant) as records:
        assert the_proposal(records).id != first


def test_what_is_applied_is_what_was_shown(log: LearningLog, tenant: UUID, decided: Reader) -> None:
    theming.bring_up_to_date(log, tenant)
    with log.write(tenant, at=log.clock() + timedelta(minutes=30)) as records:
        proposing.apply(records, the_proposal(records).id, decided.staff_id)
    theming.bring_up_to_date(log, tenant)
    with log.read(tenant) as records:
        assert texts_in(records, theme_about(records, "lift")) == {words for words, _ in NEW}
        assert theme_about(records, "minibus").state == "confirmed"
        assert proposing.open_proposals(records) == []
        assert theme_steps.steps(records)[0].kind == "found_anew"


def test_a_proposal_that_was_applied_can_be_undone(log: LearningLog, tenant: UUID, decided: Reader) -> None:
    theming.bring_up_to_date(log, tenant)
    before = seen(log, tenant)
    with log.write(tenant, at=log.clock() + timedelta(minutes=30)) as records:
        proposing.apply(records, the_proposal(records).id, decided.staff_id)
    theming.bring_up_to_date(log, tenant)
    assert seen(log, tenant) != before
    with log.write(tenant, at=log.clock() + timedelta(hours=1)) as records:
        undoing.undo_as_reader(records, decided, newest_step(records))
    theming.bring_up_to_date(log, tenant)
    assert seen(log, tenant) == before


def test_what_people_did_after_it_was_proposed_survives_when_it_is_applied(
    log: LearningLog, tenant: UUID, decided: Reader
) -> None:
    theming.bring_up_to_date(log, tenant)
    with log.write(tenant, at=log.clock() + timedelta(hours=1)) as records:
        choir = theme_about(records, "choir")
        deciding.rename(records, decided, choir.id, "Singing together")
        arranging.lock(records, decided, choir.id)
        kept = texts_in(records, choir)
        proposing.apply(records, the_proposal(records).id, decided.staff_id)
        tell(records, records.all(select(Team))[0], [("Again my choir singing.", WORKS)])
    theming.bring_up_to_date(log, tenant)
    with log.read(tenant) as records:
        stays = records.get(Theme, choir.id)
        assert records.text(stays, "label") == "Singing together"
        assert texts_in(records, stays) == kept | {"Again my choir singing."}


def test_what_was_proposed_before_a_theme_was_split_is_not_applied_any_more(
    log: LearningLog, tenant: UUID, decided: Reader
) -> None:
    with log.write(tenant) as records:
        tell(records, records.all(select(Team))[0], said_about("heating", 20))
        theming.refresh(records)
    theming.propose(log, tenant)
    with log.write(tenant, at=log.clock() + timedelta(hours=1)) as records:
        minibus, heating = theme_about(records, "minibus"), theme_about(records, "heating")
        arranging.merge(records, decided, minibus.id, heating.id)
        arranging.split(records, decided, heating.id)
        before = by_words(records)
        with pytest.raises(proposing.ThemesChanged):
            proposing.apply(records, the_proposal(records).id)
        assert by_words(records) == before


def test_what_was_decided_holds_no_words_of_the_proposal_any_more(
    log: LearningLog, tenant: UUID, decided: Reader
) -> None:
    theming.bring_up_to_date(log, tenant)
    with log.write(tenant) as records:
        id = the_proposal(records).id
        proposing.turn_down(records, id)
        assert records.get(ThemeProposal, id).what_sealed is None


def test_where_nothing_was_learnt_themes_are_found_without_asking_and_decisions_stay(
    log: LearningLog, tenant: UUID, decided: Reader
) -> None:
    with log.write(tenant) as records:
        records.session.execute(delete(ThemeModel))  # as after an import
    theming.bring_up_to_date(log, tenant)
    with log.read(tenant) as records:
        assert proposing.open_proposals(records) == []
        assert theme_about(records, "minibus").state == "confirmed"
        assert texts_in(records, theme_about(records, "lift"))


def test_what_was_taken_back_leaves_no_meaning_behind_once_people_have_decided(
    by_meaning: LearningLog, tenant: UUID, encoder: Encoder
) -> None:
    with by_meaning.write(tenant) as records:
        home = records.all(select(Team))[0]
        deciding.confirm(records, a_reader(records, home), theme_of(records, "The bus was late again").id)
        gone = records.all(select(Reflection))[0]
        gone.withdrawn_at, gone_id = records.now, gone.id
        tell(records, home, [(f"The bus was late, {word}", NOT_WORKING) for word in "abcdefgh"])
    theming.bring_up_to_date(by_meaning, tenant, encoder)
    with by_meaning.read(tenant) as records:
        assert gone_id not in {row.reflection_id for row in records.all(select(ReflectionMeaning))}


def test_something_new_that_is_in_no_theme_is_proposed_as_one(
    by_meaning: LearningLog, tenant: UUID, encoder: Encoder
) -> None:
    grown = ("roses", "beans", "tomatoes", "herbs", "tulips")
    garden = [f"My {thing} in the garden {end}" for thing in grown for end in ("died", "wilted")]
    with by_meaning.write(tenant) as records:
        home = records.all(select(Team))[0]
        reader = a_reader(records, home)
        deciding.confirm(records, reader, theme_of(records, "The bus was late again").id)
        tell(records, home, [(words, NOT_WORKING) for words in garden])
    theming.bring_up_to_date(by_meaning, tenant, encoder)
    with by_meaning.write(tenant) as records:
        added = next(one for one in proposing.open_proposals(records) if one.kind == proposing.ADDED)
        assert set(added.typical)
        proposing.apply(records, added.id, reader.staff_id)
        assert texts_in(records, theme_of(records, garden[0])) == set(garden)
        (late,) = tell(records, home, [("All the plants in our garden are dead", NOT_WORKING)])
        late_id = late.id
    theming.bring_up_to_date(by_meaning, tenant, encoder)
    with by_meaning.write(tenant, at=by_meaning.clock() + timedelta(hours=1)) as records:
        assert "All the plants in our garden are dead" in texts_in(records, theme_of(records, garden[0]))
        undoing.undo(records, newest_step(records))
        assert not any(set(garden) & texts for texts in by_words(records).values())
    assert late_id
