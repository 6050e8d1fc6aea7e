"""Learns from what people said of feelings, and judges the other answers by it, off the request path."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlmodel import col, func, select

from learning_log import config
from learning_log.analysis.encoder import Encoder
from learning_log.analysis.feeling_model import Answer, Example, FeelingModel, Kind, LayeredEncoder, learn
from learning_log.analysis.redaction import Names
from learning_log.services import theme_rows
from learning_log.services.deciding import known_names
from learning_log.storage.records import LearningLog, Records
from learning_log.storage.tables import FeelingModel as KeptModel
from learning_log.storage.tables import Reflection

MANY_MORE = 1.2
CHUNK = 200
# Ids grow with time, but a row may be kept a moment after one with a greater id.
SETTLED = timedelta(minutes=1)


@dataclass(frozen=True)
class Judging:
    """said: answers that people said the feeling of. needed: so many before anything is learnt.

    learnt_from, learnt_at: the last time. f1, lexicon_f1: how well the feelings of answers were told that were not
    learnt from, by what was learnt and by the word list (macro-F1, 0 to 1); none where the word list is in use.
    """

    said: int
    needed: int
    learnt_from: int
    learnt_at: datetime | None
    f1: float | None
    lexicon_f1: float | None


def state(records: Records) -> Judging:
    row = _kept(records)
    model = _model(records, row)
    return Judging(
        said=_count_said(records),
        needed=_fewest(),
        learnt_from=row.examples if row else 0,
        learnt_at=row.learnt_at if row else None,
        f1=model.f1 if model else None,
        lexicon_f1=model.lexicon_f1 if model else None,
    )


def tenants(records: Records) -> list[UUID]:
    """Where there is something to learn or to judge; `records` is open on all of them."""
    said = select(Reflection.tenant_id).where(*_said()).group_by(col(Reflection.tenant_id))
    enough = said.having(func.count() >= _fewest())
    learnt = select(KeptModel.tenant_id).where(col(KeptModel.model_sealed).is_not(None))
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
    better = model if model and model.f1 > model.lexicon_f1 else None
    with log.write(tenant) as records:
        if row := _kept(records):
            records.session.delete(row)
            records.session.flush()
        kept = KeptModel(encoder=encoder, examples=examples, learnt_at=records.now)
        records.add(kept, model=better.to_json() if better else None)


def _judge_some(log: LearningLog, tenant: UUID, encoder: LayeredEncoder, name: str) -> int:
    """The next by their ids, judged between two transactions."""
    with log.read(tenant) as records:
        row = _kept(records)
        model = _model(records, row)
        if row is None or model is None or row.encoder != name:
            return 0
        learnt, found = row.id, _next(records, row.judged_to)
        names = Names(known_names(records) if found else ())
        answers = {one.id: _answer(records, one, names) for one in found}
    if not answers:
        return 0
    judged = dict(zip(answers, model.judge(list(answers.values()), encoder), strict=True))
    with log.write(tenant) as records:
        row = _kept(records)
        if row is None or row.id != learnt:
            return 0
        # Somebody may have said how one feels meanwhile, or taken it back.
        still = select(Reflection).where(
            col(Reflection.id).in_(judged), col(Reflection.felt_at).is_(None), *theme_rows.may_be_read()
        )
        for one in records.all(still):
            feeling = judged[one.id]
            one.feeling, one.feeling_score, one.feeling_sureness = feeling.label, feeling.score, feeling.sureness
        row.judged_to = max(judged)
    return len(judged)


def _next(records: Records, after: UUID | None) -> list[Reflection]:
    """Those that nobody said the feeling of, with the words that are open to the team; some at a time."""
    wanted = select(Reflection).where(
        col(Reflection.tenant_id) == records.tenant,
        col(Reflection.felt_at).is_(None),
        col(Reflection.kept_at) < records.now - SETTLED,
        *theme_rows.may_be_read(),
    )
    if after is not None:
        wanted = wanted.where(col(Reflection.id) > after)
    return list(records.all(wanted.order_by(col(Reflection.id)).limit(CHUNK)))


def _examples(records: Records) -> list[Example]:
    names = Names(known_names(records))
    said = select(Reflection).where(col(Reflection.tenant_id) == records.tenant, *_said())
    return [
        Example(_answer(records, one, names), cast(Kind, one.feeling))
        for one in records.all(said.order_by(col(Reflection.id)))
    ]


def _answer(records: Records, reflection: Reflection, names: Names) -> Answer:
    asked = reflection.direction if reflection.direction != "other" else None
    return Answer(names.taken_out(records.text(reflection, "words")), asked)


def _count_said(records: Records) -> int:
    counted = select(func.count()).select_from(Reflection).where(col(Reflection.tenant_id) == records.tenant, *_said())
    return int(records.session.execute(counted).scalar_one())


def _said() -> list[ColumnElement[bool]]:
    return [col(Reflection.felt_at).is_not(None), *theme_rows.may_be_read()]


def _kept(records: Records) -> KeptModel | None:
    found: KeptModel | None = records.first(select(KeptModel).where(col(KeptModel.tenant_id) == records.tenant))
    return found


def _model(records: Records, row: KeptModel | None) -> FeelingModel | None:
    return FeelingModel.from_json(records.text(row, "model")) if row and row.model_sealed else None


def _fewest() -> int:
    return int(config.load("analysis/feeling")["learnt"]["fewest"])
