"""One line of a benchmark's table."""

from __future__ import annotations

from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Row:
    """ours and rival are in `unit`, where more is better; the ratio is ours / rival."""

    measure: str
    unit: str
    ours: float
    rival: float
    rival_name: str

    @property
    def ratio(self) -> float:
        return self.ours / self.rival

    def as_dict(self) -> dict[str, object]:
        return {**asdict(self), "ratio": round(self.ratio, 3)}
