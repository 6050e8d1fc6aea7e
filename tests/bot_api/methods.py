"""Every method that this server knows, by Telegram's name in small letters."""

import re
from collections.abc import Awaitable, Callable
from typing import Any

from . import sending
from .cloud import Cloud
from .parameters import Parameters
from .rules import QUERY_LIFETIME, Json, Refused, bad_request

COMMAND_NAME = re.compile(r"[a-z0-9_]{1,32}")
ACTIONS = frozenset(
    {"typing", "upload_photo", "record_voice", "upload_voice", "upload_document", "choose_sticker"}
    | {"record_video", "upload_video", "record_video_note", "upload_video_note", "find_location"}
)


def get_me(cloud: Cloud, _: Parameters) -> Json:
    return cloud.bot | {
        "can_join_groups": True,
        "can_read_all_group_messages": True,
        "supports_inline_queries": False,
        "can_connect_to_business": False,
        "has_main_web_app": False,
    }


def answer_callback_query(cloud: Cloud, params: Parameters) -> bool:
    query = cloud.queries.get(params.text("callback_query_id"))
    if query is None or query.answered or cloud.clock() - query.asked > QUERY_LIFETIME:
        raise bad_request("query is too old and response timeout expired or query ID is invalid")
    query.answered = True
    query.notice = params.text("text")
    cloud.changed.notify_all()
    return True


def get_file(cloud: Cloud, params: Parameters) -> Json:
    file = cloud.files.downloadable(params.text("file_id"))
    return file.identifiers() | {"file_path": file.path}


def send_chat_action(cloud: Cloud, params: Parameters) -> bool:
    chat = cloud.chats.find(params.chat_id())
    chat.check_can_write()
    if params.text("action") not in ACTIONS:
        raise bad_request("wrong parameter action in request")
    chat.actions.append(params.text("action"))
    return True


def leave_chat(cloud: Cloud, params: Parameters) -> bool:
    chat = cloud.chats.find(params.chat_id())
    chat.check_can_write()
    if chat.is_private:
        raise bad_request("chat member status can't be changed in private chats")
    chat.standing = "left"
    cloud.changed.notify_all()
    return True


def get_chat(cloud: Cloud, params: Parameters) -> Json:
    chat = cloud.chats.find(params.chat_id())
    if not chat.is_private:
        chat.check_can_write()
    gifts = ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels")
    return chat.payload() | {
        "accent_color_id": 0,
        "max_reaction_count": 11,
        "accepted_gift_types": dict.fromkeys(gifts, False),
    }


def set_my_commands(cloud: Cloud, params: Parameters) -> bool:
    commands = params.structure("commands") or []
    if len(commands) > 100:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    for command in commands:
        if not COMMAND_NAME.fullmatch(command.get("command", "").removeprefix("/")):
            raise bad_request("BOT_COMMAND_INVALID")
        if not 1 <= len(command.get("description", "")) <= 256:
            raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
    cloud.commands[params.text("language_code")] = commands
    return True


def get_my_commands(cloud: Cloud, params: Parameters) -> list[Json]:
    return cloud.commands.get(params.text("language_code"), [])


def get_webhook_info(cloud: Cloud, _: Parameters) -> Json:
    return cloud.webhook.info()


async def get_updates(cloud: Cloud, params: Parameters) -> list[Json]:
    if cloud.webhook.url:
        raise Refused(
            409,
            "Conflict: can't use getUpdates method while webhook is active;"
            " use deleteWebhook to delete the webhook first",
        )
    return await cloud.polling.get_updates(params)


async def set_webhook(cloud: Cloud, params: Parameters) -> bool:
    if not params.text("url"):
        return await delete_webhook(cloud, params)
    cloud.polling.end("Conflict: terminated by setWebhook request")
    await cloud.webhook.set(params)
    return True


async def delete_webhook(cloud: Cloud, params: Parameters) -> bool:
    await cloud.webhook.delete(drop_pending=params.flag("drop_pending_updates"))
    return True


AT_ONCE: dict[str, Callable[[Cloud, Parameters], Any]] = {
    "getme": get_me,
    "sendmessage": sending.send_message,
    "sendphoto": sending.send_photo,
    "sendvoice": sending.send_voice,
    "senddocument": sending.send_document,
    "editmessagetext": sending.edit_message_text,
    "editmessagecaption": sending.edit_message_caption,
    "editmessagereplymarkup": sending.edit_message_reply_markup,
    "deletemessage": sending.delete_message,
    "answercallbackquery": answer_callback_query,
    "getfile": get_file,
    "sendchataction": send_chat_action,
    "leavechat": leave_chat,
    "getchat": get_chat,
    "setmycommands": set_my_commands,
    "getmycommands": get_my_commands,
    "getwebhookinfo": get_webhook_info,
}
WAITING: dict[str, Callable[[Cloud, Parameters], Awaitable[Any]]] = {
    "getupdates": get_updates,
    "setwebhook": set_webhook,
    "deletewebhook": delete_webhook,
}


async def call(cloud: Cloud, method: str, params: Parameters) -> Any:
    """The result; raises Refused. A method that does not wait sees and leaves the cloud whole."""
    if method in WAITING:
        return await WAITING[method](cloud, params)
    if method not in AT_ONCE:
        raise Refused(404, "Not Found: method not found")
    with cloud.changed:
        return AT_ONCE[method](cloud, params)
