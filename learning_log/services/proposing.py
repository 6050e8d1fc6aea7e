"""What the machine would do about themes: kept for people to look at, and done only when they say so."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import col, select

from learning_log.analysis.theme_model import ThemeModel
from learning_log.analysis.themes import Finding
from learning_log.analysis.themes import Theme as FoundTheme
from learning_log.errors import LearningLogError, NotAllowed
from learning_log.services import auditing, teaching, theme_rows
from learning_log.services.access import Reader
from learning_log.services.sense_making import must_see_everything
from learning_log.services.theme_steps import rearranged_since, taking
from learning_log.services.undoing import GONE, ON_THE_COMMAND_LINE
from learning_log.storage.records import Records
from learning_log.storage.tables import OUT_OF_USE, Theme, ThemePlacement, ThemeProposal

FOUND_ANEW, ADDED = "found_anew", "added"
OPEN, APPLIED, TURNED_DOWN, REPLACED, NOTHING = "open", "applied", "turned_down", "replaced", "nothing"

Moves = Mapping[tuple[str, str], int]


class NoLongerOpen(LearningLogError):
    """This proposal was decided about, or a newer one took its place. Nothing was changed. Look at the newest."""


class ThemesChanged(LearningLogError):
    """Themes were changed since this was proposed. Nothing was changed now. Turn it down: the machine asks anew."""


@dataclass(frozen=True)
class Flow:
    """So many answers go from one theme to another; an empty name is "in no theme"."""

    before: str
    after: str
    answers: int


@dataclass(frozen=True)
class Proposal:
    """kind: found_anew or added. looked_at: answers that the flows are of. moved: those that change their theme.

    flows: the largest first. new, gone: names of themes. typical: reflections to read, for a theme that would be added.
    """

    id: UUID
    kind: str
    made_at: datetime
    reflections: int
    looked_at: int
    moved: int
    flows: tuple[Flow, ...]
    new: tuple[str, ...]
    gone: tuple[str, ...]
    direction: str
    typical: tuple[UUID, ...]


def offer(records: Records, kind: str, finding: Finding, model: ThemeModel, moves: Moves, reflections: int) -> UUID:
    """Keeps a proposal, in the place of an open one of its kind. moves: counts by key before and after."""
    what = {
        "themes": [asdict(theme) for theme in finding.themes],
        "placements": {id: placed[0].strength for id, placed in finding.placements.items()} if kind == ADDED else {},
        "moves": [[before, after, count] for (before, after), count in sorted(moves.items())],
        "model": model.to_json(),
    }
    return _kept(records, kind, OPEN, what, reflections)


def nothing_found(records: Records, kind: str, reflections: int) -> None:
    """Keeps that it was looked, so that it is not looked again until more was said."""
    _kept(records, kind, NOTHING, None, reflections)


def newest(records: Records, kind: str) -> ThemeProposal | None:
    own = select(ThemeProposal).where(col(ThemeProposal.tenant_id) == records.tenant, col(ThemeProposal.kind) == kind)
    latest = own.order_by(col(ThemeProposal.made_at).desc(), col(ThemeProposal.id).desc()).limit(1)
    found: ThemeProposal | None = records.first(latest)
    return found


def open_proposals(records: Records) -> list[Proposal]:
    """What waits for an answer, the newest first."""
    own = select(ThemeProposal).where(col(ThemeProposal.tenant_id) == records.tenant, col(ThemeProposal.state) == OPEN)
    rows = records.all(own.order_by(col(ThemeProposal.made_at).desc(), col(ThemeProposal.id).desc()))
    return [_read(records, row) for row in rows]


def sees_them(records: Records, reader: Reader) -> bool:
    """Whether proposals are this reader's to decide: they are about the words of all teams."""
    try:
        must_see_everything(records, reader)
    except NotAllowed:
        return False
    return True


def decide(records: Records, reader: Reader, proposal_id: UUID, *, yes: bool) -> None:
    """Applies it, or turns it down. Raises NotAllowed, NoLongerOpen or ThemesChanged."""
    must_see_everything(records, reader)
    (apply if yes else turn_down)(records, proposal_id, reader.staff_id, reader.actor)


def apply(records: Records, proposal_id: UUID, by: UUID | None = None, actor: str = ON_THE_COMMAND_LINE) -> None:
    """Does what was proposed, as a step that can be undone. Answers find their place at the next look at themes.

    Raises NoLongerOpen or ThemesChanged.
    """
    row = _open_row(records, proposal_id)
    if rearranged_since(records, row.made_at):
        raise ThemesChanged
    kept = json.loads(records.text(row, "what"))
    model = ThemeModel.from_json(kept["model"])
    themes = tuple(_theme(each) for each in kept["themes"])
    if row.kind == FOUND_ANEW:
        _take_over(records, by, themes, model, row.reflections)
    else:
        _add(records, by, themes, model, kept["placements"])
    _decide(records, row, APPLIED, by)
    auditing.record(records, actor, "applied_theme_proposal", "theme_proposal", row.id)


def turn_down(records: Records, proposal_id: UUID, by: UUID | None = None, actor: str = ON_THE_COMMAND_LINE) -> None:
    """Raises NoLongerOpen. The machine asks again when a fifth more was said."""
    row = _open_row(records, proposal_id)
    _decide(records, row, TURNED_DOWN, by)
    auditing.record(records, actor, "turned_down_theme_proposal", "theme_proposal", row.id)


