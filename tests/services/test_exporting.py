"""Leaving with everything, and coming back with it."""

from __future__ import annotations

import csv
import json
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import SQLModel, select

from learning_log.errors import AlreadyThere, ImportRefused
from learning_log.services import auditing, forgetting
from learning_log.services.exporting import ABOUT, export
from learning_log.services.exporting.cells import RISKY, cell, from_cell
from learning_log.services.exporting.kinds import LEFT_OUT_TABLES, kinds
from learning_log.services.importing import RowsRefused, import_folder
from learning_log.services.organisation import add_person, find_person, find_staff
from learning_log.storage.database import Database
from learning_log.storage.encryption import Vault
from learning_log.storage.keys import new_keyring
from learning_log.storage.records import LearningLog
from learning_log.storage.tables import AuditEntry, Person, Reflection, Staff, Team, Tenant
from tests.conftest import new_tenant
from tests.databases import PostgresForTests, migrated_sqlite
from tests.services.everything import fill


@pytest.fixture
def exported(log: LearningLog, tenant: UUID, tmp_path: Path) -> Path:
    with log.write(tenant) as records:
        fill(records)
        auditing.record(records, "administrator", "exported")
    folder = tmp_path / "exported"
    with log.read(tenant) as records:
        export(records, folder)
    return folder


@pytest.fixture(params=["sqlite", "postgresql"])
def elsewhere(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[LearningLog]:
    """Another installation, with other keys and an organisation that is still empty."""
    if request.param == "sqlite":
        yield from _open(f"sqlite:///{migrated_sqlite(tmp_path / 'elsewhere.db')}")
    else:
        server: PostgresForTests = request.getfixturevalue("postgres")
        with server.database() as url:
            yield from _open(url)


def _open(url: str) -> Iterator[LearningLog]:
    log = LearningLog(Database(url), Vault(new_keyring()))
    yield log
    log.close()


def _files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.is_file()}


def _import(log: LearningLog, tenant: UUID, folder: Path) -> int:
    with log.write(tenant) as records:
        return sum(imported.new for imported in import_folder(records, folder))


@pytest.mark.parametrize("taken_away", ["csv", "json"])
def test_export_new_database_import_export_gives_the_same_files(
    exported: Path, elsewhere: LearningLog, tmp_path: Path, taken_away: str
) -> None:
    before = _files(exported)
    for path in exported.glob(f"*.{taken_away}"):
        if path.name != ABOUT:
            path.unlink()
    tenant = new_tenant(elsewhere, "Not named yet")
    assert _import(elsewhere, tenant, exported) == 2 * len(kinds())
    again = tmp_path / "again"
    with elsewhere.read(tenant) as records:
        export(records, again)
    assert _files(again) == before


def test_every_kind_is_in_the_export_with_rows(exported: Path) -> None:
    about = json.loads((exported / ABOUT).read_text())
    counts = about["counts"]
    assert counts.keys() == {*kinds(), "organisation"}
    assert all(count == 2 for name, count in counts.items() if name != "organisation")
    for name, count in counts.items():
        assert len(json.loads((exported / f"{name}.json").read_text())) == count
        with (exported / f"{name}.csv").open(newline="", encoding="utf-8") as file:
            assert len(list(csv.reader(file))) == count + 1


def test_every_table_is_exported_or_left_out_on_purpose() -> None:
    assert {*kinds(), *LEFT_OUT_TABLES, "tenant"} == set(SQLModel.metadata.tables)


def test_what_lets_somebody_in_is_not_exported(exported: Path) -> None:
    files = _files(exported)
    everything = b"".join(files.values())
    assert not {"invitation.csv", "inbox.csv", "outbox.csv"} & files.keys()
    for word in (b"password", b"_hash", b"tenant_id", b"_sealed"):
        assert word not in everything
    chats = {row["channel"]: row["address"] for row in json.loads(files["conversation.json"])}
    assert chats["webchat"] is None
    assert chats["telegram"]


def test_exported_files_are_private(exported: Path) -> None:
    for path in [exported, *exported.rglob("*")]:
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0


def test_the_audit_log_is_there_to_be_read_and_is_not_imported(exported: Path, elsewhere: LearningLog) -> None:
    assert json.loads((exported / "audit" / "audit_entry.json").read_text())[-1]["action"] == "exported"
    tenant = new_tenant(elsewhere, "Not named yet")
    _import(elsewhere, tenant, exported)
    with elsewhere.read(tenant) as records:
        assert [entry.action for entry in records.all(select(AuditEntry))] == ["imported an export"]
        assert auditing.broken_at(records) is None


