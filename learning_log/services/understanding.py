"""Finds out what people's words are about, as they come: one process does it, for every organisation."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread
from time import sleep

from learning_log.analysis.encoder import Encoder
from learning_log.errors import LearningLogError
from learning_log.services import judging, theming
from learning_log.services.seen import SEEN_SECONDS, THEMES, note_seen
from learning_log.services.tenants import each_alone
from learning_log.storage.faults import is_lost
from learning_log.storage.holding import Hold, take_hold
from learning_log.storage.records import LearningLog

logger = logging.getLogger(__name__)
REST_SECONDS = 5.0
PATIENCE_SECONDS = 60.0
MANY = 100  # answers since the last look, after which the database counts anew what its indexes hold


class BeingFound(LearningLogError):
    """Another program is looking for themes. Nothing was changed. Try again in a few minutes."""


def look(log: LearningLog, encoder: Encoder | None) -> int:
    """Encodes and places what is new, and finds themes where it is time for that; learns how answers feel, and judges
    them. Returns how many were looked at for themes."""
    with log.read() as records:
        tenants = theming.waiting_tenants(records)
        judged = judging.tenants(records)
    looked_at = each_alone(theming.bring_up_to_date, log, tenants, encoder)
    each_alone(judging.bring_up_to_date, log, judged, encoder)
    if looked_at >= MANY:
        log.database.gather_statistics()
    return looked_at


def serve(log: LearningLog, encoder: Encoder | None, stop: Event) -> None:
    """Looks again and again until `stop` is set. Of several such processes one looks at a time.

    It may be cut short at any moment: what was not placed by then still waits.
    """
    while not stop.is_set():
        try:
            if hold := take_hold(log.database, THEMES):
                with _released(hold), _noted(log):
                    look(log, encoder)
        except Exception as error:
            trouble = {"trouble": type(error).__name__}
            logger.error("themes not looked for: trying again", extra=trouble, exc_info=not is_lost(error))
        stop.wait(REST_SECONDS)


@contextmanager
def alone(log: LearningLog, patience: float = PATIENCE_SECONDS) -> Iterator[None]:
    """While nobody else looks for themes. Raises BeingFound when somebody else goes on for so many seconds."""
    for _ in range(round(patience) + 1):
        if hold := take_hold(log.database, THEMES):
            with _released(hold):
                yield
            return
        sleep(1)
    raise BeingFound


@contextmanager
def _released(hold: Hold) -> Iterator[None]:
    try:
        yield
    finally:
        hold.release()


@contextmanager
def _noted(log: LearningLog) -> Iterator[None]:
    """Says that we are here, now and while it lasts: a first look at very many reflections takes hours."""
    over = Event()

    def note() -> None:
        while not over.wait(SEEN_SECONDS):
            try:
                note_seen(log, THEMES)
            except Exception as error:
                logger.warning("not noted that we are here", extra={"trouble": type(error).__name__})

    note_seen(log, THEMES)
    noting = Thread(target=note, name="noting", daemon=True)
    noting.start()
    try:
        yield
    finally:
        over.set()
        noting.join()