def _take_over(
    records: Records, by: UUID | None, themes: tuple[FoundTheme, ...], model: ThemeModel, reflections: int
) -> None:
    rows = theme_rows.themes_by_key(records)
    with taking(records, by, FOUND_ANEW, list(rows.values()), whole_model=True) as taken:
        decided = {one.key for one in theme_rows.decided(records, rows)}
        staying = decided | {theme.key for theme in themes}
        # A name that people asked to look for is the theme's from now on, where nobody decided about it.
        named = staying - ({theme.key for theme in themes if theme.label in model.seeds} - decided)
        locked = {key for key, row in rows.items() if row.locked}
        earlier = set(rows)
        known = theme_rows.kept_model(records)
        # Locked since it was proposed: what people did stays.
        if known and known[0].encoder == model.encoder:
            model = model.beside(known[0].only(locked & known[0].keys))
        theme_rows.keep_themes(records, _finding(themes, model), rows, named)
        for key in sorted(rows.keys() - staying):
            if rows[key].state not in OUT_OF_USE:
                _out_of_use(records, rows[key])
        theme_rows.keep_model(records, teaching.with_examples(records, model), reflections)
        taken.made += [rows[key].id for key in rows.keys() - earlier]


def _add(
    records: Records, by: UUID | None, themes: tuple[FoundTheme, ...], model: ThemeModel, strengths: Mapping[str, float]
) -> None:
    known = theme_rows.kept_model(records)
    if known is None or known[0].encoder != model.encoder:
        raise ThemesChanged
    rows = theme_rows.themes_by_key(records)
    with taking(records, by, ADDED, [], placements=True) as taken:
        earlier = set(rows)
        theme_rows.keep_themes(records, _finding(themes, model), rows, ())
        added = [rows[key] for key in rows.keys() - earlier]
        taken.made += [theme.id for theme in added]
        taken.keys += sorted(model.keys)
        theme_rows.change_model(records, known[0].beside(model))
        ids = {UUID(id): strength for id, strength in strengths.items()}
        still = theme_rows.in_no_theme(records, theme_rows.readable(records, ids))
        new = [theme_rows.placement(records, theme.id, id, ids[id]) for theme in added for id in sorted(still)]
        theme_rows.add_placements(records, new)


def _out_of_use(records: Records, theme: Theme) -> None:
    theme_rows.delete_placements(records, col(ThemePlacement.theme_id) == theme.id)
    theme.state = GONE
    records.session.flush()


def _open_row(records: Records, id: UUID) -> ThemeProposal:
    row = records.get(ThemeProposal, id)
    if row.state != OPEN:
        raise NoLongerOpen
    return row


def _decide(records: Records, row: ThemeProposal, state: str, by: UUID | None) -> None:
    """What was proposed is not needed any more, and holds words that people used."""
    row.state, row.decided_at, row.decided_by = state, records.now, by
    records.seal(row, what=None)
    records.session.flush()


def _kept(records: Records, kind: str, state: str, what: Mapping[str, Any] | None, reflections: int) -> UUID:
    before = newest(records, kind)
    if before and before.state == NOTHING:
        records.session.delete(before)
    elif before and before.state == OPEN:
        _decide(records, before, REPLACED, None)
    row = ThemeProposal(kind=kind, state=state, reflections=reflections, made_at=records.now)
    records.add(row, what=json.dumps(what, ensure_ascii=False) if what else None)
    records.session.flush()
    return row.id


def _read(records: Records, row: ThemeProposal) -> Proposal:
    kept = json.loads(records.text(row, "what"))
    rows = theme_rows.themes_by_key(records)
    names = {key: records.text(theme, "label") for key, theme in rows.items()}
    proposed = {each["key"]: each["label"] for each in kept["themes"]}
    seeds = set(ThemeModel.from_json(kept["model"]).seeds)
    decided = {one.key for one in theme_rows.decided(records, rows)} if seeds else set()
    renamed = {key: label for key, label in proposed.items() if label in seeds and key not in decided}
    labels = {"": "", **proposed, **names}
    later = {**labels, **renamed}
    flows = [Flow(labels.get(before, ""), later.get(after, ""), count) for before, after, count in kept["moves"]]
    moved = sum(count for before, after, count in kept["moves"] if before != after)
    before, after = ({each[place] for each in kept["moves"]} - {""} for place in (0, 1))
    return Proposal(
        id=row.id,
        kind=row.kind,
        made_at=row.made_at,
        reflections=row.reflections,
        looked_at=sum(flow.answers for flow in flows),
        moved=moved,
        flows=tuple(sorted(flows, key=lambda flow: (-flow.answers, flow.before, flow.after))),
        new=tuple(sorted(proposed[key] for key in proposed.keys() - names.keys())),
        gone=tuple(sorted(names[key] for key in before - after if key in names)),
        direction=kept["themes"][0]["direction"] if kept["themes"] else "",
        typical=tuple(UUID(id) for each in kept["themes"] for id in each["typical"]) if row.kind == ADDED else (),
    )


def _finding(themes: tuple[FoundTheme, ...], model: ThemeModel) -> Finding:
    return Finding(themes, {}, (), (), (), model)


def _theme(kept: Mapping[str, Any]) -> FoundTheme:
    return FoundTheme(**{**kept, "terms": tuple(kept["terms"]), "typical": tuple(kept["typical"])})
