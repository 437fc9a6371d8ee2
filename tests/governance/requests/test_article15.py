"""What Article 15(1) asks to be told."""

from governance.requests.article15 import Told, article_15
from governance.stores.reading import parse

CRM = parse(
    {
        "store": "crm",
        "kind": "sql",
        "url": "env:LEADWARDEN_STORE_CRM",
        "purposes": ["direct_marketing"],
        "recipient": {"name": "Example CRM Ltd", "role": "processor", "country": "US"},
        "tables": {
            "people": {
                "identity": {"email": "email"},
                "columns": {"score": {"category": "inferred", "erase": "keep", "because": "anonymous"}},
                "erase": "delete",
            }
        },
    }
)


def test_every_letter_of_the_article_has_its_member() -> None:
    """(a) purposes, (b) categories, (c) recipients, (d) retention, (e)-(f) rights, (g) source, (h) logic."""
    about = article_15(Told("Example Ltd", [CRM], [{"kind": "event", "key": "fair"}]))

    assert "direct_marketing" in about["purposes"]
    assert about["categories"] == {"crm": ["inferred"]}
    assert about["recipients"] == [
        {"store": "crm", "name": "Example CRM Ltd", "role": "processor", "country": "US"}
    ]
    assert set(about["retention"]) == {"leadwarden", "crm"}
    assert any("Article 21" in right for right in about["rights"])
    assert about["source"] == [{"kind": "event", "key": "fair"}]
    assert about["profiling"]["logic"]
    assert about["transfers"] == ["US"]


def test_a_store_without_a_named_recipient_is_still_named() -> None:
    """Better the system's name than none."""
    nameless = parse({"store": "binder", "kind": "manual"})

    assert article_15(Told("Example Ltd", [nameless]))["recipients"] == [
        {"store": "binder", "name": "binder"}
    ]
