"""`audit.keys`: a change of key is an entry, and no public key is forgotten."""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from audit import keys, query
from audit.actions import Action
from audit.query import Wanted
from audit.tables import PublicKeyRow
from tests.audit.conftest import NOW, fill, signer_of


def test_a_new_key_is_announced_in_the_log_and_the_old_one_stays(session: Session) -> None:
    """Rotation is an entry; a restored old key signs again; every key stays listed."""
    one, other = signer_of(1), signer_of(2)
    fill(session, 2, one)
    fill(session, 1, other, start=2)
    later = NOW + timedelta(days=1)

    assert keys.announce(session, other, now=later) is False
    rotated = query.entries(session, Wanted(actions=[Action.LOG_KEY_ROTATED]), after=None, limit=5)
    assert [each.document()["facts"] for each in rotated] == [{"from": [one.vkey], "to": other.vkey}]
    assert {(key.vkey, key.until) for key in keys.listed(session)} == {(one.vkey, NOW), (other.vkey, None)}
    assert keys.listed(session)[0].key() in {one.key, other.key}
    assert keys.announce(session, one, now=later) is True
    assert session.scalars(select(PublicKeyRow.vkey).where(PublicKeyRow.until.is_(None))).all() == [one.vkey]
