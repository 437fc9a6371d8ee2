"""The key store as it was first made."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "data_keys",
        sa.Column("owner", sa.String(length=36), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("lead", "request", "case", "user", name="keykind", native_enum=False, length=12),
            nullable=False,
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.Column("marks", sa.Text(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("owner", name=op.f("pk_data_keys")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_data_keys_created_at"), "data_keys", ["created_at"], unique=False)
    op.create_table(
        "erasures",
        sa.Column("owner", sa.String(length=36), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("lead", "request", "case", "user", name="keykind", native_enum=False, length=12),
            nullable=False,
        ),
        sa.Column("destroyed_at", sa.BigInteger(), nullable=False),
        sa.Column("copied", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.PrimaryKeyConstraint("owner", name=op.f("pk_erasures")),
    )
    op.create_index(op.f("ix_erasures_copied_owner"), "erasures", ["copied", "owner"], unique=False)
    op.create_table(
        "index_keys",
        sa.Column(
            "purpose",
            sa.Enum("lookup", "suppression", "links", name="indexpurpose", native_enum=False, length=12),
            nullable=False,
        ),
        sa.Column("generation", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.Column(
            "state",
            sa.Enum("current", "coming", name="indexstate", native_enum=False, length=12),
            nullable=False,
        ),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("purpose", "generation", name=op.f("pk_index_keys")),
    )
    op.create_table(
        "signing_keys",
        sa.Column(
            "purpose",
            sa.Enum("log", "receipts", name="signingpurpose", native_enum=False, length=12),
            nullable=False,
        ),
        sa.Column("generation", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kid", sa.String(length=43), nullable=False),
        sa.Column("public", sa.LargeBinary(), nullable=False),
        sa.Column("root", sa.Integer(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("retired_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("purpose", "generation", name=op.f("pk_signing_keys")),
        sa.UniqueConstraint("kid", name=op.f("uq_signing_keys_kid")),
    )
    op.create_table(
        "wrapping_keys",
        sa.Column(
            "role", sa.Enum("epoch", "root", name="role", native_enum=False, length=12), nullable=False
        ),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("provider_key", sa.String(length=100), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "current", "draining", "emptied", "destroyed", name="state", native_enum=False, length=12
            ),
            nullable=False,
        ),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("destroyed_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("role", "number", name=op.f("pk_wrapping_keys")),
    )


def downgrade() -> None:
    raise NotImplementedError("restore the backup that was made before the upgrade")
