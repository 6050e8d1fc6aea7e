"""A room and a visitor in it, on both databases."""

from __future__ import annotations

from datetime import datetime

import pytest

from learning_log.settings import Settings
from learning_log.storage.records import LearningLog
from tests.bot.conftest import Home
from tests.bot.webchat.room import Room, Visitor, ticking


@pytest.fixture
def room(log: LearningLog, settings: Settings, now: datetime) -> Room:
    return Room(ticking(log, now), settings)


@pytest.fixture
def ada(room: Room, home: Home) -> Visitor:
    """Ada (invented), who has not opened her link yet."""
    return Visitor(room, home.tenant, home.ada)
