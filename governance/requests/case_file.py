"""What a request keeps sealed under its own key, and how it is opened again. Pure.

The key belongs to the request, not to the lead: it outlives the lead's by the days until the look-back,
because without identities nobody can see whether a sync brought the person back. Table and column ids are
part of what is authenticated: they never change, whatever the tables are called.
"""

from collections.abc import Iterable, Mapping

from governance.requests import findings
from governance.stores.protocol import Found, Identity, RowRef
from governance.vault.sealing import Cell, DataKey, open_sealed, seal


def seal_identities(key: DataKey, request_id: str, version: int, identities: Iterable[Identity]) -> bytes:
    """The identities of a request; `version` grows each time a search learns more of them."""
    return seal(key, _identities(request_id, version), findings.identities_to_json(identities))


def open_identities(key: DataKey, request_id: str, version: int, sealed: bytes) -> tuple[Identity, ...]:
    """The reverse of `seal_identities`."""
    return findings.identities_from_json(open_sealed(key, _identities(request_id, version), sealed))


def identities_place(request_id: str) -> str:
    """The place of a request's identities among all that is sealed under its key."""
    return _identities(request_id, 1).place


def seal_text(key: DataKey, request_id: str, column: str, text: str) -> bytes:
    """Free text about a person: the note, the explanation of a refusal."""
    return seal(key, _cell("privacy_request", column, request_id, request_id, 1), text.encode())


def open_text(key: DataKey, request_id: str, column: str, sealed: bytes) -> str:
    """The reverse of `seal_text`."""
    return open_sealed(key, _cell("privacy_request", column, request_id, request_id, 1), sealed).decode()


def seal_found(key: DataKey, request_id: str, store: str, number: int, found: Found) -> bytes:
    """What search `number` of a store, and those before it, found."""
    return seal(key, _found(request_id, store, number), findings.to_json(found))


def open_found(key: DataKey, request_id: str, store: str, number: int, sealed: bytes) -> Found:
    """The reverse of `seal_found`."""
    return findings.from_json(open_sealed(key, _found(request_id, store, number), sealed))


def seal_candidate(key: DataKey, request_id: str, store: str, row: RowRef, shown: Mapping[str, str]) -> bytes:
    """A row that may be the person's, with what an officer compares."""
    return seal(key, _candidate(request_id, store), findings.row_to_json(row, dict(shown)))


def open_candidate(key: DataKey, request_id: str, store: str, sealed: bytes) -> tuple[RowRef, dict[str, str]]:
    """The reverse of `seal_candidate`."""
    return findings.row_from_json(open_sealed(key, _candidate(request_id, store), sealed))


def seal_errand(key: DataKey, errand_id: str, version: int, row: RowRef, said: Mapping[str, str]) -> bytes:
    """The row that a store's work is about, and what was said of it; `version` grows when more is."""
    return seal(key, _errand(key.owner, errand_id, version), findings.row_to_json(row, dict(said)))


def open_errand(key: DataKey, errand_id: str, version: int, sealed: bytes) -> tuple[RowRef, dict[str, str]]:
    """The reverse of `seal_errand`."""
    return findings.row_from_json(open_sealed(key, _errand(key.owner, errand_id, version), sealed))


def seal_chunk(key: DataKey, request_id: str, store: str, number: int, chunk: bytes) -> bytes:
    """A piece of an access package."""
    return seal(key, _chunk(request_id, store, number), chunk)


def open_chunk(key: DataKey, request_id: str, store: str, number: int, sealed: bytes) -> bytes:
    """The reverse of `seal_chunk`."""
    return open_sealed(key, _chunk(request_id, store, number), sealed)


def _identities(request_id: str, version: int) -> Cell:
    return _cell("privacy_request", "identities", request_id, request_id, version)


def _found(request_id: str, store: str, number: int) -> Cell:
    return _cell("privacy_request_found", "rows", f"{request_id}/{store}", request_id, number)


def _candidate(request_id: str, store: str) -> Cell:
    return _cell("privacy_request_candidate", "row", f"{request_id}/{store}", request_id, 1)


def _errand(request_id: str, errand_id: str, version: int) -> Cell:
    return _cell("privacy_request_errand", "work", errand_id, request_id, version)


def _chunk(request_id: str, store: str, number: int) -> Cell:
    return _cell("privacy_request_package", "chunk", f"{request_id}/{store}", request_id, number)


def _cell(table: str, column: str, record: str, owner: str, version: int) -> Cell:
    return Cell(table=table, column=column, record=record, owner=owner, record_version=version)
