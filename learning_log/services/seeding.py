"""Names of themes to look for: a team's own, or those of a framework."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlmodel import col, select

from learning_log import config
from learning_log.analysis.encoder import Encoder
from learning_log.errors import LearningLogError
from learning_log.services import labelling, theming
from learning_log.storage.records import LearningLog
from learning_log.storage.tables import OUT_OF_USE, Theme


class NeedsMeaning(LearningLogError):
    """Names are looked for by what they mean, and the model of meaning is not installed. Nothing was changed.
    See: whatmatters models show"""


class UnknownFramework(LearningLogError):
    """There is no such file in config/frameworks/. Nothing was changed."""


@dataclass(frozen=True)
class Seeded:
    """drew: those of the names that are a theme now. besides: themes that no name was given for. proposal: its id,
    where people have decided and are asked: then nothing was changed."""

    names: tuple[str, ...]
    drew: tuple[str, ...]
    besides: int
    proposal: UUID | None = None


def names_in(framework: str) -> list[str]:
    """The names in config/frameworks/NAME.toml. Raises UnknownFramework."""
    if framework not in config.names("frameworks"):
        raise UnknownFramework
    return list(config.load(f"frameworks/{framework}")["aspects"].values())


def seed(
    log: LearningLog,
    tenant: UUID,
    names: Sequence[str],
    encoder: Encoder | None,
    progress: theming.Progress | None = None,
) -> Seeded:
    """Finds themes anew around these names from now on; no names: without any. What people decided stays.

    Once they have, it is a proposal. Raises NeedsMeaning, or what labelling.check raises of a name.
    """
    wanted = tuple(dict.fromkeys(" ".join(name.split()) for name in names if name.strip()))
    if wanted and encoder is None:
        raise NeedsMeaning
    with log.read(tenant) as records:
        kept_out = labelling.kept_out_of_labels(records)
        for name in wanted:
            labelling.check(name, kept_out)
        free = theming.is_free(records)
    if not free:
        return Seeded(wanted, (), 0, theming.propose(log, tenant, progress, encoder=encoder, seeds=wanted))
    theming.find_anew(log, tenant, progress, encoder=encoder, seeds=wanted)
    with log.read(tenant) as records:
        in_use = records.all(select(Theme).where(col(Theme.state).not_in(OUT_OF_USE)))
        labels = [records.text(theme, "label") for theme in in_use]
    drew = tuple(name for name in wanted if name in labels)
    return Seeded(wanted, drew, sum(label not in wanted for label in labels))
