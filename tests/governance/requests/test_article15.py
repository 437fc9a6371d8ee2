"""What Article 15(1) asks to be told."""

from governance.requests.article15 import STORE_RETENTION, Told, article_15, retention
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


def test_retention_is_told_as_the_stores_declare_it() -> None:
    """Period, beginning and reason; what nothing is declared of is said not to be."""
    period = {"kept": "P2Y", "from": "the last contact", "because": "our assessment"}
    two = {"store": "crm", "kind": "manual", "purposes": ["direct_marketing", "research"]}
    words = "2 years from the last contact (our assessment)"
    whole = parse(two | {"retention": {"direct_marketing": period, "research": period}})
    part = parse(two | {"retention": {"direct_marketing": period}})
    table = parse(two | {"tables": {"bills": {"erase": "keep", "because": "tax", "retention": period}}})

    assert retention(whole, whole.purposes) == f"direct marketing: {words}; research: {words}."
    assert retention(part, part.purposes) == f"direct marketing: {words}. The rest: {STORE_RETENTION}"
    assert retention(table, table.purposes) == f"bills: {words}. The rest: {STORE_RETENTION}"
    assert article_15(Told("Example Ltd", [whole]))["retention"]["crm"] == retention(whole, whole.purposes)
    assert retention(CRM, CRM.purposes) == STORE_RETENTION
