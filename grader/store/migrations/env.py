"""What Alembic runs: the migrations, on the connection that it is handed."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext

from grader.store import service  # noqa: F401 its tables belong to the schema
from grader.store.models import Base
from grader.store.types import Document, Timestamp


def render(kind: str, item: Any, generated: AutogenContext) -> str | Literal[False]:
    """Write our own column types by their name in a generated migration."""
    if kind != "type" or not (isinstance(item, Timestamp) or item is Document):
        return False
    generated.imports.add("from grader.store.types import Document, Timestamp")
    return "Document" if item is Document else "Timestamp()"


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,  # SQLite alters a table by copying it
    render_item=render,
)
with context.begin_transaction():
    context.run_migrations()
