"""One line of the table of meaning: a figure of ours beside a rival's, and the goal for ours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

HEADS = ("measure", "set", "ours", "rival", "goal", "met")


@dataclass(frozen=True)
class Figure:
    """The goal is about ours alone. better: which side of it is the good one. rival: none where there is none here."""

    measure: str
    set: str
    ours: float
    rival: float | None = None
    rival_name: str = ""
    goal: float | None = None
    better: Literal["more", "less"] = "more"

    @property
    def met(self) -> bool | None:
        """None where there is no goal."""
        if self.goal is None:
            return None
        return self.ours >= self.goal if self.better == "more" else self.ours <= self.goal

    def cells(self) -> list[str]:
        sign = "≥" if self.better == "more" else "≤"
        return [
            self.measure,
            self.set,
            _shown(self.ours),
            f"{_shown(self.rival)} {self.rival_name}" if self.rival is not None else self.rival_name or "–",
            "–" if self.goal is None else f"{sign} {self.goal:g}",
            {None: "–", True: "yes", False: "no"}[self.met],
        ]

    def as_dict(self) -> dict[str, object]:
        names = ("measure", "set", "ours", "rival", "rival_name", "goal", "better", "met")
        return {name: getattr(self, name) for name in names}


def _shown(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:.3f}"
