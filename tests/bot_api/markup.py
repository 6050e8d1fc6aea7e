"""The buttons beneath a message: what Telegram accepts, and how they are read."""

from typing import Any

from .rules import CALLBACK_DATA_BYTES, Json, bad_request

OTHER_ACTIONS = frozenset({"url", "web_app", "login_url", "switch_inline_query", "copy_text", "pay", "callback_game"})


def check_markup(markup: Any) -> Json | None:
    """The markup as it is kept, or None; raises Refused for what Telegram would refuse."""
    if not markup:
        return None
    if not isinstance(markup, dict):
        raise bad_request("object expected as reply markup")
    if "inline_keyboard" in markup:
        return {"inline_keyboard": [[_inline(button) for button in row] for row in _rows(markup, "inline_keyboard")]}
    if "keyboard" in markup:
        return markup | {"keyboard": [[_reply(button) for button in row] for row in _rows(markup, "keyboard")]}
    return markup


def _rows(markup: Json, name: str) -> list[list[Any]]:
    rows = markup[name]
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise bad_request(f'field "{name}" of the reply markup must be an array of arrays')
    return rows


def _inline(button: Any) -> Json:
    if not isinstance(button, dict) or not button.get("text"):
        raise bad_request("can't parse inline keyboard button: text must be non-empty")
    if not (button.get("callback_data") or button.keys() & OTHER_ACTIONS):
        raise bad_request("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")
    if len(str(button.get("callback_data", "")).encode()) > CALLBACK_DATA_BYTES:
        raise bad_request("BUTTON_DATA_INVALID")
    return button


def _reply(button: Any) -> Json:
    if isinstance(button, str):
        button = {"text": button}
    if not isinstance(button, dict) or not button.get("text"):
        raise bad_request("can't parse keyboard button: text must be non-empty")
    return button


def labels(markup: Json | None, name: str) -> tuple[str, ...]:
    """Row by row, left to right; `name` is inline_keyboard or keyboard."""
    return tuple(button["text"] for row in (markup or {}).get(name, []) for button in row)
