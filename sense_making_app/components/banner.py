"""What stands above every page of an example."""

from __future__ import annotations

import streamlit as st

from sense_making_app.wording import say


def invented() -> None:
    st.warning(say("app.invented"), icon=":material/theater_comedy:")
