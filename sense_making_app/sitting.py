"""One rerun of a page: who reads, in which log, and at what time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from learning_log.services.access import COMMISSIONER, TEAM, Reader
from learning_log.services.sharing import ZONE
from learning_log.services.signing_in import noting_refusals
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

    @contextmanager
    def read(self) -> Iterator[Records]:
        with noting_refusals(self.log, self.reader, self.now), self.log.read(self._tenant, at=self.now) as records:
            yield records

    @contextmanager
    def write(self) -> Iterator[Records]:
        """For what changes something, and for looks that are audited."""
        with noting_refusals(self.log, self.reader, self.now), self.log.write(self._tenant, at=self.now) as records:
            yield records

    @property
    def _tenant(self) -> UUID:
        return self.reader.tenant_id
