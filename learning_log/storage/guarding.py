"""Row-level security in PostgreSQL: a transaction sees the rows of the tenant that it names, whatever it asks for."""

from __future__ import annotations

from sqlalchemy import Connection, inspect, text

# Custom settings of PostgreSQL need a dot in their name; anybody may set one.
TENANT_SETTING = "whatmatters.tenant"
EVERY_TENANT = "all"
POLICY = "tenants_apart"

# Each (SELECT ...) is worked out once for a statement and not for each row. CASE and not OR: the planner takes half of
# the rows for a CASE, and next to none for an OR, which made the worker's plans bad.
# A setting that was never named is NULL; one that was, in an earlier transaction of the connection, is empty.
_NAMED = f"SELECT current_setting('{TENANT_SETTING}', true)"
_OWN = f"SELECT NULLIF(NULLIF(current_setting('{TENANT_SETTING}', true), '{EVERY_TENANT}'), '')::uuid"
_RULE = f"CASE WHEN ({_NAMED}) = '{EVERY_TENANT}' THEN true ELSE {{column}} = ({_OWN}) END"


def guard(connection: Connection, *tables: str) -> None:
    """Keeps the rows of each tenant apart in these tables; a migration that makes a table calls it.

    The owner of the tables is guarded too. With no tenant named no row is there. Nothing is done in SQLite, which has
    no such thing. A superuser and a role with BYPASSRLS are never guarded.
    """
    if connection.dialect.name != "postgresql":
        return
    for name in tables:
        table = connection.dialect.identifier_preparer.quote(name)
        rule = _RULE.format(column="id" if name == "tenant" else "tenant_id")
        for statement in (
            f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
            f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
            f"CREATE POLICY {POLICY} ON {table} USING ({rule}) WITH CHECK ({rule})",
        ):
            connection.execute(text(statement.replace(":", r"\:")))


def unguard(connection: Connection, *tables: str) -> None:
    if connection.dialect.name != "postgresql":
        return
    for name in tables:
        table = connection.dialect.identifier_preparer.quote(name)
        for statement in (
            f"DROP POLICY {POLICY} ON {table}",
            f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY",
            f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY",
        ):
            connection.execute(text(statement))


def unguarded(connection: Connection) -> list[str]:
    """The tables that hold rows of tenants and are not kept apart; none in SQLite, which cannot."""
    if connection.dialect.name != "postgresql":
        return []
    looking = inspect(connection)
    held = [
        name
        for name in looking.get_table_names()
        if name == "tenant" or any(column["name"] == "tenant_id" for column in looking.get_columns(name))
    ]
    apart = connection.execute(
        text(
            "SELECT relname FROM pg_class JOIN pg_policy ON polrelid = pg_class.oid"
            " WHERE relrowsecurity AND relforcerowsecurity AND polname = :policy"
            " AND relnamespace = current_schema()::regnamespace".replace("::", r"\:\:")
        ),
        {"policy": POLICY},
    )
    return sorted(set(held) - set(apart.scalars()))
