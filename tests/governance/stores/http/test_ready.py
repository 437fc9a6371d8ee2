"""The descriptions that are shipped: each can be read, cites its sources, and lacks only what is yours."""

from pathlib import Path

import pytest

from governance.stores.http.ready import names, text_of
from governance.stores.problems import problems
from governance.stores.reading import parse
from governance.stores.yaml_text import read_yaml

DOCS = Path(__file__).resolve().parents[4] / "docs" / "http-stores.md"
SIX = ("enrichment", "hubspot", "mailchimp", "marketo", "outreach", "salesforce")


def test_these_systems_are_described() -> None:
    """And no other name reads a file."""
    assert names() == SIX
    assert text_of("../../mapping") is None
    assert text_of("none") is None


@pytest.mark.parametrize("name", SIX)
def test_only_what_is_undecided_stands_against_a_description(name: str) -> None:
    """It is not active, names its placeholders, cites its sources, and every host is reached by https."""
    text = text_of(name)
    assert text is not None
    document = parse(read_yaml(text))
    assert not document.active
    assert [one for one in problems(document) if not one.startswith("undecided")] == []
    assert document.http is not None
    assert document.http.base.startswith("https://")
    assert document.recipient is not None
    assert "Source" in text or name == "enrichment"


def test_nothing_stands_against_the_example_of_the_docs() -> None:
    """Whoever begins with it begins with something that works."""
    example = DOCS.read_text("utf-8").partition("```yaml\n")[2].partition("```")[0]
    assert problems(parse(read_yaml(example))) == ()
