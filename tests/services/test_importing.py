"""Taking in what was gathered elsewhere: all of a file, or nothing, and the same again is no news."""

from __future__ import annotations

import csv
import os
import re
import subprocess
import sys
from contextlib import suppress
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import func, select

from learning_log.config import load, names
from learning_log.domain.indicators import CAUTIONS, REFUSALS
from learning_log.errors import ImportRefused, SettingsWrong
from learning_log.services import conversations, joining, organisation
from learning_log.services.importing import (
    Problems,
    RowsRefused,
    import_indicators,
    import_people,
    import_reflections,
    prepare_indicators,
    prepare_people,
    prepare_reflections,
)
from learning_log.services.importing.layouts import read_layout
from learning_log.services.importing.rows import MOST_BYTES, read_rows
from learning_log.storage.records import LearningLog, Records
from learning_log.storage.tables import Conversation, IndicatorValue, Person, Reflection, Service, Team

HEADER = ["id", "words", "direction"]


@pytest.fixture
def service(records: Records) -> Service:
    return organisation.add_service(records, "Supported living", organisation.add_provider(records, "Riverside Care"))


@pytest.fixture
def team(records: Records, service: Service) -> Team:
    return organisation.add_team(records, "Mill House", service)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "answers.csv"


def write(path: Path, *rows: list[str]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as opened:
        csv.writer(opened).writerows(rows)
    return path


def kept(records: Records) -> list[Reflection]:
    return list(records.all(select(Reflection).order_by(Reflection.said_at, Reflection.id)))


def test_answers_are_kept_with_what_was_asked(records: Records, service: Service, file: Path) -> None:
    write(file, HEADER, ["7", "The garden is lovely", "works"], ["8", "Nothing", "not_working"])
    made = import_reflections(records, file, service=service, said_on=date(2026, 1, 5))
    assert (made.new, made.already) == (2, 0)
    garden, nothing = kept(records)
    assert records.text(garden, "words") == "The garden is lovely"
    assert (garden.direction, garden.source, garden.audience) == ("works", "import", "team")
    assert (garden.person_id, garden.staff_id, garden.service_id) == (None, None, service.id)
    assert garden.said_at == datetime(2026, 1, 5, 12, tzinfo=UTC)
    assert (garden.feeling, garden.nothing_to_report) == ("good", False)
    assert nothing.nothing_to_report


@pytest.mark.parametrize("header", [HEADER, HEADER[1:]], ids=["with ids", "without ids"])
def test_the_same_file_again_changes_nothing(records: Records, service: Service, file: Path, header: list[str]) -> None:
    rows = [["1", "Nothing", "works"], ["2", "Nothing", "works"], ["3", "Too cold", "not_working"]]
    write(file, header, *(row[-len(header) :] for row in rows))
    assert import_reflections(records, file, service=service).new == 3
    again = import_reflections(records, file, service=service, said_on=date(2026, 1, 5))
    assert (again.new, again.already) == (0, 3)
    write(file, header, *(row[-len(header) :] for row in [*rows, ["4", "Nothing", "works"]]))
    more = import_reflections(records, file, service=service)
    assert (more.new, more.already) == (1, 3)
    assert len(kept(records)) == 4


def test_the_same_file_under_another_name_is_noticed(records: Records, service: Service, file: Path) -> None:
    rows = [["1", "Too cold", "works"], ["2", "Nothing", "works"], ["3", "Too loud", "not_working"]]
    write(file, HEADER, *rows)
    import_reflections(records, file, service=service)
    copy = write(file.with_name("answers (1).csv"), HEADER, *rows, ["4", "New", "works"])
    made = import_reflections(records, copy, service=service)
    assert made.new == 4
    assert [notice.partition(":")[0] for notice in made.notices] == [
        "3 of the new rows were imported before, as 'answers'"
    ]
    assert import_reflections(records, copy, service=service).notices == []
    others = write(file.with_name("others.csv"), HEADER, ["1", "Other words", "works"])
    assert import_reflections(records, others, service=service).notices == []


def test_a_row_that_was_corrected_stays_as_it_was_and_that_is_said(
    records: Records, service: Service, file: Path
) -> None:
    write(file, HEADER, ["1", "Too cold", "works"], ["2", "Nothing", "works"])
    import_reflections(records, file, service=service)
    write(file, HEADER, ["1", "Too cold in May", "works"], ["2", "Nothing", "works"])
    made = import_reflections(records, file, service=service)
    assert (made.new, made.already) == (0, 2)
    assert made.notices == [
        "1 row has other words than when they were imported. They stay as they were imported first."
    ]
    assert {records.text(row, "words") for row in kept(records)} == {"Too cold", "Nothing"}


def test_what_is_not_closed_is_named_by_the_line_where_its_row_begins(
    records: Records, service: Service, file: Path
) -> None:
    file.write_text('id,words,direction\n1,"on two\nlines",works\n2,"never closed,works\n3,fine,works\n')
    with pytest.raises(ImportRefused, match="row that begins in line 4"):
        import_reflections(records, file, service=service)


@pytest.mark.parametrize("day", ["0026-03-01", "0001-01-01T00:00+05:00", "0001-01-01"])
def test_a_year_that_was_mistyped_is_refused(records: Records, service: Service, file: Path, day: str) -> None:
    write(file, [*HEADER, "said_on"], ["1", "Too cold", "works", day])
    with pytest.raises(RowsRefused, match=f"'{re.escape(day[:30])}' is not a date"):
        import_reflections(records, file, service=service)


def test_a_file_is_checked_without_keeping_others_from_writing(log: LearningLog, tenant: UUID, tmp_path: Path) -> None:
    with log.write(tenant) as records:
        provider = organisation.add_provider(records, "Riverside Care")
        home = organisation.add_team(records, "Mill House", organisation.add_service(records, "Living", provider))
        home_id = home.id
    answers = write(tmp_path / "a.csv", [*HEADER, "service"], ["1", "Too cold", "works", "Living"])
    people = write(tmp_path / "p.csv", ["reference", "name", "team"], ["P-1", "Ann Example", "Mill House"])
    values = write(
        tmp_path / "v.csv",
        ["indicator", "service", "period_start", "period_end", "value"],
        ["occupancy", "Living", "2026-01-01", "2026-01-31", "91"],
    )
    with log.read(tenant) as records:
        ready = [
            prepare_reflections(records, answers),
            prepare_people(records, people),
            prepare_indicators(records, values),
        ]
        with log.write(tenant) as others:
            organisation.add_person(others, "Added meanwhile", others.get(Team, home_id))
    with log.write(tenant) as records:
        assert [keep(records, lambda done, total: None).new for keep in ready] == [1, 1, 1]


def test_who_takes_their_agreement_back_while_a_file_is_checked_is_left_alone(
    log: LearningLog, tenant: UUID, file: Path
) -> None:
    with log.write(tenant) as records:
        provider = organisation.add_provider(records, "Riverside Care")
        home = organisation.add_team(records, "Mill House", organisation.add_service(records, "Living", provider))
        ann = organisation.add_person(records, "Ann Example", home)
        chat, _ = joining.accept(records, joining.invite(records, person_id=ann.id), "webchat", "an address")
        joining.answer_agreement(records, chat, joining.TAKE_PART, True, "1")
    write(file, [*HEADER, "person"], ["1", "Too cold", "works", "Ann Example"])
    with log.read(tenant) as records:
        keep = prepare_reflections(records, file)
    with log.write(tenant) as records:
        joining.answer_agreement(records, records.first(select(Conversation)), joining.TAKE_PART, False, "1")
    with log.write(tenant) as records:
        with pytest.raises(ImportRefused, match="took their agreement back"):
            keep(records, lambda done, total: None)
        assert kept(records) == []


def test_every_wrong_row_is_named_and_nothing_is_imported(log: LearningLog, tenant: UUID, file: Path) -> None:
    with log.write(tenant) as records:
        organisation.add_service(records, "Supported living", organisation.add_provider(records, "Riverside Care"))
    write(
        file,
        [*HEADER, "said_on", "service"],
        ["1", "Good food", "works", "2026-01-05", "Supported living"],
        ["2", "Too cold", "sideways", "2026-01-05", "Supported living"],
        ["3", "Too warm", "works", "5th of May", "Supported living"],
        ["4", "Too warm", "works", "2031-01-05", "Supported living"],
        ["1", "Too loud", "works", "2026-01-05", "Elsewhere"],
        ["6", "Too", "many", "cells", "here", "!"],
        ["7", "No service", "works", "2026-01-05", ""],
    )
    with pytest.raises(RowsRefused) as refused, log.write(tenant) as records:
        import_reflections(records, file)
    assert [(problem.row, problem.column) for problem in refused.value.problems] == [
        (3, "direction"),
        (4, "said_on"),
        (5, "said_on"),
        (6, "service"),
        (6, "id"),
        (7, "-"),
        (8, "service"),
    ]
    said = str(refused.value)
    assert said.startswith("7 things are wrong in answers.csv. Nothing was imported.")
    assert "row 3, column 'direction': 'sideways' is not one of: works, not_working, other" in said
    assert "row 6, column 'id': row 2 has this id too" in said
    with log.read(tenant) as records:
        assert kept(records) == []


def test_fifty_problems_are_shown_and_all_are_counted(records: Records, service: Service, file: Path) -> None:
    write(file, HEADER, *([str(number), "Words", "sideways"] for number in range(80)))
    with pytest.raises(RowsRefused) as refused:
        import_reflections(records, file, service=service)
    assert (len(refused.value.problems), refused.value.total) == (50, 80)
    assert "… and 30 more." in str(refused.value)


def test_rows_without_words_are_left_out_and_counted(records: Records, service: Service, file: Path) -> None:
    write(file, HEADER, ["1", "  ", "works"], ["2", "Good food", "works"])
    made = import_reflections(records, file, service=service)
    assert (made.new, made.left_out) == (1, 1)


def test_nothing_of_a_person_who_did_not_agree_is_kept(records: Records, team: Team, file: Path) -> None:
    organisation.add_person(records, "Ann Example", team, reference="A1")
    write(file, [*HEADER, "person"], ["1", "Good food", "works", "A1"])
    with pytest.raises(RowsRefused, match="row 2, column 'person': this person has not agreed"):
        import_reflections(records, file)


def test_an_answer_of_a_person_who_agreed_is_theirs_and_their_teams(records: Records, team: Team, file: Path) -> None:
    person = organisation.add_person(records, "Ann Example", team, reference="A1")
    chat = records.add(
        Conversation(
            person_id=person.id,
            channel="webchat",
            address_hash=conversations.address_hash(records, "webchat", "x"),
            made_at=records.now,
            changed_at=records.now,
        )
    )
    joining.answer_agreement(records, chat, joining.TAKE_PART, True, "1")
    write(file, [*HEADER, "person"], ["1", "Good food", "works", "A1"])
    import_reflections(records, file)
    (reflection,) = kept(records)
    assert (reflection.person_id, reflection.team_id, reflection.service_id) == (person.id, team.id, team.service_id)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b" \n\n", "is empty"),
        (b"id,words,direction\n", "has a header and no rows"),
        (b"id,answer,direction\n1,Good,works\n", "has no column 'words'"),
        (b"id,words,words,direction\n1,a,b,works\n", "has the column 'words' twice"),
        (b'id,words,direction\n1,"Good,works\n', "is not a CSV file that can be read"),
        (b"\xff\xfei\0d\0", "is not plain text"),
        (b"id,words,direction\n1,\x81\x8d,works\n", "neither in UTF-8 nor in Windows-1252"),
        (b"PK\x03\x04\0\0", "is not plain text"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_in_a_sentence(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "answers.csv"
    path.write_bytes(content)
    with pytest.raises(ImportRefused, match=said) as refused:
        read_rows(path, read_layout("default", "reflections"), ("words", "direction"), Problems(path.name))
    assert "Nothing was imported." in str(refused.value)


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "nowhere.csv"):
        with pytest.raises(ImportRefused, match="There is no file"):
            read_rows(path, read_layout("default", "reflections"), ("words",), Problems(path.name))


def test_a_huge_file_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "answers.csv"
    with path.open("wb") as opened:
        opened.truncate(MOST_BYTES + 1)  # takes no room on the disk
    with pytest.raises(ImportRefused, match="larger than 100 MB"):
        read_rows(path, read_layout("default", "reflections"), ("words",), Problems(path.name))


@pytest.mark.parametrize(
    "content",
    [
        "\ufeffID;Words;Direction\r\n1;Café;works\r\n".encode(),
        b"id\twords\tdirection\n1\tCaf\xe9\tworks\n",
        '"id","words","direction"\n"1","Café","Works"\n\n,,\n'.encode(),
    ],
    ids=["semicolons and a byte order mark", "tabs in Windows-1252", "quotes and empty lines"],
)
def test_files_of_any_spreadsheet_are_read(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "answers.csv"
    path.write_bytes(content)
    problems = Problems(path.name)
    read = read_rows(path, read_layout("default", "reflections"), ("words", "direction"), problems)
    assert [(row.number, row["words"], row["direction"]) for row in read.rows] == [(2, "Café", "works")]
    assert problems.total == 0
    assert [("Windows-1252" in notice) for notice in read.notices] == ([True] if b"\xe9\t" in content else [])


def test_a_cell_that_was_kept_from_becoming_a_formula_is_read_as_it_was(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", HEADER, ["1", "'=1+1", "works"], ["2", "'tis good", "works"])
    read = read_rows(path, read_layout("default", "reflections"), (), Problems(path.name))
    assert [row["words"] for row in read.rows] == ["=1+1", "'tis good"]


@given(st.binary(max_size=200))
def test_no_file_whatever_breaks_the_reader(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "any.csv"
    path.write_bytes(b"id,words,direction\n" + content)
    problems = Problems(path.name)
    with suppress(ImportRefused):
        read = read_rows(path, read_layout("default", "reflections"), ("words", "direction"), problems)
        assert read.rows or problems.total


def test_both_layouts_of_the_published_comments_say_what_was_asked() -> None:
    fft, phase1 = read_layout("nhs_fft", "reflections"), read_layout("nhs_phase1", "reflections")
    assert fft.values["direction"] == {"what_good": "works", "could_improve": "not_working", "nonspecific": "other"}
    assert phase1.values["direction"]["trust a - q1"] == "not_working"
    assert phase1.values["direction"]["trust c - q1"] == "works"
    for layout in (fft, phase1):
        assert (layout.columns["words"], layout.fixed["audience"]) == ("text", "themes")


def test_every_layout_maps_to_columns_and_values_that_are_ours() -> None:
    ours = read_layout("default", "reflections")
    for name in names("import_layouts"):
        layout = read_layout(name, "reflections")
        assert {*layout.columns, *layout.fixed} <= {*ours.columns}
        assert set(layout.values["direction"].values()) <= {"works", "not_working", "other"}


def test_published_comments_come_in_with_their_layout(records: Records, service: Service, tmp_path: Path) -> None:
    path = write(
        tmp_path / "comments.csv",
        ["id", "text", "question", "themes"],
        ["X - Q1", "Kind invented staff", "what_good", "Staff|Care"],
        ["X - Q2", "Shorter waits", "could_improve", ""],
    )
    assert import_reflections(records, path, "nhs_fft", service).new == 2
    path.rename(tmp_path / "renamed.csv")
    assert import_reflections(records, tmp_path / "renamed.csv", "nhs_fft", service).already == 2
    assert {reflection.audience for reflection in kept(records)} == {"themes"}


def test_an_unknown_layout_is_refused_with_the_names_of_those_there_are(
    records: Records, service: Service, file: Path
) -> None:
    write(file, HEADER, ["1", "Words", "works"])
    with pytest.raises(SettingsWrong, match="There is: default, nhs_fft, nhs_phase1"):
        import_reflections(records, file, "nhs", service)


def test_a_layout_without_columns_is_refused_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "import_layouts").mkdir()
    (tmp_path / "import_layouts" / "ours.toml").write_text("reflections = 1\n")
    look = "from learning_log.services.importing.layouts import read_layout; read_layout('ours', 'reflections')"
    ran = subprocess.run(
        [sys.executable, "-c", look],
        env={**os.environ, "WHATMATTERS_CONFIG_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "SettingsWrong: The layout 'ours' has no [reflections.columns]" in ran.stderr


def test_five_thousand_answers_take_seconds(records: Records, service: Service, file: Path) -> None:
    words = ["The staff are kind and patient", "I waited two hours", "Nothing", "More trips to the sea please"]
    rows = ([str(number), f"{words[number % 4]} {number}", "other"] for number in range(5000))
    write(file, HEADER, *rows)
    before = datetime.now(UTC)
    assert import_reflections(records, file, service=service).new == 5000
    assert (datetime.now(UTC) - before).total_seconds() < 30  # about 3 on an idle machine with 2 cores
    assert records.first(select(func.count()).select_from(Reflection)) == 5000


def test_people_come_in_once(records: Records, team: Team, file: Path) -> None:
    write(
        file,
        ["reference", "name", "team", "language", "zone"],
        ["A1", "Ann Example", "Mill House", "", ""],
        ["A2", "Bo Example", "mill house", "pl", "Europe/Warsaw"],
    )
    assert import_people(records, file).new == 2
    assert import_people(records, file).already == 2
    ann, bo = (organisation.find_person(records, reference) for reference in ("A1", "A2"))
    assert (ann.language, ann.zone, ann.team_id) == ("en", "Europe/London", team.id)
    assert (bo.language, bo.zone) == ("pl", "Europe/Warsaw")


def test_wrong_people_are_all_named_and_none_comes_in(records: Records, team: Team, file: Path) -> None:
    write(
        file,
        ["reference", "name", "team", "language", "zone"],
        ["A1", "Ann Example", "Mill House", "", ""],
        ["a1", "Bo Example", "Nowhere", "English", "Mars/Base"],
        ["", "", "", "", ""],
        ["A3", "", "", "", ""],
    )
    with pytest.raises(RowsRefused) as refused:
        import_people(records, file)
    assert [(problem.row, problem.column) for problem in refused.value.problems] == [
        (3, "team"),
        (3, "language"),
        (3, "zone"),
        (3, "reference"),
        (5, "name"),
        (5, "team"),
    ]
    assert records.all(select(Person)) == []


KPI = ["indicator", "period_start", "period_end", "value", "numerator", "denominator", "note"]


def test_values_of_indicators_come_in_once(records: Records, service: Service, file: Path) -> None:
    write(file, KPI, ["occupancy", "2026-01-01", "2026-01-31", "90%", "9", "10", "One move"])
    assert import_indicators(records, file, service=service).new == 1
    assert import_indicators(records, file, service=service).already == 1
    value = records.first(select(IndicatorValue))
    assert (value.value, value.numerator, value.denominator) == (90, 9, 10)
    assert records.text(value, "note") == "One move"


def test_illegal_values_are_refused_in_words(records: Records, service: Service, file: Path) -> None:
    write(
        file,
        KPI,
        ["occupancy", "2026-01-01", "2026-01-31", "101", "", "", ""],
        ["occupancy", "2026-02-01", "2026-01-31", "90", "", "", ""],
        ["happiness", "2026-01-01", "2026-01-31", "90", "", "", ""],
        ["incidents_reported", "2026-01-01", "2026-01-31", "many", "", "", ""],
    )
    with pytest.raises(RowsRefused) as refused:
        import_indicators(records, file, service=service)
    said = str(refused.value)
    assert "row 2, column 'value': 101 is more than 100 per cent" in said
    assert "row 3, column 'period_end': this is before the period begins" in said
    assert "row 4, column 'indicator': 'happiness' is not one of: support_hours_delivered" in said
    assert "row 5, column 'value': 'many' is not a number" in said
    assert records.all(select(IndicatorValue)) == []


def test_unlikely_values_come_in_with_a_question(records: Records, service: Service, file: Path) -> None:
    write(
        file,
        KPI,
        ["incidents_reported", "2026-02-01", "2026-02-28", "60", "", "", ""],
        ["incidents_reported", "2026-01-01", "2026-01-31", "6", "", "", ""],
    )
    made = import_indicators(records, file, service=service)
    assert made.new == 2
    assert made.notices == ["Row 2, incidents_reported: 60 is far from 6 in the period before. Is it right?"]


def test_another_value_for_a_period_replaces_the_first_only_when_told_to(
    records: Records, service: Service, file: Path
) -> None:
    write(file, KPI, ["occupancy", "2026-01-01", "2026-01-31", "90", "", "", ""])
    import_indicators(records, file, service=service)
    write(file, KPI, ["occupancy", "2026-01-01", "2026-01-31", "91", "", "", ""])
    with pytest.raises(RowsRefused, match="90 was kept for this period already"):
        import_indicators(records, file, service=service)
    assert import_indicators(records, file, service=service, replace=True).new == 1
    assert [value.value for value in records.all(select(IndicatorValue))] == [91]


def test_every_finding_about_a_value_has_its_words() -> None:
    words = load("cli/findings")
    assert set(words["refusals"]) == REFUSALS
    assert set(words["cautions"]) == CAUTIONS
