"""Tokens of links: found again, never forged, one spelling each."""

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.link_tokens import LinkKind, lead_of, token_of
from governance.vault.key_directory import KeyDirectory
from governance.vault.keyring import Held, IndexKey, Keyring
from governance.vault.tables import IndexPurpose, IndexState

LEAD = "0b6d4a52-7c1e-4f7a-9f0a-3d2f5c8e1b90"
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def keyring_of(*keys: bytes) -> Keyring:
    """A keyring that holds these generations of the links' key, oldest first."""
    keyring = Keyring(KeyDirectory.__new__(KeyDirectory))
    held = tuple(
        IndexKey(IndexPurpose.LINKS, number, IndexState.CURRENT, key) for number, key in enumerate(keys, 1)
    )
    keyring._held = Held(index_keys={IndexPurpose.LINKS: held})  # noqa: SLF001 - no key store is needed here
    return keyring


KEYRING = keyring_of(bytes(32))


@given(lead=st.uuids(), kind=st.sampled_from(LinkKind))
def test_a_token_leads_back_to_its_lead(lead: uuid.UUID, kind: LinkKind) -> None:
    """And is short enough for any mail program's line."""
    token = token_of(KEYRING, kind, str(lead))

    assert lead_of(KEYRING, kind, token) == str(lead)
    assert len(token) == 43
    assert set(token) <= set(ALPHABET)


def test_a_token_of_one_kind_opens_nothing_of_the_other() -> None:
    """Who may unsubscribe somebody may not change their preferences."""
    token = token_of(KEYRING, LinkKind.UNSUBSCRIBE, LEAD)

    assert lead_of(KEYRING, LinkKind.PREFERENCES, token) is None


@given(place=st.integers(0, 42), letter=st.sampled_from(ALPHABET))
def test_a_token_with_any_letter_changed_is_nobodys(place: int, letter: str) -> None:
    """Also the spare bits of the last letter: each token has one spelling."""
    token = token_of(KEYRING, LinkKind.PREFERENCES, LEAD)
    changed = token[:place] + letter + token[place + 1 :]

    assert (lead_of(KEYRING, LinkKind.PREFERENCES, changed) is None) == (changed != token)


@given(text=st.text(max_size=60))
def test_any_text_is_read_without_an_error(text: str) -> None:
    """What stands in a URL is anybody's."""
    assert lead_of(KEYRING, LinkKind.PREFERENCES, text) is None


def test_links_made_under_an_older_key_stay_good() -> None:
    """New links get the newest key."""
    old, both, new = keyring_of(b"o" * 32), keyring_of(b"o" * 32, b"n" * 32), keyring_of(b"n" * 32)
    kind = LinkKind.UNSUBSCRIBE

    assert lead_of(both, kind, token_of(old, kind, LEAD)) == LEAD
    assert token_of(both, kind, LEAD) == token_of(new, kind, LEAD)
    assert lead_of(new, kind, token_of(old, kind, LEAD)) is None


def test_an_id_that_is_no_lead_id_has_no_token() -> None:
    """Lead ids are UUIDs."""
    with pytest.raises(ValueError, match="UUID"):
        token_of(KEYRING, LinkKind.PREFERENCES, "nobody")
