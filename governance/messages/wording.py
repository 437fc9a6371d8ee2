"""What a mail to the operator says: a headline and the facts, line by line. Pure."""

from collections.abc import Mapping
from datetime import datetime

from audit.canonical import JSON
from audit.entry import stamp
from governance.messages.topics import HEADLINES, Topic


def notice(topic: str, at: datetime, facts: Mapping[str, JSON]) -> tuple[str, str]:
    """Subject and text of a notice; one of a topic that another version made says its name."""
    headline = HEADLINES[Topic(topic)] if topic in set(Topic) else topic
    lines = [f"{headline}.", "", f"topic: {topic}", f"at: {stamp(at)}"]
    lines += [f"{name.replace('_', ' ')}: {_shown(value)}" for name, value in facts.items()]
    return f"[Leadwarden] {headline}", "\n".join(lines) + "\n"


def _shown(value: JSON) -> str:
    if isinstance(value, list):
        return "".join(f"\n  {_shown(each)}" for each in value) or "none"
    if isinstance(value, dict):
        return ", ".join(f"{name} {_shown(each)}" for name, each in value.items())
    return "-" if value is None else str(value)
