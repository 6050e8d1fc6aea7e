"""Answers one kept message: one look, one transaction, one turn."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar
from uuid import UUID

from bot import effects, inbox
from bot.channels.channel import Channel, TooBig
from bot.dialogue.book import words
from bot.dialogue.hearing import hear, is_stop, is_worried, trouble
from bot.dialogue.turn import Heard, Say, Turn
from bot.gathering import facts_of, fill_later, state_of, worry_in
from bot.inbox import Waiting
from learning_log.errors import InvitationExpired, InvitationUnknown, InvitationUsed
from learning_log.services import concerns, conversations, joining, pacing
from learning_log.services.reflecting import Attachment
from learning_log.storage.records import LearningLog, Records
from learning_log.storage.tables import Conversation

logger = logging.getLogger(__name__)
Answer = TypeVar("Answer")
Run = Callable[..., Awaitable[Any]]

CODE_TROUBLES = {InvitationUnknown: "code_unknown", InvitationUsed: "code_used", InvitationExpired: "code_expired"}


@dataclass(frozen=True)
class Handling:
    """run: does blocking work in the thread that the database is used from."""

    log: LearningLog
    channels: dict[str, Channel]
    run: Run
    app_link: str
    tasks: set[asyncio.Future[None]] = field(default_factory=set)

    async def handle(self, id: UUID) -> None:
        """Answers the message once. What goes wrong is tried again later, and said when it was the last try."""
        try:
            kept = await self.run(inbox.read, self.log, id)
            if kept is None:
                return
            channel = self.channels[kept.channel]
            heard = channel.hear(kept.body)
            heard, attachments = await self._fetch(channel, kept, heard)
            await self.run(answer, self.log, kept, heard, attachments, self.app_link)
            if heard.tap:
                self._later(channel.heard_tap(heard.tap))
        except Exception as error:
            # Whatever it was, the message is kept: it is tried again, and a person sees it if that does not help.
            logger.exception("message not handled", extra={"inbox": str(id), "trouble": type(error).__name__})
            await self._failed(id, error)

    def _later(self, work: Coroutine[Any, Any, None]) -> None:
        """Nobody's answer waits for this."""
        task = asyncio.ensure_future(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def _fetch(self, channel: Channel, kept: Waiting, heard: Heard) -> tuple[Heard, tuple[Attachment, ...]]:
        """The photo or voice message, fetched before the transaction. A stranger's is not fetched at all."""
        if heard.media is None or kept.conversation is None:
            return heard, ()
        try:
            content = await channel.fetch(heard.media)
        except TooBig:
            return replace(heard, kind="too_big", media=None), ()
        return heard, (Attachment(heard.media.kind, heard.media.mime, content),)

    async def _failed(self, id: UUID, error: Exception) -> None:
        tries, aside = await self.run(inbox.failed, self.log, id, type(error).__name__)
        try:
            if tries == 1:
                await self.run(save_the_urgent, self.log, self.channels, id, self.app_link)
            if aside:
                await self.run(_say_aside, self.log, id, self.app_link)
        except Exception as another:
            logger.exception("nobody was told", extra={"inbox": id, "trouble": type(another).__name__})


def answer(log: LearningLog, kept: Waiting, heard: Heard, attachments: Sequence[Attachment], app_link: str) -> None:
    """One transaction: what is kept, where the dialogue is, what goes out, and the message handled; or none of it."""
    tenant = _tenant(log, kept, heard)
    with log.write(tenant) as records:
        if not inbox.claim(records, kept.id):
            return
        if heard.kind == "start" and heard.code:
            _join(records, kept, heard)
        elif kept.conversation is None:
            _answer_stranger(records, kept, heard)
        else:
            conversation = records.get(Conversation, kept.conversation)
            _answer(records, conversation, kept, heard, attachments, app_link)


def _tenant(log: LearningLog, kept: Waiting, heard: Heard) -> UUID:
    """Where the message belongs: a code that can be used decides, else the chat."""
    if heard.kind != "start" or not heard.code:
        return kept.tenant
    with log.write() as records:
        try:
            tenant = joining.look_up(records, heard.code).tenant_id
        except (InvitationUnknown, InvitationUsed, InvitationExpired):
            return kept.tenant
        joining.leave_other_tenants(records, kept.channel, str(kept.body["address"]), tenant)
    return tenant


def _join(records: Records, kept: Waiting, heard: Heard) -> None:
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
        return inbox.done(records, kept.id, None, keep_body=None)
    if moved and moved[0] != "webchat":
        conversations.say_to_stranger(records, *moved, trouble("moved", conversation.language).as_json())
    records.session.flush()
    return _answer(records, conversation, kept, heard, (), "")


def _answer_stranger(records: Records, kept: Waiting, heard: Heard) -> None:
    """Nobody is let in and nothing is kept; a worry gets the numbers to call."""
    if heard.kind not in ("nothing", "blocked"):
        told = trouble("group") if heard.kind == "group" else trouble("stranger")
        if is_worried(heard.words) or worry_in(heard.words):
            told = Say(words("en").say("worried.stranger"))
        conversations.say_to_stranger(records, kept.channel, str(kept.body["address"]), told.as_json())
    inbox.done(records, kept.id, None, keep_body=None)


def _answer(
    records: Records,
    conversation: Conversation,
    kept: Waiting,
    heard: Heard,
    attachments: Sequence[Attachment],
    app_link: str,
) -> None:
    if heard.kind == "blocked":
        conversations.silence(records, conversation, "blocked")
        return inbox.done(records, kept.id, conversation, keep_body=None)
    if conversation.status == "blocked":
        _back_again(records, conversation)
    facts = facts_of(records, conversation, heard)
    turn = hear(state_of(records, conversation), heard, facts)
    inbox.done(records, kept.id, conversation, keep_body=_shown(kept) if facts.joined else None)
    scene = effects.Scene(records, conversation, heard, kept.id, attachments, _text_version(conversation), app_link)
    return carry_out(scene, turn)


def carry_out(scene: effects.Scene, turn: Turn, kind: str = "reply", asked_id: UUID | None = None) -> None:
    """Does what a turn asks for: effects, state, and messages to say."""
    records, conversation = scene.records, scene.conversation
    added = [effects.apply(scene, effect) for effect in turn.keep]
    records.session.flush()
    book = words(conversation.language)
    says = [*turn.say, *(Say(book.say(key)) for key in added if key)]
    always = tuple(book.say(f"buttons.{name}") for name in ("worried", "again", "stop"))
    bodies = [_finished(scene, say, always).as_json() for say in says]
    conversations.set_dialogue(records, conversation, turn.state.as_json() if turn.state else None)
    conversations.say(records, conversation, bodies, kind, asked_id)


def _finished(scene: effects.Scene, say: Say, always: tuple[str, ...]) -> Say:
    told = fill_later(scene.records, scene.conversation, say.words)
    return replace(say, words=told, always=() if say.choices else always)


def _back_again(records: Records, conversation: Conversation) -> None:
    """Somebody who had blocked us writes again: they are asked again, if their agreement still holds."""
    if joining.has_agreed(records, conversation, joining.TAKE_PART):
        conversation.status = "active"
        pacing.start(records, conversation)
    else:
        conversation.status = "joining"


def _say_trouble(records: Records, kept: Waiting, key: str) -> None:
    assert kept.conversation  # noqa: S101  (asked by the caller)
    conversation = records.get(Conversation, kept.conversation)
    conversations.say(records, conversation, [trouble(key, conversation.language).as_json()])
    inbox.done(records, kept.id, conversation, keep_body=None)


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


def _say_aside(log: LearningLog, id: UUID, app_link: str) -> None:
    """The last try has failed: a safeguarding lead is told to look, and the person hears it."""
    kept = inbox.read_aside(log, id)
    if kept is None or kept.conversation is None:
        return
    with log.write(kept.tenant) as records:
        conversation = records.get(Conversation, kept.conversation)
        concerns.raise_concern(records, conversation, "aside", link=app_link)
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
