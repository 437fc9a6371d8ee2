"""Who stands behind a key, for what needs two persons and not two keys."""

from sqlalchemy.orm import Session

from governance.account_tables import ApiKeyRow


def person_of(session: Session, key_id: str) -> str:
    """The id of the user whose key it is; a key that is nobody's stands for itself."""
    row = session.get(ApiKeyRow, key_id)
    return key_id if row is None or row.user_id is None else row.user_id
