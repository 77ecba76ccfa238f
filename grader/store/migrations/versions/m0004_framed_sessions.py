"""Which sessions began at a learning platform: only their pages may be shown in its frame."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; who is in already comes in anew once to be in a frame again."""
    column: sa.Column[bool] = sa.Column(
        "framed", sa.Boolean(), server_default=sa.false(), nullable=False
    )
    op.add_column("web_sessions", column)


def downgrade() -> None:
    """Take it away."""
    with op.batch_alter_table("web_sessions", schema=None) as batch_op:
        batch_op.drop_column("framed")
