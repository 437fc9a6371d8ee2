"""The pieces of a package between the export and the download."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import create_engine, select, update
from sqlalchemy.orm import Session

from governance.errors import SealBroken
from governance.requests import spool
from governance.requests.tables import PackageChunkRow
from governance.tables import Base
from governance.vault.sealing import DataKey

KEY = DataKey("request-a", 1, bytes(range(32)))
OTHER = DataKey("request-b", 1, bytes(range(1, 33)))


@given(st.lists(st.binary(max_size=40), max_size=12), st.randoms(use_true_random=False))
def test_pieces_are_read_in_their_order_whatever_order_they_came_in(
    pieces: list[bytes], chance: random.Random
) -> None:
    """Ten comes after nine, and not after one; nothing is added, left out or changed."""
    numbered = list(enumerate(pieces))
    chance.shuffle(numbered)
    engine = create_engine("sqlite://")
    Base.metadata.create_all(engine)

    with Session(engine) as session:
        for number, piece in numbered:
            spool.add(session, KEY, "crm", number, piece)
        session.flush()

        assert pieces == list(spool.read(session, KEY, "crm"))
    engine.dispose()


def test_a_store_is_cleared_without_the_others_and_the_other_requests(main_session: Session) -> None:
    """A second try of one store begins with nothing of its first, and with everything of the rest."""
    for key, store in ((KEY, "crm"), (KEY, "shop"), (OTHER, "crm")):
        spool.add(main_session, key, store, 0, b"{}\n")
    main_session.flush()

    spool.clear(main_session, "request-a", "crm")

    assert spool.stores_in(main_session, "request-a") == ["shop"]
    assert spool.stores_in(main_session, "request-b") == ["crm"]


def test_what_article_15_asks_for_is_no_store(main_session: Session) -> None:
    """It lies beside the stores, and would be listed as one of them otherwise."""
    spool.add(main_session, KEY, spool.ABOUT, 0, b"{}")
    main_session.flush()

    assert spool.stores_in(main_session, "request-a") == []
    assert list(spool.read(main_session, KEY, spool.ABOUT)) == [b"{}"]


def test_a_piece_is_sealed_and_opens_at_its_own_place_only(main_session: Session) -> None:
    """The database shows nothing; two pieces that are exchanged in it do not open."""
    for number, piece in enumerate((b"anna@example.com", b"second")):
        spool.add(main_session, KEY, "crm", number, piece)
    main_session.flush()
    first, second = (
        row.sealed for row in main_session.scalars(select(PackageChunkRow).order_by(PackageChunkRow.number))
    )

    for number, sealed in ((0, second), (1, first)):
        here = update(PackageChunkRow).where(PackageChunkRow.number == number)
        main_session.execute(here.values(sealed=sealed))

    assert b"anna" not in first
    with pytest.raises(SealBroken):
        list(spool.read(main_session, KEY, "crm"))
