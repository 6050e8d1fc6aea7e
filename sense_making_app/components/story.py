"""One answer, in the words that were said."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from learning_log.services.reading import Story
from sense_making_app.components import feeling, figures
from sense_making_app.wording import plain, quoted, say


def explain() -> None:
    """Once above the answers of a page."""
    st.caption(say("feeling.help"))


def show(story: Story, *can_be_done: Callable[[], None]) -> None:
    """can_be_done: small buttons below it."""
    with st.container(border=True, gap="xxsmall"):
        st.markdown(quoted(story.words))
        if story.written_for_them:
            st.badge(say("story.written"), icon=":material/edit_note:", color="orange", help=say("story.written_help"))
        if story.worker_only:
            st.badge(say("story.worker"), icon=":material/person:", color="gray", help=say("story.worker_help"))
        facts = [_who(story), figures.day(story.said_on), _about(story)]
        if story.feeling is not None:
            facts.append(feeling.told(story))
        st.caption(" · ".join(facts))
        if can_be_done:
            with st.container(horizontal=True, gap="small"):
                for each in can_be_done:
                    each()


def _who(story: Story) -> str:
    if not story.who:
        return say("story.nobody")
    return say("story.staff" if story.by_staff else "story.person", name=plain(story.who), team=plain(story.team))


def _about(story: Story) -> str:
    if story.outcome:
        return say("story.outcome", words=plain(story.outcome))
    return say(f"story.{story.direction}")
