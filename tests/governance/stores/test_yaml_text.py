"""Store documents as YAML."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.stores.errors import DocumentError
from governance.stores.yaml_text import read_yaml, write_yaml
from tests.governance.stores.factories import document

WRITTEN = st.characters(categories=["L", "M", "N", "P", "S", "Zs"])
LEAVES = st.none() | st.booleans() | st.integers() | st.text(WRITTEN, max_size=20)
DOCUMENTS = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(WRITTEN, max_size=8), inner, max_size=4)
    ),
)


@given(DOCUMENTS)
def test_what_is_written_is_read_back(value: object) -> None:
    """Whatever people write in it."""
    assert read_yaml(write_yaml(value)) == value


def test_what_fits_on_a_line_stands_on_one() -> None:
    """As people write it, so that an edit is a line."""
    assert "      first_name: {category: contact_details}\n" in write_yaml(document())


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("a: [", " in line 1"),
        ("a: 1\na: 2", ""),
        ("a: &x 1\nb: *x", ""),
        ("!!python/object:os.system x", " in line 1"),
    ],
)
def test_what_is_no_plain_document_is_refused(text: str, where: str) -> None:
    """The line is said, what stands there is not."""
    with pytest.raises(DocumentError) as refused:
        read_yaml(text)
    assert refused.value.errors == {"document": [f"can not be read as YAML{where}"]}


def test_a_text_can_not_grow_out_of_bounds() -> None:
    """Aliases of aliases, and nesting without end."""
    bomb = "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]"
    with pytest.raises(DocumentError):
        read_yaml(bomb)
    with pytest.raises(DocumentError):
        read_yaml("[" * 100_000)
