"""Which stored decisions another rulebook would have answered otherwise."""

import json
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from consent.flips import Flip, flips
from consent.rulebook import as_json, parse_rulebook, starting_document, starting_rulebook
from consent.tables import DecisionRow

STORED = {
    "jurisdiction": "PL",
    "recipient_kind": "corporate_subscriber",
    "source": "web_form",
    "obtained_on": "2026-11-01T10:00:00+00:00",
    "notice_given_on": "2026-11-01T10:00:00+00:00",
    "lia": "LIA-1",
}


def stored(number: int, now: datetime, **changes: Any) -> DecisionRow:
    """A decision about a Polish company, by the starting rulebook."""
    values: dict[str, Any] = {
        "id": f"decision-{number}",
        "day": now.date().isoformat(),
        "effect": "deny",
        "rulebook": starting_rulebook().hash,
        "entry_id": "entry",
        "decided_at": now,
        "lead_id": "lead",
        "asker": "key",
        "facts": json.dumps(STORED),
        "answer": json.dumps({"question": {"channel": "email", "purpose": "direct_marketing"}}),
        "salt": b"0" * 32,
        "position": 0,
    }
    return DecisionRow(**values | changes)


def test_only_what_can_be_made_again_is_tried(session: Session, now: datetime) -> None:
    """Known people, whole rows, known rulebooks, not too long ago."""
    document = as_json(starting_document())
    poland = next(one for one in document["jurisdictions"] if one["jurisdiction"] == "PL")
    poland["rows"][0] |= {"regime": "opt_out", "allow_as": ["OPT_OUT_REGIME"]}
    session.add_all(
        [
            stored(1, now),
            stored(2, now - timedelta(days=40)),
            stored(3, now, lead_id=None),
            stored(4, now, facts=None, answer=None),
            stored(5, now, rulebook="0" * 64),
            stored(6, now, facts=json.dumps(STORED | {"jurisdiction": "DE"})),
        ]
    )
    session.flush()
    tried = flips(session, parse_rulebook(document), since=now - timedelta(days=30))

    assert tried.decisions == 2
    assert tried.flips == (Flip("decision-1", "deny CONSENT_REQUIRED", "allow OPT_OUT_REGIME"),)


def test_the_same_rules_flip_nothing(session: Session, now: datetime) -> None:
    """A pure function of rulebook and facts."""
    session.add(stored(1, now))
    session.flush()

    assert flips(session, starting_rulebook(), since=now - timedelta(days=30)).flips == ()
