"""Names of themes to look for, kept and looked for again; on both databases, with the installed model."""

from __future__ import annotations

from uuid import UUID

import pytest
from sqlmodel import select

from learning_log.analysis.encoder import Encoder
from learning_log.services import deciding, organisation, proposing, seeding, theme_rows, theming, undoing
from learning_log.services.labelling import LabelNamesSomebody
from learning_log.storage.records import LearningLog
from learning_log.storage.tables import Team, Theme
from tests.services.test_arranging import a_reader, newest_step
from tests.services.test_theming import a_home, tell
from tests.services.test_theming_by_meaning import EVERYTHING, say


@pytest.fixture
def told(log: LearningLog, tenant: UUID) -> LearningLog:
    with log.write(tenant) as records:
        tell(records, a_home(records), EVERYTHING)
    return log


def labels(log: LearningLog, tenant: UUID) -> set[str]:
    with log.read(tenant) as records:
        return {records.text(theme, "label") for theme in records.all(select(Theme))}


def test_names_become_themes_and_are_looked_for_again(told: LearningLog, tenant: UUID, encoder: Encoder) -> None:
    made = seeding.seed(told, tenant, ["Money and bills", " Noise  at night", "Money and bills"], encoder)
    assert made.names == ("Money and bills", "Noise at night")
    assert set(made.drew) == {"Money and bills", "Noise at night"}
    assert made.proposal is None
    assert made.besides == len(labels(told, tenant)) - 2
    for words in ("The gas bill is too high", "I have no money for food", "My cash card is lost", "Rent is too much"):
        say(told, tenant, words)
    theming.bring_up_to_date(told, tenant, encoder)
    theming.find_anew(told, tenant, encoder=encoder)
    assert {"Money and bills", "Noise at night"} <= labels(told, tenant)


def test_without_names_themes_are_found_as_before(told: LearningLog, tenant: UUID, encoder: Encoder) -> None:
    theming.find_anew(told, tenant, encoder=encoder)
    before = labels(told, tenant)
    seeding.seed(told, tenant, ["Money and bills"], encoder)
    made = seeding.seed(told, tenant, [], encoder)
    assert (made.drew, made.besides) == ((), len(before))
    assert labels(told, tenant) == before


def test_once_people_have_decided_they_are_asked(told: LearningLog, tenant: UUID, encoder: Encoder) -> None:
    theming.find_anew(told, tenant, encoder=encoder)
    with told.write(tenant) as records:
        theme = records.all(select(Theme).order_by(Theme.key))[0]
        deciding.rename(records, a_reader(records, records.all(select(Team))[0]), theme.id, "Ours")
    before = labels(told, tenant)
    made = seeding.seed(told, tenant, ["Money and bills", "Noise at night"], encoder)
    assert made.proposal is not None
    assert labels(told, tenant) == before
    with told.write(tenant) as records:
        proposing.apply(records, made.proposal)
    theming.bring_up_to_date(told, tenant, encoder)
    assert "Ours" in labels(told, tenant)
    with told.read(tenant) as records:
        known = theme_rows.kept_model(records)
        assert known is not None
        assert known[0].seeds == ("Money and bills", "Noise at night")


def test_a_theme_that_nobody_decided_about_takes_the_name_that_is_looked_for(
    told: LearningLog, tenant: UUID, encoder: Encoder
) -> None:
    theming.find_anew(told, tenant, encoder=encoder)
    with told.write(tenant) as records:
        themes = records.all(select(Theme).order_by(Theme.key))
        deciding.rename(records, a_reader(records, records.all(select(Team))[0]), themes[0].id, "Ours")
    names = ["Money and bills", "Noise at night", "Buses and taxis"]
    made = seeding.seed(told, tenant, names, encoder)
    with told.read(tenant) as records:
        (proposal,) = proposing.open_proposals(records)
        assert len({flow.after for flow in proposal.flows} & set(names)) == 2
    with told.write(tenant) as records:
        assert made.proposal
        proposing.apply(records, made.proposal)
        step = newest_step(records)
    kept = labels(told, tenant)
    assert "Ours" in kept
    assert len(kept & set(names)) == 2
    with told.write(tenant) as records:
        undoing.undo(records, step)
    assert not labels(told, tenant) & set(names)


def test_names_wait_while_the_model_is_away(told: LearningLog, tenant: UUID, encoder: Encoder) -> None:
    seeding.seed(told, tenant, ["Money and bills"], encoder)
    theming.find_anew(told, tenant)
    assert "Money and bills" not in labels(told, tenant)
    theming.find_anew(told, tenant, encoder=encoder)
    assert "Money and bills" in labels(told, tenant)


def test_a_name_needs_the_model_and_names_nobody(told: LearningLog, tenant: UUID, encoder: Encoder) -> None:
    with pytest.raises(seeding.NeedsMeaning):
        seeding.seed(told, tenant, ["Money and bills"], None)
    with told.write(tenant) as records:
        organisation.add_person(records, "Ottilie Example", records.all(select(Team))[0])
    with pytest.raises(LabelNamesSomebody):
        seeding.seed(told, tenant, ["Money and bills", "Ottilie"], encoder)
    assert labels(told, tenant) == set()


def test_the_names_of_a_framework_are_those_in_its_file() -> None:
    assert "Being safe from abuse and neglect" in seeding.names_in("wales")
    with pytest.raises(seeding.UnknownFramework):
        seeding.names_in("no-such-one")
