"""Invented answers by the hundred thousand, with what they mean, in a database of their own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

import numpy as np

from benchmarks import bulk
from learning_log import config
from learning_log.analysis.encoder import Encoder, of_length_one, packed
from learning_log.services.meanings import SEALED
from learning_log.services.organisation import add_provider, add_service, add_staff, add_team
from learning_log.storage.records import LearningLog
from learning_log.storage.tables import Reflection, ReflectionMeaning, Tenant, new_id

START = datetime(2026, 1, 5, 9, tzinfo=UTC)
ONE_IN = 100  # answers is of a small team
NOISE = 0.3  # how far the vector of an answer lies from those of its sentences


@dataclass(frozen=True)
class Place:
    """Where the answers are. reader: somebody of the staff. small_team: the one that has few of them."""

    tenant: UUID
    team: UUID
    small_team: UUID
    service: UUID
    reader: UUID


def sentences_of_the_example() -> list[str]:
    found: set[str] = set()

    def look(node: Any) -> None:
        if isinstance(node, str) and len(node.split()) > 3:
            found.add(node)
        for each in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
            look(each)

    for name in ("people_works", "people_not_working", "staff_works", "staff_not_working"):
        look(config.load(f"example/{name}"))
    return sorted(found)


def place(log: LearningLog) -> Place:
    with log.write() as records:
        tenant = Tenant(made_at=START, invented=True)
        records.seal(tenant, name="Invented Partnership")
        records.session.add(tenant)
        own = records.within(tenant.id)
        service = add_service(own, "Invented Service", add_provider(own, "Invented Provider"))
        team = add_team(own, "Invented House", service)
        small = add_team(own, "Invented Flat", service)
        reader = add_staff(own, "Somebody Invented", team).id
        return Place(tenant.id, team.id, small.id, service.id, reader)


def fill(
    log: LearningLog, encoder: Encoder, where: Place, sentences: Sequence[str], answers: int, *, placed: bool
) -> None:
    """Each answer is two of the sentences, with a vector near theirs. placed: themes were looked for in them."""
    vectors = encoder.encode(list(sentences))
    vault, chance = log.vault, Random(1)
    said = [(new_id(), chance.randrange(len(sentences)), chance.randrange(len(sentences))) for _ in range(answers)]

    def reflections() -> Iterator[dict[str, Any]]:
        for at, (id, one, other) in enumerate(said):
            words = f"{sentences[one]} {sentences[other]}".encode()
            moment = START + timedelta(seconds=at)
            yield {
                "id": id,
                "tenant_id": where.tenant,
                "team_id": where.team if at % ONE_IN else where.small_team,
                "service_id": where.service,
                "direction": "works",
                "source": "webchat",
                "audience": "team",
                "words_sealed": vault.seal(where.tenant, "reflection", "words", id, words),
                "said_at": moment,
                "kept_at": moment,
                "placed_at": moment if placed else None,
            }

    def meanings() -> Iterator[dict[str, Any]]:
        noise = np.random.default_rng(1)
        for reflection, one, other in said:
            moved = vectors[one] + vectors[other] + noise.normal(0, NOISE / encoder.size**0.5, encoder.size)
            row, id = of_length_one(moved[None].astype(np.float32)), new_id()
            sealed = vault.seal(where.tenant, *SEALED, id, packed(row))
            own = {"id": id, "tenant_id": where.tenant, "reflection_id": reflection}
            yield {**own, "encoder": encoder.name, "vectors_sealed": sealed}

    bulk.write(log.database.engine, Reflection, reflections())
    bulk.write(log.database.engine, ReflectionMeaning, meanings())
    log.database.gather_statistics()
