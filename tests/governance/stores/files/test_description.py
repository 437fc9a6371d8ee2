"""What a document says of files."""

from governance.stores.files.description import FileFormat, Layout, OldVersions


def test_what_is_not_said_is_told_by_the_file() -> None:
    """A layout of nothing says nothing."""
    assert Layout() == Layout(None, None, None)
    assert {kind.value for kind in FileFormat} == {"csv", "parquet"}


def test_old_versions_go_unless_there_is_a_reason() -> None:
    """Nobody keeps them by leaving something out."""
    assert OldVersions().deleted
    assert not OldVersions("a year of them, by contract").deleted
