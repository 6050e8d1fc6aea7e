"""How one answer sounds: a machine's guess, or what somebody of the team said of it."""

from __future__ import annotations

from functools import partial
from uuid import UUID

import streamlit as st

from learning_log.analysis.feeling_model import Kind
from learning_log.services import feelings
from learning_log.services.access import Reader
from learning_log.services.reading import Story
from learning_log.storage.records import Records
from sense_making_app.components.doing import do
from sense_making_app.sitting import Sitting
from sense_making_app.wording import plain, say

SURE_FROM = 0.7


def told(story: Story) -> str:
    feeling = say(f"feeling.{story.feeling}")
    if story.felt_by:
        return say("feeling.said", name=plain(story.felt_by), feeling=feeling)
    if story.feeling == "unsure" or story.sureness is None:
        return say("feeling.hint_unsure")
    sure = say("sure.quite" if story.sureness >= SURE_FROM else "sure.little")
    return say("feeling.hint", feeling=feeling, sure=sure)


def ask(sitting: Sitting, story: Story) -> None:
    """A small button on an answer: how it sounds to who reads it."""
    with st.popover(say("feeling.ask"), type="tertiary"):
        st.caption(say("feeling.what_for"))
        with st.container(horizontal=True):
            for kind in feelings.KINDS:
                if st.button(say(f"feeling.{kind}").capitalize(), key=f"feels_{kind}_{story.id}"):
                    do(sitting, partial(_sounds, story.id, kind), "feeling.kept")
        if story.felt_by and st.button(say("feeling.leave"), key=f"feels_none_{story.id}", type="tertiary"):
            do(
                sitting,
                lambda records, reader: feelings.leave_to_machine(records, reader, story.id),
                "feeling.left",
            )


def _sounds(reflection: UUID, kind: Kind, records: Records, reader: Reader) -> None:
    feelings.say(records, reader, reflection, kind)
