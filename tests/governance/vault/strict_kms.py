"""moto's KMS, as strict as AWS documents the real one.

moto lets a key that waits for its deletion encrypt and decrypt, and answers `AccessDeniedException` where
a ciphertext is another key's. AWS: `KMSInvalidStateException` and `IncorrectKeyException`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from moto.core.exceptions import JsonRESTError
from moto.kms.exceptions import AccessDeniedException
from moto.kms.models import KmsBackend


@contextmanager
def strictly() -> Iterator[None]:
    """While it lasts, every backend of moto is strict."""
    encrypt, decrypt = KmsBackend.encrypt, KmsBackend.decrypt

    def usable(backend: KmsBackend, key_id: str) -> None:
        held = backend.keys.get(backend.any_id_to_key_id(key_id))
        if held is not None and held.key_state != "Enabled":
            name = "DisabledException" if held.key_state == "Disabled" else "KMSInvalidStateException"
            raise JsonRESTError(name, f"{key_id} is {held.key_state}")

    def strict_encrypt(backend: KmsBackend, key_id: str, *args: Any, **kwargs: Any) -> tuple[bytes, str]:
        usable(backend, key_id)
        return encrypt(backend, key_id, *args, **kwargs)

    def strict_decrypt(backend: KmsBackend, **asked: Any) -> tuple[bytes, str]:
        usable(backend, asked["key_id"])
        try:
            return decrypt(backend, **asked)
        except AccessDeniedException:
            raise JsonRESTError("IncorrectKeyException", "another key's ciphertext") from None

    with patch.multiple(KmsBackend, encrypt=strict_encrypt, decrypt=strict_decrypt):
        yield
