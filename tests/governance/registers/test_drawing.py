"""The picture of the map: well-formed, told in words, nothing outside its frame."""

import xml.etree.ElementTree as ET

from governance.registers.data_map import in_words
from governance.registers.drawing import CARD, LETTERS, WIDTH, as_svg
from tests.governance.registers.stores import a_map

SVG = "{http://www.w3.org/2000/svg}"


def drawn() -> ET.Element:
    """The picture, read as XML."""
    return ET.fromstring(as_svg("Example & <Sons>", a_map()))  # noqa: S314 - our own text


def test_who_does_not_see_the_picture_is_told_what_it_shows() -> None:
    """A title, and every sentence of the map as its description, both named by the picture."""
    picture = drawn()
    title, description = picture.find(f"{SVG}title"), picture.find(f"{SVG}desc")
    assert title is not None
    assert description is not None

    assert picture.get("role") == "img"
    assert picture.get("aria-labelledby") == f"{title.get('id')} {description.get('id')}"
    assert title.text == "Where Example & <Sons> holds personal data of leads"
    assert description.text == " ".join(in_words(a_map()))


def test_everything_stands_inside_the_frame() -> None:
    """At the width of a telephone: boxes, and lines of text by the letters that fit."""
    picture = drawn()
    [_, _, width, height] = map(int, str(picture.get("viewBox")).split())
    boxes = [
        [float(box.get(name, 0)) for name in ("x", "y", "width", "height")]
        for box in picture.iter(f"{SVG}rect")
    ]
    lines = [str(text.text) for text in picture.iter(f"{SVG}text")]

    assert width == WIDTH == 390
    assert all(x >= 0 and y >= 0 and x + w <= width and y + h <= height for x, y, w, h in boxes)
    assert max(map(len, lines)) <= LETTERS
    assert CARD < WIDTH


def test_what_a_colour_says_is_also_written() -> None:
    """A recipient outside the EEA has a frame of its own kind, and words."""
    picture = drawn()
    kinds = [box.get("class") for box in picture.iter(f"{SVG}rect")]

    assert (kinds.count("recipient"), kinds.count("outside")) == (2, 1)
    assert "outside the EEA" in " ".join(str(text.text) for text in picture.iter(f"{SVG}text"))


def test_a_map_of_nothing_is_a_picture_too() -> None:
    """No system, no trunk that leads nowhere."""
    assert ET.fromstring(as_svg("Example", [])).get("role") == "img"  # noqa: S314 - our own text
