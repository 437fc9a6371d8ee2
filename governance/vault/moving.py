"""From one root key provider to another: new keys are made at the new one, old ones are found at the old.

Once the epoch's and the root's key have been rotated, the old provider holds nothing any more.
"""

from datetime import timedelta

from governance.errors import RootKeyMissingError
from governance.vault.root import RootKeys


class Moving:
    """Both providers as one, until the old one is empty."""

    def __init__(self, to: RootKeys, off: RootKeys) -> None:
        self._to = to
        self._off = off

    def __repr__(self) -> str:
        return f"Moving({self._to}, {self._off})"

    @property
    def name(self) -> str:
        """Both, as `vault status` prints them."""
        return f"{self._to.name} (and {self._off.name}, until epoch and root key are rotated)"

    @property
    def destruction_delay(self) -> timedelta | None:
        """The longer one; unknown where one is."""
        delays = (self._to.destruction_delay, self._off.destruction_delay)
        return None if None in delays else max(delay for delay in delays if delay is not None)

    def tend(self) -> None:
        """Both."""
        self._to.tend()
        self._off.tend()

    def create(self, key_name: str) -> None:
        """At the new one."""
        self._to.create(key_name)

    def wrap(self, key_name: str, plaintext: bytes, about: bytes) -> bytes:
        """At the new one."""
        return self._to.wrap(key_name, plaintext, about)

    def unwrap(self, key_name: str, wrapped: bytes, about: bytes) -> bytes:
        """Where the key is."""
        try:
            return self._to.unwrap(key_name, wrapped, about)
        except RootKeyMissingError:
            return self._off.unwrap(key_name, wrapped, about)

    def destroy(self, key_name: str) -> None:
        """Wherever the key is."""
        self._to.destroy(key_name)
        self._off.destroy(key_name)
