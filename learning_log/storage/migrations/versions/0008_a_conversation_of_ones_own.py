"""Choices of one's own in the chat, follow-ups, capacity, and who helped

Revision: 0008, after 0007.
"""

from __future__ import annotations

import sqlalchemy as sa
import sqlmodel
from alembic import op

from learning_log.storage.copying import start_copying, stop_copying
from learning_log.storage.guarding import guard, unguard


revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

TIME, WORDS = sqlmodel.sql.sqltypes.UTCDateTime(), sqlmodel.sql.sqltypes.AutoString()
OPEN = sa.text("asked_at IS NULL")


def _new() -> dict[str, tuple[sa.Column, ...]]:
    return {
        "conversation": (
            sa.Column("asks", sa.Integer(), nullable=False, server_default="0"),
            sa.Column("questions", WORDS, nullable=False, server_default="all"),
            sa.Column("pictures", WORDS, nullable=False, server_default="small"),
            sa.Column("speech", sa.Boolean(), nullable=False, server_default=sa.false()),
            sa.Column("pretest", WORDS, nullable=True),
        ),
        "team": (sa.Column("subject", WORDS, nullable=True), sa.Column("subject_until", sa.Date(), nullable=True)),
        "person": (sa.Column("worker_id", sa.Uuid(), nullable=True), sa.Column("forgotten_at", TIME, nullable=True)),
        "media": (
            sa.Column("words_from", WORDS, nullable=True),
            sa.Column("heard_by", sa.Uuid(), nullable=True),
            sa.Column("heard_at", TIME, nullable=True),
        ),
        "outcome": (sa.Column("steps_sealed", sa.LargeBinary(), nullable=True),),
        "outcome_rating": (sa.Column("shown", WORDS, nullable=True), sa.Column("pretest", WORDS, nullable=True)),
        "experiment": (sa.Column("heard_sealed", sa.LargeBinary(), nullable=True),),
    }


def upgrade() -> None:
    for table, columns in _new().items():
        for column in columns:
            op.add_column(table, column)
    stop_copying(op.get_bind())
    with op.batch_alter_table("reflection", schema=None) as batch_op:
        batch_op.add_column(sa.Column("helped", WORDS, nullable=True))
        batch_op.add_column(sa.Column("experiment_id", sa.Uuid(), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_reflection_experiment_id"), "experiment", ["experiment_id"], ["id"]
        )
    start_copying(op.get_bind())
    op.create_index(op.f("ix_reflection_experiment_id"), "reflection", ["experiment_id"])
    _follow_up()
    _capacity_record()
    _erasure_hold()
    guard(op.get_bind(), "follow_up", "capacity_record", "erasure_hold")


def downgrade() -> None:
    unguard(op.get_bind(), "follow_up", "capacity_record", "erasure_hold")
    for table in ("erasure_hold", "capacity_record", "follow_up"):
        op.drop_table(table)
    op.drop_index(op.f("ix_reflection_experiment_id"), table_name="reflection")
    stop_copying(op.get_bind())
    with op.batch_alter_table("reflection", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_reflection_experiment_id"), type_="foreignkey")
        batch_op.drop_column("experiment_id")
        batch_op.drop_column("helped")
    start_copying(op.get_bind())
    for table, columns in _new().items():
        with op.batch_alter_table(table, schema=None) as batch_op:
            for column in columns:
                batch_op.drop_column(column.name)


def _row() -> tuple[sa.Column, ...]:
    return (sa.Column("id", sa.Uuid(), nullable=False), sa.Column("tenant_id", sa.Uuid(), nullable=False))


def _keys(table: str, **refers: str) -> tuple[sa.Constraint, ...]:
    foreign = {"tenant_id": "tenant", **refers}
    return (
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        *(
            sa.ForeignKeyConstraint([column], [f"{to}.id"], name=op.f(f"fk_{table}_{column}"))
            for column, to in foreign.items()
        ),
    )


def _follow_up() -> None:
    op.create_table(
        "follow_up",
        *_row(),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("staff_id", sa.Uuid(), nullable=True),
        sa.Column("kind", WORDS, nullable=False),
        sa.Column("about_id", sa.Uuid(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("made_at", TIME, nullable=False),
        sa.Column("asked_at", TIME, nullable=True),
        sa.Column("answered_at", TIME, nullable=True),
        sa.Column("answer", WORDS, nullable=True),
        sa.Column("shown", WORDS, nullable=True),
        sa.CheckConstraint(
            "(CASE WHEN person_id IS NULL THEN 0 ELSE 1 END) + (CASE WHEN staff_id IS NULL THEN 0 ELSE 1 END) = 1",
            name=op.f("ck_follow_up_asks_one"),
        ),
        *_keys("follow_up", person_id="person", staff_id="staff"),
    )
    op.create_index(op.f("ix_follow_up_about_id"), "follow_up", ["about_id"])
    for who in ("person", "staff"):
        op.create_index(
            f"ix_follow_up_{who}_open", "follow_up", [f"{who}_id", "due_on"], sqlite_where=OPEN, postgresql_where=OPEN
        )


def _capacity_record() -> None:
    op.create_table(
        "capacity_record",
        *_row(),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("decision", WORDS, nullable=False),
        sa.Column("assessed_on", sa.Date(), nullable=False),
        sa.Column("assessor_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("support_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("able", sa.Boolean(), nullable=False),
        sa.Column("best_interests", WORDS, nullable=True),
        sa.Column("reasons_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("consulted_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("review_on", sa.Date(), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.Column("recorded_at", TIME, nullable=False),
        *_keys("capacity_record", person_id="person", recorded_by="staff"),
    )
    op.create_index(op.f("ix_capacity_record_person_id"), "capacity_record", ["person_id"])


def _erasure_hold() -> None:
    op.create_table(
        "erasure_hold",
        *_row(),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("reason_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("reviewer_id", sa.Uuid(), nullable=False),
        sa.Column("review_on", sa.Date(), nullable=False),
        sa.Column("made_at", TIME, nullable=False),
        sa.Column("lifted_at", TIME, nullable=True),
        *_keys("erasure_hold", person_id="person", reviewer_id="staff"),
    )
    op.create_index(op.f("ix_erasure_hold_person_id"), "erasure_hold", ["person_id"])
