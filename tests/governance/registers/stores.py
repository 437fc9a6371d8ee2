"""The systems of a small company: three databases, of which one recipient is outside the EEA."""

from governance.registers.data_map import System, systems
from governance.stores.reading import parse
from tests import three_stores


def a_map() -> tuple[System, ...]:
    """The three stores and the service."""
    documents = [parse(document) for document in three_stores.documents()]
    abroad = {"name": "Mail & <Campaigns> Inc", "role": "processor", "country": "US"}
    unknown = {"store": "archive", "kind": "manual", "active": True, "instructions": "ask the archive"}
    moved = parse({**list(three_stores.documents())[1], "recipient": abroad})
    return systems([documents[0], moved, documents[2], parse(unknown)])
