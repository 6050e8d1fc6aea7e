"""How the log is running, for an administrator."""

from __future__ import annotations

import streamlit as st

from learning_log.services.running import Running, running, seen_channels
from sense_making_app.components import figures
from sense_making_app.sitting import Sitting
from sense_making_app.wording import say


def show(sitting: Sitting) -> None:
    st.title(say("running.title"), anchor=False)
    st.markdown(say("running.what"))
    with sitting.read() as records:
        now = running(records, sitting.reader)
    with sitting.log.read(at=sitting.now) as everyone:
        channels = seen_channels(everyone, sitting.reader)
    _look_at(now)
    st.header(say("running.counts"), anchor=False)
    counts = {
        "people": now.people,
        "staff": now.staff,
        "chats": now.chats.get("active", 0),
        "blocked": now.chats.get("blocked", 0),
        "reflections": now.reflections,
        "not_placed": now.not_placed_yet,
        "confirmed": now.themes.get("confirmed", 0),
        "proposed": now.themes.get("proposed", 0),
        "inbox": now.inbox_waiting,
        "outbox": now.outbox_waiting,
    }
    st.table(
        {
            say("running.column_what"): [say(f"running.{key}") for key in counts],
            say("running.column_count"): [f"{count:,}" for count in counts.values()],
        },
        border="horizontal",
    )
    for channel in channels:
        st.caption(say("running.channel", name=channel.name, when=figures.moment(channel.seen_at)))


def _look_at(now: Running) -> None:
    """What needs a person, first; or that nothing does."""
    troubles = [
        (now.open_concerns, "running.open_concerns"),
        (now.inbox_aside, "running.aside"),
        (now.outbox_trouble, "running.trouble"),
    ]
    for count, key in troubles:
        if count:
            st.warning(say(key, count=count), icon=":material/warning:")
    if not any(count for count, _ in troubles):
        st.success(say("running.fine"), icon=":material/check:")
    st.caption(say("running.audit"))
