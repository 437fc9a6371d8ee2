"""CSV files are read strictly, and written back letter by letter."""

import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.stores.files.delimited import LONGEST_CELL, DelimitedFile
from governance.stores.files.description import Layout
from governance.stores.files.formats import GONE, Decision, Tally, UnreadableError, Values


def opened(content: bytes, **layout: Any) -> DelimitedFile:
    """A file of that content."""
    return DelimitedFile(io.BytesIO(content), Layout(**layout))


def rewritten(file: DelimitedFile, decide: Any) -> tuple[bytes, Tally]:
    """What the file becomes."""
    target = io.BytesIO()
    tally = file.rewrite(target, decide)
    return target.getvalue(), tally


def without(name: str) -> Any:
    """Decides that rows beginning with a value go."""

    def decide(values: Values) -> Decision:
        return GONE if values[0] == name else None

    return decide


@pytest.mark.parametrize(
    ("content", "layout"),
    [
        (b"a,b\n1,2\nx,3\n", {}),
        (b"a;b\r\n1;2\r\nx;3", {}),
        (b"a\tb\n1\t2\n\nx\t3\n", {}),
        (b"a|b\r1|2\rx|3\r", {}),
        (b'a,b\n1,"two\r\nlines, ""quoted"""\nx,"3"\n', {}),
        (b"sep=;\r\na;b\r\n1;2\r\nx;3\r\n", {}),
        ("\ufeffa,b\n1,zoë\nx,3\n".encode(), {}),
        ("a,b\n1,zoë\nx,3\n".encode("cp1252"), {"encoding": "cp1252"}),
        (b"\xff\xfe" + "a,b\r\n1,zoë\r\nx,3\r\n".encode("utf-16-le"), {}),
        (b"\xfe\xff" + "a,b\n1,zoë\nx,3\n".encode("utf-16-be"), {}),
        (b"a:b\n1:2\nx:3\n", {"delimiter": ":"}),
        (b"a,b\n1\nx\n", {}),
    ],
)
def test_what_is_kept_keeps_every_letter(content: bytes, layout: dict[str, Any]) -> None:
    """Delimiters, quotes, marks, line ends and encodings, whatever they are."""
    file = opened(content, **layout)
    assert [one.name for one in file.columns] == ["a", "b"]
    assert rewritten(file, lambda _values: None) == (content, Tally(before=2, kept=2))
    left, tally = rewritten(file, without("x"))
    assert content.startswith(left)
    assert tally == Tally(before=2, kept=1, removed=1)
    assert [values[0] for values in DelimitedFile(io.BytesIO(left), Layout(**layout)).rows()] == ["1"]


@given(
    rows=st.lists(
        st.tuples(
            *[st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=6)] * 2
        ),
        max_size=6,
    ),
    gone=st.integers(0, 5),
)
def test_the_others_are_untouched_whatever_they_say(rows: list[tuple[str, str]], gone: int) -> None:
    """Any texts, quoted or not: what is left is the same letters, less one row."""
    lines = [",".join('"' + cell.replace('"', '""') + '"' for cell in row) + "\r\n" for row in rows]
    file = opened("".join(["a,b\n", *lines]).encode())
    places = iter(range(len(rows)))
    left, tally = rewritten(file, lambda _values: GONE if next(places) == gone else None)
    assert left.decode() == "".join(["a,b\n", *(line for place, line in enumerate(lines) if place != gone)])
    assert tally.before == tally.after + tally.removed == len(rows)


def test_a_changed_row_is_written_as_it_was() -> None:
    """Quoted where it was quoted, ended as it was; what is empty stays empty."""
    file = opened(b'a;b;c\r\n"x";"1";""\r\nx;2;\n')
    left, tally = rewritten(file, lambda _values: {"b": "n;w"})
    assert left == b'a;b;c\r\n"x";"n;w";""\r\nx;"n;w";\n'
    assert tally == Tally(before=2, changed=2)


@pytest.mark.parametrize(
    ("content", "layout", "said"),
    [
        (b"", {}, "heading"),
        (b"a,a\n1,2\n", {}, "twice"),
        (b'a,b\n1,"open\nx,3\n', {}, "well-formed"),
        (b'a,b\n1,"x"y\n', {}, "well-formed"),
        (b"a,b\n1,2,3\n", {}, "more cells"),
        ("a,b\n1,zoë\n".encode("cp1252"), {}, "encoding"),
        (b"a,b\n1,2\n", {"encoding": "utf-16"}, "encoding"),
    ],
)
def test_what_may_hide_somebody_is_refused(content: bytes, layout: dict[str, Any], said: str) -> None:
    """An unclosed quote, a wrong encoding, cells beyond the heading; nothing of the file is quoted."""
    with pytest.raises(UnreadableError) as refused:
        list(opened(content, **layout).rows())
    assert said in refused.value.said


def test_a_value_that_the_encoding_has_not_is_refused() -> None:
    """Before anything takes the old file's place."""
    file = opened(b"a\nx\n", encoding="cp1252")
    with pytest.raises(UnreadableError) as refused:
        rewritten(file, lambda _values: {"a": "\u4e2d"})
    assert "encoding" in refused.value.said


def test_a_cell_without_end_is_refused() -> None:
    """A quote that never closes would take the rest of the file into memory."""
    with pytest.raises(UnreadableError):
        list(opened(b'a,b\n1,"' + b"x" * (LONGEST_CELL + 1) + b'"\n').rows())


@pytest.mark.parametrize("new", ["x\ny", "x\ry", "x\r\ny"])
@pytest.mark.parametrize("end", ["\n", "\r", "\r\n", ""])
def test_a_new_value_of_several_lines_stays_in_its_cell(new: str, end: str) -> None:
    """However the row ends, the last one without an end too."""
    content = f"id,v{end or chr(10)}1,a{end}".encode()
    out, _ = rewritten(opened(content), lambda _values: {"v": new})
    assert list(opened(out).rows()) == [("1", new)]
    assert out.endswith(f'"{end}'.encode())
