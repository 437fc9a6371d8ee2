"""What a person's corrections change in the service's own data: pure.

Only what the service holds is corrected: a field that it does not have was never wrong here. Where `was` is
given, only what still says so is changed, so that doing it again changes nothing.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from governance import leads
from governance.custody import Opened
from governance.identity import Identifier, email
from governance.leads import ATTRIBUTES, Changes
from governance.requests.corrections import IDENTIFIERS
from governance.stores.protocol import Correction


def changes_of(opened: Opened, corrections: Sequence[Correction]) -> Changes:
    """The changes of one lead.

    Raises:
        FactInvalidError: a country, region or zone that is none.
    """
    attributes = {each.name: each.value for each in corrections if _is_attribute(opened, each)}
    profile: Mapping[str, bytes | None] = {
        each.name: None if each.value is None else json.dumps(each.value, ensure_ascii=False).encode()
        for each in corrections
        if _is_held(opened, each)
    }
    identifiers = tuple(
        one for kind in IDENTIFIERS for one in _identifiers(kind, opened.identifiers, corrections)
    )
    return Changes(identifiers, leads.attributes_of(attributes), profile)


def count(changes: Changes) -> int:
    """How many fields and kinds of identifiers change."""
    kinds = {one.kind for one in changes.identifiers}
    return len(kinds) + len(changes.attributes) + len(changes.profile)


def _is_attribute(opened: Opened, correction: Correction) -> bool:
    held = opened.attributes.get(correction.name)
    return correction.name in ATTRIBUTES and correction.was in {None, held} and correction.value != held


def _is_held(opened: Opened, correction: Correction) -> bool:
    if correction.name not in opened.profile:
        return False
    held = opened.profile[correction.name]
    return correction.was in {None, held} and correction.value != held


def _identifiers(
    kind: str, held: Iterable[Identifier], corrections: Sequence[Correction]
) -> tuple[Identifier, ...]:
    """All identifiers of a kind as they should be; none where none of them changes."""
    right = {each.was: each.value for each in corrections if each.name == kind}
    of_kind = [one for one in held if one.kind.value == kind]
    after = [_corrected(one, right.get(one.text)) for one in of_kind]
    return () if after == of_kind else tuple(dict.fromkeys(after))


def _corrected(one: Identifier, text: str | None) -> Identifier:
    """The identifier as it should read; a number stays as much the person's own as the wrong one was."""
    if text is None:
        return one
    return email(text) if one.kind.value == "email" else replace(one, text=text)
