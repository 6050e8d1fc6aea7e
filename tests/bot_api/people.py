"""People on the other side of the chat, for a test to speak through. Every name is invented."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from .chats import Chat
from .conversation import Conversation, words
from .files import StoredFile
from .messages import Message
from .rules import Json

if TYPE_CHECKING:
    from .cloud import Cloud


class User(Conversation):
    """A person and their private chat with the bot; both have the same id."""

    def __init__(self, cloud: Cloud, chat: Chat, profile: Json) -> None:
        super().__init__(cloud, chat)
        self.profile = profile | {"id": chat.chat_id}

    @property
    def notices(self) -> list[str]:
        """What the bot showed at the top of the screen after a button was pressed."""
        with self._cloud.changed:
            return [query.notice for query in self._cloud.queries.values() if query.by == self.chat_id and query.notice]

    def start(self, code: str = "") -> int:
        return self.send(f"/start {code}".strip())

    def send(self, text: str, *, reply_to: int | None = None) -> int:
        return self._write(words(text), reply_to)

    def send_photo(self, content: bytes, caption: str = "", *, reply_to: int | None = None) -> int:
        file = self._cloud.files.keep("photo", "photo.jpg", content, "image/jpeg")
        return self._write(self._with_caption(file, caption), reply_to)

    def send_voice(self, content: bytes, *, reply_to: int | None = None) -> int:
        file = self._cloud.files.keep("voice", "voice.oga", content, "audio/ogg")
        return self._write(file.payload(), reply_to)

    def send_document(self, name: str, size_or_content: int | bytes, caption: str = "") -> int:
        """A bare size makes a file of that many zeros, which nobody has to hold in memory."""
        file = self._cloud.files.keep("document", name, size_or_content, "application/octet-stream")
        return self._write(self._with_caption(file, caption))

    def send_sticker(self, emoji: str) -> int:
        file = self._cloud.files.keep("sticker", "sticker.webp", 12_000, "image/webp")
        shape = {"type": "regular", "width": 512, "height": 512, "is_animated": False, "is_video": False}
        return self._write({"sticker": file.identifiers() | shape | {"emoji": emoji}})

    def edit(self, message_id: int, new_text: str) -> None:
        with self._cloud.changed:
            self._last_act = self._cloud.chats.mark()
            message = self._cloud.chats.change(self._chat, self._chat.messages[message_id], words(new_text), None)
            if self._chat.standing == "member":
                self._cloud.updates.push("edited_message", message.payload, self.chat_id)

    def press(self, label_or_data: str) -> None:
        """The newest button with this label or data; a key of the bot's keyboard sends its label instead."""
        with self._cloud.changed:
            key = self._chat.keyboard
            pressed = next((one for one in reversed(self.received) if one.find_button(label_or_data)), None)
            has_key = key is not None and label_or_data in key.keyboard
            if key and has_key and (pressed is None or key.message_id > pressed.message_id):
                self.send(label_or_data)
            elif pressed:
                self._press(pressed, label_or_data)
            else:
                raise AssertionError(f"No button {label_or_data!r} to press.\n{self.transcript()}")

    def _press(self, message: Message, label_or_data: str) -> None:
        button = message.find_button(label_or_data) or {}
        if "callback_data" not in button:
            raise AssertionError(f"{label_or_data!r} opens something else and tells the bot nothing.")
        self._last_act = self._cloud.chats.mark()
        query_id = str(secrets.randbits(62))
        self._cloud.ask(query_id, self.chat_id)
        query = {
            "id": query_id,
            "from": self.profile,
            "message": message.payload,
            "chat_instance": self._chat.instance,
            "data": button["callback_data"],
        }
        self._cloud.updates.push("callback_query", query, self.chat_id)

    def block(self) -> None:
        with self._cloud.changed:
            self._chat.standing = "blocked"
            self._member_update(self.profile, "member", "kicked")

    def unblock(self) -> None:
        with self._cloud.changed:
            self._chat.standing = "member"
            self._member_update(self.profile, "kicked", "member")

    def forbid_voice(self) -> None:
        """As some accounts can: nobody may send them voice messages."""
        with self._cloud.changed:
            self._chat.takes_voice = False

    def _write(self, content: Json, reply_to: int | None = None) -> int:
        with self._cloud.changed:
            if self._chat.standing == "unknown":
                self._chat.standing = "member"
            return self._say(self.profile, content, reply_to)

    def _with_caption(self, file: StoredFile, caption: str) -> Json:
        return file.payload() | ({"caption": caption} if caption else {})


class Group(Conversation):
    """A group chat that the bot is in, and hears everything of."""

    def send(self, user: User, text: str, *, reply_to: int | None = None) -> int:
        return self._say(user.profile, words(text), reply_to)

    def kick_bot(self, by: User) -> None:
        with self._cloud.changed:
            self._chat.standing = "kicked"
            self._member_update(by.profile, "member", "kicked")

    def migrate(self, by: User) -> Group:
        """Telegram gives the group a new id; the old one is refused with `migrate_to_chat_id`."""
        with self._cloud.changed:
            new = self._cloud.chats.open(self._chat.profile | {"type": "supergroup"}, "member")
            supergroup = Group(self._cloud, new)
            self._say(by.profile, {"migrate_to_chat_id": new.chat_id})
            supergroup._say(by.profile, {"migrate_from_chat_id": self.chat_id})
            self._chat.migrated_to = new.chat_id
            return supergroup
