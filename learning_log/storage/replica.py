"""A copy of the database that is only read, and may be a little behind."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from sqlalchemy import Engine

from learning_log.clock import Clock

logger = logging.getLogger(__name__)

# A copy is some milliseconds behind as a rule, and a second or two when much is written. What somebody saves has to
# be on their next page.
BEHIND = timedelta(seconds=5)
# Each try at a copy that is cut off costs the time to connect: a page must not pay it at every look.
REST = timedelta(seconds=60)


class Replica:
    """Says whether the next read may go to the copy."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self.engine = engine
        self._clock = clock
        self._not_before: datetime | None = None
        self._is_away = False

    def serves(self) -> bool:
        return self._not_before is None or self._clock() >= self._not_before

    def wrote(self) -> None:
        """This process changed something: for a while the copy may not have it."""
        self._wait(BEHIND)

    def failed(self, error: Exception) -> None:
        """It does not answer: it is left alone for a while, and that is logged once until it answers again."""
        self._wait(REST)
        if not self._is_away:
            logger.warning("the read replica does not answer: reading from the primary", extra={"kind": _kind(error)})
        self._is_away = True

    def answered(self) -> None:
        if self._is_away:
            logger.info("the read replica answers again")
        self._is_away = False

    def _wait(self, span: timedelta) -> None:
        until = self._clock() + span
        self._not_before = max(self._not_before or until, until)


def _kind(error: Exception) -> str:
    return type(getattr(error, "orig", None) or error).__name__
