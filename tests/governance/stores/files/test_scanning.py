"""Files are gone through once for all that ask together, and compare as every store does."""

from collections import Counter

import pytest

from consent.vocabulary import IdentifierKind
from governance.stores.files.store import FileStore
from governance.stores.protocol import Identity, Sought
from tests.governance.stores.factories import email, phone
from tests.governance.stores.files.conftest import Shelf, exports, opened

ROWS = (
    "email,phone,ref\n"
    " JANE.DOE@Acme.example ,,\n"
    "zoë@müller.example,,\n"
    ",0049 (30) 123-456 ext. 7,\n"
    ",, 4711\n"
    "jane.doe@acme.example.other,,\n"
)
TABLE = {
    "a.csv": {
        "identity": {"email": "email", "phone": "phone", "ref": {"kind": "external", "system": "erp"}},
        "erase": "delete",
    }
}


@pytest.mark.parametrize(
    ("asked", "line"),
    [
        (email("jane.doe@acme.example"), 1),
        (email("zoë@xn--mller-kva.example"), 2),
        (phone("+4930123456"), 3),
        (phone("030123456"), 3),
        (Identity(IdentifierKind.EXTERNAL, "4711", "erp"), 4),
        (Identity(IdentifierKind.EXTERNAL, "4711", "crm"), None),
        (email("doe@acme.example"), None),
        (phone("+4931123456"), None),
    ],
)
def test_identities_are_compared_as_people_mean_them(
    folder: Shelf, asked: Identity, line: int | None
) -> None:
    """Whatever their case, spaces, alphabet or country code."""
    folder.put("a.csv", ROWS.encode())
    store = opened(folder, TABLE)
    found = [row.columns for row in store.export(store.find([asked]))]
    values = [] if line is None else [tuple(cell or None for cell in ROWS.splitlines()[line].split(","))]
    assert [tuple(columns.values()) for columns in found] == values


def test_a_file_is_gone_through_once_for_many(folder: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fifty people cost what one does."""
    store = exports(folder)
    passes: Counter[str] = Counter()
    rows = FileStore._rows  # noqa: SLF001 - counted

    def counted(self: FileStore, shape: object) -> object:
        passes[shape.mapping.name] += 1  # type: ignore[attr-defined]  # a shape
        return rows(self, shape)  # type: ignore[arg-type]

    monkeypatch.setattr(FileStore, "_rows", counted)
    store.find([email("jane.doe@acme.example")])
    alone = dict(passes)
    passes.clear()
    many = [Sought((email("jane.doe@acme.example"),))] + [
        Sought((email(f"n{n}@x.example"),)) for n in range(49)
    ]
    store.find_each(many)
    assert dict(passes) == alone
    assert max(alone.values()) <= 5
