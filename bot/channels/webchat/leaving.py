"""The chat leaves this device, or learns that other people use it too."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from bot.channels.webchat.chatting import ANSWER_SECONDS, until_answered
from bot.channels.webchat.closing import move
from bot.channels.webchat.guard import is_from_our_page
from bot.channels.webchat.lines import look_at_state
from bot.channels.webchat.page import Pages, sorry
from bot.channels.webchat.post import Post
from bot.channels.webchat.session import Session, clear, forget, new_token, remember, session_of


@dataclass(frozen=True)
class Leaving:
    post: Post
    pages: Pages

    async def leave(self, request: Request) -> Response:
        """Forgets the chat on this device, and every copy of its cookie. It goes on for whoever holds a new link."""
        if not is_from_our_page(request, self.post.settings):
            return self._elsewhere()
        session = self._session(request)
        language = "en"
        if session.token:
            language = (await self.post.run(look_at_state, self.post.log, session.token)).language
            await until_answered(self.post, session.token, ANSWER_SECONDS)
            await self.post.run(move, self.post.log, session.token)
        is_quiet = request.query_params.get("quiet") == "yes"
        response = HTMLResponse(self.pages.draw("left.html", language, is_quiet=is_quiet))
        forget(response, self.post.settings)
        return response

    async def share(self, request: Request) -> Response:
        """From now on nothing of the chat stays behind here. The cookie that was kept until now opens nothing more."""
        if not is_from_our_page(request, self.post.settings):
            return self._elsewhere()
        session, token = self._session(request), new_token()
        response = RedirectResponse("/chat", 303)
        if not session.token or session.is_over:
            return response
        await until_answered(self.post, session.token, ANSWER_SECONDS)
        is_moved = await self.post.run(move, self.post.log, session.token, token)
        clear(response)
        kept = Session(token if is_moved else session.token, is_shared=True)
        remember(response, kept, self.post.log, self.post.settings)
        return response

    def _session(self, request: Request) -> Session:
        return session_of(request, self.post.log, self.post.settings)

    def _elsewhere(self) -> Response:
        page = self.pages.draw("sorry.html", sentence=sorry("en", "elsewhere"), back="/chat")
        return HTMLResponse(page, 403)
