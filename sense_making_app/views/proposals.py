"""What the machine would do about themes, and what people did: decided here, and taken back here."""

from __future__ import annotations

from functools import partial

import streamlit as st

from learning_log.services import auditing, proposing, reading, theme_steps
from learning_log.services.access import Reader
from learning_log.services.sharing import Filters
from learning_log.storage.records import Records
from sense_making_app.components import charts, empty, figures, story
from sense_making_app.components import theme_steps as ledger
from sense_making_app.components.doing import do
from sense_making_app.sitting import Sitting
from sense_making_app.wording import plain, say

READ = 3  # answers of something new


def show(sitting: Sitting) -> None:
    st.title(say("proposals.title"), anchor=False)
    st.markdown(say("proposals.what"))
    with sitting.read() as records:
        sees = proposing.sees_them(records, sitting.reader)
        found = proposing.open_proposals(records) if sees else []
        steps = theme_steps.steps(records) if sees else []
    if not sees:
        st.info(say("proposals.not_all"))
        return
    if not found:
        empty.show("proposals_none")
    for proposal in found:
        with st.container(border=True):
            _proposal(sitting, proposal)
    st.header(say("steps.title"), anchor=False)
    ledger.show(sitting, steps)


def _proposal(sitting: Sitting, proposal: proposing.Proposal) -> None:
    st.subheader(say(f"proposals.{proposal.kind}"), anchor=False)
    st.caption(say("proposals.made", day=figures.day(proposal.made_at.date())))
    if proposal.kind == proposing.ADDED:
        _added(sitting, proposal)
    else:
        _found_anew(proposal)
    with st.container(horizontal=True):
        if st.button(say("proposals.apply"), type="primary", key=f"apply_{proposal.id}"):
            do(sitting, partial(_decide, proposal, True), "proposals.applied")
        if st.button(say("proposals.turn_down"), key=f"down_{proposal.id}"):
            do(sitting, partial(_decide, proposal, False), "proposals.left")


def _decide(proposal: proposing.Proposal, yes: bool, records: Records, reader: Reader) -> None:
    proposing.decide(records, reader, proposal.id, yes=yes)


def _added(sitting: Sitting, proposal: proposing.Proposal) -> None:
    name = plain(figures.heading(proposal.new[0])) if proposal.new else ""
    said = say(f"direction.{proposal.direction}")
    st.markdown(say("proposals.something_new", theme=name, answers=figures.times(proposal.moved), direction=said))
    with sitting.write() as records:
        auditing.record(records, sitting.reader.actor, "read_typical_words", "theme_proposal", proposal.id)
        stories = reading.these(records, sitting.reader, proposal.typical[:READ], Filters())
    for one in stories:
        story.show(one)


def _found_anew(proposal: proposing.Proposal) -> None:
    st.markdown(say("proposals.would_move", moved=f"{proposal.moved:,}", of=f"{proposal.looked_at:,}"))
    for kind, names in (("new", proposal.new), ("gone", proposal.gone)):
        if names:
            st.markdown(say(f"proposals.{kind}", themes=plain(", ".join(map(figures.heading, names)))))
    charts.of_moves([flow for flow in proposal.flows if flow.before != flow.after])
