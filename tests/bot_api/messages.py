"""One message as a chat shows it."""

from dataclasses import dataclass

from .files import StoredFile
from .markup import labels
from .rules import Json


@dataclass(frozen=True)
class Message:
    """A snapshot: an edit makes a new one. `change` counts up over all chats with every message and edit."""

    payload: Json
    from_bot: bool
    change: int
    markup: Json | None = None
    file: StoredFile | None = None

    @property
    def message_id(self) -> int:
        return int(self.payload["message_id"])

    @property
    def text(self) -> str:
        """The words, or the caption beneath a picture or a file."""
        return str(self.payload.get("text", self.payload.get("caption", "")))

    @property
    def buttons(self) -> tuple[str, ...]:
        """Labels of the buttons that belong to this message."""
        return labels(self.markup, "inline_keyboard")

    @property
    def keyboard(self) -> tuple[str, ...]:
        """Labels of the keyboard that this message put in place of the ordinary one."""
        return labels(self.markup, "keyboard")

    @property
    def photo(self) -> bool:
        return "photo" in self.payload

    @property
    def voice(self) -> bool:
        return "voice" in self.payload

    @property
    def document(self) -> str | None:
        return str(self.payload["document"]["file_name"]) if "document" in self.payload else None

    @property
    def content(self) -> bytes | None:
        return self.file.read() if self.file else None

    @property
    def edited(self) -> bool:
        return "edit_date" in self.payload

    @property
    def reply_to(self) -> int | None:
        replied = self.payload.get("reply_to_message")
        return int(replied["message_id"]) if replied else None

    def find_button(self, label_or_data: str) -> Json | None:
        rows = (self.markup or {}).get("inline_keyboard", [])
        buttons = [button for row in rows for button in row]
        by_label = (button for button in buttons if button["text"] == label_or_data)
        by_data = (button for button in buttons if button.get("callback_data") == label_or_data)
        return next(by_label, None) or next(by_data, None)

    def line(self) -> str:
        """As a transcript shows it."""
        author = "bot" if self.from_bot else self.payload["from"]["first_name"]
        kinds = [kind for kind in ("photo", "voice", "document", "sticker") if kind in self.payload]
        shown = "".join(f"({kind}) " for kind in kinds) + self.text
        buttons = "".join(f" [{label}]" for label in self.buttons)
        keyboard = f" keyboard: {' | '.join(self.keyboard)}" if self.keyboard else ""
        return f"{self.message_id:>6} {author}: {shown}{buttons}{keyboard}{' (edited)' if self.edited else ''}"
