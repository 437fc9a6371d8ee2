"""The lines of a plan."""

from governance.stores.planning import planned
from governance.stores.protocol import PlannedAction
from tests.governance.stores.factories import mapped


def test_a_line_says_what_happens_and_why_anything_stays() -> None:
    """Deleted with its parent is deleted; of a redacted table the kept columns have their reasons."""
    tables = mapped().tables
    kept = planned(tables["consents_log"], 3)
    assert (kept.action, kept.rows, kept.because) == (PlannedAction.KEEP, 3, "proof of consent")
    assert planned(tables["contacts"], 1).action is PlannedAction.DELETE
    assert planned(tables["activities"], 1).action is PlannedAction.DELETE
    redacted = planned(tables["orders"], 2)
    assert redacted.action is PlannedAction.REDACT
    assert redacted.kept_columns == (("total", "tax law, ten years"),)
