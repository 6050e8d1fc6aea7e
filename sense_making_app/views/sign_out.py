"""Signing out."""

from __future__ import annotations

import streamlit as st

from sense_making_app import access
from sense_making_app.sitting import Sitting


def show(sitting: Sitting) -> None:
    access.end(sitting.log, st.session_state, sitting.reader, sitting.now)
    st.rerun()
