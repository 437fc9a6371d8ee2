"""Mails to the operator."""

from datetime import datetime

from governance.messages.topics import Topic
from governance.messages.wording import notice


def test_a_notice_says_its_facts_line_by_line(now: datetime) -> None:
    """For a person to read; lists stand below each other."""
    subject, text = notice(
        Topic.REQUESTS_LATE, now, {"count": 2, "requests": ["a", "b"], "until": None, "by": {"gdpr": 2}}
    )

    assert subject == "[Leadwarden] Privacy requests are past their legal date"
    assert text.splitlines()[2:] == [
        "topic: requests.late",
        "at: 2026-11-24T10:00:00.000000Z",
        "count: 2",
        "requests: ",
        "  a",
        "  b",
        "until: -",
        "by: gdpr 2",
    ]


def test_a_topic_of_another_version_is_said_by_its_name(now: datetime) -> None:
    """It holds up no queue."""
    assert notice("moon.full", now, {})[0] == "[Leadwarden] moon.full"
