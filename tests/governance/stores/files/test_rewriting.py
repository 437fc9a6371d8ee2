"""A file is rewritten whole, counted, read back, and tried anew when somebody else was faster."""

import gzip
import tracemalloc
from pathlib import Path
from typing import BinaryIO

import pytest

from governance.stores.errors import StoreCode, StoreError
from governance.stores.files.delimited import DelimitedFile
from governance.stores.files.description import FileFormat, Layout
from governance.stores.files.folder import Folder
from governance.stores.files.formats import GONE, Decide, Decision, Tally, Values
from governance.stores.files.places import Write
from governance.stores.files.rewriting import rewrite

CSV = Layout(FileFormat.CSV)
MEGABYTE = 1024 * 1024


def without_x(_columns: tuple[str, ...], values: Values) -> Decision:
    """Decides that rows beginning with x go."""
    return GONE if values[0] == "x" else None


class _Busy(Folder):
    """A folder in which somebody else writes whenever a file is rewritten, some times."""

    def __init__(self, path: Path, times: int) -> None:
        super().__init__(str(path))
        self.file, self.times = path / "a.csv", times

    def rewrite(self, name: str, write: Write) -> None:
        def disturbed(source: BinaryIO, target: BinaryIO) -> bool:
            differs = write(source, target)
            if self.times:
                self.times -= 1
                self.file.write_text(f"a\nx\n{self.times}\n")
            return differs

        super().rewrite(name, disturbed)


def test_somebody_elses_change_is_kept(tmp_path: Path) -> None:
    """The file is read anew, and what they wrote is in it."""
    (tmp_path / "a.csv").write_text("a\nx\n9\n")
    assert rewrite(_Busy(tmp_path, 2), "a.csv", CSV, without_x) == Tally(before=2, kept=1, removed=1)
    assert (tmp_path / "a.csv").read_text() == "a\n0\n"


def test_who_never_stops_writing_is_told_of(tmp_path: Path) -> None:
    """After three tries; the file stands as they wrote it."""
    (tmp_path / "a.csv").write_text("a\nx\n9\n")
    with pytest.raises(StoreError) as refused:
        rewrite(_Busy(tmp_path, 3), "a.csv", CSV, without_x)
    assert refused.value.reason is StoreCode.LOCKED
    assert refused.value.passes
    assert (tmp_path / "a.csv").read_text() == "a\nx\n0\n"


def test_a_file_without_the_person_is_not_touched(tmp_path: Path) -> None:
    """Not even its time."""
    (tmp_path / "a.csv").write_text("a\n1\n")
    before = (tmp_path / "a.csv").stat()
    assert rewrite(Folder(str(tmp_path)), "a.csv", CSV, without_x) == Tally(before=1, kept=1)
    after = (tmp_path / "a.csv").stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


@pytest.mark.parametrize("fault", ["loses", "keeps"])
def test_a_file_that_is_not_right_is_not_put(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    """A row lost, or one still there that should be gone: the old file stands."""
    (tmp_path / "a.csv").write_text("a\nx\n1\n2\n")
    rewriting_right = DelimitedFile.rewrite

    def faulty(self: DelimitedFile, target: BinaryIO, decide: Decide) -> Tally:
        tally = rewriting_right(self, target, decide)
        if fault == "loses":
            target.seek(0)
            target.truncate()
            target.write(b"a\n1\n")
        else:
            target.seek(0)
            target.write(b"a\nx\n2\n")
        return tally

    monkeypatch.setattr(DelimitedFile, "rewrite", faulty)
    with pytest.raises(StoreError) as refused:
        rewrite(Folder(str(tmp_path)), "a.csv", CSV, without_x)
    assert refused.value.reason is StoreCode.CONSTRAINT
    assert (tmp_path / "a.csv").read_text() == "a\nx\n1\n2\n"


def test_packed_files_stay_packed(tmp_path: Path) -> None:
    """By their name."""
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(b"a\nx\n1\n"))
    rewrite(Folder(str(tmp_path)), "a.csv.gz", CSV, without_x)
    assert gzip.decompress((tmp_path / "a.csv.gz").read_bytes()) == b"a\n1\n"


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    """Twenty megabytes are rewritten in less than two."""
    line = "1," + "y" * 1000 + "\n"
    with (tmp_path / "a.csv").open("w") as file:
        file.write("a,b\nx,1\n")
        file.writelines(line for _ in range(20_000))
    tracemalloc.start()
    rewrite(Folder(str(tmp_path)), "a.csv", CSV, without_x)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 2 * MEGABYTE
