"""Feelings: what people said of an answer, and what was learnt from it

Revision: 0006, after 0005.
"""

from __future__ import annotations

import sqlalchemy as sa
import sqlmodel
from alembic import op

from learning_log.storage.guarding import guard, unguard


revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

FELT = sa.text("felt_at IS NOT NULL")


def upgrade() -> None:
    time, words = sqlmodel.sql.sqltypes.UTCDateTime(), sqlmodel.sql.sqltypes.AutoString()
    with op.batch_alter_table("reflection", schema=None) as batch_op:
        batch_op.add_column(sa.Column("felt_at", time, nullable=True))
        batch_op.add_column(sa.Column("felt_by", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("judged_at", time, nullable=True))
        batch_op.create_foreign_key(batch_op.f("fk_reflection_felt_by"), "staff", ["felt_by"], ["id"])
    op.create_index(
        "ix_reflection_felt", "reflection", ["tenant_id", "felt_at"], sqlite_where=FELT, postgresql_where=FELT
    )
    op.create_index(op.f("ix_reflection_judged_at"), "reflection", ["judged_at"])
    op.create_table(
        "feeling_model",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("model_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("encoder", words, nullable=False),
        sa.Column("examples", sa.Integer(), nullable=False),
        sa.Column("learnt_at", time, nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_feeling_model_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feeling_model")),
        sa.UniqueConstraint("tenant_id", name=op.f("uq_feeling_model_tenant_id")),
    )
    guard(op.get_bind(), "feeling_model")


def downgrade() -> None:
    unguard(op.get_bind(), "feeling_model")
    op.drop_table("feeling_model")
    op.drop_index("ix_reflection_judged_at", table_name="reflection")
    op.drop_index("ix_reflection_felt", table_name="reflection")
    with op.batch_alter_table("reflection", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_reflection_felt_by"), type_="foreignkey")
        batch_op.drop_column("judged_at")
        batch_op.drop_column("felt_by")
        batch_op.drop_column("felt_at")
