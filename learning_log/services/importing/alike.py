"""Notices that an imported file says again, or says otherwise, what was imported before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Protocol

from sqlmodel import col, select

from learning_log.storage.records import Records
from learning_log.storage.tables import Reflection

LEAST_SHARE = 0.1  # of the new rows: short answers such as "Nothing" have the same number in two files by chance
BETWEEN = "/#"  # a reference is the source's name, then one of these, then what the row is known by


class Said(Protocol):
    @property
    def words(self) -> str: ...
    @property
    def reference(self) -> str: ...


def look_alike(records: Records, answers: Mapping[bytes, Said], source: str) -> list[str]:
    """Sentences for whoever imports. answers: by their source_hash. Reads all imported answers, and writes nothing."""
    new = {answer.reference.removeprefix(source): answer for answer in answers.values()}
    changed = 0
    twins: list[tuple[str, str]] = []  # under which name before, and what it is known by
    for hashed, reference, words in _imported(records):
        if hashed in answers:
            new.pop(answers[hashed].reference.removeprefix(source), None)
            changed += words != answers[hashed].words
            continue
        for place in (place for place, letter in enumerate(reference) if letter in BETWEEN):
            answer = new.get(reference[place:])
            if answer and answer.words == words:
                twins.append((reference[:place], reference[place:]))
    again = Counter(earlier for earlier, known_by in twins if known_by in new)
    return [*_changed(changed), *_again(again, len(new))]


def _imported(records: Records) -> Iterator[tuple[bytes, str, str]]:
    """source_hash, reference and words of every imported answer."""
    columns = (Reflection.id, Reflection.source_hash, Reflection.source_reference_sealed, Reflection.words_sealed)
    wanted: Any = select(*(col(column) for column in columns)).where(
        col(Reflection.source_hash).is_not(None), col(Reflection.tenant_id) == records.tenant
    )
    for id, hashed, reference, words in records.session.execute(wanted.execution_options(yield_per=500)):
        yield hashed, _opened(records, id, "source_reference", reference), _opened(records, id, "words", words)


def _opened(records: Records, id: Any, column: str, sealed: bytes | None) -> str:
    return records.vault.open(records.tenant, "reflection", column, id, sealed).decode() if sealed else ""


def _changed(count: int) -> Iterator[str]:
    if count:
        yield (
            f"{count:,} {'row has' if count == 1 else 'rows have'} other words than when they were imported. "
            "They stay as they were imported first."
        )


def _again(again: Counter[str], new: int) -> Iterator[str]:
    for earlier, count in again.most_common(1):
        if count >= new * LEAST_SHARE:
            yield (
                f"{count:,} of the new {'row' if new == 1 else 'rows'} were imported before, as {earlier!r}: the same "
                f"id, the same words. They are there twice now. Next time use: --source {earlier!r}"
            )
