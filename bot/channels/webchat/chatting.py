"""The page of a chat: what was said, what is new, and what somebody says."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from bot.channels.channel import Incoming
from bot.channels.webchat.channel import NAME
from bot.channels.webchat.guard import is_from_our_page
from bot.channels.webchat.lines import Chat, is_answered, label_of, look, look_at_state
from bot.channels.webchat.page import draw, draw_chat, drawn_lines, sorry
from bot.channels.webchat.post import Post, when_new
from bot.channels.webchat.posting import NotTaken, body_of, read_posted
from bot.channels.webchat.session import forget, remember, token_of

POLL_SECONDS = 25.0
ANSWER_SECONDS = 1.0  # a page without scripts waits so long for the answer, to show it at once


@dataclass(frozen=True)
class Chatting:
    post: Post

    async def show(self, request: Request) -> Response:
        token = token_of(request, self.post.settings)
        chat = await self._look(token)
        if chat.state == "unknown":
            return self._lost()
        response = HTMLResponse(draw_chat(chat))
        remember(response, token, self.post.settings)
        return response

    async def messages(self, request: Request) -> Response:
        """What is new since the cursor, as soon as there is something, or nothing after a while."""
        token, after = token_of(request, self.post.settings), request.query_params.get("after", "")
        waiting = request.query_params.get("state", "open")

        def is_new(chat: Chat) -> bool:
            return bool(chat.lines) or chat.state != waiting

        chat = await when_new(self.post, token, lambda: self._look(token, after), is_new, POLL_SECONDS)
        if chat.state == "unknown":
            return JSONResponse({"state": chat.state, "sorry": sorry("en", "lost")}, 401)
        return JSONResponse({"state": chat.state, "lines": drawn_lines(chat), "cursor": chat.cursor})

    async def say(self, request: Request) -> Response:
        """Answers only once the message is kept."""
        token = token_of(request, self.post.settings)
        if not is_from_our_page(request, self.post.settings):
            return self._refused(request, "elsewhere", 403)
        chat = await self._state(token)
        if chat.state == "unknown":
            return self._refused(request, "lost", 401) if _wants_json(request) else self._lost()
        try:
            key = await self._keep(request, token)
        except NotTaken as refused:
            return await self._not_taken(request, token, chat, refused)
        if _wants_json(request):
            return JSONResponse({"kept": True, "key": key})
        await until_answered(self.post, token, ANSWER_SECONDS)
        return RedirectResponse("/chat#newest", 303)

    async def leave(self, request: Request) -> Response:
        """Forgets the chat on this device. It stays where it is, for whoever holds a new link to it."""
        if not is_from_our_page(request, self.post.settings):
            return self._refused(request, "elsewhere", 403)
        response = HTMLResponse(draw("left.html"))
        forget(response, self.post.settings)
        response.headers["Clear-Site-Data"] = '"cache", "storage"'
        return response

    async def _keep(self, request: Request, token: str) -> str:
        posted = await read_posted(request)
        body = await body_of(posted, lambda value: self.post.run(label_of, self.post.log, token, value))
        await self.post.keep(NAME, [Incoming(posted.kept_under(token), token, body)])
        return posted.key

    async def _not_taken(self, request: Request, token: str, chat: Chat, refused: NotTaken) -> Response:
        if _wants_json(request):
            return self._refused(request, refused.reason, refused.status, chat.language)
        whole = await self._look(token)
        return HTMLResponse(draw_chat(whole, refused.draft, refused.reason), refused.status)

    def _refused(self, request: Request, reason: str, status: int, language: str = "en") -> Response:
        sentence = sorry(language, reason)
        if _wants_json(request):
            return JSONResponse({"kept": False, "reason": reason, "sorry": sentence}, status)
        return HTMLResponse(draw("sorry.html", language, sentence=sentence, back="/chat"), status)

    def _lost(self) -> Response:
        response = HTMLResponse(draw("lost.html"), 401)
        forget(response, self.post.settings)
        return response

    async def _look(self, token: str, after: str = "") -> Chat:
        return await self.post.run(look, self.post.log, self.post.settings, token, after) if token else Chat("unknown")

    async def _state(self, token: str) -> Chat:
        return await self.post.run(look_at_state, self.post.log, token) if token else Chat("unknown")


async def until_answered(post: Post, token: str, seconds: float) -> None:
    """For a page without scripts, which shows only what is there when it is drawn."""
    await when_new(post, token, lambda: post.run(is_answered, post.log, token), bool, seconds)


def _wants_json(request: Request) -> bool:
    return "application/json" in request.headers.get("accept", "")
