"""A page with nothing on it says what to do next."""

from __future__ import annotations

import streamlit as st

from sense_making_app.wording import say


def show(key: str) -> None:
    with st.container(border=True):
        st.markdown(f"**{say(f'{key}.title')}**")
        st.markdown(say(f"{key}.next"))
