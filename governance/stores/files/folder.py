"""Files in a folder of this machine.

Every path is walked from the folder down, part by part, and no part may be a symbolic link: a file's name
comes from a document, and must lead to what the folder's owner put there. A file is replaced by a rename, so
that whoever reads it sees the old or the new one, whole.
"""

import errno
import fcntl
import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from governance.stores.errors import StoreCode, StoreError
from governance.stores.files.places import HIDDEN, Stamp, Write

FORBIDDEN = {errno.ELOOP, errno.EROFS}
READING = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
"""Without waiting: whoever opens a pipe would wait for its other end."""
OLD_SECONDS = 60
"""Between being made and being locked a file is no older; what is, and is not locked, nobody writes."""
DEEPEST = 8
"""Folders within folders that are looked into."""


class Folder:
    """A folder of files."""

    def __init__(self, path: str) -> None:
        """Opens it.

        Raises:
            StoreError: it is not there, or may not be read.
        """
        try:
            # The folder itself is named by the operator, and may be a link; nothing below it may.
            self._top = os.open(Path(path).resolve(), os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except OSError:
            raise StoreError(StoreCode.UNREACHABLE) from None

    def names(self) -> Iterator[str]:
        """The files below the folder; links, devices and hidden files are none."""
        with _translated():
            yield from self._below(self._top, "", DEEPEST)

    @contextmanager
    def open(self, name: str) -> Iterator[tuple[BinaryIO, Stamp]]:
        """A file to be read."""
        with _translated(), self._folder_of(name) as (folder, base):
            descriptor = os.open(base, READING, dir_fd=folder)
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            os.close(descriptor)
            raise StoreError(StoreCode.PERMISSION_DENIED)
        with os.fdopen(descriptor, "rb") as stream:
            yield stream, _stamp(found)

    def rewrite(self, name: str, write: Write) -> None:
        """Writes beside the file, then renames."""
        with (
            _translated(),
            self.open(name) as (source, before),
            self._folder_of(name) as (folder, base),
            _beside(folder, base) as target,
        ):
            if not write(source, target):
                return
            target.flush()
            _like(source.fileno(), target.fileno())
            os.fsync(target.fileno())
            if _stamp(os.stat(base, dir_fd=folder, follow_symlinks=False)) != before:
                raise StoreError(StoreCode.LOCKED, name)
            os.replace(HIDDEN + base, base, src_dir_fd=folder, dst_dir_fd=folder)
            os.fsync(folder)
            if not _unwritten(source.fileno(), before):
                # Somebody wrote into the old file while it was replaced: it is put back, as it is now.
                _put_back(source, folder, base)
                raise StoreError(StoreCode.LOCKED, name)

    def keeps_old_versions(self) -> bool:
        """A folder does not."""
        return False

    def old_versions(self, name: str) -> int:  # noqa: ARG002 - the protocol's
        """None."""
        return 0

    def delete_old_versions(self, name: str) -> None:
        """Has nothing to do."""

    def close(self) -> None:
        """Lets the folder go."""
        with suppress(OSError):
            os.close(self._top)

    def _below(self, folder: int, above: str, depth: int) -> Iterator[str]:
        with os.scandir(folder) as entries:
            found = sorted(entries, key=lambda entry: entry.name)
        for entry in found:
            if entry.name.startswith(".") or entry.is_symlink():
                continue
            if entry.is_file(follow_symlinks=False):
                yield above + entry.name
            elif entry.is_dir(follow_symlinks=False) and depth:
                inner = os.open(entry.name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=folder)
                try:
                    yield from self._below(inner, f"{above}{entry.name}/", depth - 1)
                finally:
                    os.close(inner)

    @contextmanager
    def _folder_of(self, name: str) -> Iterator[tuple[int, str]]:
        """The folder in which a file is, reached without a link, and the file's own name."""
        *folders, base = name.split("/")
        if not base or any(part in {"", ".", ".."} for part in (*folders, base)):
            raise StoreError(StoreCode.PERMISSION_DENIED)
        reached = os.dup(self._top)
        try:
            for part in folders:
                inner = os.open(part, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=reached)
                os.close(reached)
                reached = inner
            yield reached, base
        finally:
            os.close(reached)


@contextmanager
def _beside(folder: int, base: str) -> Iterator[BinaryIO]:
    """The new file, under a hidden name of its own that no two writers can hold; gone if it is not used.

    What a writer that was killed left there is overwritten.
    """
    flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
    descriptor = os.open(HIDDEN + base, flags, 0o600, dir_fd=folder)
    with os.fdopen(descriptor, "r+b") as target:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise StoreError(StoreCode.LOCKED) from None
        if not _is_there(target, folder, base):
            raise StoreError(StoreCode.LOCKED)  # another writer has just made it the file itself
        os.ftruncate(descriptor, 0)
        os.utime(descriptor)
        _sweep(folder, until=os.fstat(descriptor).st_mtime - OLD_SECONDS)
        try:
            yield target
        finally:
            if _is_there(target, folder, base):
                os.unlink(HIDDEN + base, dir_fd=folder)


def _sweep(folder: int, *, until: float) -> None:
    """What killed writers left beside this folder's files goes, whether or not those files are there yet.

    It may hold a copy of somebody who was erased since. A writer that lives has its file locked.
    """
    with os.scandir(folder) as entries:
        names = [each.name for each in entries if each.name.startswith(HIDDEN)]
    for name in names:
        with suppress(OSError):  # it is gone meanwhile, locked, or no file of ours
            left = os.stat(name, dir_fd=folder, follow_symlinks=False)
            if not stat.S_ISREG(left.st_mode) or left.st_mtime > until:
                continue
            with os.fdopen(os.open(name, READING, dir_fd=folder), "rb") as stream:
                fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if _is_there(stream, folder, name.removeprefix(HIDDEN)):
                    os.unlink(name, dir_fd=folder)


def _is_there(target: BinaryIO, folder: int, base: str) -> bool:
    """Whether the hidden name is still that of the file that is being written."""
    try:
        named = os.stat(HIDDEN + base, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return named.st_ino == os.fstat(target.fileno()).st_ino


def _put_back(source: BinaryIO, folder: int, base: str) -> None:
    """The old file's content, as a new file in its place."""
    with _beside(folder, base) as again:
        source.seek(0)
        shutil.copyfileobj(source, again)
        again.flush()
        _like(source.fileno(), again.fileno())
        os.fsync(again.fileno())
        os.replace(HIDDEN + base, base, src_dir_fd=folder, dst_dir_fd=folder)
        os.fsync(folder)


def _stamp(found: os.stat_result) -> Stamp:
    return Stamp((found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns))


def _unwritten(descriptor: int, before: Stamp) -> bool:
    return _stamp(os.fstat(descriptor)) == before


def _like(old: int, new: int) -> None:
    """Rights and owner of the old file; an owner only where this account may give files away."""
    found = os.fstat(old)
    with suppress(PermissionError):
        os.fchown(new, found.st_uid, found.st_gid)
    os.fchmod(new, stat.S_IMODE(found.st_mode))


@contextmanager
def _translated() -> Iterator[None]:
    """Raises `StoreError` for what the system raises; a path can name a person."""
    code: StoreCode | None = None
    try:
        yield
    except FileNotFoundError:
        code = StoreCode.TABLE_MISSING
    except (PermissionError, NotADirectoryError, IsADirectoryError):
        code = StoreCode.PERMISSION_DENIED
    except OSError as error:
        code = StoreCode.PERMISSION_DENIED if error.errno in FORBIDDEN else StoreCode.UNREACHABLE
    if code is not None:
        raise StoreError(code) from None
