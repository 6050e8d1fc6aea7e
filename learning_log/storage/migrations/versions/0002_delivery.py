"""Delivery: order, pace and growth

Revision: 0002, after 0001.

What waits is found by partial indexes; a message to send knows its chat and its urgency; one worker holds a channel;
a prompt that is due waits in the outbox; reminders.
"""

from __future__ import annotations

import sqlalchemy as sa
import sqlmodel
from alembic import op


revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

KEPT = sa.text("status = 'kept'")
OPEN = sa.text("status IN ('pending', 'sending')")
HEARD_SHOWN = sa.text("status = 'done' AND body_sealed IS NOT NULL")
SAID_SHOWN = sa.text("status = 'sent' AND body_sealed IS NOT NULL")
TO_REMIND = sa.text("remind_at IS NOT NULL")
ASIDE = sa.text("status = 'aside'")
TROUBLED = sa.text("status IN ('failed', 'unknown')")
UNACKNOWLEDGED = sa.text("acknowledged_at IS NULL")


def _index(batch_op, name, columns, where):
    batch_op.create_index(name, columns, unique=False, sqlite_where=where, postgresql_where=where)


def upgrade() -> None:
    time = sqlmodel.sql.sqltypes.UTCDateTime()
    with op.batch_alter_table("channel", schema=None) as batch_op:
        batch_op.add_column(sa.Column("holder", sqlmodel.sql.sqltypes.AutoString(), nullable=True))
        batch_op.add_column(sa.Column("rest_until", time, nullable=True))
    with op.batch_alter_table("asked", schema=None) as batch_op:
        batch_op.add_column(sa.Column("remind_at", time, nullable=True))
        batch_op.add_column(sa.Column("reminded_at", time, nullable=True))
        batch_op.drop_index("ix_asked_due")
        _index(batch_op, "ix_asked_remind_at", ["remind_at"], TO_REMIND)
    with op.batch_alter_table("inbox", schema=None) as batch_op:
        batch_op.drop_index("ix_inbox_waiting")
        batch_op.drop_index("ix_inbox_chat")
        _index(batch_op, "ix_inbox_kept", ["received_at", "place", "id"], KEPT)
        _index(batch_op, "ix_inbox_chat_kept", ["channel", "address_hash", "received_at", "place"], KEPT)
        _index(batch_op, "ix_inbox_aside", ["received_at", "id"], ASIDE)
        _index(batch_op, "ix_inbox_shown", ["received_at"], HEARD_SHOWN)
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.add_column(sa.Column("address_hash", sa.LargeBinary(), nullable=True))
        batch_op.add_column(sa.Column("urgency", sa.Integer(), nullable=False, server_default="1"))
        batch_op.drop_index("ix_outbox_waiting")
        _index(batch_op, "ix_outbox_open", ["channel", "urgency", "made_at", "place", "id"], OPEN)
        _index(batch_op, "ix_outbox_chat_open", ["address_hash", "made_at", "place"], OPEN)
        _index(batch_op, "ix_outbox_troubled", ["made_at", "status"], TROUBLED)
        _index(batch_op, "ix_outbox_shown", ["made_at"], SAID_SHOWN)
    with op.batch_alter_table("concern", schema=None) as batch_op:
        _index(batch_op, "ix_concern_unacknowledged", ["raised_at"], UNACKNOWLEDGED)
    _bring_over()


def _bring_over() -> None:
    """What waits in the outbox gets its chat and its urgency; a prompt that is due gets its place there."""
    op.execute(
        "UPDATE outbox SET address_hash ="
        " (SELECT address_hash FROM conversation WHERE conversation.id = outbox.conversation_id)"
        " WHERE status IN ('pending', 'sending')"
    )
    op.execute("UPDATE outbox SET urgency = CASE kind WHEN 'alert' THEN 0 WHEN 'notice' THEN 2 WHEN 'prompt' THEN 3 ELSE 1 END")
    op.execute(
        "INSERT INTO outbox (id, tenant_id, conversation_id, channel, address_hash, kind, urgency, made_at, place,"
        " due_at, status, attempts, asked_id)"
        " SELECT asked.id, asked.tenant_id, conversation.id, conversation.channel, conversation.address_hash, 'prompt',"
        " 3, asked.due_at, 0, asked.due_at, 'pending', 0, asked.id"
        " FROM asked JOIN conversation ON conversation.id = asked.conversation_id WHERE asked.status = 'due'"
    )


def downgrade() -> None:
    op.execute("DELETE FROM outbox WHERE body_sealed IS NULL AND status = 'pending'")
    with op.batch_alter_table("concern", schema=None) as batch_op:
        batch_op.drop_index("ix_concern_unacknowledged")
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.drop_index("ix_outbox_troubled")
        batch_op.drop_index("ix_outbox_shown")
        batch_op.drop_index("ix_outbox_chat_open")
        batch_op.drop_index("ix_outbox_open")
        batch_op.create_index("ix_outbox_waiting", ["channel", "status", "due_at"], unique=False)
        batch_op.drop_column("urgency")
        batch_op.drop_column("address_hash")
    with op.batch_alter_table("inbox", schema=None) as batch_op:
        batch_op.drop_index("ix_inbox_aside")
        batch_op.drop_index("ix_inbox_shown")
        batch_op.drop_index("ix_inbox_chat_kept")
        batch_op.drop_index("ix_inbox_kept")
        batch_op.create_index("ix_inbox_chat", ["channel", "address_hash", "received_at"], unique=False)
        batch_op.create_index("ix_inbox_waiting", ["status", "received_at", "place"], unique=False)
    with op.batch_alter_table("asked", schema=None) as batch_op:
        batch_op.drop_index("ix_asked_remind_at")
        batch_op.create_index("ix_asked_due", ["status", "due_at"], unique=False)
        batch_op.drop_column("reminded_at")
        batch_op.drop_column("remind_at")
    with op.batch_alter_table("channel", schema=None) as batch_op:
        batch_op.drop_column("rest_until")
        batch_op.drop_column("holder")
