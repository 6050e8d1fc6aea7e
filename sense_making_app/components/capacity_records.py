"""The records of the two decisions, newest first, and the form for another one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import get_args
from uuid import UUID

import streamlit as st

from learning_log.domain.capacity import DECISIONS, LONGEST, Assessment, BestInterests, Decision
from learning_log.services import capacity
from learning_log.services.capacity import InWords, Written
from sense_making_app.components import figures
from sense_making_app.components.doing import do
from sense_making_app.sitting import Sitting
from sense_making_app.wording import plain, say

REVIEW_AFTER = timedelta(days=182)
DECIDED: tuple[BestInterests | None, ...] = (None, *get_args(BestInterests))


def show(sitting: Sitting, person_id: UUID, written: Sequence[Written]) -> None:
    st.subheader(say("capacity.title"), anchor=False)
    st.caption(say("capacity.what"))
    for column, decision in zip(st.columns(len(DECISIONS), gap="medium"), DECISIONS, strict=True):
        with column:
            _decision(sitting, decision, [each for each in written if each.assessment.decision == decision])
    with st.expander(say("capacity.add")):
        _form(sitting, f"{person_id}_{len(written)}", person_id)


def _decision(sitting: Sitting, decision: Decision, written: Sequence[Written]) -> None:
    st.markdown(f"**{say(f'decision.{decision}')}**")
    if not written:
        st.markdown(say("capacity.presumed"))
        return
    newest, *earlier = written
    _record(newest, sitting.today)
    if earlier:
        with st.expander(say("capacity.earlier", count=len(earlier))):
            for each in earlier:
                _record(each, None)


def _record(each: Written, today: date | None) -> None:
    """today: for the one that stands, whose review may be due."""
    found, words = each.assessment, each.words
    with st.container(border=True, gap="xsmall"):
        st.markdown(f"**{say('capacity.able' if found.able else 'capacity.unable')}**")
        if not found.able:
            st.markdown(say(f"capacity.interests_{found.best_interests or 'open'}"))
        past = today is not None and today > found.review_on
        st.markdown(say("capacity.review_past" if past else "capacity.review", day=figures.day(found.review_on)))
        facts = [("support", words.support), ("reasons", words.reasons), ("consulted", words.consulted)]
        for name, text in facts:
            if text:
                st.markdown(say(f"capacity.{name}_line", words=plain(text)))
        st.caption(
            say("capacity.by", assessor=plain(words.assessor), day=figures.day(found.assessed_on))
            + (
                say("capacity.written_by", name=plain(each.by), when=figures.moment(each.recorded_at))
                if each.by
                else ""
            )
        )


def _form(sitting: Sitting, key: str, person_id: UUID) -> None:
    """What was typed stays in it until it is kept: `key` is another one then."""
    with st.form(f"capacity_{key}", border=False):
        decision: Decision = st.radio(
            say("capacity.decision"), DECISIONS, format_func=lambda one: say(f"decision.{one}"), key=f"decision_{key}"
        )
        today = sitting.today
        on, review = st.columns(2)
        assessed_on = on.date_input(
            say("capacity.assessed_on"), today, max_value=today, format=figures.DAYS, key=f"on_{key}"
        )
        review_on = review.date_input(
            say("capacity.review_on"),
            today + REVIEW_AFTER,
            max_value=today + LONGEST,
            format=figures.DAYS,
            help=say("capacity.review_help"),
            key=f"review_{key}",
        )
        assessor = st.text_input(say("capacity.assessor"), max_chars=200, key=f"assessor_{key}")
        support = _words("support", key)
        able = st.radio(
            say("capacity.found"),
            (True, False),
            index=None,
            format_func=lambda one: say("capacity.able" if one else "capacity.unable"),
            key=f"able_{key}",
        )
        st.markdown(say("capacity.only_unable"))
        interests = st.radio(
            say("capacity.interests"),
            DECIDED,
            format_func=lambda one: say(f"capacity.interests_{one or 'open'}"),
            key=f"interests_{key}",
        )
        reasons, consulted = _words("reasons", key), _words("consulted", key)
        if not st.form_submit_button(say("capacity.keep"), type="primary"):
            return
    if able is None:
        st.error(say("capacity.say_found"), icon=":material/error:")
        return
    found = Assessment(decision, assessed_on, able, interests, review_on)
    words = InWords(assessor, support, reasons, consulted)
    do(sitting, lambda records, reader: capacity.record(records, reader, person_id, found, words), "capacity.kept")


def _words(name: str, key: str) -> str:
    return st.text_area(
        say(f"capacity.{name}"),
        max_chars=capacity.LONGEST_WORDS,
        height=100,
        help=say(f"capacity.{name}_help"),
        key=f"{name}_{key}",
    )
