"""Does what somebody decided, and says how it went."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from learning_log.errors import LearningLogError
from learning_log.services.access import Reader
from learning_log.storage.records import Records
from sense_making_app.sitting import Sitting
from sense_making_app.wording import say


def do(sitting: Sitting, decision: Callable[[Records, Reader], object], done: str) -> None:
    """done: the key of what is said then. A refusal is shown, and nothing is kept of it."""
    try:
        with sitting.write() as records:
            decision(records, sitting.reader)
    except LearningLogError as refusal:
        st.error(str(refusal), icon=":material/error:")
        return
    st.toast(say(done), icon=":material/check:")
    st.rerun()
