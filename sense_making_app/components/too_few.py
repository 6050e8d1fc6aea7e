"""Why a star stands where a number could be."""

from __future__ import annotations

import streamlit as st

from sense_making_app.wording import say


def show() -> None:
    st.caption(say("too_few.why"))
