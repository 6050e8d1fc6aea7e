from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from learning_log.domain.disclosure import (
    HIDDEN,
    Cell,
    CountWrong,
    Place,
    Rules,
    Shown,
    Table,
    percent,
    shown,
    table,
)

Counts = list[list[int]]
NARROWEST = 8


def spread(people: int) -> Cell:
    """As many people at each of four services as can be, so that only their number decides."""
    return Cell(people, tuple(people // 4 + (1 if place < people % 4 else 0) for place in range(4)))


def made(counts: Counts) -> tuple[Table, dict[Place, int]]:
    rows = [f"theme {number}" for number in range(len(counts))]
    columns = [f"quarter {number}" for number in range(len(counts[0]))]
    people = {
        (row, column): counts[down][across] for down, row in enumerate(rows) for across, column in enumerate(columns)
    }
    return table(rows, columns, {place: spread(count) for place, count in people.items()}), people


@st.composite
def count_tables(draw: st.DrawFn) -> Counts:
    small_or_large = st.one_of(st.integers(0, 12), st.integers(8, 200))
    width = draw(st.integers(1, 5))
    return draw(st.lists(st.lists(small_or_large, min_size=width, max_size=width), min_size=1, max_size=5))


def ranges(out: Table, people: Mapping[Place, int]) -> dict[Place, float]:
    """What somebody can work out who knows every total and each shown cell exactly, from elsewhere."""
    hidden = [place for place, cell in out.cells.items() if cell == HIDDEN]
    lines = [[(row, column) for column in out.columns] for row in out.rows if len(out.columns) > 1]
    lines += [[(row, column) for row in out.rows] for column in out.columns if len(out.rows) > 1]
    known = [line for line in lines if set(line) & set(hidden)]
    sums = [[1.0 if place in line else 0.0 for place in hidden] for line in known]
    totals = [float(sum(people[place] for place in line if place in hidden)) for line in known]
    found = {}
    for place in hidden:
        aim = [1.0 if other == place else 0.0 for other in hidden]
        system = {"A_eq": sums, "b_eq": totals} if known else {}
        least = linprog(aim, **system, bounds=(0, None))
        most = linprog([-one for one in aim], **system, bounds=(0, None))
        found[place] = float("inf") if most.status == 3 else -most.fun - least.fun
    return found


@settings(max_examples=60, deadline=None)
@given(count_tables())
@example([[3, 20, 30], [40, 50, 60], [70, 80, 90]])
@example([[3], [4], [20], [30]])
@example([[0, 0, 30, 40], [50, 60, 70, 80]])
@example([[3, 9, 40, 50], [9, 9, 40, 50], [60, 60, 3, 9], [60, 60, 9, 9]])
def test_no_hidden_number_can_be_worked_out_closely_even_with_totals_from_elsewhere(counts: Counts) -> None:
    out, people = made(counts)
    if any(cell.value is not None for cell in out.cells.values()):
        assert all(width >= NARROWEST - 1e-6 for width in ranges(out, people).values())


@settings(max_examples=100, deadline=None)
@given(count_tables())
def test_no_line_has_a_single_hidden_cell(counts: Counts) -> None:
    out, _ = made(counts)
    lines = [[out.cells[row, column] for column in out.columns] for row in out.rows if len(out.columns) > 1]
    lines += [[out.cells[row, column] for row in out.rows] for column in out.columns if len(out.rows) > 1]
    assert all(line.count(HIDDEN) != 1 for line in lines)


@settings(max_examples=100, deadline=None)
@given(count_tables())
def test_a_table_never_shows_more_than_its_cells_would_show_alone(counts: Counts) -> None:
    out, people = made(counts)
    for place, cell in out.cells.items():
        assert cell in (HIDDEN, shown(people[place], spread(people[place]).services))


@settings(max_examples=100, deadline=None)
@given(count_tables())
def test_totals_tell_nothing_that_the_rounded_cells_do_not(counts: Counts) -> None:
    out, _ = made(counts)
    for row in out.rows:
        cells = [out.cells[row, column] for column in out.columns]
        values = [cell.value for cell in cells if cell.value is not None]
        if len(values) == len(cells):
            assert out.row_totals[row] == Shown(str(sum(values)), sum(values))
        else:
            assert out.row_totals[row] == (Shown(f"{sum(values)} + *", None) if values else HIDDEN)
    assert out.total.value is None or out.total.value == sum(cell.value or 0 for cell in out.cells.values())


@given(st.integers(0, 300), st.lists(st.integers(0, 100), max_size=8))
def test_what_is_shown_alone_keeps_every_rule(people: int, services: list[int]) -> None:
    services = [min(count, people) for count in services]
    if sum(services) < people:
        with pytest.raises(CountWrong):
            shown(people, services)
        return
    out = shown(people, services)
    if out.value is None:
        assert out.text == "*"
    else:
        assert people > 7
        assert out.value % 5 == 0
        assert abs(out.value - people) <= 2
        assert sum(sorted(services)[-2:]) < 0.9 * people
        assert sum(1 for count in services if count) >= 3


@pytest.mark.parametrize("people", range(8))
def test_seven_people_or_fewer_and_nobody_look_the_same(people: int) -> None:
    assert shown(people, spread(people).services) == HIDDEN


@pytest.mark.parametrize(("people", "text"), [(8, "10"), (12, "10"), (13, "15"), (1002, "1000")])
def test_other_numbers_are_rounded_to_the_nearest_five(people: int, text: str) -> None:
    assert shown(people, spread(people).services).text == text


@pytest.mark.parametrize("services", [(20,), (10, 10), (10, 8, 2), (20, 20, 20)])
def test_a_number_that_is_mostly_two_services_is_hidden(services: tuple[int, ...]) -> None:
    assert shown(20, services) == HIDDEN


def test_three_services_are_enough_when_the_largest_two_do_not_fill_the_number() -> None:
    assert shown(20, (9, 8, 3)) == Shown("20", 20)


@given(st.integers(1, 400), st.integers(1, 400))
def test_percentages_come_from_rounded_numbers_and_never_speak_of_nobody_or_everybody(part: int, whole: int) -> None:
    one, other = shown(part, spread(part).services), shown(whole, spread(whole).services)
    out = percent(one, other)
    if out.value is not None:
        assert one.value is not None
        assert other.value
        assert 0 < out.value < 100
        assert abs(out.value - 100 * one.value / other.value) <= 0.5


def test_a_percentage_of_something_hidden_is_hidden() -> None:
    assert percent(HIDDEN, Shown("20", 20)) == HIDDEN
    assert percent(Shown("20", 20), Shown("35 + *", None)) == HIDDEN
    assert percent(Shown("20", 20), Shown("20", 20)) == HIDDEN
    assert percent(Shown("5", 5), Shown("2000", 2000)) == HIDDEN


def test_a_cell_that_is_not_given_holds_nobody_and_looks_like_a_small_one() -> None:
    out = table(["a", "b"], ["x"], {("a", "x"): spread(40)})
    assert out.cells["b", "x"] == HIDDEN


def test_a_table_with_large_numbers_hides_nothing() -> None:
    out, _ = made([[20, 30], [40, 51]])
    assert [cell.text for cell in out.cells.values()] == ["20", "30", "40", "50"]
    assert (out.row_totals["theme 1"].text, out.column_totals["quarter 1"].text, out.total.text) == (
        "90",
        "80",
        "140",
    )


def test_one_small_cell_costs_only_the_smallest_cells_that_protect_it() -> None:
    out, _ = made([[3, 20, 30], [40, 50, 60], [70, 80, 90]])
    assert [cell.text for cell in out.cells.values()] == ["*", "*", "30", "*", "*", "60", "70", "80", "90"]
    assert out.row_totals["theme 0"] == Shown("30 + *", None)


def test_rules_can_be_made_stricter_and_not_weaker() -> None:
    assert shown(12, spread(12).services, Rules(hidden_up_to=15)) == HIDDEN
    assert shown(40, spread(40).services, Rules(fewest_services=5)) == HIDDEN
    for weaker in (
        {"hidden_up_to": 6},
        {"rounded_to": 1},
        {"fewest_services": 1},
        {"largest_two_percent": 95},
    ):
        with pytest.raises(CountWrong):
            Rules(**weaker)


def test_counts_that_do_not_fit_together_are_refused() -> None:
    for people, services in ((-1, ()), (10, (11,)), (10, (4, 4)), (10, (-1, 11))):
        with pytest.raises(CountWrong):
            shown(people, services)
    with pytest.raises(CountWrong):
        table(["a"], ["x"], {("b", "x"): spread(40)})
    with pytest.raises(CountWrong):
        table(["a", "a"], ["x"], {})
