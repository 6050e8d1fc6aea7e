"""What every row has."""

from __future__ import annotations

from uuid import UUID

from sqlmodel import Field, SQLModel
from uuid_utils.compat import uuid7

# Named constraints can be changed by a later migration, in both databases.
SQLModel.metadata.naming_convention = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}

SEALED = "_sealed"
NOBODY = UUID(int=0)  # the tenant of messages from strangers, until we know whose they are


def new_id() -> UUID:
    """Ids grow with time, which keeps a big index quick to write."""
    return uuid7()


class Row(SQLModel):
    """One row of one tenant. A column that ends in _sealed holds bytes that only Vault can open."""

    id: UUID = Field(default_factory=new_id, primary_key=True)
    tenant_id: UUID = Field(default=NOBODY, foreign_key="tenant.id")


def one_of(*columns: str) -> str:
    """A check that exactly one of the columns is set."""
    return " + ".join(f"(CASE WHEN {column} IS NULL THEN 0 ELSE 1 END)" for column in columns) + " = 1"
