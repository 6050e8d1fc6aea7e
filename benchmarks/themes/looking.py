"""The process that finds themes, measured from within: python -m benchmarks.themes.looking DATABASE-URL KEY-FILE"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from sqlmodel import func, select

from benchmarks import invented
from learning_log.services import understanding
from learning_log.services.meanings import encoder_in
from learning_log.settings import Settings
from learning_log.storage.database import Database
from learning_log.storage.encryption import Vault
from learning_log.storage.keys import read_keys
from learning_log.storage.records import LearningLog
from learning_log.storage.tables import Reflection, Team, Theme

ROUNDS = 5


def main(url: str, keys: str) -> dict[str, float]:
    log = LearningLog(Database(url), Vault(read_keys(Path(keys))), clock=lambda: invented.START + timedelta(days=401))
    encoder = encoder_in(Settings().models_dir)
    before = time.process_time()
    first = _timed(lambda: understanding.look(log, encoder))
    seen = {"first": first, "first_cpu": time.process_time() - before}
    idle = sorted(_timed(lambda: understanding.look(log, encoder)) for _ in range(ROUNDS))
    one = []
    for _ in range(ROUNDS):
        _say(log)
        one.append(_timed(lambda: understanding.look(log, encoder)))
    with log.read() as records:
        seen["themes"] = records.session.execute(select(func.count()).select_from(Theme)).scalar_one()
    seen |= {"idle": idle[ROUNDS // 2], "one": sorted(one)[ROUNDS // 2]}
    seen["memory"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    log.close()
    return seen


def _say(log: LearningLog) -> None:
    with log.write() as records:
        team = records.all(select(Team))[0]
        own = records.within(team.tenant_id)
        said = Reflection(
            team_id=team.id,
            service_id=team.service_id,
            direction="works",
            source="webchat",
            said_at=records.now,
            kept_at=records.now,
        )
        own.add(said, words="The garden is lovely in the morning.")


def _timed(do: Callable[[], object]) -> float:
    """Seconds."""
    start = time.perf_counter()
    do()
    return time.perf_counter() - start


if __name__ == "__main__":
    print(json.dumps(main(*sys.argv[1:])))
