from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest

from learning_log.errors import NotAllowed, NotFound
from learning_log.services.measuring import POINTS_FOR_LIMITS, Kpi, kpi, minimum_kpis, services_for
from learning_log.storage.records import LearningLog
from learning_log.storage.tables import Indicator, IndicatorValue
from tests.sense_making_app.place import Place, make_place, measure

JANUARY = date(2025, 1, 1)
STEADY = [10.0, 12, 11, 10, 12, 11, 10, 12, 11, 10, 12]


@pytest.fixture
def place(log: LearningLog, tenant: UUID) -> Place:
    return make_place(log, tenant)


def kpis(place: Place, role: str, service_id: UUID | None = None) -> list[Kpi]:
    with place.log.read(place.tenant) as records:
        return minimum_kpis(records, place.reader(role), service_id)


def values(found: Kpi) -> list[float | None]:
    return [point.value for point in found.points]


def test_a_team_sees_the_numbers_of_its_own_service(place: Place) -> None:
    with place.log.write(place.tenant) as records:
        measure(records, "hours", {place.service.id: [1, 2], place.far_service.id: [30, 40]}, JANUARY)

    assert values(kpis(place, "own_team")[0]) == [1, 2]
    assert values(kpis(place, "far_team")[0]) == [30, 40]
    assert values(kpis(place, "every_team")[0]) == [31, 42]
    assert values(kpis(place, "every_team", place.far_service.id)[0]) == [30, 40]


def test_another_services_numbers_cannot_be_asked_for(place: Place) -> None:
    with place.log.write(place.tenant) as records:
        indicator = measure(records, "hours", {place.far_service.id: [30, 40]}, JANUARY)
        with pytest.raises(NotFound):
            minimum_kpis(records, place.reader("own_team"), place.far_service.id)
        with pytest.raises(NotFound):
            kpi(records, place.reader("commissioner"), indicator.id, place.far_service.id)
        with pytest.raises(NotFound):
            services_for(records, place.reader("commissioner"), place.service.id)


@pytest.mark.parametrize("role", ["administrator", "lead"])
def test_numbers_are_for_teams_and_commissioners(place: Place, role: str) -> None:
    with pytest.raises(NotAllowed):
        kpis(place, role)


def test_numbers_of_another_tenant_do_not_exist(log: LearningLog, place: Place, other_tenant: UUID) -> None:
    other = make_place(log, other_tenant, mark="Zz")
    with log.write(other_tenant) as records:
        theirs = measure(records, "hours", {other.service.id: [1, 2]}, JANUARY)

    assert kpis(place, "every_team") == []
    with log.write(place.tenant) as records, pytest.raises(NotFound):
        kpi(records, place.reader("every_team"), theirs.id)
    with log.read(other_tenant) as records, pytest.raises(NotAllowed):
        minimum_kpis(records, place.reader("every_team"))


def test_a_month_that_one_service_has_not_sent_is_left_out_of_a_total(place: Place) -> None:
    with place.log.write(place.tenant) as records:
        measure(records, "hours", {place.service.id: [10, 10, 10], place.far_service.id: [20, 20]}, JANUARY)

    (total,) = kpis(place, "every_team")
    assert values(total) == [30, 30]
    assert total.incomplete is not None
    assert total.incomplete.key == "2025-03"
    assert kpis(place, "commissioner")[0].incomplete == total.incomplete
    assert kpis(place, "own_team")[0].incomplete is None


def test_percentages_are_put_together_from_what_they_were_counted_from(place: Place) -> None:
    with place.log.write(place.tenant) as records:
        indicator = measure(records, "training", {}, JANUARY, unit="percent")
        for service, part, whole in ((place.service, 9, 10), (place.far_service, 10, 40)):
            row = IndicatorValue(
                indicator_id=indicator.id,
                service_id=service.id,
                period_start=JANUARY,
                period_end=date(2025, 1, 31),
                value=100 * part / whole,
                numerator=part,
                denominator=whole,
                entered_at=records.now,
            )
            records.add(row)

    assert values(kpis(place, "every_team")[0]) == [38.0]


def test_a_commissioner_sees_services_only_together_and_no_small_count(place: Place) -> None:
    with place.log.write(place.tenant) as records:
        both = {place.service.id: [3.0, 30], place.far_service.id: [4.0, 40]}
        measure(records, "a count", both, JANUARY, unit="count")
        measure(records, "b alone", {place.service.id: [50.0, 60]}, JANUARY, unit="count")

    together, alone = kpis(place, "commissioner")

    assert values(together) == [None, 70]
    assert values(alone) == []
    assert not [name for name in place.names if name in repr([together, alone])]


def test_numbers_are_listed_by_name_and_never_by_how_good_they_are(place: Place) -> None:
    with place.log.write(place.tenant) as records:
        for key, value in (("beta", 1.0), ("alpha", 99.0), ("gamma", 50.0)):
            measure(records, key, {place.service.id: [value]}, JANUARY)

    assert [found.name for found in kpis(place, "own_team")] == ["KPI alpha", "KPI beta", "KPI gamma"]


def test_limits_wait_for_enough_points(place: Place) -> None:
    with place.log.write(place.tenant) as records:
        measure(records, "few", {place.service.id: STEADY[: POINTS_FOR_LIMITS - 1]}, JANUARY)
        measure(records, "many", {place.service.id: [*STEADY, 11]}, JANUARY)

    few, many = kpis(place, "own_team")

    assert few.limits is None
    assert few.questions == ()
    assert many.limits is not None
    assert many.limits.lower < 10 < 12 < many.limits.upper
    assert many.questions == ()


def test_a_change_beyond_the_usual_is_a_question_about_its_time(place: Place) -> None:
    with place.log.write(place.tenant) as records:
        measure(records, "hours", {place.service.id: [*STEADY, *STEADY, 40, 41]}, JANUARY, better="down")

    (found,) = kpis(place, "own_team")
    newest = found.questions[0]

    assert (newest.rule, newest.way, newest.is_better) == ("outside_limits", "up", False)
    assert (newest.period.first, newest.period.last) == (date(2026, 11, 1), date(2026, 12, 31))


def test_a_number_that_is_good_neither_way_has_no_verdict(place: Place) -> None:
    with place.log.write(place.tenant) as records:
        measure(records, "hours", {place.service.id: [*STEADY, *STEADY, 40]}, JANUARY, better="neither", target=5.0)

    (found,) = kpis(place, "own_team")

    assert found.questions[0].is_better is None
    assert found.against_target is None


def test_the_latest_figure_and_its_change_are_at_hand(place: Place) -> None:
    with place.log.write(place.tenant) as records:
        measure(records, "hours", {place.service.id: [4, 7]}, JANUARY, target=6.0)
        measure(records, "none", {}, JANUARY)

    hours, none = kpis(place, "own_team")

    assert hours.latest is not None
    assert (hours.latest.value, hours.change, hours.target) == (7, 3, 6.0)
    assert none.latest is none.change is None


def test_only_minimum_indicators_are_minimum_kpis(place: Place) -> None:
    with place.log.write(place.tenant) as records:
        records.get(Indicator, measure(records, "extra", {place.service.id: [1]}, JANUARY).id).minimum = False

    assert kpis(place, "own_team") == []
