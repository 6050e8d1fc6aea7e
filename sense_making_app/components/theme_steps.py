"""What people did about themes, with a button to take it back."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import streamlit as st

from learning_log.services import undoing
from learning_log.services.access import Reader
from learning_log.services.theme_steps import Step
from learning_log.storage.records import Records
from sense_making_app.components import figures
from sense_making_app.components.doing import do
from sense_making_app.sitting import Sitting
from sense_making_app.wording import plain, say

SHOWN = 20


def show(sitting: Sitting, steps: Sequence[Step]) -> None:
    if not steps:
        st.caption(say("steps.none"))
    for step in steps[:SHOWN]:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(_line(step))
            if step.may_be_undone and st.button(say("steps.undo"), key=f"undo_{step.id}"):
                do(sitting, partial(_undo, step), "steps.done")
    if len(steps) > SHOWN:
        st.caption(say("steps.more", count=len(steps) - SHOWN))


def _undo(step: Step, records: Records, reader: Reader) -> None:
    undoing.undo_as_reader(records, reader, step.id)


def _line(step: Step) -> str:
    who = plain(step.by) or say("steps.command_line")
    told = say(f"theme_step.{step.kind}", themes=plain(", ".join(map(figures.heading, step.labels[:3]))))
    line = f"{figures.day(step.taken_at.date())}: {told} ({who})"
    return f"~~{line}~~ {say('steps.undone')}" if step.undone_at else line
