"""Alembic runs this: on the connection that Database.upgrade gives it, or on WHATMATTERS_DATABASE_URL."""

from __future__ import annotations

from alembic import context
from sqlmodel import SQLModel

import learning_log.storage.tables  # noqa: F401  (fills the metadata)
from learning_log.settings import read_settings
from learning_log.storage.database import Database

connection = context.config.attributes.get("connection")
if connection is None:
    connection = Database(read_settings().url_of_database).writing()

context.configure(connection=connection, target_metadata=SQLModel.metadata, render_as_batch=True, compare_type=True)
with context.begin_transaction():
    context.run_migrations()
