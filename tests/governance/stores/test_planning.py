"""The lines of a plan."""

from governance.stores.planning import planned
from governance.stores.protocol import PlannedAction
from governance.stores.reading import parse
from tests.governance.stores.factories import document, mapped


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


def test_a_line_says_how_long_what_stays_is_kept() -> None:
    """As declared of the table; of what goes nothing is said."""
    declared = document()
    for name in ("consents_log", "orders", "contacts"):
        period = {"kept": "P3Y", "from": "the last consent", "because": "proof"}
        declared["tables"][name]["retention"] = period
    tables = parse(declared).tables
    words = "3 years from the last consent (proof)"

    assert [planned(tables[name], 1).retention for name in ("consents_log", "orders", "contacts")] == [
        words,
        words,
        None,
    ]
