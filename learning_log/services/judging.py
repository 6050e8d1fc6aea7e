"""Learns from what people said of feelings, and judges the other answers by it, off the request path."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import cast
from uuid import UUID

from sqlalchemy import ColumnElement, or_
from sqlmodel import col, func, select

from learning_log import config
from learning_log.analysis.encoder import Encoder
from learning_log.analysis.feeling import feeling_of
from learning_log.analysis.feeling_model import Answer, Example, FeelingModel, Kind, LayeredEncoder, learn
from learning_log.analysis.redaction import Names
from learning_log.services import theme_rows
from learning_log.services.deciding import known_names
from learning_log.storage.records import LearningLog, Records
from learning_log.storage.tables import FeelingModel as KeptModel
from learning_log.storage.tables import Reflection

MANY_MORE = 1.2
CHUNK = 200


@dataclass(frozen=True)
class Judging:
    """said: answers that people said the feeling of. needed: so many before anything is learnt.

    learnt_from, learnt_at: the last time. agreed, by_word_list: the share of answers, not learnt from, where what was
    learnt, and the word list, said the same as people; none where the word list is in use.
    """

    said: int
    needed: int
    learnt_from: int
    learnt_at: datetime | None
    agreed: float | None
    by_word_list: float | None


def state(records: Records) -> Judging:
    row = _kept(records)
    model = _model(records, row)
    return Judging(
        said=_count_said(records),
        needed=_fewest(),
        learnt_from=row.examples if row else 0,
        learnt_at=row.learnt_at if row else None,
        agreed=model.agreed if model else None,
        by_word_list=model.lexicon_agreed if model else None,
    )


def tenants(records: Records) -> list[UUID]:
    """Where there is something to learn or to judge; `records` is open on all of them."""
    said = select(Reflection.tenant_id).where(*_said()).group_by(col(Reflection.tenant_id))
    enough = said.having(func.count() >= _fewest())
    learnt = select(KeptModel.tenant_id)
    return sorted({*records.session.execute(enough).scalars(), *records.session.execute(learnt).scalars()})


def bring_up_to_date(log: LearningLog, tenant: UUID, encoder: Encoder | None) -> int:
    """Learns anew where enough was said since, and judges what was not judged by it yet. Returns how many.

    Without an encoder that can be learnt with, everything stays as it is. When it is cut short, the next call goes on.
    """
    if encoder is None or not isinstance(encoder, LayeredEncoder):
        return 0
    with log.read(tenant) as records:
        examples = _examples(records) if _learn_needed(records, encoder) else None
    if examples is not None:
        _keep(log, tenant, learn(examples, encoder), encoder.name, len(examples))
    judged = 0
    while some := _judge_some(log, tenant, encoder, encoder.name):
        judged += some
    return judged


def _learn_needed(records: Records, encoder: Encoder) -> bool:
    row, said = _kept(records), _count_said(records)
    if said < _fewest():
        return False
    return row is None or row.encoder != encoder.name or said >= row.examples * MANY_MORE


def _keep(log: LearningLog, tenant: UUID, model: FeelingModel | None, encoder: str, examples: int) -> None:
    better = model if model and model.is_better else None
    with log.write(tenant) as records:
        if row := _kept(records):
            records.session.delete(row)
            records.session.flush()
        kept = KeptModel(encoder=encoder, examples=examples, learnt_at=records.now)
        records.add(kept, model=better.to_json() if better else None)


def _judge_some(log: LearningLog, tenant: UUID, encoder: LayeredEncoder, name: str) -> int:
    """The oldest that wait, judged between two transactions; by the word list where nothing is learnt any more."""
    with log.read(tenant) as records:
        row = _kept(records)
        found = _waiting(records, row) if row and row.encoder == name else []
        if row is None or not found:
            return 0
        learnt, model, names = row.id, _model(records, row), Names(known_names(records))
        plain = {one.id: _answer(records, one) for one in found}
        answers = {id: replace(answer, words=names.taken_out(answer.words)) for id, answer in plain.items()}
    judged = (
        dict(zip(answers, model.judge(list(answers.values()), encoder), strict=True))
        if model
        else {id: feeling_of(answer.words, answer.direction) for id, answer in plain.items()}
    )
    with log.write(tenant) as records:
        row = _kept(records)
        if row is None or row.id != learnt:
            return 0
        # Somebody may have said how one feels meanwhile.
        for one in records.all(select(Reflection).where(col(Reflection.id).in_(judged), *_not_said())):
            feeling = judged[one.id]
            one.feeling, one.feeling_score, one.feeling_sureness = feeling.label, feeling.score, feeling.sureness
            # The clock of whoever learnt may be ahead of ours.
            one.judged_at = max(records.now, row.learnt_at) if model else None
    return len(judged)


def _waiting(records: Records, row: KeptModel) -> list[Reflection]:
    """Those that nobody said the feeling of, and that what was learnt last did not judge; some at a time."""
    judged = col(Reflection.judged_at)
    stale = or_(judged.is_(None), judged < row.learnt_at) if row.model_sealed else judged.is_not(None)
    own = [col(Reflection.tenant_id) == records.tenant, stale, *_not_said()]
    return list(records.all(select(Reflection).where(*own).order_by(col(Reflection.id)).limit(CHUNK)))


def _examples(records: Records) -> list[Example]:
    names = Names(known_names(records))
    said = select(Reflection).where(col(Reflection.tenant_id) == records.tenant, *_said())
    examples = []
    for one in records.all(said.order_by(col(Reflection.id))):
        answer = _answer(records, one)
        examples.append(Example(replace(answer, words=names.taken_out(answer.words)), cast(Kind, one.feeling)))
    return examples


def _answer(records: Records, reflection: Reflection) -> Answer:
    return Answer(records.text(reflection, "words"), reflection.direction)


def _count_said(records: Records) -> int:
    counted = select(func.count()).select_from(Reflection).where(col(Reflection.tenant_id) == records.tenant, *_said())
    return int(records.session.execute(counted).scalar_one())


def _said() -> list[ColumnElement[bool]]:
    return [col(Reflection.felt_at).is_not(None), *theme_rows.may_be_read()]


def _not_said() -> list[ColumnElement[bool]]:
    return [col(Reflection.felt_at).is_(None), *theme_rows.may_be_read()]


def _kept(records: Records) -> KeptModel | None:
    found: KeptModel | None = records.first(select(KeptModel).where(col(KeptModel.tenant_id) == records.tenant))
    return found


def _model(records: Records, row: KeptModel | None) -> FeelingModel | None:
    return FeelingModel.from_json(records.text(row, "model")) if row and row.model_sealed else None


def _fewest() -> int:
    return int(config.load("analysis/feeling")["learnt"]["fewest"])
