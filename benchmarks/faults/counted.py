"""One line of the fault table."""

from __future__ import annotations

from dataclasses import asdict, dataclass

HEADS = ("what", "tried", "lost", "doubled", "unknown", "remark")


@dataclass(frozen=True)
class Counted:
    """None: does not apply. unknown: of unknown fate, which is allowed for what was in flight when something broke.

    holds: whether what else was promised of it was so; the remark says what was seen.
    """

    what: str
    tried: int
    lost: int | None = None
    doubled: int | None = None
    unknown: int | None = None
    remark: str = ""
    holds: bool = True

    @property
    def is_well(self) -> bool:
        return self.holds and not self.lost and not self.doubled

    def cells(self) -> list[str]:
        numbers = (self.lost, self.doubled, self.unknown)
        return [self.what, f"{self.tried:,}", *("–" if n is None else f"{n:,}" for n in numbers), self._said()]

    def _said(self) -> str:
        return self.remark if self.holds else f"NOT AS PROMISED: {self.remark}"

    def as_dict(self) -> dict[str, object]:
        return asdict(self)
