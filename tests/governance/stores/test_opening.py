"""Stores are opened once and held, until their document or address changes."""

from pathlib import Path

import pytest

from governance.stores.errors import StoreCode, StoreError
from governance.stores.opening import Shelf, address, open_store, probe
from governance.stores.reading import parse
from tests.governance.stores.conftest import run_script
from tests.governance.stores.factories import SCHEMA, VARIABLE, mapped


def test_a_variable_that_is_not_set_is_unreachable() -> None:
    """And one of another prefix is never read."""
    with pytest.raises(StoreError) as refused:
        open_store(mapped(), {})
    assert refused.value.reason is StoreCode.UNREACHABLE
    with pytest.raises(StoreError):
        address(parse({"store": "p", "kind": "manual"}), {"": "x"})
    assert probe(mapped(), {}).problems == ("url: unreachable",)


def test_a_store_that_is_gone_is_unreachable(tmp_path: Path) -> None:
    """Said, not raised, when it is only tried."""
    probed = probe(mapped(), {VARIABLE: f"sqlite:///{tmp_path / 'gone.db'}"})
    assert (probed.reachable, probed.problems) == (False, ("url: unreachable",))
    closed = probe(mapped(), {VARIABLE: "postgresql://nobody@127.0.0.1:1/none"})
    assert not closed.reachable


def test_a_shelf_holds_stores_open(sqlite_url: str, tmp_path: Path) -> None:
    """The same store again; another one once the document or the address changed, or it was dropped."""
    run_script(sqlite_url, SCHEMA)
    other = tmp_path / "other.db"
    other.touch()
    run_script(f"sqlite:///{other}", SCHEMA)
    secrets = {VARIABLE: sqlite_url}
    shelf = Shelf(secrets)
    first = shelf.take(mapped())
    assert shelf.take(mapped()) is first
    second = shelf.take(mapped(purposes=["research"]))
    assert second is not first
    secrets[VARIABLE] = f"sqlite:///{other}"
    third = shelf.take(mapped(purposes=["research"]))
    assert third is not second
    shelf.drop("crm")
    shelf.drop("crm")
    assert shelf.take(mapped(purposes=["research"])) is not third
    shelf.drop("crm")


def test_a_manual_store_needs_no_address() -> None:
    """It is always reachable: by whoever does the work."""
    document = parse({"store": "paper", "kind": "manual", "instructions": "Look in the cabinet."})
    assert Shelf({}).take(document).by_hand
    assert probe(document, {}).reachable
