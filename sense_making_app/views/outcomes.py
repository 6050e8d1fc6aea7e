"""What each person wants, in their words, and how far they say they have come."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import streamlit as st

from learning_log import config
from learning_log.domain.outcomes import BUILT_IN, By, Stage
from learning_log.errors import LearningLogError
from learning_log.services.choosing import Choices, choices
from learning_log.services.outcomes import (
    LADDER,
    STAGES,
    GivenRating,
    PersonalOutcome,
    add_outcome,
    add_rating,
    outcomes_of,
    people_without,
)
from sense_making_app.components import empty, figures
from sense_making_app.sitting import Sitting
from sense_making_app.wording import plain, quoted, say

NAMED_STEPS = {step for scale in BUILT_IN.values() for step in scale.steps if not step.isdigit()}


def show(sitting: Sitting) -> None:
    st.title(say("outcomes.title"), anchor=False)
    st.markdown(say("outcomes.what"))
    with sitting.read() as records:
        named = choices(records, sitting.reader)
        without, unrated = people_without(records, sitting.reader, [one.id for one in named.people])
    if not named.people:
        empty.show("outcomes_nobody")
        return
    _missing(named, without, unrated)
    chosen = st.selectbox(
        say("outcomes.choose"),
        [one.id for one in named.people],
        format_func=named.name_of,
        key="outcomes_person",
        persist_state="session",
    )
    with sitting.write() as records:
        kept = outcomes_of(records, sitting.reader, chosen)
    st.header(plain(named.name_of(chosen)), anchor=False)
    if not kept:
        empty.show("outcomes_empty")
    for outcome in kept:
        _outcome(sitting, outcome)
    _add(sitting, chosen)


def _missing(named: Choices, without: set[UUID], unrated: set[UUID]) -> None:
    """What is missing is listed, so that nobody is forgotten; it is no score."""
    for people, key in ((without, "outcomes.without"), (unrated, "outcomes.unrated")):
        if people:
            names = ", ".join(plain(one.name) for one in named.people if one.id in people)
            st.caption(say(key, names=names))


def _outcome(sitting: Sitting, outcome: PersonalOutcome) -> None:
    with st.container(border=True):
        st.markdown(quoted(outcome.words))
        st.caption(" · ".join(_facts(outcome)))
        st.markdown(_distance(outcome))
        if outcome.difference is not None and outcome.difference.steps:
            st.info(_differs(outcome), icon=":material/compare_arrows:")
        _ratings(outcome)
        if outcome.closed_on is None:
            with st.expander(say("outcomes.rate")):
                _rate(sitting, outcome)


def _facts(outcome: PersonalOutcome) -> list[str]:
    facts = [say("outcomes.set_on", day=figures.day(outcome.set_on))]
    if outcome.wellbeing:
        facts.append(_aspects().get(outcome.wellbeing, outcome.wellbeing))
    if outcome.answers:
        facts.append(say("outcomes.answers", answers=figures.times(outcome.answers)))
    if outcome.closed_on:
        facts.append(say("outcomes.closed_on", day=figures.day(outcome.closed_on)))
    return facts


def _distance(outcome: PersonalOutcome) -> str:
    travelled = outcome.distance
    if travelled is None:
        return say("outcomes.one_rating" if outcome.ratings else "outcomes.no_rating")
    first, latest = outcome.scale.step(travelled.first.value), outcome.scale.step(travelled.latest.value)
    return say(
        f"outcomes.{travelled.way}",
        first=_step(first),
        latest=_step(latest),
        since=figures.day(travelled.first.at),
        steps=abs(travelled.steps),
    )


def _differs(outcome: PersonalOutcome) -> str:
    difference = outcome.difference
    if difference is None:
        return ""
    own, proxy = outcome.scale.step(difference.own.value), outcome.scale.step(difference.proxy.value)
    return say("outcomes.differ", own=_step(own), proxy=_step(proxy))


def _ratings(outcome: PersonalOutcome) -> None:
    """The person's own first, and nobody else's among them."""
    for by in ("person", "proxy"):
        given = [one for one in outcome.ratings if one.rating.by == by]
        if given:
            st.markdown(f"**{say(f'outcomes.eyes_{by}')}**")
            st.markdown("\n".join(f"- {_line(one)}" for one in given))


def _line(one: GivenRating) -> str:
    text = say(
        "outcomes.line",
        step=_step(one.step),
        day=figures.day(one.rating.at),
        stage=say(f"stage.{one.rating.stage}").lower(),
    )
    parts = [text, plain(one.by), f"“{plain(one.note)}”" if one.note else ""]
    parts += [say("outcomes.pretest_failed")] if one.pretest_failed else []
    brought_up = {"unwanted": one.unwanted, "advice": one.advice}
    parts += [say(f"outcomes.{what}_line", words=plain(words)) for what, words in brought_up.items() if words]
    return " · ".join(part for part in parts if part)


def _rate(sitting: Sitting, outcome: PersonalOutcome) -> None:
    with st.form(f"rate_{outcome.id}", border=False, clear_on_submit=True):
        steps = outcome.scale.steps
        value = st.radio(say("outcomes.step"), range(1, len(steps) + 1), format_func=lambda at: _step(steps[at - 1]))
        by: By = st.radio(say("outcomes.by"), ("person", "proxy"), format_func=lambda one: say(f"outcomes.by_{one}"))
        stage: Stage = st.selectbox(say("outcomes.stage"), STAGES, index=2, format_func=lambda one: say(f"stage.{one}"))
        on = st.date_input(
            say("outcomes.on"), sitting.today, max_value=sitting.today, min_value=outcome.set_on, format=figures.DAYS
        )
        note = st.text_input(say("outcomes.note"), max_chars=300)
        unwanted = st.text_input(say("outcomes.unwanted"), max_chars=300)
        advice = st.text_input(say("outcomes.advice"), max_chars=300, help=say("outcomes.advice_help"))
        if st.form_submit_button(say("outcomes.keep_rating"), type="primary"):
            try:
                with sitting.write() as records:
                    add_rating(records, sitting.reader, outcome.id, value, on, stage, by, note, unwanted, advice)
            except LearningLogError as refusal:
                st.error(str(refusal), icon=":material/error:")
                return
            st.toast(say("outcomes.rating_kept"), icon=":material/check:")
            st.rerun()


def _add(sitting: Sitting, person_id: UUID) -> None:
    aspects = _aspects()
    with st.expander(say("outcomes.add")), st.form("add_outcome", border=False, clear_on_submit=True):
        words = st.text_area(say("outcomes.words"), max_chars=1000, help=say("outcomes.words_help"))
        aspect = st.selectbox(
            say("outcomes.aspect"), ["", *aspects], format_func=lambda key: aspects.get(key, say("outcomes.no_aspect"))
        )
        scale = st.selectbox(
            say("outcomes.scale"), [*BUILT_IN, LADDER], format_func=lambda key: say(f"scale.{key}"), index=1
        )
        steps = st.text_area(say("outcomes.ladder"), max_chars=500)
        on: date = st.date_input(say("outcomes.set_day"), sitting.today, max_value=sitting.today, format=figures.DAYS)
        if st.form_submit_button(say("outcomes.keep"), type="primary"):
            try:
                with sitting.write() as records:
                    add_outcome(records, sitting.reader, person_id, words, on, aspect, scale, steps.split("\n"))
            except LearningLogError as refusal:
                st.error(str(refusal), icon=":material/error:")
                return
            st.toast(say("outcomes.kept"), icon=":material/check:")
            st.rerun()


def _aspects() -> dict[str, str]:
    """Of every framework; a key that two of them use means the same in both."""
    found: dict[str, str] = {}
    for name in config.names("frameworks"):
        found = {**config.load(f"frameworks/{name}")["aspects"], **found}
    return found


def _step(step: str) -> str:
    """A built-in step by its name; the steps of a ladder are the person's own words."""
    return say(f"step.{step}") if step in NAMED_STEPS else plain(step)
