"""The tokens in the links that people are sent: whose link it is, and that this service made it. Pure.

    token = base64url(lead id, 16 bytes || HMAC-SHA-256(key of the kind, lead id), first 16 bytes)

A lead id is random and says nothing, and without the key nobody makes the token of another lead. A token does
not expire: whoever finds an old message must still get out. Each kind of link has its own key, so an
unsubscribe link opens no preference page. See ADR 12.
"""

import base64
import binascii
import hmac
import uuid
from enum import StrEnum

from governance.vault.index import keyed_hash, link_keys
from governance.vault.keyring import Keyring

ID_BYTES = MAC_BYTES = 16
TOKEN_CHARACTERS = 43  # 32 bytes in base64url, without padding


class LinkKind(StrEnum):
    """What a link is for."""

    PREFERENCES = "preferences"
    UNSUBSCRIBE = "unsubscribe"


def token_of(keyring: Keyring, kind: LinkKind, lead_id: str) -> str:
    """The lead's token for this kind of link, always the same one while the key stays.

    Raises:
        ValueError: the id is no UUID.
    """
    lead = uuid.UUID(lead_id).bytes
    return _encoded(lead + _mac(link_keys(keyring, kind)[0], lead))


def lead_of(keyring: Keyring, kind: LinkKind, token: str) -> str | None:
    """The lead that the token was made for; None when this service did not make it for this kind."""
    raw = _decoded(token)
    if raw is None:
        return None
    lead, mac = raw[:ID_BYTES], raw[ID_BYTES:]
    if not any(hmac.compare_digest(mac, _mac(key, lead)) for key in link_keys(keyring, kind)):
        return None
    return str(uuid.UUID(bytes=lead))


def _mac(key: bytes, lead: bytes) -> bytes:
    return keyed_hash(key, lead)[:MAC_BYTES]


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _decoded(token: str) -> bytes | None:
    """The bytes of a token that is spelt as `_encoded` spells it: each token has one spelling."""
    if len(token) != TOKEN_CHARACTERS or not token.isascii():
        return None
    try:
        raw = base64.b64decode(token + "=", altchars=b"-_", validate=True)
    except binascii.Error:
        return None
    return raw if _encoded(raw) == token else None
