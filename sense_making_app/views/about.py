"""What this is, how sure it is, and who sees what."""

from __future__ import annotations

import streamlit as st

from sense_making_app.sitting import Sitting
from sense_making_app.wording import say

PARTS = ("people", "themes", "feeling", "numbers", "who_sees", "commissioner", "worries", "machine")


def show(sitting: Sitting) -> None:
    st.title(say("about.title"), anchor=False)
    with st.container(width=820):
        st.markdown(say("about.what"))
        for part in PARTS:
            st.header(say(f"about_{part}.title"), anchor=False)
            st.markdown(say(f"about_{part}.words"))