def test_importing_where_it_came_from_changes_nothing(log: LearningLog, tenant: UUID, exported: Path) -> None:
    before = _files(exported)
    assert _import(log, tenant, exported) == 0
    with log.read(tenant) as records:
        export(records, exported)
    assert _files(exported) == before


def test_people_and_staff_are_found_again_elsewhere(exported: Path, elsewhere: LearningLog) -> None:
    tenant = new_tenant(elsewhere, "Not named yet")
    _import(elsewhere, tenant, exported)
    with elsewhere.read(tenant) as records:
        for person in records.all(select(Person)):
            assert find_person(records, records.text(person, "reference")).id == person.id
        staff = records.first(select(Staff).where(Staff.username_hash.is_not(None)))  # type: ignore[union-attr]
        assert find_staff(records, records.text(staff, "username")).id == staff.id
        assert staff.password_hash is None
        assert records.text(records.session.get_one(Tenant, tenant), "name") == "Riverside Together"


def test_somebody_who_was_forgotten_comes_back_without_a_name(
    log: LearningLog, tenant: UUID, elsewhere: LearningLog, tmp_path: Path
) -> None:
    with log.write(tenant) as records:
        fill(records)
        people = [add_person(records, f"Forgotten {at}", records.first(select(Team))) for at in (1, 2)]
        for person in people:
            forgetting.forget(records, person)
    with log.read(tenant) as records:
        export(records, tmp_path / "out")
    with elsewhere.write(new_tenant(elsewhere, "Elsewhere")) as records:
        import_folder(records, tmp_path / "out")
        for person in people:
            assert records.text(records.get(Person, person.id), "name") == ""


def test_another_organisation_gets_nothing_and_its_rows_are_not_exported(
    log: LearningLog, tenant: UUID, other_tenant: UUID, exported: Path, tmp_path: Path
) -> None:
    with log.read(other_tenant) as records:
        counts = export(records, tmp_path / "other")
    assert sum(counts.values()) == 1
    with pytest.raises(ImportRefused, match="clash"):
        _import(log, other_tenant, exported)
    with log.read(other_tenant) as records:
        assert records.all(select(Reflection)) == []


def test_every_wrong_row_is_listed_and_nothing_is_imported(exported: Path, elsewhere: LearningLog) -> None:
    people = json.loads((exported / "person.json").read_text())
    people[0]["added_at"] = "yesterday"
    people[1]["team_id"] = None
    people[1]["shoe_size"] = 43
    (exported / "person.json").write_text(json.dumps(people))
    tenant = new_tenant(elsewhere, "Not named yet")
    with pytest.raises(RowsRefused) as refused:
        _import(elsewhere, tenant, exported)
    said = str(refused.value)
    assert "person, row 2, column 'added_at': 'yesterday' is not a time with its offset" in said
    assert "person, row 3, column 'team_id': this is empty" in said
    assert "person, row 3, column 'shoe_size': this column is not known" in said
    with elsewhere.read(tenant) as records:
        assert all(records.first(select(kind.model)) is None for kind in kinds().values())


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        ("id", 5, "'5' is not an id"),
        ("name", None, "this is empty"),
        ("reference", None, "this is empty"),
        ("name", "half a pair \ud800", "is not text"),
        ("added_at", "0001-01-01T00:00+05:00", "is not a time with its offset"),
        ("added_at", "0026-03-02T09:00+00:00", "is not a time with its offset"),
        ("added_at", "9999-12-31T23:59-05:00", "is not a time with its offset"),
        ("left_on", "0026-03-02", "is not a date"),
    ],
)
def test_what_a_hand_may_have_spoilt_is_said_with_its_row(
    exported: Path, elsewhere: LearningLog, column: str, value: object, said: str
) -> None:
    people = json.loads((exported / "person.json").read_text())
    people[1][column] = value
    (exported / "person.json").write_text(json.dumps(people))
    with pytest.raises(RowsRefused) as refused:
        _import(elsewhere, new_tenant(elsewhere, "Not named yet"), exported)
    shown = str(refused.value).encode().decode()
    assert f"person, row 3, column '{column}': " in shown
    assert said in shown


