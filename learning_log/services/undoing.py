"""Undoes what people did about themes: a step, and what was said about it, stay in the ledger."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import update
from sqlmodel import col, select

from learning_log.analysis.theme_model import ThemeModel
from learning_log.errors import LearningLogError, NotFound
from learning_log.services import auditing, teaching, theme_rows
from learning_log.services.access import Reader, may_decide_themes
from learning_log.services.sense_making import must_read, must_see_everything, must_speak_of
from learning_log.services.theme_steps import COLUMNS, WORDS, steps, what
from learning_log.storage.records import Records
from learning_log.storage.tables import Experiment, Reflection, Theme, ThemePlacement, ThemeStep

GONE = "gone"
ON_THE_COMMAND_LINE = "administrator"


class AlreadyUndone(LearningLogError):
    """This step was undone before. Nothing was changed."""


class LaterStepFirst(LearningLogError):
    """Something else was done about the same theme later. Nothing was changed. Undo that first."""


def undo_as_reader(records: Records, reader: Reader, step_id: UUID) -> None:
    """Raises NotFound where the reader may read nothing of its themes, or not the answer that was moved; NotAllowed,
    AlreadyUndone or LaterStepFirst."""
    kept = what(records, records.get(ThemeStep, step_id))
    if kept["whole_model"]:
        must_see_everything(records, reader)
    elif kept["of"]:
        for id in kept["of"]:
            must_read(records, reader, UUID(id))
    elif not any(_speaks_of(records, reader, UUID(id)) for id in [*kept["themes"], *kept["made"]]):
        raise NotFound
    undo(records, step_id, reader.staff_id, reader.actor)


def undo(records: Records, step_id: UUID, by: UUID | None = None, actor: str = ON_THE_COMMAND_LINE) -> None:
    """Everything that the step changed is as before. What was said since goes where the machine would put it.

    Raises AlreadyUndone or LaterStepFirst. What has to be placed anew waits for the next look at themes.
    """
    step = records.get(ThemeStep, step_id)
    if step.undone_at is not None:
        raise AlreadyUndone
    if not next(one.may_be_undone for one in steps(records) if one.id == step.id):
        raise LaterStepFirst
    kept = what(records, step)
    made = [UUID(id) for id in kept["made"]]
    if kept["placements"] is not None:
        _put_back(records, kept, made)
    if kept["of"]:
        teaching.teach(records)
    else:
        _put_model_back(records, kept)
        for id, before in kept["themes"].items():
            _restore(records, records.get(Theme, UUID(id)), before)
    _take_out(records, made)
    for id, moved_at in kept["moved"].items():
        back = update(Reflection).where(col(Reflection.id) == UUID(id))
        records.session.execute(back.values(moved_at=datetime.fromisoformat(moved_at) if moved_at else None))
    step.undone_at, step.undone_by = records.now, by
    auditing.record(records, actor, "undid_theme_step", "theme_step", step.id)


def _speaks_of(records: Records, reader: Reader, theme: UUID) -> bool:
    try:
        must_speak_of(records, may_decide_themes(reader, records.tenant), theme)
    except NotFound:
        return False
    return True


def _put_back(records: Records, kept: Mapping[str, Any], made: Collection[UUID]) -> None:
    concerned = {*made, *(UUID(id) for id in kept["themes"])}
    here = [col(ThemePlacement.theme_id).in_(concerned)]
    if kept["of"]:
        here.append(col(ThemePlacement.reflection_id).in_([UUID(id) for id in kept["of"]]))
    now = set(records.session.execute(select(ThemePlacement.reflection_id).where(*here)).scalars())
    theme_rows.delete_placements(records, *here)
    wanted = [(UUID(one), UUID(theme), strength, by) for one, theme, strength, by in kept["placements"]]
    before = {one for one, *_ in wanted}
    readable = theme_rows.readable(records, before)
    rows = [
        theme_rows.placement(records, theme, one, strength, by)
        for one, theme, strength, by in wanted
        if one in readable
    ]
    theme_rows.add_placements(records, rows)
    theme_rows.look_again(records, now - before)


def _put_model_back(records: Records, kept: Mapping[str, Any]) -> None:
    known = theme_rows.kept_model(records)
    if known is None or not (kept["model"] or kept["keys"]):
        return
    model, learnt_from = known
    before = ThemeModel.from_json(kept["model"]) if kept["model"] else ThemeModel({}, model.encoder)
    if kept["whole_model"]:
        theme_rows.keep_model(records, before, learnt_from)
    elif before.encoder == model.encoder:
        theme_rows.change_model(records, model.without(kept["keys"]).beside(before))


def _restore(records: Records, theme: Theme, before: Mapping[str, Any]) -> None:
    for column in COLUMNS:
        value = before[column]
        if value is not None and column == "decided_at":
            value = datetime.fromisoformat(value)
        elif value is not None and column in ("merged_into", "decided_by"):
            value = UUID(value)
        setattr(theme, column, value)
    records.seal(theme, **{column: before[column] for column in WORDS})
    records.session.flush()


def _take_out(records: Records, made: Collection[UUID]) -> None:
    """Themes that the step had brought; one that something was tried about stays in the log, out of use."""
    tried = set(
        records.session.execute(select(Experiment.theme_id).where(col(Experiment.theme_id).in_(made))).scalars()
    )
    for id in made:
        theme = records.get(Theme, id)
        theme_rows.look_again(records, theme_rows.reflections_in(records, id))
        theme_rows.delete_placements(records, col(ThemePlacement.theme_id) == id)
        if id in tried:
            theme.state = GONE
        else:
            records.session.delete(theme)
    records.session.flush()
