"""Learning meetings, and the things that a team tries."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from uuid import UUID

import streamlit as st

from learning_log.errors import LearningLogError
from learning_log.services import meetings, subjects
from learning_log.services.choosing import Choices, choices
from learning_log.services.meetings import NEXT_STEPS, HeldMeeting, Tried
from learning_log.services.sense_making import ThemeOverTime, themes_over_time
from learning_log.services.sharing import Filters
from learning_log.services.subjects import OfTheMonth
from learning_log.storage.records import Records
from sense_making_app.components import empty, figures, theme_card
from sense_making_app.sitting import Sitting
from sense_making_app.wording import plain, quoted, say

LOOK_AGAIN = timedelta(weeks=4)
SHOWN = 3
LONGEST_HEARD = 300


def show(sitting: Sitting) -> None:
    st.title(say("meetings.title"), anchor=False)
    st.markdown(say("meetings.what"))
    with sitting.read() as records:
        named = choices(records, sitting.reader)
        themes = themes_over_time(records, sitting.reader, Filters())
    with sitting.write() as records:
        held = meetings.meetings(records, sitting.reader)
        tried = meetings.experiments(records, sitting.reader)
        asked = subjects.now_asked(records, sitting.reader)
    if not named.teams:
        empty.show("meetings_no_team")
        return
    _subject(sitting, named, asked)
    trying, meeting = st.columns(2, gap="large")
    with trying:
        st.header(say("meetings.trying"), anchor=False)
        _try(sitting, named, held, themes)
        _tried(sitting, tried)
    with meeting:
        st.header(say("meetings.held"), anchor=False)
        _record(sitting, named)
        _held(sitting, held)


def _subject(sitting: Sitting, named: Choices, asked: list[OfTheMonth]) -> None:
    for one in asked:
        told = say("subject.is_on", subject=say(f"subject.{one.subject}"), day=figures.day(one.until))
        st.markdown(f"{say('subject.title')}, {plain(one.team)}: {told}")
    with st.expander(say("subject.title")), st.form("subject", border=False):
        st.markdown(say("subject.what"))
        team = _team(named, "subject_team")
        chosen = st.selectbox(
            say("subject.choose"),
            ["", *subjects.subjects()],
            format_func=lambda key: say(f"subject.{key}") if key else say("subject.none"),
        )
        if st.form_submit_button(say("subject.keep")):
            _do(sitting, lambda records: subjects.choose(records, sitting.reader, team, chosen))


def _tried(sitting: Sitting, tried: list[Tried]) -> None:
    if not tried:
        empty.show("meetings_nothing_tried")
    for one in tried:
        with st.container(border=True, gap="xsmall"):
            if one.heard:
                st.markdown(f"**{say('meetings.we_heard')}** {plain(one.heard)}")
            st.markdown(f"**{say('meetings.we_tried')}** {plain(one.words)}")
            st.caption(_when(sitting, one))
            _judged(one)
            if one.noticed:
                st.markdown(f"**{say('meetings.we_noticed')}** {plain(one.noticed)}")
            if one.learned:
                st.markdown(f"**{say('meetings.we_learned')}** {plain(one.learned)}")
            if one.next_step:
                st.markdown(f"**{say('meetings.next')}** {say(f'next.{one.next_step}')}")
            if one.ended_on is None:
                with st.expander(say("meetings.look_back")):
                    _look_back(sitting, one)


def _judged(one: Tried) -> None:
    """What the people concerned say: whether they agree, whether it helped, and their words."""
    if one.person:
        agreed = {True: "agreed", False: "not_agreed", None: "not_asked"}[one.said_yes]
        st.markdown(say(f"meetings.{agreed}", name=plain(one.person)))
    told = [say(f"helped.{answer}", count=count) for answer, count in _in_order(one.helped)]
    if told:
        st.markdown(f"**{say('meetings.did_it_help')}** {', '.join(told)}")
    for words in one.said:
        st.markdown(quoted(words))


def _in_order(helped: Mapping[str, int]) -> list[tuple[str, int]]:
    return [(answer, helped[answer]) for answer in ("yes", "a_bit", "no") if helped.get(answer)]


def _when(sitting: Sitting, one: Tried) -> str:
    facts = [plain(one.team), say("meetings.since", day=figures.day(one.started_on))]
    if one.ended_on is not None:
        facts.append(say("meetings.ended", day=figures.day(one.ended_on)))
    elif one.look_again_on is not None:
        due = "meetings.due" if one.look_again_on <= sitting.today else "meetings.look_again"
        facts.append(say(due, day=figures.day(one.look_again_on)))
    return " · ".join(facts)


def _look_back(sitting: Sitting, one: Tried) -> None:
    with st.form(f"look_back_{one.id}", border=False):
        noticed = st.text_area(say("meetings.noticed"), value=one.noticed, max_chars=meetings.LONGEST_WORDS)
        learned = st.text_area(say("meetings.learned"), value=one.learned, max_chars=meetings.LONGEST_WORDS)
        step = st.radio(say("meetings.next_step"), NEXT_STEPS, format_func=lambda key: say(f"next.{key}"))
        again = st.date_input(
            say("meetings.again_on"), sitting.today + LOOK_AGAIN, min_value=sitting.today, format=figures.DAYS
        )
        if st.form_submit_button(say("meetings.keep"), type="primary"):
            _do(
                sitting,
                lambda records: meetings.look_back(records, sitting.reader, one.id, noticed, learned, step, again),
            )


def _try(sitting: Sitting, named: Choices, held: list[HeldMeeting], themes: list[ThemeOverTime]) -> None:
    open_ones = figures.told_apart({one.id: _title(one) for one in held if not one.is_closed})
    names = figures.told_apart({theme.id: figures.heading(theme.label) for theme in themes})
    with st.expander(say("meetings.try")), st.form("try", border=False, clear_on_submit=True):
        words = st.text_area(say("meetings.try_words"), max_chars=meetings.LONGEST_WORDS, help=say("meetings.try_help"))
        heard = st.text_area(say("meetings.heard"), max_chars=LONGEST_HEARD, help=say("meetings.heard_help"))
        team = _team(named, "try_team")
        person = st.selectbox(
            say("meetings.with_whom"),
            [None, *(one.id for one in named.people)],
            format_func=lambda id: say("meetings.with_nobody") if id is None else named.name_of(id),
            help=say("meetings.with_help"),
        )
        theme = st.selectbox(
            say("meetings.theme"),
            [None, *names],
            index=_chosen_theme(list(names)),
            format_func=lambda id: say("meetings.no_theme") if id is None else names[id],
        )
        meeting = st.selectbox(
            say("meetings.meeting"),
            [None, *open_ones],
            format_func=lambda id: say("meetings.no_meeting") if id is None else open_ones[id],
        )
        again = st.date_input(
            say("meetings.again_on"), sitting.today + LOOK_AGAIN, min_value=sitting.today, format=figures.DAYS
        )
        if st.form_submit_button(say("meetings.keep"), type="primary"):
            _do(
                sitting,
                lambda records: meetings.try_something(
                    records, sitting.reader, team, words, sitting.today, again, meeting, theme, person, heard
                ),
            )


def _chosen_theme(themes: list[UUID]) -> int:
    """Somebody who comes from a theme tries something about it."""
    chosen = st.session_state.get(theme_card.CHOSEN)
    return themes.index(chosen) + 1 if chosen in themes else 0


def _held(sitting: Sitting, held: list[HeldMeeting]) -> None:
    if not held:
        empty.show("meetings_none")
    for one in held[:SHOWN]:
        _meeting(sitting, one)
    if len(held) > SHOWN:
        with st.expander(say("meetings.older")):
            for one in held[SHOWN:]:
                _meeting(sitting, one)


def _meeting(sitting: Sitting, one: HeldMeeting) -> None:
    with st.container(border=True, gap="xsmall"):
        st.markdown(f"### {plain(_title(one))}")
        st.markdown(plain(one.notes))
        for words in (one.first_learning, one.second_learning):
            if words:
                st.markdown(say("meetings.learned_line", words=plain(words)))
        if one.is_closed:
            st.badge(say("meetings.is_closed"), icon=":material/check:", color="green")
        else:
            _finish(sitting, one)


def _finish(sitting: Sitting, one: HeldMeeting) -> None:
    missing = [
        say(f"meetings.missing_{what}")
        for what, there in (("try", one.things_to_try), ("first", one.first_learning), ("second", one.second_learning))
        if not there
    ]
    if missing:
        st.caption(say("meetings.missing", what=", ".join(missing)))
    with st.expander(say("meetings.learnings")), st.form(f"learnings_{one.id}", border=False):
        first = st.text_area(say("meetings.first"), value=one.first_learning, max_chars=1000)
        second = st.text_area(say("meetings.second"), value=one.second_learning, max_chars=1000)
        if st.form_submit_button(say("meetings.keep")):
            _do(sitting, lambda records: meetings.add_learnings(records, sitting.reader, one.id, first, second))
    if st.button(say("meetings.close"), key=f"close_{one.id}", disabled=not one.can_close):
        _do(sitting, lambda records: meetings.close_meeting(records, sitting.reader, one.id))


def _record(sitting: Sitting, named: Choices) -> None:
    with st.expander(say("meetings.record")), st.form("meeting", border=False, clear_on_submit=True):
        team = _team(named, "meeting_team")
        on: date = st.date_input(say("meetings.held_on"), sitting.today, max_value=sitting.today, format=figures.DAYS)
        notes = st.text_area(say("meetings.notes"), max_chars=meetings.LONGEST_WORDS, help=say("meetings.notes_help"))
        if st.form_submit_button(say("meetings.keep"), type="primary"):
            _do(sitting, lambda records: meetings.record_meeting(records, sitting.reader, team, on, notes))


def _team(named: Choices, key: str) -> UUID:
    return st.selectbox(say("choose.team"), [one.id for one in named.teams], format_func=named.name_of, key=key)


def _title(one: HeldMeeting) -> str:
    return say("meetings.of", team=one.team, day=figures.day(one.held_on))


def _do(sitting: Sitting, action: Callable[[Records], object]) -> None:
    try:
        with sitting.write() as records:
            action(records)
    except LearningLogError as refusal:
        st.error(str(refusal), icon=":material/error:")
        return
    st.toast(say("meetings.kept"), icon=":material/check:")
    st.rerun()
