"""Who said it, where and when, beside each placement

Revision: 0007, after 0006.
"""

from __future__ import annotations

import sqlalchemy as sa
import sqlmodel
from alembic import op

from learning_log.storage.copying import COPIED, copy_anew, start_copying, stop_copying


revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

INDEX = ["tenant_id", "theme_id", "said_at", "said_by", "team_id", "service_id", "direction"]


def upgrade() -> None:
    kinds = {
        "direction": sqlmodel.sql.sqltypes.AutoString(),
        "said_at": sqlmodel.sql.sqltypes.UTCDateTime(),
        "counts": sa.Boolean(),
    }
    for column in COPIED:
        op.add_column("theme_placement", sa.Column(column, kinds.get(column, sa.Uuid()), nullable=True))
    copy_anew(op.get_bind())
    op.create_index(
        "ix_theme_placement_said",
        "theme_placement",
        INDEX,
        sqlite_where=sa.text("counts IS 1"),
        postgresql_where=sa.text("counts IS true"),
    )
    start_copying(op.get_bind())


def downgrade() -> None:
    stop_copying(op.get_bind())
    op.drop_index("ix_theme_placement_said", table_name="theme_placement")
    with op.batch_alter_table("theme_placement", schema=None) as batch_op:
        for column in COPIED:
            batch_op.drop_column(column)
