"""Worries: the queue of a safeguarding lead."""

from __future__ import annotations

from uuid import UUID

import streamlit as st

from learning_log.errors import LearningLogError
from learning_log.services import worries
from learning_log.services.worries import Opened, Waiting
from sense_making_app.components import empty, figures
from sense_making_app.sitting import Sitting
from sense_making_app.wording import plain, quoted, say

_OPEN = "open_worry"


def show(sitting: Sitting) -> None:
    st.title(say("worries.title"), anchor=False)
    st.markdown(say("worries.what"))
    with sitting.read() as records:
        queue = worries.waiting(records, sitting.reader)
    st.header(say("worries.waiting", count=len(queue)), anchor=False)
    if not queue:
        empty.show("worries_none")
    for one in queue:
        _waiting(sitting, one)
    with st.expander(say("worries.done")):
        _done(sitting)


def _waiting(sitting: Sitting, one: Waiting) -> None:
    with st.container(border=True):
        st.markdown(f"### {_who(one)}")
        st.caption(say("worries.raised", when=figures.moment(one.raised_at), how=say(f"raised_by.{one.raised_by}")))
        st.caption(say("worries.alerts", count=one.alerts))
        if st.session_state.get(_OPEN) == one.id:
            _opened(sitting, one.id)
        elif st.button(say("worries.open"), key=f"open_{one.id}", type="primary"):
            st.session_state[_OPEN] = one.id
            st.rerun()


def _opened(sitting: Sitting, id: UUID) -> None:
    with sitting.write() as records:
        opened: Opened = worries.open_worry(records, sitting.reader, id)
    st.markdown(quoted(opened.words) if opened.words else say("worries.no_words"))
    with st.form(f"acknowledge_{id}", border=False):
        action = st.text_area(say("worries.action"), max_chars=2000, help=say("worries.action_help"))
        if st.form_submit_button(say("worries.acknowledge"), type="primary"):
            try:
                with sitting.write() as records:
                    worries.acknowledge(records, sitting.reader, id, action)
            except LearningLogError as refusal:
                st.error(str(refusal), icon=":material/error:")
                return
            st.session_state.pop(_OPEN, None)
            st.toast(say("worries.acknowledged"), icon=":material/check:")
            st.rerun()


def _done(sitting: Sitting) -> None:
    with sitting.write() as records:
        found = worries.looked_after(records, sitting.reader)
    if not found:
        st.caption(say("worries.none_done"))
    for one in found:
        st.markdown(f"**{plain(one.who) or say('worries.somebody')}** · {figures.moment(one.raised_at)}")
        st.markdown(plain(one.action))
        st.caption(say("worries.by", name=plain(one.acknowledged_by), when=figures.moment(one.acknowledged_at)))


def _who(one: Waiting) -> str:
    if not one.who:
        return say("worries.somebody")
    return say("worries.staff" if one.by_staff else "worries.person", name=plain(one.who), team=plain(one.team))
