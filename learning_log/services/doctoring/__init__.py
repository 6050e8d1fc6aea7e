"""What is stuck, in plain words, and how it is mended. Looking changes nothing."""

from __future__ import annotations

from learning_log.services.doctoring import messages, people, prompts
from learning_log.services.doctoring.finding import Case, Detail, Finding
from learning_log.storage.records import LearningLog

__all__ = ["CASES", "Detail", "Finding", "look", "mend"]

# What is most urgent comes first.
CASES = {
    "worries": Case(people.find_worries),
    "unattended": Case(messages.find_unattended),
    "claims": Case(messages.find_claims, messages.mend_claims),
    "aside": Case(messages.find_aside, messages.mend_aside),
    "unwanted": Case(prompts.find_unwanted, prompts.mend_unwanted),
    "overdue": Case(prompts.find_overdue),
    "unplanned": Case(prompts.find_unplanned, prompts.mend_unplanned),
    "unplannable": Case(prompts.find_unplannable),
    "unreachable": Case(people.find_unreachable),
    "troubled": Case(messages.find_troubled),
    "missed": Case(prompts.find_missed),
    "blocked": Case(people.find_blocked),
}


def look(log: LearningLog) -> list[Finding]:
    found = (case.find(log) for case in CASES.values())
    return [finding for finding in found if finding is not None]


def mend(log: LearningLog) -> dict[str, int]:
    """Mends what can be mended. Returns how many of each case; those with nothing to mend are left out."""
    mended = {name: case.mend(log) for name, case in CASES.items() if case.mend is not None}
    return {name: count for name, count in mended.items() if count}
