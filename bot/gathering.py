"""Gathers the facts that a dialogue may know, from the log."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from uuid import UUID, uuid4

from bot import speech
from bot.dialogue import times
from bot.dialogue.book import Words, words
from bot.dialogue.facts import LATER, Facts, Mine, Question, Round, Told
from bot.dialogue.machine import is_known
from bot.dialogue.turn import Heard, State
from bot.following import following_of
from learning_log import config
from learning_log.services import asking, concerns, conversations, following, joining, pacing, reflecting, rights
from learning_log.services.naming import first_name_of
from learning_log.services.noticing import worry_in
from learning_log.storage.records import Records
from learning_log.storage.tables import Conversation, Person, Reflection

LONGEST_LINE = 300  # letters: five of them fit into one message of any channel
LONGEST_LABEL = 30
MOST_CHOICES = 4


def facts_of(records: Records, conversation: Conversation, heard: Heard | None = None) -> Facts:
    """Everything that a turn with this person may need. heard: what they just said, for the safeguarding scan."""
    party = conversations.party(records, conversation)
    joined = conversation.status == "active" and joining.has_agreed(records, conversation, joining.TAKE_PART)
    goals = [(id.hex, text) for id, text in reflecting.outcomes_of(records, conversation)]
    said = heard.words if heard and heard.kind != "button" else ""
    return Facts(
        now=records.now,
        walk_id=uuid4().hex,
        who=party.who,
        language=conversation.language,
        status=conversation.status,
        joined=joined,
        lists={
            "outcomes": lambda: tuple(goals),
            "languages": languages,
            "agreements": lambda: _agreements(records, conversation),
            "answers": lambda: _answers(records, conversation),
        },
        holding=_holding(records, conversation),
        round=lambda key: _round(records, conversation, key, goals),
        following=lambda: following_of(records, conversation),
        values={"role": words(conversation.language).say("alerts.role"), **LATER},
        asked_for={
            "worker": lambda: first_name_of(records, worker) if (worker := _worker(records, conversation)) else "",
            "readers": lambda: _readers(records, conversation),
        },
        worry=worry_in(said),
        told=lambda: _told(records, conversation, party, said),
        mine=lambda: _mine(records, conversation),
    )


def _round(records: Records, conversation: Conversation, key: str, goals: Sequence[tuple[str, str]]) -> Round:
    """The questions of a person's round, in their language: of the one with this key, or of the subject whose turn it
    is."""
    party = conversations.party(records, conversation)
    number, _, subject = key.partition(":")
    asks = int(number) if number.isdecimal() else conversation.asks
    if subject not in asking.bank(party.who):
        subject = asking.subject_for(records, conversation, asks, has_goal=bool(goals))
    asked = asking.questions(records, party.who, conversation.language, subject)
    if conversation.questions == "one":  # both sides in turn: no side is never asked about
        laps = asks // len(asking.bank(party.who))
        asked = [asked[(asks + laps) % len(asked)]]
    goal = goals[asks % len(goals)] if goals and subject == asking.GOAL else None
    found = {each.direction: Question(str(each.version_id), each.words) for each in asked}
    return Round(found, goal, f"{asks}:{subject}")


def _holding(records: Records, conversation: Conversation) -> dict[str, Callable[[], bool]]:
    """What a step of a dialogue may ask, each looked up only where one does."""

    def agreed(purpose: str) -> Callable[[], bool]:
        return lambda: joining.has_agreed(records, conversation, purpose)

    return {
        "agreed_themes": agreed(joining.THEMES),
        "agreed_pair": agreed(joining.PAIR),
        "agreed_moving_on": agreed(joining.MOVING_ON),
        "shared_with_team": lambda: not joining.has_refused(records, conversation, joining.TEAM),
        "has_worker": lambda: _worker(records, conversation) is not None,
        "needs_pretest": lambda: conversation.pretest is None,
        "speech": speech.can_speak,
    }


def _worker(records: Records, conversation: Conversation) -> UUID | None:
    return records.get(Person, conversation.person_id).worker_id if conversation.person_id else None


def _agreements(records: Records, conversation: Conversation) -> tuple[tuple[str, str], ...]:
    """Each purpose with what a tap on it would do."""
    book = words(conversation.language)
    offered = [joining.TAKE_PART, joining.TEAM]
    offered += [] if joining.has_refused(records, conversation, joining.TEAM) else [joining.THEMES]
    agreed_later = (joining.PAIR, joining.MOVING_ON)
    offered += [purpose for purpose in agreed_later if joining.has_agreed(records, conversation, purpose)]
    offered = offered[:MOST_CHOICES]
    return tuple(
        (purpose, book.say(f"agreements.{purpose}_{'yes' if joining.holds(records, conversation, purpose) else 'no'}"))
        for purpose in offered
    )


def _answers(records: Records, conversation: Conversation) -> tuple[tuple[str, str], ...]:
    """The newest answers to choose from."""
    book = words(conversation.language)
    _, newest = rights.my_answers(records, conversation)
    return tuple((each.id.hex, _line(records, book, each, LONGEST_LABEL)) for each in newest[:MOST_CHOICES])


def _readers(records: Records, conversation: Conversation) -> str:
    book = words(conversation.language)
    read = rights.who_read(records, conversation).values()
    names = list(dict.fromkeys(name for readers in read for name in readers if name))
    return book.say("mydata.read_by", names=", ".join(names)) if names else book.say("mydata.read_by_nobody")


@cache
def languages() -> tuple[tuple[str, str], ...]:
    """That there are texts in, each with its own name for itself."""
    return tuple((each, words(each).table["about"]["language"]) for each in config.names("wording"))


def bring(records: Records, ids: Sequence[UUID], *, to_ask: bool = False) -> None:
    """Looks up in a few queries what the turns of many conversations need; `records` is open on all of them.

    to_ask: they are about to be asked something.
    """
    chats = conversations.load(records, ids)
    if to_ask:
        following.load(records, chats)
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
    return Mine(count, tuple(_line(records, book, each, LONGEST_LINE) for each in newest))


def _line(records: Records, book: Words, answer: Reflection, most: int) -> str:
    said = _short(records.text(answer, "words"), most) or book.say("mydata.no_words")
    return book.say("mydata.line", day=times.day(book, answer.said_at.date()), words=said)


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[:most]} …"
