"""The default root key provider: one file a key, in a directory of its own.

The directory lies outside the home and is never backed up with it: whoever holds both can read
everything, and a destroyed key that survives in a backup was not destroyed. Several processes on one host
may share it; several hosts need a key management system.
"""

import os
import re
from datetime import timedelta
from pathlib import Path

from governance.errors import KeyDirectoryUnsafeError, RootKeyMissingError, RootUnavailableError
from governance.vault.wrapping import KEY_BYTES, Wrapper, new_key

NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,99}")
OTHERS = 0o077


class KeyDirectory:
    """Files of 32 random bytes, 0600, in a directory of 0700."""

    name = "key_directory"
    destruction_delay = timedelta(0)

    def __init__(self, path: Path) -> None:
        """Makes the directory where there is none.

        Raises:
            KeyDirectoryUnsafeError: others may enter it, or the path is no directory.
        """
        try:
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
        except FileExistsError as error:
            raise KeyDirectoryUnsafeError("the key directory is not a directory") from error
        if path.stat().st_mode & OTHERS:
            raise KeyDirectoryUnsafeError("the key directory must be for its owner alone (chmod 700)")
        self.path = path

    def __repr__(self) -> str:
        return "KeyDirectory()"

    def tend(self) -> None:
        """Files need nothing."""

    def create(self, key_name: str) -> None:
        """Writes the key beside its place and links it there whole: the first of several racers wins."""
        place = self._place(key_name)
        draft = self.path / f".{key_name}.{os.urandom(8).hex()}"
        _write_new(draft, new_key())
        try:
            os.link(draft, place)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
        self._sync()

    def wrap(self, key_name: str, plaintext: bytes, about: bytes) -> bytes:
        """See `RootKeys.wrap`."""
        return self._wrapper(key_name).wrap(plaintext, about)

    def unwrap(self, key_name: str, wrapped: bytes, about: bytes) -> bytes:
        """See `RootKeys.unwrap`."""
        return self._wrapper(key_name).unwrap(wrapped, about)

    def destroy(self, key_name: str) -> None:
        """Overwrites the file, then removes it: as final as the disk under it allows."""
        place = self._place(key_name)
        try:
            with place.open("r+b") as file:
                file.write(os.urandom(KEY_BYTES))
                file.flush()
                os.fsync(file.fileno())
        except FileNotFoundError:
            return
        place.unlink(missing_ok=True)
        self._sync()

    def _place(self, key_name: str) -> Path:
        if not NAME.fullmatch(key_name):
            raise ValueError("a key name is lower-case letters, digits and hyphens")
        return self.path / f"{key_name}.key"

    def _wrapper(self, key_name: str) -> Wrapper:
        # Read at each use: asked for once an epoch and process, and nothing lingers after `destroy`.
        try:
            return Wrapper(self._place(key_name).read_bytes())
        except FileNotFoundError as error:
            raise RootKeyMissingError(f"the key directory holds no key {key_name}") from error
        except OSError as error:
            raise RootUnavailableError(f"the key directory can not be read: {error.strerror}") from error

    def _sync(self) -> None:
        descriptor = os.open(self.path, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def holds_keys(path: Path) -> bool:
    """Whether a key lies in the directory; it need not be there."""
    return any(path.glob("*.key"))


def _write_new(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
