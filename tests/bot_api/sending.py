"""The methods by which the bot speaks, changes what it said, and takes it back."""

from datetime import UTC, datetime

from .chats import Chat
from .cloud import Cloud
from .files import Kind, StoredFile
from .markup import check_markup
from .messages import Message
from .parameters import Parameters
from .rules import DELETABLE_FOR, Json, bad_request, check_caption, check_text


def send_message(cloud: Cloud, params: Parameters) -> Json:
    content: Json = {"text": check_text(params.text("text"))}
    if entities := params.structure("entities"):
        content["entities"] = entities
    return _send(cloud, params, content)


def send_photo(cloud: Cloud, params: Parameters) -> Json:
    return _send_file(cloud, params, "photo")


def send_voice(cloud: Cloud, params: Parameters) -> Json:
    return _send_file(cloud, params, "voice")


def send_document(cloud: Cloud, params: Parameters) -> Json:
    return _send_file(cloud, params, "document")


def _send_file(cloud: Cloud, params: Parameters, kind: Kind) -> Json:
    caption = check_caption(params.text("caption"))
    file = cloud.files.sent(kind, params)
    content = file.payload() | ({"caption": caption} if caption else {})
    return _send(cloud, params, content, file)


def _send(cloud: Cloud, params: Parameters, content: Json, file: StoredFile | None = None) -> Json:
    _check_parse_mode(params)
    markup = check_markup(params.structure("reply_markup"))
    chat = cloud.chats.find(params.chat_id())
    chat.check_can_write()
    if file and file.kind == "voice" and not chat.takes_voice:
        raise bad_request("VOICE_MESSAGES_FORBIDDEN")
    reply_to = _replied(chat, params)
    cloud.pace.admit(chat.chat_id, not chat.is_private)
    return cloud.chats.say(chat, cloud.bot, content, markup=markup, file=file, reply_to=reply_to).payload


def _check_parse_mode(params: Parameters) -> None:
    # Plain text is all our bot says. To let marks through unread would hide an error that Telegram reports.
    if params.text("parse_mode"):
        raise bad_request("unsupported parse_mode")


def _replied(chat: Chat, params: Parameters) -> Message | None:
    wanted = params.structure("reply_parameters")
    if not wanted:
        return None
    replied = chat.messages.get(int(wanted["message_id"]))
    if replied is None and not wanted.get("allow_sending_without_reply"):
        raise bad_request("message to be replied not found")
    return replied


def edit_message_text(cloud: Cloud, params: Parameters) -> Json:
    text = check_text(params.text("text"))
    chat, message = _own_message(cloud, params)
    if "text" not in message.payload:
        raise bad_request("there is no text in the message to edit")
    return _edit(cloud, params, chat, message, {"text": text})


def edit_message_caption(cloud: Cloud, params: Parameters) -> Json:
    caption = check_caption(params.text("caption"))
    chat, message = _own_message(cloud, params)
    if "text" in message.payload:
        raise bad_request("there is no caption in the message to edit")
    return _edit(cloud, params, chat, message, {"caption": caption})


def edit_message_reply_markup(cloud: Cloud, params: Parameters) -> Json:
    chat, message = _own_message(cloud, params)
    return _edit(cloud, params, chat, message, {})


def _own_message(cloud: Cloud, params: Parameters) -> tuple[Chat, Message]:
    chat = cloud.chats.find(params.chat_id())
    chat.check_can_write()
    message = chat.messages.get(params.number("message_id"))
    if message is None:
        raise bad_request("message to edit not found")
    # A message that brought a keyboard of its own can no longer be edited.
    if not message.from_bot or (message.markup and "inline_keyboard" not in message.markup):
        raise bad_request("message can't be edited")
    return chat, message


def _edit(cloud: Cloud, params: Parameters, chat: Chat, message: Message, content: Json) -> Json:
    _check_parse_mode(params)
    markup = check_markup(params.structure("reply_markup"))
    if markup and "inline_keyboard" not in markup:
        raise bad_request("inline keyboard expected")
    if markup == {"inline_keyboard": []}:
        markup = None
    if message.markup == markup and all(message.payload.get(name) == value for name, value in content.items()):
        raise bad_request(
            "message is not modified: specified new message content and reply markup are exactly the same"
            " as a current content and reply markup of the message"
        )
    return cloud.chats.change(chat, message, content, markup).payload


def delete_message(cloud: Cloud, params: Parameters) -> bool:
    chat = cloud.chats.find(params.chat_id())
    chat.check_can_write()
    message = chat.messages.get(params.number("message_id"))
    if message is None:
        raise bad_request("message to delete not found")
    said = datetime.fromtimestamp(message.payload["date"], UTC)
    too_old = cloud.chats.now() - said > DELETABLE_FOR
    if too_old or not (message.from_bot or chat.is_private):
        raise bad_request("message can't be deleted for everyone")
    del chat.messages[message.message_id]
    cloud.changed.notify_all()
    return True
