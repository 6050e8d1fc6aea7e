"""Keeps beside each reflection what an encoder makes of its words, for finding themes and for searching."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from uuid import UUID

import numpy as np
from sqlalchemy import delete, insert
from sqlmodel import col, select

from learning_log import config
from learning_log.analysis import model_files
from learning_log.analysis.encoder import Encoder, Named, Vectors, packed, unpacked
from learning_log.analysis.points import points_of
from learning_log.analysis.redaction import Names
from learning_log.analysis.theme_model import Text
from learning_log.services import theme_rows
from learning_log.services.deciding import known_names
from learning_log.storage.records import LearningLog, Records
from learning_log.storage.tables import ReflectionMeaning, new_id

BATCH = 200  # reflections whose words are held, and whose rows are written, at once
SEALED = ("reflection_meaning", "vectors")

Told = Callable[[int], None]


@cache
def encoder_in(folder: Path) -> Encoder | None:
    """The encoder that config/analysis/models.toml names; None when it is not installed. Raises ModelWrong.

    Takes half a second, and about 100 MB of memory from then on.
    """
    model = model_files.model_in_use(config.load("analysis/models"))
    found = model_files.find(folder, model)
    if found is None:
        return None
    # Loaded only here: without a model nobody waits for it.
    from learning_log.analysis.sentence_encoder import SentenceEncoder

    return SentenceEncoder(found, model.name, model.heads, model.most_tokens)


def keep_all(log: LearningLog, tenant: UUID, encoder: Encoder, told: Told = lambda done: None) -> int:
    """Encodes every readable reflection that this encoder has not read yet, the oldest first. Returns how many.

    Encoding is done between transactions, and each batch is kept by itself: when it is cut short, the next call goes
    on. told: is called with how many are done.
    """
    done, last = 0, None
    with log.read(tenant) as records:
        names = Names(known_names(records))
    while True:
        with log.read(tenant) as records:
            texts = theme_rows.texts_after(records, last, without=encoder.name, limit=BATCH)
        if not texts:
            return done
        made = _encoded([text.words for text in texts], encoder, names)
        with log.write(tenant) as records:
            keep(records, encoder, dict(zip((UUID(text.id) for text in texts), made, strict=True)))
        done, last = done + len(texts), texts[-1].id
        told(done)


def make(records: Records, words: Mapping[UUID, str], encoder: Encoder) -> dict[UUID, Vectors]:
    """What the encoder makes of these reflections, by id: one row for the whole, and one for each of several points."""
    if not words:
        return {}
    return dict(zip(words, _encoded(list(words.values()), encoder, Names(known_names(records))), strict=True))


def keep(records: Records, encoder: Encoder, made: Mapping[UUID, Vectors]) -> None:
    """In the place of what the encoder made of the same reflections before. What was taken back since is left out."""
    made = {id: made[id] for id in theme_rows.readable(records, list(made))} if made else {}
    if not made:
        return
    mine = (col(ReflectionMeaning.reflection_id).in_(list(made)), col(ReflectionMeaning.encoder) == encoder.name)
    records.session.execute(delete(ReflectionMeaning).where(*mine))
    rows = []
    for reflection, vectors in made.items():
        id = new_id()
        sealed = records.vault.seal(records.tenant, *SEALED, id, packed(vectors))
        own = {"id": id, "tenant_id": records.tenant, "reflection_id": reflection}
        rows.append({**own, "encoder": encoder.name, "vectors_sealed": sealed})
    records.session.execute(insert(ReflectionMeaning), rows)


def read(records: Records, reflections: Sequence[UUID], encoder: Named) -> dict[UUID, Vectors]:
    """What is kept of these, by id; those that were not encoded yet are missing."""
    wanted = select(ReflectionMeaning.id, ReflectionMeaning.reflection_id, ReflectionMeaning.vectors_sealed).where(
        col(ReflectionMeaning.reflection_id).in_(reflections), ReflectionMeaning.encoder == encoder.name
    )
    return {
        reflection: unpacked(records.vault.open(records.tenant, *SEALED, id, sealed), encoder.size)
        for id, reflection, sealed in records.session.execute(wanted)
    }


def beside(records: Records, texts: Sequence[Text], encoder: Named | None) -> list[Text]:
    """The texts with what the encoder made of them; without those that it has not read yet."""
    if not encoder:
        return list(texts)
    vectors = read(records, [UUID(text.id) for text in texts], encoder)
    return [replace(text, vectors=vectors[UUID(text.id)]) for text in texts if UUID(text.id) in vectors]


def _encoded(words: Sequence[str], encoder: Encoder, names: Names) -> list[Vectors]:
    """Names are taken out first: what happens to two people is to be near, and not what happens to one name."""
    said = [_parts(names.taken_out(each)) for each in words]
    every = sorted({part for parts in said for part in parts})  # "It was good" is said often, and encoded once
    rows = dict(zip(every, encoder.encode(every), strict=True))
    return [np.array([rows[part] for part in parts]) for parts in said]


def _parts(words: str) -> list[str]:
    points = points_of(words)
    return [words, *points] if len(points) > 1 else [words]
