"""What the worker notes of its own work, for whoever watches it: counts and seconds, never whose."""

from __future__ import annotations


class Noted:
    """Notes nothing. Health notes it for the metrics; see bot/health.py."""

    def handled(self, seconds: float) -> None:
        """A message was answered, so many seconds after it came."""

    def failed(self, aside: bool) -> None:
        """A message was not handled; aside: for the last time."""

    def sent(self) -> None:
        """A channel has taken a message."""

    def not_sent(self, why: str) -> None:
        """why: put_back, refused or unknown."""

    def ticked(self, seconds: float, *, well: bool) -> None:
        """A tick is over; well: all of its steps were."""

    def came_round(self, job: str) -> None:
        """A job that never ends is alive."""
