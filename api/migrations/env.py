"""What alembic runs for a chain: on the connection and in the transaction of `api.migrate`."""

from typing import Any, Literal

from alembic import context

from api.migrate import Chain
from audit.columns import Instant


def plain_types(kind: str, item: Any, _autogen: Any) -> str | Literal[False]:
    """Revisions do not import our code: an Instant is the integer that it is stored as."""
    return "sa.BigInteger()" if kind == "type" and isinstance(item, Instant) else False


chain: Chain = context.config.attributes["chain"]
context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=list(chain.metadata),
    version_table=chain.version_table,
    include_name=chain.owns,
    render_item=plain_types,
)
context.run_migrations()
