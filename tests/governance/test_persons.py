"""Two keys of one user are one person."""

from datetime import datetime

from sqlalchemy.orm import Session

from governance.account_tables import ApiKeyRow
from governance.accounts import make_key
from governance.persons import person_of
from governance.scopes import OURSELVES, Grant


def test_a_key_stands_for_its_user_or_for_itself(main_session: Session, now: datetime) -> None:
    """Nobody's key is a person of its own, and so is what is no key."""
    made = make_key(main_session, "CRM", Grant(frozenset({"rules:manage"})), maker=OURSELVES, now=now)

    assert person_of(main_session, made.id) == made.id
    assert person_of(main_session, "command_line") == "command_line"

    row = main_session.get(ApiKeyRow, made.id)
    assert row is not None
    row.user_id = "ada"
    assert person_of(main_session, made.id) == "ada"
