"""Staff over both databases: the key store holds the key under which an e-mail address is sealed.

Key first, then user: a key without its user seals nothing. On the way out the user goes first.
"""

from api.context import Service
from audit.ids import random_id
from audit.log import Appended
from governance.accounts import MadeKey, User, add_user, list_users, remove_user, user_ids
from governance.errors import GovernanceError, UserExistsError
from governance.identity import email as parse_email
from governance.scopes import Caller, Role
from governance.vault.keys import destroy, discard, load, mint
from governance.vault.tables import KeyKind


def create(service: Service, email: str, role: Role, maker: Caller) -> tuple[str, MadeKey]:
    """A new member of staff: their id, and the key of their role.

    Raises:
        IdentityInvalidError: not an e-mail address.
        UserExistsError: somebody with that address is here.
    """
    address, now, user_id = parse_email(email).text, service.clock(), random_id()
    if any(user.email == address for user in everybody(service)):
        raise UserExistsError("somebody with this address is here already")
    minted = service.keys.write(
        lambda session: mint(session, service.keyring, [user_id], kind=KeyKind.USER, now=now)
    )
    try:
        made = service.main.write(
            lambda session: add_user(session, address, role, data_key=minted[user_id], maker=maker, now=now)
        )
    except GovernanceError:
        service.keys.write(lambda session: discard(session, minted))
        raise
    return user_id, made


def everybody(service: Service) -> list[User]:
    """Who is here, with their addresses: a few dozen at most, so there are no pages."""
    with service.main.read() as session:
        ids = user_ids(session)
    with service.keys.read() as session:
        data_keys = load(session, service.keyring, ids)
    with service.main.read() as session:
        return list_users(session, data_keys)


def remove(service: Service, user_id: str, actor: str) -> Appended:
    """End a user, their keys, and the key under which their address was sealed.

    Raises:
        UserUnknownError: there is no such user.
    """
    now = service.clock()
    told = service.main.write(lambda session: remove_user(session, user_id, actor=actor, now=now))
    service.keys.write(lambda session: destroy(session, user_id, now=now))
    return told
