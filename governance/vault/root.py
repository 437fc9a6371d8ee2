"""The port to whoever holds the outermost keys: the key directory, or a key management system.

A provider keeps named keys that wrap a handful of other keys: one for each epoch and one for each root
generation. The name is all that the key store knows of it. Once `destroy` has returned and
`destruction_delay` has passed, whatever was wrapped under that name can not be opened by anyone. So every
name is a key of its own at the provider: one key for all epochs could never be destroyed.

Any call may raise `RootUnavailableError` (no answer in time, or sealed) or `RootRefusedError` (credentials,
rights). Both leave everything as it is, and the call can be repeated.
"""

from datetime import timedelta
from typing import Protocol


class RootKeys(Protocol):
    """What every provider can do; `tests/governance/vault/test_root.py` is the suite that each must pass."""

    @property
    def name(self) -> str:
        """The provider, as `vault status` prints it."""

    @property
    def destruction_delay(self) -> timedelta | None:
        """How long after `destroy` the key may still be brought back by its provider; None: nobody said."""

    def tend(self) -> None:
        """Called every minute: whatever the provider asks for so that it goes on answering."""

    def create(self, key_name: str) -> None:
        """Makes a new random key; one that exists is left as it is."""

    def wrap(self, key_name: str, plaintext: bytes, about: bytes) -> bytes:
        """Wraps under the named key, bound to `about`.

        Raises:
            RootKeyMissingError: there is no such key, or it was destroyed.
        """

    def unwrap(self, key_name: str, wrapped: bytes, about: bytes) -> bytes:
        """What was wrapped.

        Raises:
            RootKeyMissingError: there is no such key, or it was destroyed.
            WrapBrokenError: a changed byte, another key, or another context.
        """

    def destroy(self, key_name: str) -> None:
        """Makes the named key unusable for ever; destroying it again changes nothing."""