def test_a_number_that_no_database_holds_is_refused(exported: Path, elsewhere: LearningLog) -> None:
    media = json.loads((exported / "media.json").read_text())
    media[0]["size"] = 10**30
    (exported / "media.json").write_text(json.dumps(media))
    with pytest.raises(RowsRefused, match="media, row 2, column 'size': '1000"):
        _import(elsewhere, new_tenant(elsewhere, "Not named yet"), exported)


def test_a_cell_too_many_and_an_open_quote_are_said_with_their_place(exported: Path, elsewhere: LearningLog) -> None:
    tenant = new_tenant(elsewhere, "Not named yet")
    (exported / "person.json").unlink()
    table = exported / "person.csv"
    header, first, *rest = table.read_text(encoding="utf-8").splitlines(keepends=True)
    table.write_text("".join([header, first.rstrip() + ",one more\n", *rest]), encoding="utf-8")
    with pytest.raises(RowsRefused, match="person, row 2, column '-': there are more cells"):
        _import(elsewhere, tenant, exported)
    table.write_text("".join([header, first, '"never closed\n', *rest]), encoding="utf-8")
    with pytest.raises(ImportRefused, match="Look from line 3 on"):
        _import(elsewhere, tenant, exported)


def test_an_export_made_while_others_write_is_whole(
    log: LearningLog, tenant: UUID, elsewhere: LearningLog, tmp_path: Path
) -> None:
    with log.write(tenant) as records:
        fill(records)

    def somebody_is_added(done: int, total: int) -> None:
        with log.write(tenant) as others:
            add_person(others, "Added meanwhile", others.first(select(Team)))

    with log.read(tenant) as records:
        counts = export(records, tmp_path / "exported", somebody_is_added)
    assert _import(elsewhere, new_tenant(elsewhere, "Not named yet"), tmp_path / "exported") == sum(counts.values()) - 1


def test_a_row_that_refers_to_nobody_is_refused(exported: Path, elsewhere: LearningLog) -> None:
    outcomes = json.loads((exported / "outcome.json").read_text())
    outcomes[0]["person_id"] = str(UUID(int=99))
    (exported / "outcome.json").write_text(json.dumps(outcomes))
    with pytest.raises(RowsRefused, match="outcome, row 2, column 'person_id': there is no person"):
        _import(elsewhere, new_tenant(elsewhere, "Not named yet"), exported)


def test_an_export_that_was_cut_short_is_refused(exported: Path, elsewhere: LearningLog, tmp_path: Path) -> None:
    tenant = new_tenant(elsewhere, "Not named yet")
    without_about = shutil.copytree(exported, tmp_path / "without")
    (without_about / ABOUT).unlink()
    with pytest.raises(ImportRefused, match="not a whole export"):
        _import(elsewhere, tenant, without_about)
    (exported / "media.json").write_text("[]\n")
    with pytest.raises(RowsRefused, match="0 rows are here, and 2 were exported"):
        _import(elsewhere, tenant, exported)


@pytest.mark.parametrize(
    ("entry", "value", "said"), [("layout", 2, "layout"), ("schema", "9999", "newer"), ("counts", [], "layout")]
)
def test_an_export_of_a_newer_program_is_refused(
    exported: Path, elsewhere: LearningLog, entry: str, value: object, said: str
) -> None:
    about = json.loads((exported / ABOUT).read_text())
    (exported / ABOUT).write_text(json.dumps({**about, entry: value}))
    with pytest.raises(ImportRefused, match=said):
        _import(elsewhere, new_tenant(elsewhere, "Not named yet"), exported)


def test_somebody_elses_files_are_not_written_over(log: LearningLog, tenant: UUID, tmp_path: Path) -> None:
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "to-mother.txt").write_text("Dear")
    with log.read(tenant) as records, pytest.raises(AlreadyThere, match="other files"):
        export(records, tmp_path / "letters")
    assert [path.name for path in (tmp_path / "letters").iterdir()] == ["to-mother.txt"]


@given(st.text() | st.integers() | st.floats(allow_nan=False) | st.booleans() | st.none())
def test_every_value_comes_back_from_its_cell(value: str | int | float | bool | None) -> None:
    assert from_cell(cell(value), type(value)) == value


@given(st.text())
def test_no_text_becomes_a_formula(value: str) -> None:
    written = cell(value)
    assert written.startswith("'") or not written.startswith(RISKY)
