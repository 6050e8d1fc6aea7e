"""A minimum KPI at a glance."""

from __future__ import annotations

import streamlit as st

from learning_log.services.measuring import Kpi, Question
from sense_making_app.components import charts, figures
from sense_making_app.sitting import Sitting
from sense_making_app.wording import plain, say

CHOSEN = "indicator"


def show(sitting: Sitting, kpi: Kpi) -> None:
    with st.container(border=True, gap="xsmall"):
        st.markdown(f"### {plain(kpi.name)}")
        latest(kpi)
        charts.of_tile(kpi)
        question = of_late(kpi)
        if question is not None:
            st.markdown(f":material/help: {ask(question)}")
        if st.button(say("kpi.look"), key=f"look_{kpi.id}", help=say("kpi.look_help", name=plain(kpi.name))):
            st.session_state[CHOSEN] = kpi.id
            sitting.go("indicators")


def of_late(kpi: Kpi) -> Question | None:
    """The newest question, while the change is still going on."""
    last = kpi.latest
    return next((one for one in kpi.questions if last and one.period.last == last.period.last), None)


def latest(kpi: Kpi) -> None:
    point = kpi.latest
    if point is None:
        st.markdown(say("kpi.nothing"))
        return
    value = say("too_few.short") if point.value is None else figures.number(point.value, kpi.unit)
    st.markdown(say("kpi.latest", value=value, period=figures.period(point.period)))
    st.caption(" · ".join(part for part in (change(kpi), target(kpi)) if part))
    if kpi.incomplete is not None:
        st.caption(say("kpi.incomplete", period=figures.period(kpi.incomplete)))


def change(kpi: Kpi) -> str:
    if kpi.change is None:
        return ""
    before = figures.period(kpi.points[-2].period)
    if abs(kpi.change) < 0.05:
        return say("kpi.same", before=before)
    by = figures.number(abs(kpi.change), "number" if kpi.unit == "percent" else kpi.unit)
    points = say("kpi.points") if kpi.unit == "percent" else ""
    return say("kpi.up" if kpi.change > 0 else "kpi.down", by=f"{by}{points}", before=before)


def target(kpi: Kpi) -> str:
    if kpi.target is None:
        return say(f"better.{kpi.better}")
    key = "kpi.target_up" if kpi.better == "up" else "kpi.target_down" if kpi.better == "down" else "kpi.target"
    return say(key, target=figures.number(kpi.target, kpi.unit))


def ask(question: Question) -> str:
    """A change is a question for the team, never a verdict."""
    what = say(f"signal.{question.rule}_{question.way}", period=figures.period(question.period))
    return f"{what} {say('signal.ask')}"
