"""The page of a chat: what was said, what is new, and what somebody says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from bot.channels.channel import Incoming
from bot.channels.webchat.channel import NAME
from bot.channels.webchat.closing import move
from bot.channels.webchat.guard import is_from_our_page
from bot.channels.webchat.lines import Chat, file_of, is_answered, label_of, look, look_at_state
from bot.channels.webchat.page import Pages, sorry
from bot.channels.webchat.post import Post, when_new
from bot.channels.webchat.posting import NotTaken, body_of, read_posted
from bot.channels.webchat.session import Session, forget, remember, session_of

POLL_SECONDS = 25.0
ANSWER_SECONDS = 1.0  # a page without scripts waits so long for the answer, to show it at once


@dataclass(frozen=True)
class Chatting:
    post: Post
    pages: Pages

    async def show(self, request: Request) -> Response:
        session = await self._session(request)
        chat = await self._look(session.token)
        if chat.state == "unknown":
            return self._lost(session, chat.last_words)
        response = HTMLResponse(self.pages.draw_chat(chat, is_shared=session.is_shared))
        self._remember(response, session)
        return response

    async def messages(self, request: Request) -> Response:
        """What is new since the cursor, as soon as there is something, or nothing after a while."""
        session, after = await self._session(request), request.query_params.get("after", "")
        waiting = request.query_params.get("state", "open")

        def is_new(chat: Chat) -> bool:
            return bool(chat.lines) or chat.state != waiting

        token = session.token
        chat = await when_new(self.post, token, lambda: self._look(token, after), is_new, POLL_SECONDS)
        if chat.state == "unknown":
            told = " ".join(chat.last_words) or sorry("en", "lost")
            return JSONResponse({"state": chat.state, "sorry": told}, 401)
        return JSONResponse({"state": chat.state, "lines": self.pages.drawn_lines(chat), "cursor": chat.cursor})

    async def file(self, request: Request) -> Response:
        """To keep, and never to open in this page."""
        session, line = await self._session(request), str(request.path_params["line"])
        found = await self.post.run(file_of, self.post.log, session.token, line) if session.token else None
        if found is None:
            return self._lost(session)
        headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(found.name)}"}
        return Response(found.content, media_type=found.mime, headers=headers)

    async def here(self, request: Request) -> Response:
        """Somebody is at the device, and does not send anything yet."""
        if not is_from_our_page(request, self.post.settings):
            return self._refused(request, "elsewhere", 403)
        session = await self._session(request)
        if (await self._state(session.token)).state == "unknown":
            return self._refused(request, "lost", 401)
        response = Response(status_code=204)
        self._remember(response, session)
        return response

    async def say(self, request: Request) -> Response:
        """Answers only once the message is kept."""
        if not is_from_our_page(request, self.post.settings):
            return self._refused(request, "elsewhere", 403)
        session = await self._session(request)
        chat = await self._state(session.token)
        if chat.state == "unknown":
            return self._refused(request, "lost", 401) if _wants_json(request) else self._lost(session, chat.last_words)
        try:
            key = await self._keep(request, session.token)
        except NotTaken as refused:
            return await self._not_taken(request, session, chat, refused)
        if _wants_json(request):
            response: Response = JSONResponse({"kept": True, "key": key})
        else:
            await until_answered(self.post, session.token, ANSWER_SECONDS)
            response = RedirectResponse("/chat#newest", 303)
        self._remember(response, session)
        return response

    async def _session(self, request: Request) -> Session:
        """Whoever comes with a cookie after the quiet minutes finds no chat, and nobody does with that cookie again."""
        session = session_of(request, self.post.log, self.post.settings)
        if not session.is_over:
            return session
        await self.post.run(move, self.post.log, session.token)
        return Session(is_shared=True, is_over=True)

    def _remember(self, response: Response, session: Session) -> None:
        remember(response, session, self.post.log, self.post.settings)

    async def _keep(self, request: Request, token: str) -> str:
        posted = await read_posted(request)
        body = await body_of(posted, lambda value: self.post.run(label_of, self.post.log, token, value))
        await self.post.keep(NAME, [Incoming(posted.kept_under(token), token, body)])
        return posted.key

    async def _not_taken(self, request: Request, session: Session, chat: Chat, refused: NotTaken) -> Response:
        if _wants_json(request):
            return self._refused(request, refused.reason, refused.status, chat.language)
        whole = await self._look(session.token)
        page = self.pages.draw_chat(whole, refused.draft, refused.reason, is_shared=session.is_shared)
        response = HTMLResponse(page, refused.status)
        self._remember(response, session)
        return response

    def _refused(self, request: Request, reason: str, status: int, language: str = "en") -> Response:
        sentence = sorry(language, reason)
        if _wants_json(request):
            return JSONResponse({"kept": False, "reason": reason, "sorry": sentence}, status)
        return HTMLResponse(self.pages.draw("sorry.html", language, sentence=sentence, back="/chat"), status)

    def _lost(self, session: Session, last_words: Sequence[str] = ()) -> Response:
        if session.is_over:
            page = self.pages.draw("left.html", is_quiet=True)
        else:
            page = self.pages.draw("lost.html", last_words=last_words)
        response = HTMLResponse(page, 401)
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
