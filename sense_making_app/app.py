"""The sense-making app: streamlit run sense_making_app/app.py"""

from __future__ import annotations

import logging
from functools import partial
from pathlib import Path

import streamlit as st
from sqlalchemy.exc import DBAPIError

from learning_log import logs
from learning_log.errors import LearningLogError
from learning_log.services.access import SAFEGUARDING_LEAD, Reader
from learning_log.services.signing_in import Strangers, is_invented
from learning_log.services.worries import count_waiting
from learning_log.settings import Settings, read_settings
from learning_log.storage.records import LearningLog, open_log
from sense_making_app import access
from sense_making_app.components import banner
from sense_making_app.pages import PAGES, PageOf, pages_of
from sense_making_app.sitting import Sitting
from sense_making_app.views import sign_in
from sense_making_app.wording import plain, say

logger = logging.getLogger(__name__)

LOOK_AGAIN_SECONDS = 20
# A file of our own: the browser would fetch a named icon from the network.
ICON = Path(__file__).parent / "icon.png"


@st.cache_resource(show_spinner=False)
def the_log(url: str, read_url: str, key_file: str) -> LearningLog:
    """One for all sessions. The arguments are its key: an installation that moved is opened anew."""
    return open_log(read_settings(), reads_replica=True)


@st.cache_resource(show_spinner=False)
def strangers() -> Strangers:
    return Strangers()


@st.cache_resource(show_spinner=False)
def logs_like_the_workers(_settings: Settings) -> None:
    """Once for the process: what Streamlit says of an error would quote its text, which may hold words."""
    logs.set_up_beside(_settings, ("streamlit", "uvicorn", "websockets"))


def main() -> None:
    st.set_page_config(page_title=say("app.title"), page_icon=str(ICON), layout="wide", initial_sidebar_state="auto")
    try:
        settings = read_settings()
        logs_like_the_workers(settings)
        log = the_log(settings.url_of_database, settings.database_read_url, str(settings.path_of_keys))
        _run(log)
    except LearningLogError as error:
        st.error(str(error), icon=":material/error:")
    except DBAPIError as error:
        # The statement's values could hold a name: only its class is logged.
        logger.error("the database did not answer: %s", type(error.orig).__name__)
        st.error(say("app.no_answer"), icon=":material/error:")


def _run(log: LearningLog) -> None:
    now = log.clock()
    reader = access.current(log, st.session_state, now)
    if reader is None:
        _run_signed_out(log)
        return
    specs = pages_of(reader)
    pages: dict[str, st.Page] = {}
    sitting = Sitting(log, reader, now, lambda key: st.switch_page(pages[key]))
    worries = _open_worries(sitting)
    for spec in specs:
        pages[spec.key] = _page(spec, sitting, worries, default=spec is specs[0])
    chosen = st.navigation(list(pages.values()))
    with log.read(reader.tenant_id) as records:
        invented = is_invented(records)
    if invented:
        banner.invented()
    _who(reader)
    _watch(log)
    chosen.run()


def _run_signed_out(log: LearningLog) -> None:
    st.set_page_config(initial_sidebar_state="collapsed")
    show = partial(sign_in.show, log, strangers())
    title = say("pages.sign_in")
    # Every address asks for signing in first, and then shows its page: a reloaded page is not "not found".
    pages = [st.Page(show, title=title, url_path=page.key) for page in PAGES if page.key != "sign_out"]
    first = st.Page(show, title=title, url_path="sign_in", default=True)
    chosen = st.navigation([first, *pages], position="hidden")
    with log.read() as records:
        invented = is_invented(records)
    if invented:
        banner.invented()
    chosen.run()


def _page(spec: PageOf, sitting: Sitting, worries: int, default: bool) -> st.Page:
    title = say(f"pages.{spec.key}")
    if spec.key == "worries" and worries:
        title = say("pages.worries_waiting", count=worries)
    return st.Page(partial(spec.show, sitting), title=title, icon=spec.icon, url_path=spec.key, default=default)


def _open_worries(sitting: Sitting) -> int:
    if SAFEGUARDING_LEAD not in sitting.reader.roles:
        return 0
    with sitting.read() as records:
        return count_waiting(records, sitting.reader)


def _who(reader: Reader) -> None:
    roles = ", ".join(say(f"roles.{role}") for role in sorted(reader.roles))
    with st.sidebar:
        st.caption(say("app.signed_in", name=plain(reader.name), roles=roles))


@st.fragment(run_every=LOOK_AGAIN_SECONDS)
def _watch(log: LearningLog) -> None:
    """Clears the screen when nobody has clicked for too long. This look itself is no click."""
    if access.is_over(st.session_state, log.clock()):
        st.rerun()


main()
