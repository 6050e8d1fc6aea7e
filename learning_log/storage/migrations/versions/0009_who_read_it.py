"""Who read an answer, and answers for one worker counted by nobody

Revision: 0009, after 0008.
"""

from __future__ import annotations

import sqlalchemy as sa
import sqlmodel
from alembic import op

from learning_log.storage.copying import copy_anew, start_copying, stop_copying
from learning_log.storage.guarding import guard, unguard


revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "reading",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Uuid(), nullable=False),
        sa.Column("reflection_id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.Uuid(), nullable=False),
        sa.Column("first_read_at", sqlmodel.sql.sqltypes.UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reading")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_reading_tenant_id")),
        sa.ForeignKeyConstraint(["reflection_id"], ["reflection.id"], name=op.f("fk_reading_reflection_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_reading_staff_id")),
        sa.UniqueConstraint("reflection_id", "staff_id", name=op.f("uq_reading_reflection_id_staff_id")),
    )
    guard(op.get_bind(), "reading")
    # What counts is another rule now.
    stop_copying(op.get_bind())
    start_copying(op.get_bind())
    copy_anew(op.get_bind())


def downgrade() -> None:
    unguard(op.get_bind(), "reading")
    op.drop_table("reading")
