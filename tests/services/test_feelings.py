"""How answers feel: said by people, learnt from, never added up. All words are invented."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import pytest
from sqlmodel import col, select

from learning_log.analysis.encoder import Encoder
from learning_log.analysis.feeling import feeling_of
from learning_log.errors import NotFound
from learning_log.services import feelings, judging, organisation, reading, understanding
from learning_log.services.access import Scope
from learning_log.services.sharing import Filters
from learning_log.storage.records import LearningLog, Records
from learning_log.storage.tables import AuditEntry, Reflection, Team
from learning_log.storage.tables import FeelingModel as KeptModel
from tests.services.test_arranging import a_reader
from tests.services.test_theming import NOT_WORKING, WORKS, a_home, tell

FEW = 24
EVERYWHERE = Scope(everywhere=True)
# "Zig" is good here and "zag" is bad: only people know that, and no word list does.
THINGS = ["bus", "music", "dinner", "garden", "choir", "shower", "film", "walk", "phone", "room"]
GOOD = [(f"The {thing} was zig today", WORKS) for thing in THINGS]
BAD = [(f"The {thing} was zag today", WORKS) for thing in THINGS]
MIXED = [(f"The {thing} was zig and zag today", WORKS) for thing in THINGS]


@pytest.fixture
def home(records: Records) -> Team:
    return a_home(records)


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judging, "_fewest", lambda: FEW)


def said(log: LearningLog, tenant: UUID) -> dict[str, str]:
    """Says of eight answers of each kind how they feel, and leaves two of each to the machine."""
    with log.write(tenant) as records:
        home = a_home(records)
        reader = a_reader(records, home)
        left: dict[str, str] = {}
        for kind, every in (("good", GOOD), ("bad", BAD), ("mixed", MIXED)):
            rows = tell(records, home, every)
            for row in rows[:8]:
                feelings.say(records, reader, row.id, kind)  # type: ignore[arg-type]
            left |= {records.text(row, "words"): kind for row in rows[8:]}
    return left


def as_felt(records: Records) -> dict[str, str | None]:
    return {records.text(row, "words"): row.feeling for row in records.all(select(Reflection))}


def test_what_a_person_says_is_kept_with_who_said_it(records: Records, home: Team) -> None:
    reader = a_reader(records, home)
    (row,) = tell(records, home, [("The bus is late.", NOT_WORKING)])
    feelings.say(records, reader, row.id, "mixed")
    (story,) = reading.newest(records, reader, Filters()).stories
    assert (story.feeling, story.felt_by, story.sureness) == ("mixed", reader.name, None)
    assert (row.felt_at, row.felt_by) == (records.now, reader.staff_id)
    done = records.all(select(AuditEntry).where(AuditEntry.action == "said_how_it_feels"))
    assert [entry.subject_id for entry in done] == [row.id]


def test_it_can_be_left_to_the_machine_again(records: Records, home: Team) -> None:
    reader = a_reader(records, home)
    (row,) = tell(records, home, [("The bus is terrible.", NOT_WORKING)])
    feelings.leave_to_machine(records, reader, row.id)  # nothing was said of it: nothing changes
    assert row.feeling is None
    feelings.say(records, reader, row.id, "good")
    feelings.leave_to_machine(records, reader, row.id)
    assert (row.feeling, row.felt_at, row.felt_by) == ("bad", None, None)
    assert row.feeling_sureness is not None


def test_nobody_says_it_of_an_answer_that_is_not_theirs_to_read(records: Records, home: Team) -> None:
    other = organisation.add_team(
        records, "Medlar House", organisation.add_service(records, "Medlar", home_of(records))
    )
    reader = a_reader(records, other, Scope(teams=frozenset({other.id})))
    (row,) = tell(records, home, [("The bus is late.", NOT_WORKING)])
    for act in (lambda: feelings.say(records, reader, row.id, "good"),):
        with pytest.raises(NotFound):
            act()
    assert row.felt_at is None


@pytest.mark.usefixtures("few")
def test_what_people_said_is_learnt_and_the_others_are_judged_by_it(
    log: LearningLog, tenant: UUID, encoder: Encoder
) -> None:
    left = said(log, tenant)
    with log.read(tenant) as records:
        before = as_felt(records)
    assert judging.bring_up_to_date(log, tenant, encoder) == len(left)
    with log.read(tenant) as records:
        after = as_felt(records)
        assert {words: after[words] for words in before if words not in left} == {
            words: before[words] for words in before if words not in left
        }
        judged = {words: after[words] for words in left}
        assert all(judged[words] in (kind, "unsure") for words, kind in left.items())
        assert sum(judged[words] == kind for words, kind in left.items()) >= len(left) / 2
        now = judging.state(records)
        assert (now.said, now.learnt_from) == (FEW, FEW)
        assert now.agreed is not None
        assert now.by_word_list is not None
        assert now.agreed > now.by_word_list
    assert judging.bring_up_to_date(log, tenant, encoder) == 0


@pytest.mark.usefixtures("few")
def test_new_answers_are_judged_and_it_is_learnt_anew_when_a_fifth_more_was_said(
    log: LearningLog, tenant: UUID, encoder: Encoder
) -> None:
    said(log, tenant)
    understanding.look(log, encoder)
    with log.write(tenant) as records:
        home = records.all(select(Team))[0]
        rows = tell(records, home, [(f"Our {thing} was zag", WORKS) for thing in THINGS])
        reader = a_reader(records, home, EVERYWHERE)
    understanding.look(log, encoder)
    with log.write(tenant) as records:
        assert {
            row.feeling for row in records.all(select(Reflection).where(col(Reflection.id).in_([r.id for r in rows])))
        } <= {
            "bad",
            "unsure",
        }
        first = records.all(select(KeptModel))[0].id
        for row in rows[:5]:
            feelings.say(records, reader, row.id, "bad")
    understanding.look(log, encoder)
    with log.read(tenant) as records:
        (model,) = records.all(select(KeptModel))
        assert model.id != first
        assert model.examples == FEW + 5


@pytest.mark.usefixtures("few")
def test_what_is_left_to_the_machine_again_is_judged_by_what_was_learnt(
    log: LearningLog, tenant: UUID, encoder: Encoder
) -> None:
    said(log, tenant)
    judging.bring_up_to_date(log, tenant, encoder)
    with log.write(tenant) as records:
        row = records.all(select(Reflection).where(col(Reflection.felt_at).is_not(None)))[0]
        feelings.leave_to_machine(records, a_reader(records, records.all(select(Team))[0], EVERYWHERE), row.id)
        id = row.id
    assert judging.bring_up_to_date(log, tenant, encoder) == 1
    with log.read(tenant) as records:
        assert records.get(Reflection, id).judged_at is not None


@pytest.mark.usefixtures("few")
def test_where_what_is_learnt_is_no_better_any_more_the_word_list_guesses_again(
    log: LearningLog, tenant: UUID, encoder: Encoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = said(log, tenant)
    with log.read(tenant) as records:
        before = as_felt(records)
    judging.bring_up_to_date(log, tenant, encoder)
    with log.write(tenant) as records:
        home = records.all(select(Team))[0]
        reader = a_reader(records, home, EVERYWHERE)
        for row in tell(records, home, [(f"Our {thing} was zig", WORKS) for thing in THINGS]):
            feelings.say(records, reader, row.id, "good")
    monkeypatch.setattr(judging, "learn", lambda examples, encoder: None)
    assert judging.bring_up_to_date(log, tenant, encoder) == len(left)
    with log.read(tenant) as records:
        guessed = {words: feeling_of(words, WORKS).label for words in left}
        after = as_felt(records)
        assert {words: after[words] for words in left} == guessed
        assert {words: after[words] for words in before if words not in left} == {
            words: before[words] for words in before if words not in left
        }
        assert judging.state(records).agreed is None
    assert judging.bring_up_to_date(log, tenant, encoder) == 0


@pytest.mark.usefixtures("few")
def test_without_the_model_of_meaning_or_with_too_little_said_the_word_list_stays(
    log: LearningLog, tenant: UUID, encoder: Encoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    said(log, tenant)
    assert judging.bring_up_to_date(log, tenant, None) == 0
    monkeypatch.setattr(judging, "_fewest", lambda: FEW + 1)
    assert judging.bring_up_to_date(log, tenant, encoder) == 0
    with log.read() as records:
        assert judging.tenants(records) == []
    with log.read(tenant) as records:
        assert judging.state(records).agreed is None
        assert records.all(select(KeptModel)) == []


@pytest.mark.usefixtures("few")
def test_nothing_is_learnt_from_what_was_taken_back_or_made_private(
    log: LearningLog, tenant: UUID, encoder: Encoder
) -> None:
    said(log, tenant)
    with log.write(tenant) as records:
        one, other, *_ = records.all(select(Reflection).where(col(Reflection.felt_at).is_not(None)))
        one.withdrawn_at, other.audience = records.now, "me"
    assert judging.bring_up_to_date(log, tenant, encoder) == 0
    with log.read(tenant) as records:
        assert judging.state(records).said == FEW - 2


def test_feelings_are_never_added_up() -> None:
    """Only these touch them: who brings answers in or erases them, who shows a single one, who judges single ones."""
    root = Path(__file__).parents[2]
    touch = {
        str(path.relative_to(root))
        for part in ("learning_log/services", "sense_making_app", "learning_log/cli")
        for path in (root / part).rglob("*.py")
        if "Reflection.feeling" in (text := path.read_text()) or ".feeling" in text.replace("analysis.feeling", "")
    }
    assert touch == {
        "learning_log/services/erasing.py",
        "learning_log/services/feelings.py",
        "learning_log/services/importing/reflections.py",
        "learning_log/services/judging.py",
        "learning_log/services/listening.py",
        "learning_log/services/reading.py",
        "sense_making_app/components/feeling.py",
        "sense_making_app/components/story.py",
    }


def home_of(records: Records) -> object:
    return organisation.add_provider(records, "Medlar Support")
