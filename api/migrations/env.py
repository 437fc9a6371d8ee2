"""What alembic runs for a chain: on the connection and in the transaction of `api.migrate`."""

from typing import Any, Literal

from alembic import context
from sqlalchemy.sql.elements import False_

from api.migrate import Chain
from audit.columns import Instant


def portable(kind: str, item: Any, _autogen: Any) -> str | Literal[False]:
    """Revisions do not import our code, and do not spell a default as one database spells it."""
    if kind == "type" and isinstance(item, Instant):
        return "sa.BigInteger()"
    if kind == "server_default" and isinstance(getattr(item, "arg", None), False_):
        return "sa.false()"
    return False


chain: Chain = context.config.attributes["chain"]
context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=list(chain.metadata),
    version_table=chain.version_table,
    include_name=chain.owns,
    render_item=portable,
)
context.run_migrations()
