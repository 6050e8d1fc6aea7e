"""What the worker notes of its own work, for whoever watches it: counts and seconds, never whose."""

from __future__ import annotations

from typing import Literal

# Jobs: answering; the web chat; the tick; and, for the worker that holds Telegram, sending and polling.
HANDLING, SHOWING, TICK, SENDING, POLLING = "handling", "showing", "tick", "sending", "polling"
Fate = Literal["sent", "refused", "unknown", "put_back"]


class Noted:
    """Notes nothing, which is enough for a test. Health does: see bot/health.py."""

    def kept(self, messages: int) -> None:
        """Messages were kept, and their channel may be told so."""

    def handled(self, seconds: float) -> None:
        """A message was answered, so many seconds after it came."""

    def failed(self, *, aside: bool) -> None:
        """A message was not handled; aside: for the last time."""

    def sending(self, fate: Fate) -> None:
        """What became of a message that was handed to a channel."""

    def ticked(self, seconds: float, *, well: bool) -> None:
        """A tick is over; well: all of its steps were."""

    def came_round(self, job: str) -> None:
        """A job that never ends is alive."""

    def expect(self, job: str) -> None:
        """From now on this job has to come round."""

    def expect_no_more(self, job: str) -> None:
        """Another worker does it now."""
