"""Steps: what people did about themes, and what the machine proposes

Revision: 0005, after 0004.
"""

from __future__ import annotations

import sqlalchemy as sa
import sqlmodel
from alembic import op

from learning_log.storage.guarding import guard, unguard


revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    time, words = sqlmodel.sql.sqltypes.UTCDateTime(), sqlmodel.sql.sqltypes.AutoString()
    with op.batch_alter_table("theme", schema=None) as batch_op:
        batch_op.add_column(sa.Column("locked", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column("merged_into", sa.Uuid(), nullable=True))
        batch_op.create_foreign_key(batch_op.f("fk_theme_merged_into"), "theme", ["merged_into"], ["id"])
    with op.batch_alter_table("theme", schema=None) as batch_op:
        batch_op.alter_column("locked", server_default=None)
    op.add_column("reflection", sa.Column("moved_at", time, nullable=True))
    op.create_table(
        "theme_step",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("kind", words, nullable=False),
        sa.Column("about_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("what_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("taken_at", time, nullable=False),
        sa.Column("taken_by", sa.Uuid(), nullable=True),
        sa.Column("undone_at", time, nullable=True),
        sa.Column("undone_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["taken_by"], ["staff.id"], name=op.f("fk_theme_step_taken_by")),
        sa.ForeignKeyConstraint(["undone_by"], ["staff.id"], name=op.f("fk_theme_step_undone_by")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_theme_step_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_theme_step")),
    )
    op.create_index("ix_theme_step_taken", "theme_step", ["tenant_id", "taken_at"], unique=False)
    op.create_table(
        "theme_proposal",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("kind", words, nullable=False),
        sa.Column("state", words, nullable=False),
        sa.Column("what_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("reflections", sa.Integer(), nullable=False),
        sa.Column("made_at", time, nullable=False),
        sa.Column("decided_at", time, nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["decided_by"], ["staff.id"], name=op.f("fk_theme_proposal_decided_by")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_theme_proposal_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_theme_proposal")),
    )
    guard(op.get_bind(), "theme_step", "theme_proposal")


def downgrade() -> None:
    unguard(op.get_bind(), "theme_step", "theme_proposal")
    op.drop_table("theme_proposal")
    op.drop_table("theme_step")
    op.drop_column("reflection", "moved_at")
    with op.batch_alter_table("theme", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_theme_merged_into"), type_="foreignkey")
        batch_op.drop_column("merged_into")
        batch_op.drop_column("locked")
