"""Voice messages and photos that nobody has put into words yet."""

from __future__ import annotations

from base64 import b64encode
from html import escape

import streamlit as st

from learning_log.errors import LearningLogError
from learning_log.services import listening
from learning_log.services.listening import LONGEST_WORDS, Waiting
from learning_log.settings import read_settings
from sense_making_app.components import empty, figures
from sense_making_app.sitting import Sitting
from sense_making_app.wording import plain, say

_OPEN = "listening_open"


def show(sitting: Sitting) -> None:
    st.title(say("listening.title"), anchor=False)
    st.markdown(say("listening.what"))
    with sitting.write() as records:
        found = listening.waiting(records, sitting.reader)
    if not found:
        empty.show("listening_none")
    for one in found:
        with st.container(border=True, gap="small", width=900):
            _one(sitting, one)


def _one(sitting: Sitting, one: Waiting) -> None:
    st.markdown(say(f"listening.{one.kind}", who=plain(one.who), day=figures.day(one.said_on)))
    if one.guessed:
        st.caption(say("listening.guessed"))
    if st.session_state.get(_OPEN) != one.id:
        if st.button(say(f"listening.open_{one.kind}"), key=f"open_{one.id}"):
            st.session_state[_OPEN] = one.id
            st.rerun()
        return
    with sitting.write() as records:
        content = listening.content(records, sitting.reader, one.id)
    # Not st.audio and st.image: what they show has an address that answers anybody.
    st.html(_element(one, content))
    with st.form(f"write_{one.id}", border=False):
        words = st.text_area(say("listening.words"), value=one.words, max_chars=LONGEST_WORDS)
        if st.form_submit_button(say("listening.keep"), type="primary"):
            try:
                with sitting.write() as records:
                    listening.write_down(records, sitting.reader, one.id, words, read_settings().address_of_app)
            except LearningLogError as refusal:
                st.error(str(refusal), icon=":material/error:")
                return
            st.toast(say("listening.kept"), icon=":material/check:")
            st.rerun()


def _element(one: Waiting, content: bytes) -> str:
    source = f"data:{escape(one.mime, quote=True)};base64,{b64encode(content).decode()}"
    if one.kind == "voice":
        return f'<audio controls src="{source}" style="width: 100%"></audio>'
    return f'<img src="{source}" alt="{escape(say("listening.photo_alt"), quote=True)}" style="max-width: 100%">'
