"""One invented home for the bot's tests."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

import pytest

from learning_log.services import asking, organisation
from learning_log.storage.records import LearningLog
from learning_log.storage.tables import Outcome


@dataclass(frozen=True)
class Home:
    """Ada is supported, Ben supports her, Una is the safeguarding lead. All are invented."""

    tenant: UUID
    ada: UUID
    ben: UUID
    una: UUID
    outcome: UUID


@pytest.fixture
def one_subject(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bank of one subject, so that what is asked next is known."""
    whole = asking.bank
    monkeypatch.setattr(asking, "bank", lambda who: dict(list(whole(who).items())[:1]))


@pytest.fixture
def home(log: LearningLog, tenant: UUID) -> Home:
    with log.write(tenant) as records:
        provider = organisation.add_provider(records, "Invented Support")
        service = organisation.add_service(records, "Invented Supported Living", provider)
        team = organisation.add_team(records, "Elm House (invented)", service)
        ada = organisation.add_person(records, "Ada Invented", team)
        ben = organisation.add_staff(records, "Ben Madeup", team)
        una = organisation.add_staff(records, "Una Fictional", team, username="una", password="invented 42 words")
        organisation.give_role(records, una, "safeguarding_lead")
        outcome = records.add(
            Outcome(person_id=ada.id, set_on=records.now.date(), added_at=records.now), words="Go back to bowling"
        )
        records.session.flush()
        return Home(tenant, ada.id, ben.id, una.id, outcome.id)
