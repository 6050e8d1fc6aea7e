"""Whether themes stay what they are when they are found anew after more was said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from learning_log.analysis.theme_components import Settings
from learning_log.analysis.theme_keeping import Decided, carried_over, with_known_keys
from learning_log.analysis.theme_model import Placement, Text, ThemeModel, places_of
from learning_log.analysis.themes import Finding, Fingerprint, find_themes


@dataclass(frozen=True)
class Again:
    """before and after: the key of the theme that each of the old texts stands in most, or nothing; model: after."""

    first: Finding
    again: Finding
    model: ThemeModel
    before: tuple[str, ...]
    after: tuple[str, ...]


def found_again(
    old: Sequence[Text], every: Sequence[Text], settings: Settings, fingerprint: Fingerprint, encoder: str = ""
) -> Again:
    """Themes of the old texts, and then of every text, as if people had confirmed each theme of the old ones."""
    first = find_themes(old, settings, fingerprint, encoder=encoder)
    decided = [Decided(theme.key, theme.direction, _inside(first, theme.key)) for theme in first.themes]
    again = with_known_keys(find_themes(every, settings, fingerprint, first.model, encoder), decided)
    model = carried_over(again.model, first.model, decided, every)
    return Again(first, again, model, strongest(old, first.placements), strongest(old, places_of(old, model)))


def strongest(texts: Sequence[Text], places: Mapping[str, Sequence[Placement]]) -> tuple[str, ...]:
    """The theme that each text stands in most, or nothing."""
    return tuple(places[text.id][0].theme if places.get(text.id) else "" for text in texts)


def _inside(found: Finding, key: str) -> frozenset[str]:
    return frozenset(id for id, placed in found.placements.items() if any(each.theme == key for each in placed))
