"""What a request keeps sealed opens at its own place and nowhere else."""

from collections.abc import Callable

import pytest

from consent.vocabulary import IdentifierKind
from governance.errors import SealBroken
from governance.requests import case_file
from governance.stores.protocol import Found, Identity, RowRef
from governance.vault.sealing import DataKey

KEY = DataKey("request-1", 1, bytes(32))
ANNA = (Identity(IdentifierKind.EMAIL, "anna@example.com"),)
FOUND = Found(rows=(RowRef("people", (1,)),))


def test_everything_comes_back_as_it_was_sealed() -> None:
    """Identities, text, rows, candidates and pieces of a package."""
    row, shown = RowRef("people", (4,)), {"name": "A."}
    sealed = case_file.seal_candidate(KEY, "request-1", "crm", row, shown)

    assert case_file.open_candidate(KEY, "request-1", "crm", sealed) == (row, shown)
    sealed = case_file.seal_identities(KEY, "request-1", 2, ANNA)
    assert case_file.open_identities(KEY, "request-1", 2, sealed) == ANNA
    sealed = case_file.seal_found(KEY, "request-1", "crm", 1, FOUND)
    assert case_file.open_found(KEY, "request-1", "crm", 1, sealed) == FOUND
    sealed = case_file.seal_text(KEY, "request-1", "note", "hello")
    assert case_file.open_text(KEY, "request-1", "note", sealed) == "hello"
    sealed = case_file.seal_chunk(KEY, "request-1", "crm", 3, b"{}")
    assert case_file.open_chunk(KEY, "request-1", "crm", 3, sealed) == b"{}"


@pytest.mark.parametrize(
    "open_elsewhere",
    [
        lambda sealed: case_file.open_found(KEY, "request-1", "mail", 1, sealed),
        lambda sealed: case_file.open_found(KEY, "request-1", "crm", 2, sealed),
        lambda sealed: case_file.open_chunk(KEY, "request-1", "crm", 1, sealed),
        lambda sealed: case_file.open_found(
            DataKey("request-2", 1, bytes(32)), "request-2", "crm", 1, sealed
        ),
    ],
)
def test_what_was_found_can_not_be_moved(open_elsewhere: Callable[[bytes], object]) -> None:
    """Not to another store, search, kind or request: nobody swaps what will be erased."""
    sealed = case_file.seal_found(KEY, "request-1", "crm", 1, FOUND)

    with pytest.raises(SealBroken):
        open_elsewhere(sealed)
