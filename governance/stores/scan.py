"""Looks at a database and writes the first draft of its store document, for a person to review."""

from typing import Any

from governance.stores.census import take_census
from governance.stores.proposing import propose
from governance.stores.yaml_text import write_yaml

HEADING = """\
# A proposal, made by looking at names, foreign keys and the first rows of each table. Review it:
# - `sure` says how sure the guess is; take the field out or leave it, as you like.
# - Everything under `undecided` looks personal and could not be placed. Map it, or delete the line.
# - A table that holds nothing of leads needs no entry. Name the recipient, then set `active: true`.
"""


def scan(url: str, *, store: str, reference: str) -> dict[str, Any]:
    """The proposal for the database at `url`, to be known as `store` and found by `reference`.

    Raises:
        StoreError: the database can not be reached or read.
    """
    return propose(take_census(url), store=store, url=reference)


def as_text(proposal: dict[str, Any]) -> str:
    """A proposal as YAML, with what a reviewer must know."""
    return HEADING + write_yaml(proposal)
