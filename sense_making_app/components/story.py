"""One answer, in the words that were said."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from learning_log.services.reading import Story
from sense_making_app.components import figures
from sense_making_app.wording import plain, quoted, say

SURE_FROM = 0.7


def explain() -> None:
    """Once above the answers of a page."""
    st.caption(say("story.hint_help"))


def show(story: Story, below: Callable[[], None] | None = None) -> None:
    """below: what can be done about it."""
    with st.container(border=True, gap="xxsmall"):
        st.markdown(quoted(story.words))
        facts = [_who(story), figures.day(story.said_on), _about(story)]
        if story.feeling is not None:
            facts.append(_hint(story))
        st.caption(" · ".join(facts))
        if below:
            below()


def _who(story: Story) -> str:
    if not story.who:
        return say("story.nobody")
    return say("story.staff" if story.by_staff else "story.person", name=plain(story.who), team=plain(story.team))


def _about(story: Story) -> str:
    if story.outcome:
        return say("story.outcome", words=plain(story.outcome))
    return say(f"story.{story.direction}")


def _hint(story: Story) -> str:
    feeling = say(f"feeling.{story.feeling}")
    if story.feeling == "unsure" or story.sureness is None:
        return say("story.hint_unsure")
    sure = say("sure.quite" if story.sureness >= SURE_FROM else "sure.little")
    return say("story.hint", feeling=feeling, sure=sure)
