"""Answers kept messages: many in one transaction, a turn for each."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from bot import effects, inbox
from bot.channels.channel import Channel, TooBig
from bot.dialogue.book import words
from bot.dialogue.hearing import hear, is_stop, is_worried, trouble
from bot.dialogue.turn import Heard, Say, Turn
from bot.gathering import bring, facts_of, fill_later, state_of
from bot.inbox import Done, Waiting
from bot.noted import Noted
from bot.refraining import refrain
from learning_log.analysis.transcriber import Transcriber
from learning_log.errors import InvitationExpired, InvitationUnknown, InvitationUsed
from learning_log.services import capacity, concerns, conversations, joining, notices, pacing
from learning_log.services.noticing import worry_in
from learning_log.services.reflecting import Attachment
from learning_log.storage.faults import is_lost
from learning_log.storage.records import LearningLog, Records
from learning_log.storage.tables import NOBODY, Conversation

logger = logging.getLogger(__name__)
BATCH = 64  # messages in one transaction: an answer waits for some tens of milliseconds of others' at most
Run = Callable[..., Awaitable[Any]]

CODE_TROUBLES = {InvitationUnknown: "code_unknown", InvitationUsed: "code_used", InvitationExpired: "code_expired"}


@dataclass(frozen=True)
class Handled:
    """What became of a batch. answered: when each message came. fetch: those whose file has to be fetched first.

    alone: the batch failed as a whole and nothing of it is kept; each has to be answered by itself.
    """

    answered: tuple[datetime, ...] = ()
    taps: tuple[tuple[str, str], ...] = ()
    fetch: tuple[Waiting, ...] = ()
    alone: tuple[UUID, ...] = ()


@dataclass
class Handling:
    """Answers what is kept. run: does blocking work in a thread that the database is used from.

    arrived: is called when a chat that waited for its file waits no more.
    """

    log: LearningLog
    channels: dict[str, Channel]
    run: Run
    app_link: str
    noted: Noted = field(default_factory=Noted)
    arrived: Callable[[], None] = lambda: None
    transcriber: Transcriber | None = None
    tasks: set[asyncio.Future[None]] = field(default_factory=set)
    fetching: dict[bytes, asyncio.Future[None]] = field(default_factory=dict)

    async def handle_some(self) -> int:
        """Answers the oldest messages that wait, many in one transaction. Returns how many it found.

        What goes wrong is tried again later, and said when it was the last try.
        """
        done = await self.run(answer_some, self.log, self.channels, self.app_link, BATCH, (), frozenset(self.fetching))
        self._after(done)
        for id in done.alone:
            await self._answer_alone(id)
        for kept in done.fetch:
            self._fetch_later(kept)
        return len(done.answered) + len(done.alone) + len(done.fetch)

    async def finish(self) -> None:
        """Waits for what was begun."""
        while waiting := [*self.tasks, *self.fetching.values()]:
            await asyncio.gather(*waiting, return_exceptions=True)

    async def _answer_alone(self, id: UUID, attachments: Sequence[Attachment] | None = None) -> None:
        try:
            given = {id: attachments} if attachments is not None else {}
            done = await self.run(answer_one, self.log, self.channels, self.app_link, id, given)
        except Exception as error:
            if is_lost(error):
                raise  # the database is away or full: that is not the message's fault
            # Whatever it was, the message is kept: it is tried again, and a person sees it if that does not help.
            logger.exception("message not handled", extra={"inbox": str(id), "trouble": type(error).__name__})
            await self._failed(id, error)
        else:
            self._after(done)
            for kept in done.fetch:
                self._fetch_later(kept)

    def _after(self, done: Handled) -> None:
        now = self.log.clock()
        for received_at in done.answered:
            self.noted.handled((now - received_at).total_seconds())
        for channel, tap in done.taps:
            self._later(self.channels[channel].heard_tap(tap))

    def _later(self, work: Coroutine[Any, Any, None]) -> None:
        """Nobody's answer waits for this."""
        task = asyncio.ensure_future(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    def _fetch_later(self, kept: Waiting) -> None:
        """A photo or a voice message is fetched before its transaction. Its chat waits meanwhile, others do not."""
        chat = kept.chat or kept.id.bytes
        if chat in self.fetching:
            return
        task = asyncio.ensure_future(self._fetch(kept))
        self.fetching[chat] = task
        task.add_done_callback(lambda _: self._fetched(chat))

    def _fetched(self, chat: bytes) -> None:
        self.fetching.pop(chat, None)
        self.arrived()

    async def _fetch(self, kept: Waiting) -> None:
        channel = self.channels[kept.channel]
        try:
            found = [await self._heard(each) for each in await fetched(channel, channel.hear(kept.body))]
        except Exception as error:
            logger.warning("file not fetched", extra={"inbox": str(kept.id), "trouble": type(error).__name__})
            await self._failed(kept.id, error)
        else:
            await self._answer_alone(kept.id, found)

    async def _heard(self, attachment: Attachment) -> Attachment:
        """A voice message with its words, as far as a machine here hears them. Without, people have to listen."""
        if attachment.kind != "voice" or self.transcriber is None:
            return attachment
        try:
            said = await asyncio.to_thread(self.transcriber.transcribe, attachment.content, attachment.mime)
        except Exception as error:  # whatever it was, the voice is kept, and somebody listens to it
            logger.warning("voice not put into words", extra={"trouble": type(error).__name__})
            return attachment
        return replace(attachment, words=said.strip())

    async def _failed(self, id: UUID, error: Exception) -> None:
        tries, aside = await self.run(fail, self.log, id, type(error).__name__, self.app_link)
        self.noted.failed(aside=aside)
        try:
            if tries == 1:
                await self.run(save_the_urgent, self.log, self.channels, id, self.app_link)
        except Exception as another:
            logger.exception("nobody was told", extra={"inbox": id, "trouble": type(another).__name__})


async def fetched(channel: Channel, heard: Heard) -> list[Attachment]:
    """The file of the message; none when it is too big."""
    if heard.media is None:
        return []
    try:
        content = await channel.fetch(heard.media)
    except TooBig:
        return []
    return [Attachment(heard.media.kind, heard.media.mime, content)]


Given = Mapping[UUID, Sequence[Attachment]]


def answer_some(
    log: LearningLog,
    channels: dict[str, Channel],
    app_link: str,
    limit: int = BATCH,
    ids: Collection[UUID] = (),
    without: Collection[bytes] = (),
) -> Handled:
    """One transaction for many messages: what is kept, where the dialogues are, what goes out, and the messages
    handled; or none of it."""
    taken: list[Waiting] = []
    unread: list[UUID] = []
    try:
        with log.write() as everyone:
            taken = inbox.take(everyone, channels, limit, ids=ids, without=without, unread=unread)
            return replace(_answer_all(everyone, channels, taken, {}, app_link), alone=tuple(unread))
    except Exception as error:
        if not taken or is_lost(error):
            raise
        logger.warning("batch not handled", extra={"messages": len(taken), "trouble": type(error).__name__})
    return Handled(alone=(*unread, *(each.id for each in taken)))


def answer_one(log: LearningLog, channels: dict[str, Channel], app_link: str, id: UUID, given: Given) -> Handled:
    """As answer_some, for one message: what goes wrong is raised. given: its file, once that is fetched."""
    with log.write() as everyone:
        taken = inbox.take(everyone, channels, 1, ids=[id])
        return _answer_all(everyone, channels, taken, given, app_link)


def _answer_all(
    everyone: Records, channels: dict[str, Channel], taken: Sequence[Waiting], given: Given, app_link: str
) -> Handled:
    bring(everyone, [each.conversation for each in taken if each.conversation])
    answered, taps, fetch, blocked, joined = [], [], [], set(), False
    handled: list[Done] = []
    for number, kept in enumerate(taken):
        chat = (kept.channel, kept.chat)
        if chat in blocked:
            continue  # it waits for the file before it
        if joined:
            kept = _placed_again(everyone, kept)
        heard = channels[kept.channel].hear(kept.body)
        if heard.media and kept.conversation and kept.id not in given:
            fetch.append(kept)
            blocked.add(chat)
            continue
        joined = joined or heard.kind == "start"
        # Each has a moment of its own: what is said to a chat goes out in the order in which it was answered.
        each = replace(everyone, now=everyone.now + number * timedelta(microseconds=1))
        handled.append(_answer_one(each, kept, heard, given.get(kept.id, ()), app_link))
        answered.append(kept.received_at)
        if heard.tap:
            taps.append((kept.channel, heard.tap))
    everyone.session.flush()
    inbox.done(everyone.within(NOBODY), handled)
    return Handled(tuple(answered), tuple(taps), tuple(fetch))


def _placed_again(everyone: Records, kept: Waiting) -> Waiting:
    """A message before it may have made the chat somebody's, or have taken somebody's chat elsewhere."""
    chat = (kept.channel, kept.chat)
    everyone.session.flush()
    place = inbox.find_places(everyone, {chat}).get((kept.channel, kept.chat or b""))
    if place is None:
        return replace(kept, tenant=NOBODY, conversation=None, was_known=False)
    return replace(kept, tenant=place.tenant, conversation=place.conversation, was_known=False)


def _answer_one(
    everyone: Records, kept: Waiting, heard: Heard, attachments: Sequence[Attachment], app_link: str
) -> Done:
    if heard.media and not attachments:
        heard = replace(heard, kind="too_big", media=None)
    if made_out := " ".join(each.words for each in attachments).strip():
        heard = replace(heard, words=f"{heard.words}\n{made_out}".strip(), made_out=made_out)
    records = everyone.within(_tenant(everyone, kept, heard))
    if heard.kind == "start" and heard.code:
        return _join(records, kept, heard)
    if kept.conversation is None:
        return _answer_stranger(records, kept, heard)
    conversation = records.get(Conversation, kept.conversation)
    return _answer(records, conversation, kept, heard, attachments, app_link)


def _tenant(everyone: Records, kept: Waiting, heard: Heard) -> UUID:
    """Where the message belongs: a code that can be used decides, else the chat."""
    if heard.kind != "start" or not heard.code:
        return kept.tenant
    records = everyone.within(NOBODY)
    try:
        tenant = joining.look_up(records, heard.code).tenant_id
    except (InvitationUnknown, InvitationUsed, InvitationExpired):
        return kept.tenant
    joining.leave_other_tenants(records, kept.channel, str(kept.body["address"]), tenant)
    records.session.flush()
    return tenant


def _join(records: Records, kept: Waiting, heard: Heard) -> Done:
    address = str(kept.body["address"])
    try:
        conversation, moved = joining.accept(records, heard.code, kept.channel, address)
    except (InvitationUnknown, InvitationUsed, InvitationExpired) as error:
        if kept.conversation is not None:
            conversation = records.get(Conversation, kept.conversation)
            if joining.is_own(records, heard.code, conversation):
                return _answer(records, conversation, kept, heard, (), "")
            return _say_trouble(records, kept, CODE_TROUBLES[type(error)])
        conversations.say_to_stranger(records, kept.channel, address, trouble(CODE_TROUBLES[type(error)]).as_json())
        return Done(kept.id, None)
    if moved and moved[0] != "webchat":
        conversations.say_to_stranger(records, *moved, trouble("moved", conversation.language).as_json())
    records.session.flush()
    return _answer(records, conversation, kept, heard, (), "")


def _answer_stranger(records: Records, kept: Waiting, heard: Heard) -> Done:
    """Nobody is let in and nothing is kept; a worry gets the numbers to call."""
    if heard.kind not in ("nothing", "blocked"):
        told = trouble("group") if heard.kind == "group" else trouble("stranger")
        if is_worried(heard.words) or worry_in(heard.words):
            told = Say(words("en").say("worried.stranger"))
        conversations.say_to_stranger(records, kept.channel, str(kept.body["address"]), told.as_json())
    return Done(kept.id, None)


def _answer(
    records: Records,
    conversation: Conversation,
    kept: Waiting,
    heard: Heard,
    attachments: Sequence[Attachment],
    app_link: str,
) -> Done:
    if heard.kind == "blocked":
        conversations.silence(records, conversation, "blocked")
        return Done(kept.id, conversation)
    if conversation.status == "blocked":
        _back_again(records, conversation)
    facts = facts_of(records, conversation, heard)
    answer = refrain if capacity.why_not(records, conversation) else hear
    turn = answer(state_of(records, conversation), heard, facts)
    scene = effects.Scene(records, conversation, heard, kept.id, attachments, _text_version(conversation), app_link)
    conversations.say(records, conversation, carry_out(scene, turn))
    shown = _shown(kept) if facts.joined and not conversations.is_nowhere(conversation) else None
    return Done(kept.id, None if kept.was_known and shown is None else conversation, shown)


def carry_out(scene: effects.Scene, turn: Turn) -> list[str]:
    """Does what a turn asks for: effects and state. Returns the bodies of the messages to say."""
    records, conversation = scene.records, scene.conversation
    added = [say for effect in turn.keep for say in effects.apply(scene, effect)]
    if conversations.is_nowhere(conversation):  # it was forgotten, and the chat has heard the last words
        return []
    book = words(conversation.language)
    files = [say for say in added if say.file]
    # What was asked comes last, so that its choices are there to be tapped.
    says = [*turn.say[:1], *files, *turn.say[1:], *(say for say in added if not say.file)]
    always = tuple(book.say(f"buttons.{name}") for name in ("worried", "again", "stop"))
    bodies = [_finished(scene, say, always).as_json() for say in says]
    conversations.set_dialogue(records, conversation, turn.state.as_json() if turn.state else None)
    return bodies


def _finished(scene: effects.Scene, say: Say, always: tuple[str, ...]) -> Say:
    """As this person wants it: their pictures, read aloud or not."""
    told, chosen = fill_later(scene.records, scene.conversation, say.words), scene.conversation
    return replace(
        say,
        words=told,
        always=() if say.choices else always,
        picture="" if chosen.pictures == "none" else say.picture,
        big=bool(say.picture) and chosen.pictures == "big",
        aloud=chosen.language if chosen.speech else "",
    )


def _back_again(records: Records, conversation: Conversation) -> None:
    """Somebody who had blocked us writes again: they are asked again, if their agreement still holds."""
    if joining.has_said_yes(records, conversation, joining.TAKE_PART):
        conversation.status = "active"
        pacing.start(records, conversation)
    else:
        conversation.status = "joining"


def _say_trouble(records: Records, kept: Waiting, key: str) -> Done:
    assert kept.conversation  # noqa: S101  (asked by the caller)
    conversation = records.get(Conversation, kept.conversation)
    conversations.say(records, conversation, [trouble(key, conversation.language).as_json()])
    return Done(kept.id, conversation)


def save_the_urgent(log: LearningLog, channels: dict[str, Channel], id: UUID, app_link: str) -> None:
    """A message could not be handled: a stop in it is obeyed and a worry told all the same, at once."""
    kept = inbox.read(log, id)
    if kept is None or kept.conversation is None:
        return
    said = str(channels[kept.channel].hear(kept.body).words)
    with log.write(kept.tenant) as records:
        conversation = records.get(Conversation, kept.conversation)
        if is_stop(said, conversation.language):
            joining.stop(records, conversation)
        if is_worried(said, conversation.language) or worry_in(said):
            concerns.raise_concern(records, conversation, "aside", said, worry_in(said), app_link)


def fail(log: LearningLog, id: UUID, what: str, app_link: str) -> tuple[int, bool]:
    """Another try later; after the last one it is set aside, and people are told so in the same transaction.

    Returns how often it was tried, and whether it was set aside. what: the kind of error.
    """
    try:
        with log.write() as everyone:
            tries, aside = inbox.failed(everyone, id, what)
            if aside:
                _say_aside(everyone, id, app_link)
        return tries, aside
    except Exception as error:
        if is_lost(error):
            raise
        # Nobody could be told, so it is not set aside yet: an hour later somebody may be.
        logger.exception("nobody was told", extra={"inbox": id, "trouble": type(error).__name__})
        with log.write() as everyone:
            inbox.put_off(everyone, id, what)
        return 0, False


def _say_aside(everyone: Records, id: UUID, app_link: str) -> None:
    """A safeguarding lead and the administrators are told to look, and the person hears it."""
    place = inbox.place_of(everyone, id)
    if place is None:
        return
    records = everyone.within(place.tenant)
    conversation = records.get(Conversation, place.conversation)
    concerns.raise_concern(records, conversation, "aside", link=app_link)
    notices.tell_administrators(records, words("en").say("alerts.aside"))
    role = words(conversation.language).say("alerts.role")
    conversations.say(records, conversation, [trouble("aside", conversation.language, role=role).as_json()])


def _shown(kept: Waiting) -> dict[str, Any] | None:
    """What the page of the web chat needs to show the person's own words again; other channels show them themselves."""
    if kept.channel != "webchat":
        return None
    return {name: value for name, value in kept.body.items() if name not in ("address", "content")}


def _text_version(conversation: Conversation) -> str:
    book = words(conversation.language)
    return f"{book.language}/{book.table['about']['version']}"
