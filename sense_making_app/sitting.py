"""One rerun of a page: who reads, in which log, and at what time."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from learning_log.services.access import COMMISSIONER, TEAM, Reader
from learning_log.services.sharing import ZONE
from learning_log.storage.records import LearningLog, Records


@dataclass(frozen=True)
class Sitting:
    """`go` opens another page by its key."""

    log: LearningLog
    reader: Reader
    now: datetime
    go: Callable[[str], None]

    @property
    def today(self) -> date:
        return self.now.astimezone(ZoneInfo(ZONE)).date()

    @property
    def reads_words(self) -> bool:
        return TEAM in self.reader.roles

    @property
    def reads_released(self) -> bool:
        return COMMISSIONER in self.reader.roles

    def read(self) -> AbstractContextManager[Records]:
        return self.log.read(self.reader.tenant_id, at=self.now)

    def write(self) -> AbstractContextManager[Records]:
        """For what changes something, and for looks that are audited."""
        return self.log.write(self.reader.tenant_id, at=self.now)
