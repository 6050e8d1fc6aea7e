"""Gathers the facts that a dialogue may know, from the log."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from uuid import UUID, uuid4

from bot.dialogue import times
from bot.dialogue.book import words
from bot.dialogue.facts import LATER, Facts, Mine, Question, Told
from bot.dialogue.machine import is_known
from bot.dialogue.turn import Heard, State
from learning_log import config
from learning_log.analysis.safeguarding_scan import Rules, rules_from, scan
from learning_log.services import asking, concerns, conversations, joining, pacing, reflecting, rights
from learning_log.storage.records import Records
from learning_log.storage.tables import Conversation

LONGEST_LINE = 300


def facts_of(records: Records, conversation: Conversation, heard: Heard | None = None) -> Facts:
    """Everything that a turn with this person may need. heard: what they just said, for the safeguarding scan."""
    party = conversations.party(records, conversation)
    joined = conversation.status == "active" and joining.has_agreed(records, conversation, joining.TAKE_PART)
    bank = asking.questions(records, party.who, conversation.language) if joined or _is_joining(conversation) else []
    said = heard.words if heard and heard.kind != "button" else ""
    return Facts(
        now=records.now,
        walk_id=uuid4().hex,
        who=party.who,
        language=conversation.language,
        status=conversation.status,
        joined=joined,
        outcomes=tuple((id.hex, text) for id, text in reflecting.outcomes_of(records, conversation)),
        languages=languages(),
        questions={each.direction: Question(str(each.version_id), each.words) for each in bank},
        values={"role": words(conversation.language).say("alerts.role"), **LATER},
        worry=worry_in(said),
        told=lambda: _told(records, conversation, party, said),
        mine=lambda: _mine(records, conversation),
    )


@cache
def languages() -> tuple[tuple[str, str], ...]:
    """That there are texts in, each with its own name for itself."""
    return tuple((each, words(each).table["about"]["language"]) for each in config.names("wording"))


def bring(records: Records, ids: Sequence[UUID]) -> None:
    """Looks up in a few queries what the turns of many conversations need; `records` is open on all of them."""
    chats = conversations.load(records, ids)
    joining.load_agreements(records, chats)
    reflecting.load_outcomes(records, chats)


def fill_later(records: Records, conversation: Conversation, text: str) -> str:
    """Fills in what the effects of the turn may just have changed: when the person is asked, and when again."""
    if not any(mark in text for mark in LATER.values()):
        return text
    planned = conversations.schedule(records, conversation)
    resume = pacing.resume_day(planned)
    book = words(conversation.language)
    told = {
        "when": times.when(book, planned.days, pacing.pace_of(planned).at) if planned else "",
        "resume": times.weekday(book, resume) if resume else "",
    }
    for name, mark in LATER.items():
        text = text.replace(mark, told[name])
    return text


def state_of(records: Records, conversation: Conversation) -> State | None:
    """Where the dialogue is; none where it was at a step that config/ no longer has."""
    kept = records.text(conversation, "dialogue")
    state = State.from_json(kept) if kept else None
    return state if state and is_known(state) else None


def _is_joining(conversation: Conversation) -> bool:
    return conversation.status == "joining"


def _told(records: Records, conversation: Conversation, party: conversations.Party, said: str) -> Told:
    """Whom a worry in these words reaches, and their names where those may be said."""
    told, may_name = concerns.told(records, party.team_id, party.staff_id, said)
    alerted = [lead for lead in told if concerns.can_be_alerted(records, lead)]
    names = [records.text(lead, "name") for lead in alerted or told] if may_name else []
    book = words(conversation.language)
    leads = f" {book.say('alerts.or')} ".join(names[:2]) or book.say("alerts.role").capitalize()
    return Told("now" if alerted else "later" if told else "nobody", leads)


def _mine(records: Records, conversation: Conversation) -> Mine:
    book = words(conversation.language)
    count, newest = rights.my_answers(records, conversation)
    lines = [
        book.say(
            "mydata.line",
            day=times.day(book, each.said_at.date()),
            words=_short(records.text(each, "words")) or book.say("mydata.no_words"),
        )
        for each in newest
    ]
    return Mine(count, tuple(lines))


def worry_in(said: str) -> str:
    """The category of the most pressing sign of harm in these words, or nothing."""
    signals = scan(said, safeguarding_rules()) if said else ()
    return signals[0].category if signals else ""


def _short(text: str) -> str:
    """Five of them fit into one message of any channel."""
    return text if len(text) <= LONGEST_LINE else f"{text[:LONGEST_LINE]} …"


@cache
def safeguarding_rules() -> Rules:
    return rules_from(config.load("safeguarding/phrases"))
