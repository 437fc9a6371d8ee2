"""The proposal as a person gets it."""

from governance.stores.reading import parse
from governance.stores.scan import HEADING, as_text, scan
from governance.stores.yaml_text import read_yaml
from tests.governance.stores.conftest import run_script
from tests.governance.stores.factories import PEOPLE, SCHEMA, VARIABLE


def test_a_proposal_can_be_read_back_and_holds_no_data(sqlite_url: str) -> None:
    """Its text is a store document; the rows that were looked at are not in it, nor the address."""
    run_script(sqlite_url, SCHEMA)
    run_script(sqlite_url, PEOPLE)
    proposal = scan(sqlite_url, store="crm", reference=f"env:{VARIABLE}")
    text = as_text(proposal)
    assert text.startswith(HEADING)
    assert read_yaml(text) == proposal
    assert parse(read_yaml(text)).store == "crm"
    assert not any(word in text.lower() for word in ("jane", "acme", "sqlite:", "1111111"))
