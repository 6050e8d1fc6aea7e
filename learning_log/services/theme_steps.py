"""The ledger of what people did about themes: each step is kept with what is needed to undo it."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import col, select

from learning_log.services import theme_rows
from learning_log.services.signing_in import names_of_staff
from learning_log.storage.records import Records
from learning_log.storage.tables import Reflection, Theme, ThemePlacement, ThemeStep

COLUMNS = ("state", "clarity", "locked", "merged_into", "decided_at", "decided_by")
WORDS = ("label", "terms")
REARRANGING = {"merged", "split", "found_anew", "added"}


@dataclass
class Taking:
    """A step while it is taken: `made` are the ids of themes, and `keys` those in the model, that it brings."""

    made: list[UUID] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Step:
    """One step as people see it, newest first in lists. `by` is empty for the command line.

    labels: of the themes it was about, as they were called before. may_be_undone: no later step is about them.
    """

    id: UUID
    kind: str
    themes: tuple[UUID, ...]
    labels: tuple[str, ...]
    taken_at: datetime
    by: str
    undone_at: datetime | None
    may_be_undone: bool


@contextmanager
def taking(
    records: Records,
    by: UUID | None,
    kind: str,
    themes: Sequence[Theme],
    *,
    placements: bool = False,
    of: Collection[UUID] = (),
    keys: Collection[str] = (),
    whole_model: bool = False,
) -> Iterator[Taking]:
    """What is done inside is kept as one step. by: a member of staff, or none on the command line.

    placements: which answers stand in these themes is kept too; of: only these answers are concerned. keys: these
    themes change in what was learnt. whole_model: all of it does, and every answer gets its place anew.
    """
    known = theme_rows.kept_model(records)
    before: dict[str, Any] = {
        "themes": {str(theme.id): _as_it_is(records, theme) for theme in themes},
        "placements": _placements(records, themes, of) if placements else None,
        "of": [str(id) for id in of],
        "moved": {str(id): _written(records.get(Reflection, id).moved_at) for id in of},
        "model": "",
        "whole_model": whole_model,
    }
    if known and (keys or whole_model):
        before["model"] = (known[0] if whole_model else known[0].only(keys)).to_json()
    taken = Taking(keys=list(keys))
    yield taken
    records.session.flush()
    made = [str(id) for id in taken.made]
    labels = {id: theme["label"] for id, theme in before["themes"].items()}
    about = {"labels": labels, "made": made, "of": before["of"]}
    step = ThemeStep(kind=kind, taken_at=records.now, taken_by=by)
    records.add(step, about=_json(about), what=_json({**before, "made": made, "keys": taken.keys}))
    records.session.flush()


def steps(records: Records, theme: UUID | None = None) -> list[Step]:
    """All that was done, or what was done about one theme; the newest first."""
    rows = _newest_first(records)
    place = (records.tenant, "theme_step", "about")
    people = names_of_staff(records, [row.taken_by for row in rows if row.taken_by])
    found: list[Step] = []
    later: list[_About] = []
    for row in rows:
        kept = json.loads(records.vault.open(*place, row.id, row.about_sealed))
        about = _About(row.kind, frozenset({*kept["labels"], *kept["made"]}), frozenset(kept["of"]))
        step = Step(
            id=row.id,
            kind=row.kind,
            themes=tuple(sorted(UUID(id) for id in about.themes)),
            labels=tuple(sorted(kept["labels"].values())),
            taken_at=row.taken_at,
            by=people.get(row.taken_by, "") if row.taken_by else "",
            undone_at=row.undone_at,
            may_be_undone=row.undone_at is None and not any(about.hangs_on(other) for other in later),
        )
        if row.undone_at is None:
            later.append(about)
        if theme is None or str(theme) in about.themes:
            found.append(step)
    return found


@dataclass(frozen=True)
class _About:
    """of: the answers that were moved, for a step that is about those alone."""

    kind: str
    themes: frozenset[str]
    of: frozenset[str]

    def hangs_on(self, later: _About) -> bool:
        """Whether undoing it would undo a part of the later step too."""
        if not self.themes & later.themes:
            return False
        if self.of and later.of:
            return bool(self.of & later.of)
        if self.of or later.of:
            return bool({self.kind, later.kind} & REARRANGING)
        return True


def any_taken(records: Records) -> bool:
    """Whether people have taken a step about any theme, undone or not."""
    return records.first(select(ThemeStep.id).where(col(ThemeStep.tenant_id) == records.tenant).limit(1)) is not None


def rearranged_since(records: Records, moment: datetime) -> bool:
    """Whether themes came or went by what people did after this moment, undone or not."""
    own = select(ThemeStep.id).where(col(ThemeStep.tenant_id) == records.tenant, col(ThemeStep.taken_at) > moment)
    return records.first(own.where(col(ThemeStep.kind).in_(REARRANGING - {"merged"})).limit(1)) is not None


def what(records: Records, step: ThemeStep) -> dict[str, Any]:
    """All that was kept of a step: themes (as they were, by id), placements, model, made and more."""
    kept: dict[str, Any] = json.loads(records.text(step, "what"))
    return kept


def _newest_first(records: Records) -> Sequence[Any]:
    """What lists show of each step. What is needed to undo one may be large, and is left where it is."""
    shown: Any = select(ThemeStep.id, ThemeStep.kind, ThemeStep.about_sealed)
    shown = shown.add_columns(col(ThemeStep.taken_at), col(ThemeStep.taken_by), col(ThemeStep.undone_at))
    own = shown.where(col(ThemeStep.tenant_id) == records.tenant)
    newest_first = own.order_by(col(ThemeStep.taken_at).desc(), col(ThemeStep.id).desc())
    return records.session.execute(newest_first).all()


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _as_it_is(records: Records, theme: Theme) -> dict[str, Any]:
    plain = {column: _written(getattr(theme, column)) for column in COLUMNS}
    return plain | {column: records.text(theme, column) for column in WORDS}


def _placements(records: Records, themes: Sequence[Theme], of: Collection[UUID]) -> list[list[Any]]:
    wanted = select(
        ThemePlacement.reflection_id, ThemePlacement.theme_id, ThemePlacement.strength, ThemePlacement.placed_by
    ).where(col(ThemePlacement.theme_id).in_([theme.id for theme in themes]))
    if of:
        wanted = wanted.where(col(ThemePlacement.reflection_id).in_(of))
    rows = records.session.execute(wanted.order_by(col(ThemePlacement.reflection_id), col(ThemePlacement.theme_id)))
    return [[str(reflection), str(theme), strength, by] for reflection, theme, strength, by in rows]


def _written(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value
