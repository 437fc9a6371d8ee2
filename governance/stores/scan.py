"""Looks at a database, or at files, and writes a first draft of its store document for a person to review."""

from contextlib import closing
from typing import Any

from governance.stores.census import take_census
from governance.stores.files.census import take_file_census
from governance.stores.files.store import open_place
from governance.stores.mapping import StoreKind
from governance.stores.proposing import propose
from governance.stores.yaml_text import write_yaml

PLACES = ("file:", "s3:")
HEADING = """\
# A proposal, made by looking at names, foreign keys and the first rows of each table. Review it:
# - `sure` says how sure the guess is; take the field out or leave it, as you like.
# - Everything under `undecided` looks personal and could not be placed. Map it, or delete the line.
# - A table that holds nothing of leads needs no entry. Name the recipient, then set `active: true`.
"""


def scan(url: str, *, store: str, reference: str) -> dict[str, Any]:
    """The proposal for the database or the files at `url`, to be known as `store` and found by `reference`.

    Raises:
        StoreError: they can not be reached or read.
    """
    if not url.startswith(PLACES):
        return propose(take_census(url), store=store, url=reference)
    with closing(open_place(url)) as place:
        census, unread = take_file_census(place)
        versioned = place.keeps_old_versions()
    proposal = propose(census, store=store, url=reference, kind=StoreKind.FILE)
    proposal["undecided"] += unread
    return proposal | ({"old_versions": "delete"} if versioned else {})


def as_text(proposal: dict[str, Any]) -> str:
    """A proposal as YAML, with what a reviewer must know."""
    return HEADING + write_yaml(proposal)
