"""Signing in."""

from __future__ import annotations

import streamlit as st

from learning_log.errors import NotAllowed, SignInLocked, SignInRefused
from learning_log.services.signing_in import Strangers, sign_in
from learning_log.storage.records import LearningLog
from sense_making_app import access
from sense_making_app.wording import say


def show(log: LearningLog, strangers: Strangers) -> None:
    with st.container(horizontal_alignment="center"), st.container(width=520):
        st.title(say("app.title"), anchor=False)
        st.markdown(say("sign_in.what"))
        why = access.why_signed_out(st.session_state)
        if why:
            st.info(say(f"signed_out.{why}"), icon=":material/info:")
        with st.form("sign_in", enter_to_submit=True):
            username = st.text_input(say("sign_in.username"), autocomplete="username", max_chars=200)
            password = st.text_input(
                say("sign_in.password"), type="password", autocomplete="current-password", max_chars=200
            )
            sent = st.form_submit_button(say("sign_in.send"), type="primary", width="stretch")
        if sent:
            _try(log, strangers, username, password)
        st.caption(say("sign_in.forgotten"))


def _try(log: LearningLog, strangers: Strangers, username: str, password: str) -> None:
    try:
        reader = sign_in(log, username, password, strangers)
    except (SignInRefused, SignInLocked, NotAllowed) as refusal:
        st.error(str(refusal), icon=":material/lock:")
        return
    access.begin(st.session_state, reader, log.clock())
    st.rerun()
