"""The page behind a joining link."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from bot.channels.channel import Incoming
from bot.channels.webchat.channel import NAME
from bot.channels.webchat.chatting import until_answered
from bot.channels.webchat.guard import is_from_our_page
from bot.channels.webchat.lines import look_at_state
from bot.channels.webchat.page import Pages, sorry
from bot.channels.webchat.post import Post
from bot.channels.webchat.session import Session, clear, new_token, remember, session_of
from bot.dialogue.book import words
from learning_log.errors import InvitationExpired, InvitationUnknown, InvitationUsed
from learning_log.services import joining
from learning_log.services.signing_in import is_invented
from learning_log.storage.records import LearningLog

FIRST_ANSWER_SECONDS = 1.0
TROUBLES = {
    InvitationUnknown: ("code_unknown", 404),
    InvitationUsed: ("code_used", 410),
    InvitationExpired: ("code_expired", 410),
}


@dataclass(frozen=True)
class Joining:
    post: Post
    pages: Pages

    async def show(self, request: Request) -> Response:
        """Looks at the code and leaves it unused: messengers fetch a link to show what is behind it."""
        code = str(request.path_params["code"])
        trouble, language = await self.post.run(_looked_up, self.post.log, code)
        if trouble:
            return await self._closed(request, *trouble)
        invented = await self.post.run(_is_invented, self.post.log)
        return HTMLResponse(self.pages.draw("join.html", language, code=code, invented=invented))

    async def start(self, request: Request) -> Response:
        """Keeps the wish to start, and shows the chat once its first answer is there, or soon after."""
        if not is_from_our_page(request, self.post.settings):
            page = self.pages.draw("sorry.html", sentence=sorry("en", "elsewhere"), back=request.url.path)
            return HTMLResponse(page, 403)
        code = str(request.path_params["code"])
        trouble, _ = await self.post.run(_looked_up, self.post.log, code)
        if trouble:
            return await self._closed(request, *trouble)
        is_shared = request.query_params.get("shared") == "yes"
        token = new_token() if is_shared else await self._token(request)
        key = hashlib.sha256(f"start\0{token}\0{code}".encode()).hexdigest()[:40]
        await self.post.keep(NAME, [Incoming(key, token, {"kind": "start", "code": code})])
        await until_answered(self.post, token, FIRST_ANSWER_SECONDS)
        response = RedirectResponse("/chat", 303)
        if is_shared:
            clear(response)
        remember(response, Session(token, is_shared), self.post.log, self.post.settings)
        return response

    async def _token(self, request: Request) -> str:
        """The chat that is on this device already, if it is somebody's."""
        session = session_of(request, self.post.log, self.post.settings)
        return session.token if not session.is_shared and await self._has_chat(session) else new_token()

    async def _has_chat(self, session: Session) -> bool:
        if not session.token or session.is_over:
            return False
        chat = await self.post.run(look_at_state, self.post.log, session.token)
        return chat.state != "unknown"

    async def _closed(self, request: Request, reason: str, status: int) -> Response:
        """Whoever opens an old link again on the device where the chat is finds the way to it."""
        has_chat = await self._has_chat(session_of(request, self.post.log, self.post.settings))
        sentence = words("en").say(f"trouble.{reason}")
        invented = await self.post.run(_is_invented, self.post.log)
        page = self.pages.draw("join_trouble.html", sentence=sentence, has_chat=has_chat, invented=invented)
        return HTMLResponse(page, status)


def _is_invented(log: LearningLog) -> bool:
    with log.read() as records:
        return is_invented(records)


def _looked_up(log: LearningLog, code: str) -> tuple[tuple[str, int] | None, str]:
    """What is wrong with the code, and the language of whoever it invites."""
    with log.read() as records:
        try:
            invitation = joining.look_up(records, code)
        except (InvitationUnknown, InvitationUsed, InvitationExpired) as error:
            return TROUBLES[type(error)], "en"
        return None, joining.language_of(records.within(invitation.tenant_id), invitation)
