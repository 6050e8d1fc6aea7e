"""How python-telegram-bot reaches Telegram: over aiohttp, because httpx slows down with the number of open requests."""

from __future__ import annotations

import asyncio
import json
from io import BytesIO
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode
from urllib.request import getproxies, proxy_bypass

from aiohttp import (
    BytesPayload,
    ClientSession,
    ClientTimeout,
    DummyCookieJar,
    FormData,
    Payload,
    TCPConnector,
    encode_basic_auth,
)
from aiohttp.abc import AbstractStreamWriter
from aiohttp.http_writer import StreamWriter
from telegram.error import NetworkError, TelegramError, TimedOut
from telegram.request import BaseRequest, RequestData
from yarl import URL

if TYPE_CHECKING:
    from telegram._utils.types import ODVInput

# Shorter than servers usually leave an idle connection open: who closes first cannot meet a request on its way.
IDLE_SECONDS = 15.0
WWW_FORM = "application/x-www-form-urlencoded"


class Unsent(Exception):
    """Nothing of the request has left this machine: Telegram surely did not take it."""


class Unanswered(Exception):
    """The request may have reached Telegram, but no answer of Telegram's has reached us."""


class AiohttpRequest(BaseRequest):
    """Raises TimedOut and NetworkError as the library's own transport does, each from an Unsent or an Unanswered.

    Their texts name the kind of trouble only: an error of aiohttp may quote the address, and the token is a part of it.
    """

    def __init__(
        self,
        connections: int,
        *,
        read_timeout: float | None = 20.0,
        write_timeout: float | None = 20.0,
        connect_timeout: float | None = 10.0,
        pool_timeout: float | None = 5.0,
    ) -> None:
        """connections: open at once; a request that finds none free for pool_timeout is Unsent. All in seconds.

        write_timeout is for the whole body; the other three are what httpx means by them.
        """
        self._connections = connections
        self._read, self._write, self._connect, self._pool = read_timeout, write_timeout, connect_timeout, pool_timeout
        self._session: ClientSession | None = None
        self._shut = False
        self._proxies: dict[str, dict[str, Any]] = {}

    @property
    def read_timeout(self) -> float | None:
        return self._read

    async def initialize(self) -> None:
        self._shut = False

    async def shutdown(self) -> None:
        self._shut = True
        if self._session is not None:
            session, self._session = self._session, None
            await session.close()

    def _open(self) -> ClientSession:
        """The session belongs to the running loop, so it begins with the first request and not before."""
        if self._session is None:
            connector = TCPConnector(limit=self._connections, keepalive_timeout=IDLE_SECONDS)
            self._session = ClientSession(
                connector=connector, headers={"User-Agent": self.USER_AGENT}, cookie_jar=DummyCookieJar()
            )
        return self._session

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,
        write_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,
        connect_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,
        pool_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        if self._shut:
            raise NetworkError("shut down") from Unsent("shut down")
        body = _Body(request_data, _given(write_timeout, self._write)) if request_data else None
        trouble: TelegramError
        try:
            # A redirect would be followed with a second request, and Telegram never redirects.
            async with self._open().request(
                method,
                url,
                data=body,
                timeout=_waits(
                    _given(read_timeout, self._read),
                    _given(connect_timeout, self._connect),
                    _given(pool_timeout, self._pool),
                ),
                allow_redirects=False,
                **self._proxy(url),
            ) as answer:
                return _telegrams(answer.status, await answer.read())
        except TelegramError as error:
            trouble, cause = error, error.__cause__
        except TimeoutError as error:
            trouble, cause = TimedOut(), _cause(error, body)
        except Exception as error:  # the library would put its repr, and with it the token, into a text
            trouble, cause = NetworkError(type(error).__name__), _cause(error, body)
        # Outside of the handlers, so that no error of aiohttp hangs on to it as its context.
        raise trouble from cause

    def _proxy(self, url: str) -> dict[str, Any]:
        """What the environment says for this server. aiohttp's own way looks again at each request, in two threads."""
        origin = url[: url.find("/", 8)]
        if origin not in self._proxies:
            self._proxies[origin] = _proxy_of(URL(origin))
        return self._proxies[origin]

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """As the library does it, but what cannot be read is not logged: it may hold words."""
        try:
            found = json.loads(payload.decode("utf-8", "replace"))
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict) or not ("result" in found or found.get("ok") is False):
            raise TelegramError("not an answer of Telegram's")
        return found


