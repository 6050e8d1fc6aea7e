"""Being invited by a code, joining with it, and agreeing."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlmodel import col, select

from learning_log.errors import InvitationExpired, InvitationUnknown, InvitationUsed
from learning_log.services import auditing, capacity, conversations, following, pacing
from learning_log.storage.encryption import Vault
from learning_log.storage.records import Records
from learning_log.storage.tables import Agreement, Conversation, Invitation, Person, Reflection, Staff

CODE_BYTES = 15  # 120 bits, 20 characters: too many to guess, and a t.me link takes 64
ANSWER = ("purpose", "agreed", "withdrawn_at", "answered_at", "id")
TAKE_PART, TEAM, THEMES, PAIR, MOVING_ON = "take_part", "team", "themes", "pair", "moving_on"


def invite(records: Records, *, person_id: UUID | None = None, staff_id: UUID | None = None, hours: float = 72) -> str:
    """A new code that lets this one person in, once, within the hours. Older codes of theirs stop working."""
    records.get(Person, person_id) if person_id else records.get(Staff, staff_id or UUID(int=0))
    same = Invitation.person_id == person_id if person_id else Invitation.staff_id == staff_id
    for earlier in records.all(select(Invitation).where(same, col(Invitation.used_at).is_(None))):
        earlier.expires_at = min(earlier.expires_at, records.now)
    code = secrets.token_urlsafe(CODE_BYTES)
    invitation = records.add(
        Invitation(
            person_id=person_id,
            staff_id=staff_id,
            code_hash=_hash(records.vault, code),
            made_at=records.now,
            expires_at=records.now + timedelta(hours=hours),
        )
    )
    auditing.record(records, "administrator", "invited", "invitation", invitation.id)
    return code


def look_up(records: Records, code: str) -> Invitation:
    """The invitation behind a code that can still be used. Raises InvitationUnknown, InvitationUsed or
    InvitationExpired."""
    invitation: Invitation | None = records.first(
        select(Invitation).where(Invitation.code_hash == _hash(records.vault, code)).with_for_update()
    )
    if invitation is None:
        raise InvitationUnknown
    if invitation.used_at:
        raise InvitationUsed
    if invitation.expires_at <= records.now:
        raise InvitationExpired
    return invitation


def is_own(records: Records, code: str, conversation: Conversation) -> bool:
    """Whether this code is the one that let them in: a link that is tapped twice is no mistake."""
    used: Invitation | None = records.first(
        select(Invitation).where(
            Invitation.code_hash == _hash(records.vault, code), col(Invitation.used_at).is_not(None)
        )
    )
    return used is not None and (used.person_id, used.staff_id) == (conversation.person_id, conversation.staff_id)


def leave_other_tenants(records: Records, channel: str, address: str, tenant: UUID) -> None:
    """One chat is in one organisation: a conversation of another at this address ends. `records` is open on all."""
    there = conversations.find(records, channel, address)
    if there is not None and there.tenant_id != tenant:
        _leave(replace(records, tenant=there.tenant_id), there)


def accept(records: Records, code: str, channel: str, address: str) -> tuple[Conversation, tuple[str, str] | None]:
    """Lets in whoever holds the code: their one conversation is at this address from now on.

    Returns it, and the channel and address where it was before, if it moved. Raises like look_up.
    """
    invitation = look_up(records, code)
    invitation.used_at = records.now
    earlier = conversations.of(records, invitation.person_id, invitation.staff_id)
    _leave_address(records, channel, address, earlier)
    if earlier is None:
        return _new_conversation(records, invitation, channel, address), None
    left = (earlier.channel, records.text(earlier, "address"))
    conversations.move(records, earlier, channel, address)
    return earlier, left if left != (channel, address) else None


def _leave_address(records: Records, channel: str, address: str, wanted: Conversation | None) -> None:
    """One address is one person: somebody else who used this chat before loses it, and is asked no more there."""
    there = conversations.find(records, channel, address)
    if there is None or (wanted and there.id == wanted.id):
        return
    _leave(records, there)


def _leave(records: Records, there: Conversation) -> None:
    conversations.silence(records, there, "left")
    conversations.set_dialogue(records, there, None)
    conversations.move(records, there, conversations.NOWHERE, str(there.id))
    records.session.flush()


def language_of(records: Records, invitation: Invitation) -> str:
    """Of whoever is invited."""
    if invitation.person_id:
        return str(records.get(Person, invitation.person_id).language)
    return str(records.get(Staff, invitation.staff_id or UUID(int=0)).language)


def _new_conversation(records: Records, invitation: Invitation, channel: str, address: str) -> Conversation:
    language = language_of(records, invitation)
    return records.add(
        Conversation(
            person_id=invitation.person_id,
            staff_id=invitation.staff_id,
            channel=channel,
            address_hash=conversations.address_hash(records, channel, address),
            language=language,
            made_at=records.now,
            changed_at=records.now,
        ),
        address=address,
    )


def answer_agreement(
    records: Records, conversation: Conversation, purpose: str, agreed: bool, text_version: str
) -> Agreement:
    """Keeps the answer and the version of the text that it answers. A no to taking part ends prompts at once."""
    answer = records.add(
        Agreement(
            person_id=conversation.person_id,
            staff_id=conversation.staff_id,
            purpose=purpose,
            agreed=agreed,
            text_version=text_version,
            answered_at=records.now,
        )
    )
    records.forget(_key(conversation))
    if purpose == TAKE_PART and agreed:
        conversation.status = "active"
        pacing.start(records, conversation).paused_until = None
    if purpose == TAKE_PART and not agreed:
        conversations.silence(records, conversation, "refused")
    if purpose == MOVING_ON and agreed and conversation.person_id:
        following.plan_moving_on(records, records.get(Person, conversation.person_id))
    if purpose == THEMES and not agreed:
        _narrow(records, conversation, ("themes",), "team")
    if purpose == TEAM and not agreed:
        _narrow(records, conversation, ("worker", "team", "themes"), "me")
    return answer


def turn(records: Records, conversation: Conversation, purpose: str, text_version: str) -> None:
    """A yes becomes a no, and a no a yes, in one tap. No more taking part is a stop."""
    if purpose == TAKE_PART and holds(records, conversation, purpose):
        stop(records, conversation)
    else:
        answer_agreement(records, conversation, purpose, not holds(records, conversation, purpose), text_version)


def has_agreed(records: Records, conversation: Conversation, purpose: str) -> bool:
    """Whether they said yes themselves; and to take part, whether their yes is enough: see domain/capacity.py."""
    said_yes = has_said_yes(records, conversation, purpose)
    return said_yes and (purpose != TAKE_PART or not capacity.why_not(records, conversation))


def has_said_yes(records: Records, conversation: Conversation, purpose: str) -> bool:
    """Whether the newest answer to this purpose is a yes that was not withdrawn."""

    def look() -> dict[str, bool]:
        return _standing(records.all(_answers().where(conversations.whose(Agreement, conversation))))

    return records.once(_key(conversation), look).get(purpose) is True


def has_refused(records: Records, conversation: Conversation, purpose: str) -> bool:
    """Whether the newest answer to this purpose is a no, or was taken back. Who was never asked has not refused."""
    has_agreed(records, conversation, purpose)  # which looks them up
    return records.once(_key(conversation), dict[str, bool]).get(purpose) is False


def holds(records: Records, conversation: Conversation, purpose: str) -> bool:
    """Whether it is as if they had agreed: the team reads the answers of who was never asked about that, since the
    text that they agreed to said so."""
    if purpose == TEAM:
        return not has_refused(records, conversation, purpose)
    return has_agreed(records, conversation, purpose)


def load_agreements(records: Records, chats: Sequence[Conversation]) -> None:
    """What each of many has agreed to, and whether that is enough, in three queries: `has_agreed` then asks no more."""
    capacity.load(records, chats)
    found: dict[UUID, list[Any]] = {}
    for column in ("person_id", "staff_id"):
        ids = {id for chat in chats if (id := getattr(chat, column))}
        whose = col(getattr(Agreement, column))
        for row in records.all(_answers().add_columns(whose).where(whose.in_(ids))) if ids else ():
            found.setdefault(row[-1], []).append(row)
    for chat in chats:
        records.know(_key(chat), _standing(found.get(chat.person_id or chat.staff_id or chat.id, [])))


def _answers() -> Any:
    return select(*(col(getattr(Agreement, name)) for name in ANSWER))


def _standing(answers: Sequence[Any]) -> dict[str, bool]:
    """By purpose, whether the newest answer is a yes that holds."""
    newest = {each.purpose: each for each in sorted(answers, key=lambda each: (each.answered_at, each.id))}
    return {purpose: bool(each.agreed and each.withdrawn_at is None) for purpose, each in newest.items()}


def _key(conversation: Conversation) -> tuple[str, UUID]:
    return "agreed", conversation.id


def stop(records: Records, conversation: Conversation) -> None:
    """Withdraws the agreement to take part: nothing is asked from this moment on. What was kept stays."""
    who = conversations.whose(Agreement, conversation)
    for agreement in records.all(
        select(Agreement).where(who, Agreement.purpose == TAKE_PART, col(Agreement.withdrawn_at).is_(None))
    ):
        agreement.withdrawn_at = records.now
    records.forget(_key(conversation))
    conversations.silence(records, conversation, "stopped")


def _narrow(records: Records, conversation: Conversation, audiences: Sequence[str], audience: str) -> None:
    """What was said before is for fewer from now on."""
    who = conversations.whose(Reflection, conversation)
    for reflection in records.all(select(Reflection).where(who, col(Reflection.audience).in_(audiences))):
        reflection.audience = audience


def _hash(vault: Vault, code: str) -> bytes:
    return vault.fingerprint("code", code)
