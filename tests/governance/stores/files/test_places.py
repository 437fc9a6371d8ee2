"""Addresses of places, and the names of tables below them."""

from collections.abc import Iterator

import pytest

from governance.stores.errors import StoreCode, StoreError
from governance.stores.files.folder import Folder
from governance.stores.files.places import Address, is_safe, matching, read_address


def test_addresses_are_read() -> None:
    """Of folders, and of buckets with all that a bucket may need."""
    assert read_address("file:///srv/my%20exports") == Address("file", "", "/srv/my exports")
    assert read_address(
        "s3://key:a%2Fb@leads/daily?region=eu-west-1&endpoint=https://s3.x.example"
    ) == Address(
        "s3", "leads", "/daily", {"region": "eu-west-1", "endpoint": "https://s3.x.example"}, "key", "a/b"
    )
    assert "a/b" not in repr(read_address("s3://key:a%2Fb@leads/daily"))


@pytest.mark.parametrize(
    "url",
    ["", "/srv", "file://host/srv", "file:relative", "s3:///x", "s3://b?acl=public", "http://x/y", "s3://b?x",
     "file:///srv?x=y", "s3://[b"],
)  # fmt: skip
def test_other_addresses_are_refused(url: str) -> None:
    """By a closed code that does not repeat the address."""
    with pytest.raises(StoreError) as refused:
        read_address(url)
    assert str(refused.value) == StoreCode.MAPPING_INVALID


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("a.csv", True),
        ("daily/a-*.csv", True),
        ("", False),
        ("/a.csv", False),
        ("../a.csv", False),
        ("x/../a.csv", False),
        ("x//a.csv", False),
        (".hidden.csv", False),
        ("x/.git/a.csv", False),
        ("a\\b.csv", False),
        ("a\0.csv", False),
    ],
)
def test_names_stay_below_their_place(name: str, safe: bool) -> None:  # noqa: FBT001 - a case's value
    """No way up, no way out, nothing hidden."""
    assert is_safe(name) is safe


class _Listed(Folder):
    """A folder of which only the list is asked."""

    def __init__(self, *names: str) -> None:
        self.listed = names

    def names(self) -> Iterator[str]:
        yield from self.listed


def test_a_name_means_files_of_one_folder() -> None:
    """A star does not reach into inner folders; nothing at all is missing."""
    place = _Listed("b-2.csv", "b-1.csv", "x/b-3.csv", "b-1.csv.bak", "B-4.csv")
    assert matching(place, "b-*.csv") == ["b-1.csv", "b-2.csv"]
    assert matching(place, "*/b-?.csv") == ["x/b-3.csv"]
    with pytest.raises(StoreError) as refused:
        matching(place, "c-*.csv")
    assert (refused.value.reason, refused.value.table) == (StoreCode.TABLE_MISSING, "c-*.csv")
