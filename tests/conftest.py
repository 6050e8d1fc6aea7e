"""Storage for tests. Everything that touches it runs on SQLite and on PostgreSQL; neither is ever skipped."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest

from learning_log.analysis.encoder import Encoder
from learning_log.services.meanings import encoder_in
from learning_log.settings import Settings
from learning_log.storage.database import Database
from learning_log.storage.encryption import Vault
from learning_log.storage.keys import make_keys, read_keys
from learning_log.storage.records import LearningLog, Records
from learning_log.storage.tables import Tenant
from tests.databases import PostgresForTests, migrated_sqlite, postgres_server

DATABASES = ("sqlite", "postgresql")


@pytest.fixture
def now() -> datetime:
    """A Monday morning; London is on UTC."""
    return datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresForTests]:
    with postgres_server() as server:
        yield server


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return migrated_sqlite(tmp_path_factory.mktemp("template") / "migrated.db")


@pytest.fixture(params=DATABASES)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a migrated database with no rows."""
    if request.param == "sqlite":
        path = tmp_path / "whatmatters.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    server: PostgresForTests = request.getfixturevalue("postgres")
    with server.database() as url:
        yield url


@pytest.fixture(params=DATABASES)
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database with no tables yet."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
        return
    server: PostgresForTests = request.getfixturevalue("postgres")
    with server.database("template1") as url:
        yield url


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    """Settings of an installation with a migrated database and its key file; `log` opens the same one."""
    settings = Settings(data_dir=tmp_path / "data", database_url=database_url)
    make_keys(settings.path_of_keys)
    return settings


@pytest.fixture
def log(settings: Settings, now: datetime) -> Iterator[LearningLog]:
    """A learning log with new keys, where it is always `now`."""
    log = LearningLog(Database(settings.url_of_database), Vault(read_keys(settings.path_of_keys)), clock=lambda: now)
    yield log
    log.close()


@pytest.fixture
def tenant(log: LearningLog, now: datetime) -> UUID:
    """An invented organisation: "Riverside Together"."""
    return new_tenant(log, "Riverside Together")


@pytest.fixture
def other_tenant(log: LearningLog) -> UUID:
    """A second invented organisation, whose rows nobody of the first may ever see."""
    return new_tenant(log, "Hillside Together")


def new_tenant(log: LearningLog, name: str) -> UUID:
    with log.write() as records:
        tenant = Tenant(made_at=records.now, invented=True)
        records.seal(tenant, name=name)
        records.session.add(tenant)
        records.session.flush()
        return tenant.id


@pytest.fixture
def records(log: LearningLog, tenant: UUID) -> Iterator[Records]:
    """One open transaction of the tenant, committed at the end of the test."""
    with log.write(tenant) as records:
        yield records


@pytest.fixture(scope="session")
def encoder() -> Encoder:
    """The installed model."""
    found = encoder_in(Settings().models_dir)
    assert found, "The model is not installed. With a network: script/environment test"
    return found
