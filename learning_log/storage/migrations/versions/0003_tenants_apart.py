"""Tenants apart in PostgreSQL

Revision: 0003, after 0002.

Every row is guarded by the database too: see learning_log/storage/guarding.py. Nothing changes in SQLite.
"""

from __future__ import annotations

from alembic import op

from learning_log.storage.guarding import guard, unguard


revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TABLES = (
    "agreement",
    "asked",
    "audit_entry",
    "channel",
    "concern",
    "conversation",
    "experiment",
    "inbox",
    "indicator",
    "indicator_value",
    "invitation",
    "media",
    "meeting",
    "outbox",
    "outcome",
    "outcome_rating",
    "person",
    "prompt",
    "prompt_version",
    "provider",
    "reflection",
    "role",
    "schedule",
    "service",
    "staff",
    "team",
    "tenant",
    "theme",
    "theme_model",
    "theme_placement",
)


def upgrade() -> None:
    guard(op.get_bind(), *TABLES)


def downgrade() -> None:
    unguard(op.get_bind(), *TABLES)
