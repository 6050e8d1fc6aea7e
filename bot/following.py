"""What a follow-up needs to be asked: its dialogue, and the words for its texts."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from bot.dialogue.book import Words, words
from bot.dialogue.facts import Following
from learning_log.domain.outcomes import Scale
from learning_log.services import following, outcomes
from learning_log.services.naming import first_name_of
from learning_log.storage.records import Records
from learning_log.storage.tables import Conversation, Experiment, FollowUp, Outcome


def following_of(records: Records, conversation: Conversation) -> Following | None:
    """What is due to be asked in place of the usual questions, if anything."""
    row = following.next_for(records, conversation)
    if row is None:
        return None
    data = DATA[row.kind](records, conversation, row)
    return Following(row.kind, {"follow_up": row.id.hex, **data})


def _trying(records: Records, conversation: Conversation, row: FollowUp) -> dict[str, str]:
    experiment = records.get(Experiment, _about(row))
    asks = "yes" if experiment.person_id else "no"
    return {**_tried(records, experiment), "heard": records.text(experiment, "heard"), "asks": asks}


def _helped(records: Records, conversation: Conversation, row: FollowUp) -> dict[str, str]:
    return _tried(records, records.get(Experiment, _about(row)))


def _decided(records: Records, conversation: Conversation, row: FollowUp) -> dict[str, str]:
    book, experiment = words(conversation.language), records.get(Experiment, _about(row))
    said = following.last_answer(records, following.HELPED, experiment.id, conversation)
    return {
        **_tried(records, experiment),
        "you_said": _plain(book, f"helped.{said}") if said else "",
        "decision": book.say(f"decided.{experiment.next_step}"),
    }


def _check_in(records: Records, conversation: Conversation, row: FollowUp) -> dict[str, str]:
    outcome = records.get(Outcome, _about(row))
    scale = outcomes.scale_of(records, outcome)
    first = outcomes.first_own(records, outcome)
    return {
        "outcome": outcome.id.hex,
        "goal": records.text(outcome, "words"),
        "steps": "\n".join(labels(scale, words(conversation.language))),
        "then": str(first) if first else "",
    }


def _pair(records: Records, conversation: Conversation, row: FollowUp) -> dict[str, str]:
    return {"name": first_name_of(records, _about(row)), "other": _about(row).hex}


def _pair_seen(records: Records, conversation: Conversation, row: FollowUp) -> dict[str, str]:
    book, other = words(conversation.language), _about(row)
    mine, theirs = following.pair_answers(records, conversation, other)
    return {
        "name": first_name_of(records, other),
        "mine": _plain(book, f"pair.{mine}"),
        "theirs": _plain(book, f"pair.{theirs}"),
        "alike": "yes" if mine == theirs else "no",
    }


def _moving_on(records: Records, conversation: Conversation, row: FollowUp) -> dict[str, str]:
    return {}


def labels(scale: Scale, book: Words) -> list[str]:
    """What the steps are called in the person's language; those of a ladder are the person's own words."""
    return [book.say(f"scale.{step}") if book.find(f"scale.{step}") else step for step in scale.steps]


def _tried(records: Records, experiment: Experiment) -> dict[str, str]:
    return {"experiment": experiment.id.hex, "try": records.text(experiment, "try")}


def _plain(book: Words, key: str) -> str:
    """The label of a button, without its picture: it stands in a sentence."""
    picture, _, label = book.say(key).partition(" ")
    return label or picture


def _about(row: FollowUp) -> UUID:
    assert row.about_id is not None  # noqa: S101  (every kind but moving on is about something)
    return row.about_id


DATA: dict[str, Callable[[Records, Conversation, FollowUp], dict[str, str]]] = {
    "trying": _trying,
    "helped": _helped,
    "decided": _decided,
    "check_in": _check_in,
    "pair": _pair,
    "pair_seen": _pair_seen,
    "moving_on": _moving_on,
}
