"""Meaning: what an encoder made of the words

Revision: 0004, after 0003.
"""

from __future__ import annotations

import sqlalchemy as sa
import sqlmodel
from alembic import op

from learning_log.storage.guarding import guard, unguard


revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "reflection_meaning",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("reflection_id", sa.Uuid(), nullable=False),
        sa.Column("encoder", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("vectors_sealed", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["reflection_id"], ["reflection.id"], name=op.f("fk_reflection_meaning_reflection_id")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_reflection_meaning_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reflection_meaning")),
        sa.UniqueConstraint("reflection_id", "encoder", name=op.f("uq_reflection_meaning_reflection_id_encoder")),
    )
    guard(op.get_bind(), "reflection_meaning")


def downgrade() -> None:
    unguard(op.get_bind(), "reflection_meaning")
    op.drop_table("reflection_meaning")