class _Body(Payload):
    """The body of a request, which notes whether anything of the request may have left this machine.

    aiohttp holds the headers back until the body is written. A request that broke before had no whole headers on the
    way, whatever the error was: no free connection, none made, or a kept one that was found closed.
    """

    def __init__(self, request_data: RequestData, seconds: float | None) -> None:
        self._content = _encoded(request_data)
        self._seconds = seconds
        self.begun = False
        super().__init__(self._content, headers=self._content.headers)

    @property
    def size(self) -> int | None:
        return self._content.size

    def decode(self, encoding: str = "utf-8", errors: str = "strict") -> str:
        return self._content.decode(encoding, errors)

    async def write(self, writer: AbstractStreamWriter) -> None:
        await self.write_with_length(writer, None)

    async def write_with_length(self, writer: AbstractStreamWriter, content_length: int | None) -> None:
        # Into a connection that is closed already nothing can be written: the next line but one raises.
        self.begun = self.begun or not (isinstance(writer, StreamWriter) and _is_closed(writer))
        async with asyncio.timeout(self._seconds):
            await self._content.write_with_length(writer, content_length)


def _is_closed(writer: StreamWriter) -> bool:
    transport = writer.transport
    return transport is None or transport.is_closing()


def _encoded(request_data: RequestData) -> Payload:
    files = request_data.multipart_data
    if not files:
        return BytesPayload(urlencode(request_data.json_parameters, errors="replace").encode(), content_type=WWW_FORM)
    form = FormData(quote_fields=False, default_to_multipart=True)
    for name, value in request_data.json_parameters.items():
        form.add_field(name, value)
    for name, (filename, content, mime) in files.items():
        file = BytesIO(content) if isinstance(content, bytes) else content  # written bit by bit
        form.add_field(name, file, filename=filename, content_type=mime)
    return form()


def _given(seconds: ODVInput[float], otherwise: float | None) -> float | None:
    return seconds if seconds is None or isinstance(seconds, int | float) else otherwise


def _waits(read: float | None, connect: float | None, pool: float | None) -> ClientTimeout:
    both = None if connect is None or pool is None else connect + pool  # aiohttp has no limit for the pool alone
    return ClientTimeout(connect=both, sock_connect=connect, sock_read=read)


def _telegrams(status: int, payload: bytes) -> tuple[int, bytes]:
    """Telegram answers in JSON, also when it refuses. A page of a proxy must not be taken for "blocked", nor be quoted:

    it may show the address that was asked for.
    """
    if 200 <= status <= 299 or payload.lstrip()[:1] == b"{":
        return status, payload
    raise NetworkError(f"HTTP {status}") from Unanswered(f"HTTP {status}")


def _cause(error: Exception, body: _Body | None) -> Unsent | Unanswered:
    kind = type(error).__name__
    return Unsent(kind) if body and not body.begun else Unanswered(kind)


def _proxy_of(server: URL) -> dict[str, Any]:
    """HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY, as httpx reads them."""
    known = getproxies()
    address = known.get(server.scheme) or known.get("all")
    if not address or not server.host or proxy_bypass(server.host):
        return {}
    proxy = URL(address if "://" in address else f"http://{address}")
    if not proxy.user:
        return {"proxy": proxy}
    # Beside a tunnel to Telegram, and never in it.
    place = "proxy_headers" if server.scheme == "https" else "headers"
    signed = {"Proxy-Authorization": encode_basic_auth(proxy.user, proxy.password or "")}
    return {"proxy": proxy.with_user(None), place: signed}
