"""One line of the fault table."""

from __future__ import annotations

from dataclasses import asdict, dataclass

HEADS = ("what", "tried", "lost", "doubled", "unknown", "remark")


@dataclass(frozen=True)
class Counted:
    """None: does not apply. unknown: of unknown fate, which is allowed for what was in flight when something broke."""

    what: str
    tried: int
    lost: int | None = None
    doubled: int | None = None
    unknown: int | None = None
    remark: str = ""

    @property
    def is_well(self) -> bool:
        return not self.lost and not self.doubled

    def cells(self) -> list[str]:
        numbers = (self.lost, self.doubled, self.unknown)
        return [self.what, f"{self.tried:,}", *("–" if n is None else f"{n:,}" for n in numbers), self.remark]

    def as_dict(self) -> dict[str, object]:
        return asdict(self)
