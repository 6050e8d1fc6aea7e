"""Whether themes stay what they are when more is said: tried out on what was said, and nothing is kept of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from sklearn.metrics import adjusted_rand_score

from learning_log.analysis.encoder import Encoder
from learning_log.analysis.theme_keeping import Decided, carried_over, with_known_keys
from learning_log.analysis.themes import Finding, Placement, Text, find_themes, places_of, settings_in_use
from learning_log.services import theme_rows, theming
from learning_log.storage.records import Records

MORE = 0.1


@dataclass(frozen=True)
class Moved:
    """So many answers that would go from one theme to another; an empty name is "in no theme"."""

    before: str
    after: str
    answers: int


@dataclass(frozen=True)
class Stability:
    """earlier, newer: answers. alike: the adjusted Rand index of where the earlier ones stand, before and after.

    moved: the largest first. known: themes before; stayed: of them, those that keep every one of their answers.
    """

    earlier: int
    newer: int
    known: int
    stayed: int
    alike: float
    moved: tuple[Moved, ...]


def after_more(records: Records, encoder: Encoder | None, more: float = MORE) -> Stability:
    """What would move among the earlier answers, if themes were found anew once the newest tenth had come.

    As if people had confirmed every theme of before. Themes that nobody finds anew do not move at all.
    """
    every = theming.learnt_from(records, theme_rows.count_texts(records), theming.LEARN_FROM, encoder)
    in_order = sorted(every, key=lambda text: text.id)  # ids grow with time
    old = in_order[: round(len(in_order) / (1 + more))]
    keyed, name = partial(records.fingerprint, "theme.key"), encoder.name if encoder else ""
    first = find_themes(old, settings_in_use(), keyed, encoder=name)
    decided = [Decided(theme.key, theme.direction, _inside(first, theme.key)) for theme in first.themes]
    again = with_known_keys(find_themes(in_order, settings_in_use(), keyed, first.model, name), decided)
    model = carried_over(again.model, first.model, decided, in_order)
    labels = {"": "", **{theme.key: theme.label for theme in (*again.themes, *first.themes)}}
    before, after = _strongest(old, first.placements), _strongest(old, places_of(old, model))
    moves = Counter((one, other) for one, other in zip(before, after, strict=True) if one != other)
    left = {one for one, _ in moves}
    return Stability(
        earlier=len(old),
        newer=len(in_order) - len(old),
        known=len(first.themes),
        stayed=sum(1 for theme in first.themes if theme.key not in left),
        alike=float(adjusted_rand_score(before, after)) if old else 1.0,
        moved=tuple(
            Moved(labels[one], labels[other], count)
            for (one, other), count in sorted(moves.items(), key=lambda move: (-move[1], move[0]))
        ),
    )


def _inside(found: Finding, key: str) -> frozenset[str]:
    return frozenset(id for id, placed in found.placements.items() if any(each.theme == key for each in placed))


def _strongest(texts: Sequence[Text], places: Mapping[str, Sequence[Placement]]) -> list[str]:
    return [places[text.id][0].theme if places.get(text.id) else "" for text in texts]
