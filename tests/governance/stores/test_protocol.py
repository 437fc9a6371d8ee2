"""The values that stores and requests hand each other."""

from consent.vocabulary import IdentifierKind
from governance.stores.manual import ManualStore
from governance.stores.protocol import (
    Correction,
    Found,
    Identity,
    PersonTerms,
    Rectifying,
    Restricting,
    Store,
)
from tests.governance.stores.factories import email, mapped, row


def test_found_rows_are_counted_by_table() -> None:
    """What `found` means in a step."""
    assert Found(rows=(row("a", 1), row("a", 2), row("b", "x"))).counts() == {"a": 2, "b": 1}


def test_no_value_shows_a_person() -> None:
    """Neither identities nor keys nor terms appear in a repr: it may be logged."""
    shown = repr(
        (
            email("jane@acme.example"),
            row("contacts", "jane"),
            PersonTerms(names=frozenset({"jane"})),
            Correction("first_name", "jane", was="jane"),
        )
    )
    assert "jane" not in shown


def test_what_is_known_to_be_shared_is_still_the_same_identity() -> None:
    """The flag takes no part in equality."""
    assert email("a@x.example") == email("a@x.example", shared=True)
    assert Identity(IdentifierKind.EXTERNAL, "1", "crm") != Identity(IdentifierKind.EXTERNAL, "1", "erp")


def test_terms_are_joined() -> None:
    """Of several rows, or of several stores."""
    joined = PersonTerms(names=frozenset({"a"}), emails=frozenset({"x"})).merged(
        PersonTerms(names=frozenset({"b"}))
    )
    assert (joined.names, joined.emails, joined.phones) == (frozenset("ab"), frozenset("x"), frozenset())


def test_a_manual_store_is_a_store() -> None:
    """By its shape, as the type checker sees it."""
    store: Store = ManualStore(mapped())
    assert (store.key, store.by_hand) == ("crm", True)


def test_a_manual_store_leaves_corrections_and_restrictions_to_a_person() -> None:
    """What a store can not do is seen by its shape, before it is asked."""
    assert not isinstance(ManualStore(mapped()), Rectifying | Restricting)
