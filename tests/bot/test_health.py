"""The worker says whether it lives, whether it is ready, and how it does: over real HTTP, to its monitor only."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import text

from bot.health import HANDLING, POLLING, SHOWING, TICK, Health, Look
from learning_log.errors import SettingsWrong
from learning_log.storage.database import Database
from learning_log.storage.records import LearningLog
from tests.services.delivered import Post

Ask = Callable[[str], Awaitable[httpx.Response]]


class Watch:
    """A clock that goes when it is told."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def health(log: LearningLog, watch: Watch) -> Iterator[Health]:
    health = Health(log, watch)
    yield health
    health.close()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
        return port


def served(health: Health, visit: Callable[[Ask], Awaitable[None]]) -> None:
    """Serves it on loopback while somebody visits."""

    async def all_of_it() -> None:
        stop, port = asyncio.Event(), free_port()
        serving = asyncio.create_task(health.serve("127.0.0.1", port, stop))
        transport = httpx.AsyncHTTPTransport(retries=5)
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", transport=transport) as client:
            await visit(client.get)
        stop.set()
        await serving

    asyncio.run(all_of_it())


def asked(health: Health, path: str) -> httpx.Response:
    answers: list[httpx.Response] = []

    async def visit(ask: Ask) -> None:
        answers.append(await ask(path))

    served(health, visit)
    return answers[0]


def all_came_round(health: Health) -> None:
    for job in (HANDLING, SHOWING, TICK):
        health.came_round(job)


def figures(health: Health) -> dict[str, float]:
    """Each sample by its name and labels, as a Prometheus server reads them."""
    answer = asked(health, "/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=")
    families = text_string_to_metric_families(answer.text)
    samples = (sample for family in families for sample in family.samples)
    return {sample.name + "".join(f"/{value}" for value in sample.labels.values()): sample.value for sample in samples}


def test_it_is_alive_whatever_the_database_does(health: Health, log: LearningLog) -> None:
    log.database.engine.dispose()
    assert asked(health, "/healthz").status_code == 200


def test_it_is_ready_when_the_database_answers_and_every_job_came_round(health: Health) -> None:
    all_came_round(health)
    answer = asked(health, "/readyz")
    assert (answer.status_code, answer.json()["ready"]) == (200, True)


@pytest.mark.parametrize("job", [HANDLING, SHOWING, TICK])
def test_a_job_that_does_not_come_round_is_named(health: Health, watch: Watch, job: str) -> None:
    all_came_round(health)
    watch.seconds += 61
    for other in {HANDLING, SHOWING, TICK} - {job}:
        health.came_round(other)
    answer = asked(health, "/readyz")
    assert answer.status_code == 503
    assert {name: found["ok"] for name, found in answer.json()["jobs"].items() if name == job or not found["ok"]} == {
        job: False
    }


def test_it_is_not_ready_before_its_jobs_have_come_round_once(health: Health) -> None:
    assert asked(health, "/readyz").status_code == 503


def test_polling_counts_only_while_this_worker_holds_the_channel(health: Health) -> None:
    all_came_round(health)
    health.expect(POLLING)
    assert asked(health, "/readyz").status_code == 503
    health.came_round(POLLING)
    assert asked(health, "/readyz").status_code == 200
    health.expect_no_more(POLLING)
    assert POLLING not in asked(health, "/readyz").json()["jobs"]


def test_a_schema_that_does_not_fit_is_said(health: Health, log: LearningLog) -> None:
    all_came_round(health)
    with log.database.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    answer = asked(health, "/readyz")
    assert answer.status_code == 503
    assert "whatmatters init" in answer.json()["database"]["trouble"]


@pytest.mark.parametrize("url", ["sqlite:///{folder}/gone.db", "postgresql://nobody:secret-word@127.0.0.1:1/log"])
def test_a_database_that_is_away_is_said_without_its_address(url: str, log: LearningLog, tmp_path: Path) -> None:
    health = Health(LearningLog(Database(url.format(folder=tmp_path)), log.vault))
    all_came_round(health)
    answer = asked(health, "/readyz")
    assert answer.status_code == 503
    assert answer.json()["database"]["trouble"]
    assert "secret-word" not in answer.text
    assert figures(health)["whatmatters_database_up"] == 0


