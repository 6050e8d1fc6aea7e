"""Charts that can be read without colour, each with its figures in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt
import streamlit as st

from learning_log.domain.disclosure import Shown
from learning_log.domain.periods import Period
from learning_log.services.measuring import Kpi
from learning_log.services.proposing import Flow
from learning_log.services.sense_making import ThemeOverTime
from sense_making_app.components import figures
from sense_making_app.wording import say

INK, QUIET, LINE = "#1e2a2f", "#55626a", "#d9d3c7"
COLOURS = {"works": "#0f6466", "not_working": "#a3460f"}
SIGNAL = "#a3460f"
SMALL_FONT, FONT = 12, 13
CARD_HEIGHT, TILE_HEIGHT, FULL_HEIGHT = 96, 96, 340
MOST_MOVES = 12


def of_theme(theme: ThemeOverTime, height: int = CARD_HEIGHT) -> None:
    labels = [figures.short_period(count.period) for count in theme.months]
    values = [str(count.times) for count in theme.months]
    alt_text = say("chart.theme", theme=theme.label, figures=figures.in_words(labels, values))
    _bars(
        [count.period for count in theme.months],
        values,
        [count.times for count in theme.months],
        theme,
        alt_text,
        height,
    )


def of_released(label: str, direction: str, quarters: Sequence[Period], people: Sequence[Shown]) -> None:
    labels = [figures.short_period(quarter) for quarter in quarters]
    texts = [cell.text if cell.value is not None else say("too_few.short") for cell in people]
    alt_text = say("chart.released", theme=label, figures=figures.in_words(labels, texts))
    _bars(quarters, texts, [cell.value or 0 for cell in people], direction, alt_text, CARD_HEIGHT)


def of_tile(kpi: Kpi) -> None:
    """A line without an axis: the tile says the latest figure."""
    rows = _points(kpi)
    if len(rows) < 2:
        return
    base = alt.Chart(_data(rows[-12:]))
    x = alt.X("at:O", sort=None, axis=_month_axis(rows[-12:]))
    y = alt.Y("value:Q", scale=alt.Scale(zero=False, nice=False, padding=5), axis=None)
    line = base.mark_line(color=COLOURS["works"], strokeWidth=2.5).encode(x=x, y=y)
    last = base.transform_filter("datum.last").mark_point(filled=True, size=80, color=COLOURS["works"]).encode(x=x, y=y)
    _show(alt.layer(line, last), TILE_HEIGHT, _kpi_alt(kpi))


def of_control(kpi: Kpi) -> None:
    """The figures with their middle, their limits and the target; a signal is a diamond, not only a colour."""
    rows = _points(kpi)
    asked = {question.period for question in kpi.questions}
    for row, point in zip(rows, [one for one in kpi.points if one.value is not None], strict=True):
        row["signal"] = any(one.first <= point.period.first and point.period.last <= one.last for one in asked)
    base = alt.Chart(_data(rows))
    x = alt.X("at:O", sort=None, axis=_month_axis(rows))
    y = alt.Y("value:Q", scale=alt.Scale(zero=False, padding=24), axis=_axis(labels=True, title=_unit(kpi)))
    line = base.mark_line(color=INK, strokeWidth=2).encode(x=x, y=y)
    dots = base.transform_filter("!datum.signal").mark_point(filled=True, size=70, color=INK).encode(x=x, y=y)
    diamonds = (
        base.transform_filter("datum.signal")
        .mark_point(filled=True, size=170, shape="diamond", color=SIGNAL)
        .encode(x=x, y=y)
    )
    _show(alt.layer(*_rules(kpi), line, dots, diamonds), FULL_HEIGHT, _kpi_alt(kpi))


def of_moves(flows: Sequence[Flow]) -> None:
    """A bar for each way that answers would go, the largest first."""
    shown = flows[:MOST_MOVES]
    nowhere = say("chart.nowhere")
    names = [" → ".join(figures.heading(name) or nowhere for name in (flow.before, flow.after)) for flow in shown]
    if not shown:
        return
    rows = [{"way": name, "value": flow.answers} for name, flow in zip(names, shown, strict=True)]
    base = alt.Chart(_data(rows))
    y = alt.Y(
        "way:N",
        sort=None,
        axis=alt.Axis(title=None, labelLimit=360, labelFontSize=FONT, labelColor=INK, ticks=False, domain=False),
    )
    longest = max(flow.answers for flow in shown)
    x = alt.X("value:Q", axis=None, scale=alt.Scale(domain=[0, longest * 1.1]))
    bars = base.mark_bar(color=QUIET, cornerRadiusEnd=3).encode(x=x, y=y)
    words = base.mark_text(align="left", dx=5, fontSize=FONT, color=INK).encode(x=x, y=y, text="value:Q")
    told = figures.in_words(names, [str(flow.answers) for flow in shown])
    _show(alt.layer(bars, words), 24 * len(shown) + 10, say("chart.moves", figures=told))


def _rules(kpi: Kpi) -> list[Any]:
    lines: list[tuple[str, float, list[int]]] = []
    if kpi.limits is not None:
        lines += [
            (say("chart.upper"), kpi.limits.upper, [5, 4]),
            (say("chart.middle"), kpi.limits.mean, [1, 0]),
            (say("chart.lower"), kpi.limits.lower, [5, 4]),
        ]
    if kpi.target is not None:
        lines.append((say("chart.target"), kpi.target, [1, 3]))
    return [_rule(f"{name}: {figures.number(value, kpi.unit)}", value, dash) for name, value, dash in lines]


def _rule(text: str, value: float, dash: list[int]) -> Any:
    base = alt.Chart(_data([{"value": value, "text": text}]))
    y = alt.Y("value:Q")
    rule = base.mark_rule(color=QUIET, strokeDash=dash, strokeWidth=1.5).encode(y=y)
    words = base.mark_text(align="left", baseline="bottom", dx=4, dy=-3, fontSize=FONT, color=QUIET)
    return alt.layer(rule, words.encode(y=y, x=alt.value(0), text="text:N"))


def _bars(
    periods: Sequence[Period],
    texts: Sequence[str],
    heights: Sequence[int],
    of: ThemeOverTime | str,
    alt_text: str,
    height: int,
) -> None:
    direction = of if isinstance(of, str) else of.direction
    hidden = say("too_few.short")
    rows = [
        {"at": period.key, "label": figures.short_period(period), "value": value, "text": text}
        for period, value, text in zip(periods, heights, texts, strict=True)
    ]
    base = alt.Chart(_data(rows))
    x = alt.X("at:O", sort=None, axis=_month_axis(rows), scale=alt.Scale(paddingInner=0.25))
    top = max([*heights, 1]) * 1.35
    y = alt.Y("value:Q", axis=None, scale=alt.Scale(domain=[0, top]))
    bars = base.mark_bar(color=COLOURS.get(direction, QUIET), cornerRadiusTopLeft=3, cornerRadiusTopRight=3)
    words = base.transform_filter(f"datum.text != '{hidden}'").mark_text(dy=-7, fontSize=SMALL_FONT, color=INK)
    # A star sits high in its line: lower and larger it can be seen.
    stars = base.transform_filter(f"datum.text == '{hidden}'").mark_text(dy=2, fontSize=22, color=INK)
    layers = [bars.encode(x=x, y=y), *(marks.encode(x=x, y=y, text="text:N") for marks in (words, stars))]
    _show(alt.layer(*layers), height, alt_text)


def _data(rows: Sequence[dict[str, Any]]) -> Any:
    return alt.InlineData(values=list(rows))


def _points(kpi: Kpi) -> list[dict[str, Any]]:
    known = [point for point in kpi.points if point.value is not None]
    return [
        {
            "at": point.period.key if point.period.first.day == 1 else point.period.first.isoformat(),
            "label": figures.short_period(point.period),
            "value": point.value,
            "last": point is known[-1],
            "signal": False,
        }
        for point in known
    ]


def _kpi_alt(kpi: Kpi) -> str:
    known = [point for point in kpi.points if point.value is not None]
    labels = [figures.period(point.period) for point in known]
    values = [figures.number(point.value, kpi.unit) for point in known if point.value is not None]
    return say("chart.kpi", name=kpi.name, figures=figures.in_words(labels, values))


def _unit(kpi: Kpi) -> str:
    return say(f"unit.{kpi.unit}")


def _month_axis(rows: Sequence[dict[str, Any]]) -> alt.Axis:
    """Keys keep months apart; what is written below is their short name."""
    names = ", ".join(f"'{row['at']}': '{row['label']}'" for row in rows)
    return alt.Axis(
        title=None,
        labelExpr=f"({{{names}}})[datum.value]",
        labelAngle=0,
        labelFontSize=SMALL_FONT,
        labelColor=QUIET,
        labelOverlap="greedy",
        labelSeparation=4,
        ticks=False,
        domainColor=LINE,
        grid=False,
    )


def _axis(labels: bool, title: str | None) -> alt.Axis:
    return alt.Axis(
        title=title,
        labels=labels,
        labelFontSize=FONT,
        titleFontSize=FONT,
        labelColor=QUIET,
        titleColor=QUIET,
        gridColor="#ece7dd",
        domain=False,
        ticks=False,
        tickCount=5,
    )


def _show(chart: Any, height: int, alt_text: str) -> None:
    st.altair_chart(chart.properties(height=height, width="container").configure_view(strokeWidth=0), alt=alt_text)
