"""What searches of stores have found: joined, written and read back as JSON. Pure.

A step is searched more than once (a retry, a new identity, a look-back). What was found stays found: the
union of all searches is what is read back, so a second try that finds less never looks like less to erase.
"""

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from typing import Any

from consent.vocabulary import IdentifierKind
from governance.stores.protocol import Found, Identity, PersonTerms, RowRef

TERM_KINDS = ("names", "emails", "phones", "others")


def joined(old: Found, new: Found) -> Found:
    """Everything of both searches; the candidates are those of the newer one. What is there is not gone."""
    rows = _union(old.rows, new.rows)
    there = set(rows)
    return Found(
        rows=rows,
        persons=_union(old.persons, new.persons),
        learnt=_union(old.learnt, new.learnt),
        shared=_union(old.shared, new.shared),
        candidates=new.candidates,
        terms=old.terms.merged(new.terms),
        gone=tuple(row for row in _union(old.gone, new.gone) if row not in there),
    )


def begun_anew(old: Found, new: Found) -> Found:
    """After what is in `old` was erased and read back: all that is known of the person, the rows of `new`."""
    erased = replace(old, rows=(), persons=(), gone=_union(old.gone, old.rows))
    return joined(erased, new)


def without(old: Found, tables: Collection[str]) -> Found:
    """After the rows of `tables` were deleted: they count as gone. What stays, redacted or kept, is there."""
    going = tuple(row for row in old.rows if row.table in tables)
    rows = tuple(row for row in old.rows if row.table not in tables)
    persons = tuple(row for row in old.persons if row.table not in tables)
    return replace(old, rows=rows, persons=persons, gone=_union(old.gone, going))


def widened(known: Sequence[Identity], founds: Iterable[Found]) -> tuple[Identity, ...]:
    """`known` followed by what the searches learnt: no one is followed by a shared number into another store.

    Those known that a search saw several people use are marked as shared from then on.
    """
    every = tuple(founds)
    shared = {identity for found in every for identity in found.shared}
    marked = [replace(one, shared=True) if one in shared else one for one in known]
    new = (one for found in every for one in found.learnt if not one.shared and one not in shared)
    return tuple(dict.fromkeys((*marked, *new)))


def to_json(found: Found) -> bytes:
    """The rows, identities and terms as compact JSON, to be sealed; candidates are kept apart."""
    document = {
        "rows": [_row_out(row) for row in found.rows],
        "persons": [_row_out(row) for row in found.persons],
        "learnt": [_identity_out(identity) for identity in found.learnt],
        "shared": [_identity_out(identity) for identity in found.shared],
        "terms": {kind: sorted(getattr(found.terms, kind)) for kind in TERM_KINDS},
        "gone": [_row_out(row) for row in found.gone],
    }
    return _dump(document)


def from_json(text: bytes) -> Found:
    """The reverse of `to_json`; without candidates. Earlier versions wrote no `shared` and no `gone`."""
    document = json.loads(text)
    return Found(
        rows=tuple(_row_in(row) for row in document["rows"]),
        persons=tuple(_row_in(row) for row in document["persons"]),
        learnt=tuple(_identity_in(identity) for identity in document["learnt"]),
        shared=tuple(_identity_in(identity) for identity in document.get("shared", ())),
        terms=PersonTerms(**{kind: frozenset(document["terms"][kind]) for kind in TERM_KINDS}),
        gone=tuple(_row_in(row) for row in document.get("gone", ())),
    )


def identities_to_json(identities: Iterable[Identity]) -> bytes:
    """A request's identities, to be sealed."""
    return _dump([_identity_out(identity) for identity in identities])


def identities_from_json(text: bytes) -> tuple[Identity, ...]:
    """The reverse of `identities_to_json`."""
    return tuple(_identity_in(identity) for identity in json.loads(text))


def row_to_json(row: RowRef, shown: Any) -> bytes:
    """A candidate's row and what is shown of it, to be sealed."""
    return _dump({"row": _row_out(row), "shown": shown})


def row_from_json(text: bytes) -> tuple[RowRef, dict[str, str]]:
    """The reverse of `row_to_json`."""
    document = json.loads(text)
    return _row_in(document["row"]), document["shown"]


def _union(old: tuple[Any, ...], new: tuple[Any, ...]) -> tuple[Any, ...]:
    """Both without repeats, in the order they came."""
    return tuple(dict.fromkeys((*old, *new)))


def _dump(document: Any) -> bytes:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def _row_out(row: RowRef) -> list[Any]:
    return [row.table, list(row.key)]


def _row_in(row: list[Any]) -> RowRef:
    return RowRef(row[0], tuple(row[1]))


def _identity_out(identity: Identity) -> list[Any]:
    return [identity.kind.value, identity.value, identity.system, identity.shared]


def _identity_in(identity: list[Any]) -> Identity:
    kind, value, system, shared = identity
    return Identity(IdentifierKind(kind), value, system, shared)
