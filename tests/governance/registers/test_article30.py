"""The Article 30 record: each purpose with its systems, kinds of data, recipients and transfers."""

from datetime import UTC, datetime

from governance.registers.article30 import as_html, as_markdown, register
from governance.registers.data_map import systems
from governance.requests.article15 import OWN_RETENTION, STORE_RETENTION
from governance.stores.reading import parse
from tests.governance.registers.stores import a_map

NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)
RECORD = register("Example & Sons", a_map(), contact="privacy@example.com", now=NOW)


def test_an_activity_has_what_article_30_asks_for() -> None:
    """Letters (b) to (g) of paragraph 1, for marketing over three systems."""
    activities = {activity["purpose"]: activity for activity in RECORD["activities"]}
    marketing = activities["direct_marketing"]

    assert marketing["systems"] == ["crm", "desk", "mailer"]
    assert marketing["categories"] == ["behavioural", "contact_details", "financial", "free_text"]
    assert [each["where"] for each in marketing["recipients"]] == [
        "processor, DE",
        "processor, DE",
        "processor, US, outside the EEA",
    ]
    assert marketing["transfers"] == ["US"]
    assert set(marketing["erasure"]) == {"crm", "desk", "mailer"}
    assert activities["suppression"]["systems"] == ["leadwarden"]
    assert all(activity["subjects"] and activity["security"] for activity in activities.values())
    assert RECORD["without_purpose"] == ["archive"]


def test_erasure_is_told_by_purpose_as_the_stores_declare_it() -> None:
    """Letter (f): of each activity its own period, in words; also where it is read."""
    period = {"kept": "P2Y", "from": "the last contact", "because": "our assessment"}
    both = {"store": "crm", "kind": "manual", "purposes": ["direct_marketing", "research"]}
    declared = parse(both | {"retention": {"direct_marketing": period}})
    record = register("Example", systems([declared]), contact=None, now=NOW)
    erasure = {one["purpose"]: one["erasure"] for one in record["activities"]}

    words = "direct marketing: 2 years from the last contact (our assessment)."
    assert erasure["direct_marketing"] == {"crm": words}
    assert erasure["research"] == {"crm": STORE_RETENTION}
    assert erasure["suppression"] == {"leadwarden": OWN_RETENTION}
    assert words in as_markdown(record)


def test_the_record_can_be_read_as_markdown() -> None:
    """Every activity under a heading, nothing escaped as for a page."""
    text = as_markdown(RECORD)

    assert text.startswith(
        "# Record of processing activities\n\nController: Example & Sons\nContact: privacy@"
    )
    assert "## Direct marketing\n" in text
    assert "Mail & <Campaigns> Inc (processor, US, outside the EEA)" in text
    assert "no purpose is described: archive" in text


def test_the_record_can_be_read_as_a_page() -> None:
    """What somebody called their company is text, not markup."""
    page = as_html(RECORD)

    assert page.startswith("<!doctype html>")
    assert "Mail &amp; &lt;Campaigns&gt; Inc" in page
    assert page.count("<section") == len(RECORD["activities"])