def test_a_database_that_hangs_keeps_nobody_waiting_and_is_asked_once() -> None:
    over, asked_times = threading.Event(), []

    def hang() -> str:
        asked_times.append(1)
        over.wait()
        return "at last"

    async def look() -> None:
        looking = Look(hang, thread, Watch(), answer_seconds=0.01)
        for _ in range(3):
            with pytest.raises(TimeoutError):
                await looking.latest()
        assert len(asked_times) == 1

    with ThreadPoolExecutor(1) as thread:
        asyncio.run(look())
        over.set()


def test_the_database_is_asked_at_most_every_few_seconds(watch: Watch) -> None:
    times: list[int] = []

    async def look(thread: ThreadPoolExecutor) -> None:
        looking = Look(lambda: times.append(1), thread, watch)
        for seconds in (0, 1, 3, 2):  # 6 seconds in all
            watch.seconds += seconds
            await looking.latest()

    with ThreadPoolExecutor(1) as thread:
        asyncio.run(look(thread))
    assert len(times) == 2


def test_what_the_worker_does_is_counted(health: Health, watch: Watch) -> None:
    metrics = health.metrics
    metrics.kept(3)
    metrics.handled(0.2)
    metrics.handled(-0.1)  # the clock was set back
    metrics.failed()
    metrics.set_aside()
    metrics.sending("sent")
    metrics.sending("refused")
    metrics.sending("unknown")
    metrics.sending("unknown")
    metrics.sending("put_back")
    metrics.ticked(0.01)
    health.came_round(TICK)
    watch.seconds += 7
    found = figures(health)
    for name, value in {
        "whatmatters_messages_kept_total": 3,
        "whatmatters_messages_handled_total": 2,
        "whatmatters_messages_failed_total": 1,
        "whatmatters_messages_set_aside_total": 1,
        "whatmatters_sendings_total/sent": 1,
        "whatmatters_sendings_total/refused": 1,
        "whatmatters_sendings_total/unknown": 2,
        "whatmatters_sendings_total/put_back": 1,
        "whatmatters_answer_seconds_count": 2,
        "whatmatters_answer_seconds_bucket/0.25": 2,
        "whatmatters_tick_seconds_count": 1,
        "whatmatters_job_age_seconds/tick": 7,
    }.items():
        assert found[name] == value, name
    assert found["process_resident_memory_bytes"] > 0


def test_what_waits_in_the_database_is_shown(health: Health, log: LearningLog, tenant: UUID) -> None:
    post = Post(log, tenant)
    post.received(timedelta(minutes=2))
    post.received(timedelta(hours=1), status="aside")
    post.said("alert")
    post.said("prompt", status="unknown")
    post.worry(timedelta(minutes=20))
    post.seen("telegram", timedelta(seconds=9), holder="worker-1")
    found = figures(health)
    for name, value in {
        "database_up": 1,
        "due": 0,
        "to_send/alert": 1,
        "trouble/unknown": 1,
        "unhandled": 1,
        "oldest_unhandled_seconds": 120,
        "aside": 1,
        "unacknowledged_worries": 1,
        "oldest_worry_seconds": 1200,
        "channel_age_seconds/telegram": 9,
        "channel_held/telegram": 1,
    }.items():
        assert found[f"whatmatters_{name}"] == value, name


def test_no_label_holds_who_it_is(health: Health, log: LearningLog, tenant: UUID) -> None:
    post = Post(log, tenant)
    post.schedule(post.conversation(), timedelta(minutes=1))
    post.seen("telegram", timedelta(seconds=9), holder="worker-1")
    written = asked(health, "/metrics").text
    for who in ("Riverside", "Invented", "Elm", "worker-1", str(tenant)):
        assert who not in written


def test_two_workers_in_one_process_have_figures_of_their_own(health: Health, log: LearningLog) -> None:
    other = Health(log)
    other.metrics.sending("sent")
    assert b'whatmatters_sendings_total{fate="sent"} 0.0' in health.metrics.text()
    assert b'whatmatters_sendings_total{fate="sent"} 1.0' in other.metrics.text()


def test_without_a_port_nothing_is_served(health: Health) -> None:
    never = asyncio.Event()
    asyncio.run(asyncio.wait_for(health.serve("127.0.0.1", 0, never), 5))
    assert not never.is_set()  # it did not wait for the stop


def test_a_port_that_is_taken_is_said_and_ends_nothing_else(health: Health) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        serving: Any = health.serve("127.0.0.1", taken.getsockname()[1], asyncio.Event())
        with pytest.raises(SettingsWrong, match="WHATMATTERS_HEALTH_PORT"):
            asyncio.run(serving)
