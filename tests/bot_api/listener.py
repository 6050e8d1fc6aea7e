"""The server's door: opened and closed at one port, and slammed on request."""

import asyncio
import socket

import uvicorn
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

HOST = "127.0.0.1"
# Longer than any client keeps a connection: what a test loses, it should have asked for.
KEEP_ALIVE_SECONDS = 600
CONNECTIONS_WAITING = 2048


class Listener:
    """Used on the server's own loop.

    uvicorn's connections without its main loop, which looks up ten times a second and takes its time to stop:
    an idle server has to cost a benchmark nothing, and a test should not wait for its end.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._config = uvicorn.Config(
            app, ws="none", lifespan="off", log_config=None, access_log=False, timeout_keep_alive=KEEP_ALIVE_SECONDS
        )
        self._config.load()
        self._state = ServerState()
        self._server: asyncio.Server | None = None
        self.port = 0

    async def open(self) -> None:
        """Takes a free port the first time, and the same one ever after."""
        # asyncio sets TCP_NODELAY only where the protocol is named; without it each answer takes 40 ms.
        door = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        door.bind((HOST, self.port))
        self.port = door.getsockname()[1]
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._connection, sock=door, backlog=CONNECTIONS_WAITING)

    def _connection(self) -> H11Protocol:
        return H11Protocol(self._config, self._state, {})

    async def close(self) -> None:
        """Ends every connection; from now on a new one is refused by the machine itself."""
        if self._server:
            self._server.close()
            for connection in self._connections():
                connection.transport.abort()
            await self._server.wait_closed()
            self._server = None

    def drop(self, client: tuple[str, int]) -> None:
        for connection in self._connections():
            if connection.client == tuple(client):
                connection.transport.abort()

    def _connections(self) -> list[H11Protocol]:
        return [connection for connection in self._state.connections if isinstance(connection, H11Protocol)]


class Dropped(Response):
    """No answer at all: the connection ends."""

    def __init__(self, listener: Listener) -> None:
        super().__init__()
        self._listener = listener

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._listener.drop(scope["client"])
        # Until the server has noticed, it would put an answer of its own in the place of ours.
        while (await receive())["type"] != "http.disconnect":
            pass
