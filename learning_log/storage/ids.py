"""Ids that the database makes itself, for rows that it makes by the hundred."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Text, Uuid, cast, func, literal, type_coerce


def ids_that_grow(now: datetime, *, is_sqlite: bool) -> Any:
    """An expression with another UUID of version 7 for each row: it begins with the moment, as `new_id` does."""
    milliseconds = int(now.timestamp() * 1000)
    start = literal(f"{milliseconds:012x}7")
    if is_sqlite:
        random = [func.lower(func.hex(func.randomblob(length))) for length in (2, 8)]
        return type_coerce(start + func.substr(random[0], 1, 3) + "8" + func.substr(random[1], 1, 15), Uuid())
    # Version 4 has its version at the 13th and its variant at the 17th digit; only digits around them are random.
    digits = func.replace(cast(func.gen_random_uuid(), Text), "-", "")
    return cast(start + func.substr(digits, 1, 3) + "8" + func.substr(digits, 18, 15), Uuid())
