"""A Telegram Bot API server of our own, for tests, benchmarks and fault injection on the loopback address."""

from .messages import Message
from .pace import Pace, Violation
from .people import Group, User
from .rules import Refused
from .server import BotApiServer

__all__ = ["BotApiServer", "Group", "Message", "Pace", "Refused", "User", "Violation"]
