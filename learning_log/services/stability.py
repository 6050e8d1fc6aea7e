"""Whether themes stay what they are when more is said: tried out on what was said, and nothing is kept of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import partial

from sklearn.metrics import adjusted_rand_score

from learning_log.analysis.encoder import Encoder
from learning_log.analysis.theme_stability import found_again
from learning_log.analysis.themes import settings_in_use
from learning_log.services import theme_rows, theming
from learning_log.services.proposing import Flow
from learning_log.storage.records import Records

MORE = 0.1


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
    moved: tuple[Flow, ...]


def after_more(records: Records, encoder: Encoder | None, more: float = MORE) -> Stability:
    """What would move among the earlier answers, if themes were found anew once the newest tenth had come.

    As if people had confirmed every theme of before. Themes that nobody finds anew do not move at all.
    """
    every = theming.learnt_from(records, theme_rows.count_texts(records), theming.LEARN_FROM, encoder)
    in_order = sorted(every, key=lambda text: text.id)  # ids grow with time
    old = in_order[: round(len(in_order) / (1 + more))]
    keyed, name = partial(records.fingerprint, "theme.key"), encoder.name if encoder else ""
    tried = found_again(old, in_order, settings_in_use(), keyed, name)
    first, before, after = tried.first, tried.before, tried.after
    labels = {"": "", **{theme.key: theme.label for theme in (*tried.again.themes, *first.themes)}}
    moves = Counter((one, other) for one, other in zip(before, after, strict=True) if one != other)
    left = {one for one, _ in moves}
    return Stability(
        earlier=len(old),
        newer=len(in_order) - len(old),
        known=len(first.themes),
        stayed=sum(1 for theme in first.themes if theme.key not in left),
        alike=float(adjusted_rand_score(before, after)) if old else 1.0,
        moved=tuple(
            Flow(labels[one], labels[other], count)
            for (one, other), count in sorted(moves.items(), key=lambda move: (-move[1], move[0]))
        ),
    )
