"""Keeps beside each placement what its reflection says of who, where and when: the app counts themes from that alone.

The database does it itself, in the transaction that places, corrects, moves or takes back; so no way of writing can
forget it. Counting over the reflections takes twenty times as long.
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Connection, text

COPIED = ("said_by", "person_id", "team_id", "service_id", "direction", "said_at", "counts")
_FROM = ("staff_id", "person_id", "team_id", "service_id", "direction", "said_at")
_DECIDE = ("audience", "withdrawn_at", "superseded_at", "nothing_to_report")
_VALUES = (
    "SELECT coalesce(staff_id, person_id, id) AS said_by, person_id, team_id, service_id, direction, said_at, "
    "audience IN ('team', 'themes') AND withdrawn_at IS NULL AND superseded_at IS NULL AND NOT nothing_to_report "
    "AS counts "
    "FROM reflection WHERE reflection.id = {id}"
)
_COLUMNS = ", ".join(COPIED)
_CHANGED = ", ".join((*_FROM, *_DECIDE))
_SET = f"UPDATE theme_placement SET ({_COLUMNS}) = ({_VALUES})"  # noqa: S608
_NEW = ", ".join(f"NEW.{column}" for column in COPIED)

_SQLITE = (
    f"CREATE TRIGGER theme_placement_copies AFTER INSERT ON theme_placement BEGIN "
    f"{_SET.format(id='NEW.reflection_id')} WHERE theme_placement.id = NEW.id; END",
    f"CREATE TRIGGER reflection_is_copied AFTER UPDATE OF {_CHANGED} ON reflection BEGIN "
    f"{_SET.format(id='NEW.id')} WHERE theme_placement.reflection_id = NEW.id; END",
)
_POSTGRESQL = (
    "CREATE FUNCTION theme_placement_copies() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
    f"{_VALUES.format(id='NEW.reflection_id').replace(' FROM', f' INTO {_NEW} FROM', 1)}; RETURN NEW; END $$",
    "CREATE TRIGGER theme_placement_copies BEFORE INSERT ON theme_placement "
    "FOR EACH ROW EXECUTE FUNCTION theme_placement_copies()",
    "CREATE FUNCTION reflection_is_copied() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
    f"{_SET.format(id='NEW.id')} WHERE theme_placement.reflection_id = NEW.id; RETURN NULL; END $$",
    f"CREATE TRIGGER reflection_is_copied AFTER UPDATE OF {_CHANGED} ON reflection "
    "FOR EACH ROW EXECUTE FUNCTION reflection_is_copied()",
)


def start_copying(connection: Connection) -> None:
    """For a migration. SQLite drops the triggers of a table that a later migration makes anew: start again there."""
    for statement in _SQLITE if connection.dialect.name == "sqlite" else _POSTGRESQL:
        connection.exec_driver_sql(statement)


def stop_copying(connection: Connection) -> None:
    sqlite = connection.dialect.name == "sqlite"
    for trigger, table in (("theme_placement_copies", "theme_placement"), ("reflection_is_copied", "reflection")):
        connection.exec_driver_sql(f"DROP TRIGGER {trigger}" + ("" if sqlite else f" ON {table}"))
        if not sqlite:
            connection.exec_driver_sql(f"DROP FUNCTION {trigger}()")


def copy_anew(connection: Connection, tenant: UUID | None = None) -> int:
    """Makes all copies again; none given: of all tenants. Returns how many were not as they should have been."""
    sqlite = connection.dialect.name == "sqlite"
    same = "IS" if sqlite else "IS NOT DISTINCT FROM"
    alike = " AND ".join(f"copied.{column} {same} theme_placement.{column}" for column in COPIED)
    one = _VALUES.format(id="theme_placement.reflection_id")
    wrong = f"NOT EXISTS (SELECT 1 FROM ({one}) AS copied WHERE {alike})"  # noqa: S608
    own = "theme_placement.tenant_id = :tenant AND " if tenant else ""
    named = {"tenant": tenant.hex if sqlite else tenant} if tenant else {}
    made = connection.execute(text(f"{_SET.format(id='theme_placement.reflection_id')} WHERE {own}{wrong}"), named)
    return made.rowcount
