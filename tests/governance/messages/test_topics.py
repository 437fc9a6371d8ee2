"""The closed list of topics."""

import re

from governance.messages.topics import HEADLINES, Topic


def test_every_topic_has_a_headline_and_a_name_that_fits_its_column() -> None:
    """`noun.state`, as webhook receivers match them."""
    assert HEADLINES.keys() == set(Topic)
    assert [topic for topic in Topic if not re.fullmatch(r"[a-z_]+\.[a-z_]+", topic)] == []
    assert max(len(topic) for topic in Topic) <= 40
