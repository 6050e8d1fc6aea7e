"""Takes the content out of answers: words, media and all that was made of them. A row without content stays."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import delete, update
from sqlmodel import and_, col, select

from learning_log.storage.records import Records
from learning_log.storage.tables import (
    FeelingModel,
    InboxMessage,
    Media,
    OutboxMessage,
    Reading,
    Reflection,
    ReflectionMeaning,
    Theme,
    ThemePlacement,
)

FORGOT, TOOK_BACK = "forgot", "took_back"
ERASED = (FORGOT, TOOK_BACK)  # what the audit log says where words were erased
AT_ONCE = 500
QUOTED = 30  # letters of an answer by which a message is known that repeats it


def erase(records: Records, reflections: Sequence[Reflection]) -> None:
    """The hash of where an imported answer came from stays, so that importing again does not bring it back."""
    records.flush()
    for start in range(0, len(reflections), AT_ONCE):
        _erase(records, reflections[start : start + AT_ONCE])
    records.flush()


def take_out_of_themes(records: Records, ids: Collection[UUID]) -> None:
    """No theme counts these any more, and nothing is kept that an encoder made of them."""
    themes = set(
        records.session.execute(select(ThemePlacement.theme_id).where(col(ThemePlacement.reflection_id).in_(ids)))
        .scalars()
        .all()
    )
    for kind in (ReflectionMeaning, ThemePlacement):
        records.session.execute(delete(kind).where(col(kind.reflection_id).in_(ids)))
    _forget_names_of(records, themes)


def _erase(records: Records, some: Sequence[Reflection]) -> None:
    ids = [one.id for one in some]
    _wipe_quotes(records, some)
    take_out_of_themes(records, ids)
    for kind in (Media, Reading):
        records.session.execute(delete(kind).where(col(kind.reflection_id).in_(ids)))
    came = [one.inbox_id for one in some if one.inbox_id]
    records.session.execute(update(InboxMessage).where(col(InboxMessage.id).in_(came)).values(body_sealed=None))
    if any(one.felt_at for one in some):
        # What was learnt from their feelings is learnt anew without them.
        records.session.execute(delete(FeelingModel).where(col(FeelingModel.tenant_id) == records.tenant))
    for one in some:
        records.seal(one, words=None, source_reference=None)
        one.withdrawn_at = one.withdrawn_at or records.now
        one.feeling = one.feeling_score = one.feeling_sureness = None
        one.felt_at = one.felt_by = one.judged_at = one.moved_at = None


def _forget_names_of(records: Records, themes: Collection[UUID]) -> None:
    """A theme that a machine named after what was said, and that nobody else spoke of, is left without a name."""
    still = set(
        records.session.execute(select(ThemePlacement.theme_id).where(col(ThemePlacement.theme_id).in_(themes)))
        .scalars()
        .all()
    )
    for theme in records.all(select(Theme).where(col(Theme.id).in_(set(themes) - still))):
        if theme.decided_at is None:
            records.seal(theme, label="", terms="[]")
            theme.state = "gone"


def _wipe_quotes(records: Records, some: Sequence[Reflection]) -> None:
    """What the bot repeated of these words, as when somebody asked what is kept of them."""
    known = {one.inbox_id for one in some if one.inbox_id}
    chats = select(InboxMessage.conversation_id).where(col(InboxMessage.id).in_(known))
    shown = and_(col(OutboxMessage.conversation_id).in_(chats), col(OutboxMessage.status) == "sent")
    patterns = [_start_of(words) for one in some if (words := records.text(one, "words"))]
    if not patterns:
        return
    for message in records.all(select(OutboxMessage).where(shown, col(OutboxMessage.body_sealed).is_not(None))):
        said = " ".join(" ".join(_texts_in(json.loads(records.text(message, "body")))).split())
        if any(pattern.search(said) for pattern in patterns):
            message.body_sealed = None


def _start_of(words: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){re.escape(' '.join(words.split())[:QUOTED])}")


def _texts_in(body: Any) -> Iterator[str]:
    if isinstance(body, str):
        yield body
    elif isinstance(body, dict | list):
        for each in body.values() if isinstance(body, dict) else body:
            yield from _texts_in(each)
