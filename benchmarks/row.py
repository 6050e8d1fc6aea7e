"""One line of a benchmark's table."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from benchmarks.table import figure

HEADS = ("measure", "ours", "rival", "ratio", "goal", "met")


@dataclass(frozen=True)
class Row:
    """ours and rival are in `unit`. The goal is about the ratio ours / rival where there is a rival, else about ours.

    better: which side of the goal is the good one. rounds: what the medians were taken of, ours and the rival's.
    """

    measure: str
    unit: str
    ours: float
    rival: float | None = None
    rival_name: str = ""
    goal: float | None = None
    better: Literal["more", "less"] = "more"
    rounds: dict[str, list[float]] = field(default_factory=dict)

    @property
    def ratio(self) -> float | None:
        return self.ours / self.rival if self.rival else None

    @property
    def met(self) -> bool | None:
        """None where there is no goal."""
        if self.goal is None:
            return None
        reached = self.ours if self.ratio is None else self.ratio
        return reached >= self.goal if self.better == "more" else reached <= self.goal

    def cells(self) -> list[str]:
        return [
            self.measure,
            f"{figure(self.ours)} {self.unit}",
            f"{figure(self.rival)} {self.rival_name}" if self.rival is not None else self.rival_name or "–",
            f"{self.ratio:.2f} ×" if self.ratio is not None else "–",
            self._goal(),
            {None: "–", True: "yes", False: "no"}[self.met],
        ]

    def _goal(self) -> str:
        if self.goal is None:
            return "–"
        sign = "≥" if self.better == "more" else "≤"
        return f"{sign} {self.goal:g} {'×' if self.ratio is not None else self.unit}"

    def as_dict(self) -> dict[str, object]:
        ratio = None if self.ratio is None else round(self.ratio, 4)
        named = {name: getattr(self, name) for name in ("measure", "unit", "ours", "rival", "rival_name", "goal")}
        return {**named, "better": self.better, "ratio": ratio, "met": self.met, "rounds": self.rounds}


def against(
    measure: str,
    unit: str,
    ours: Sequence[float],
    rival: Sequence[float],
    rival_name: str,
    goal: float | None = None,
    better: Literal["more", "less"] = "more",
) -> Row:
    """The medians of rounds that were run in turn."""
    rounds = {"ours": list(ours), "rival": list(rival)}
    middle = statistics.median(ours), statistics.median(rival)
    return Row(measure, unit, *middle, rival_name, goal, better, rounds)
