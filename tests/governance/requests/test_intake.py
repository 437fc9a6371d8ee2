"""Taking a request in: sealed, linked, told, and in force where it takes effect at once."""

import uuid
from datetime import timedelta

import pytest
from sqlalchemy import select

from api import casework
from api.context import Service
from audit.tables import PendingRow
from consent import ledger
from consent.tables import SuppressionRow
from governance.errors import RequestExistsError
from governance.requests import case_file, records
from governance.requests.tables import RequestRow
from governance.requests.vocabulary import RequestType, Submitter
from tests.governance.requests.desk import ACTOR, a_known_lead, a_request, described

ANNA = "anna.berg@example.com"


def take_in(service: Service, asked: casework.Asked) -> None:
    """Take it in, in a commit of its own."""
    casework.take_in(service, asked, actor=ACTOR, answer=lambda _: None, commit=service.main.write)


@pytest.mark.parametrize("kind", RequestType)
def test_a_new_request_stands_where_its_type_begins(service: Service, kind: RequestType) -> None:
    """Whoever asks for data or their end is verified first; who says no is not."""
    shown = described(service, a_request(service, ANNA, kind))

    says_no = {"objection", "opt_out_sale_sharing", "limit_sensitive", "complaint"}
    assert shown["status"] == ("awaiting_review" if kind in says_no else "awaiting_verification")
    assert shown["steps"] == []


def test_who_asks_and_what_they_wrote_open_under_the_key_of_the_request(service: Service) -> None:
    """And stand nowhere in the row as they are."""
    request_id = a_request(service, ANNA, note="Please hurry, Anna")
    key = casework.request_key(service, request_id)

    with service.main.read() as session:
        row = session.get_one(RequestRow, request_id)
    assert row.identities is not None
    assert row.note is not None
    opened = case_file.open_identities(key, request_id, row.sealed_version, row.identities)
    assert [each.value for each in opened] == [ANNA]
    assert case_file.open_text(key, request_id, "note", row.note) == "Please hurry, Anna"
    assert [word for word in (ANNA.encode(), b"hurry") if word in row.identities + row.note] == []


def test_the_entry_tells_the_kind_and_not_the_person(service: Service) -> None:
    """Type, regime and who handed it in; the request belongs to the leads that it names."""
    lead = a_known_lead(service, ANNA)
    request_id = a_request(service, ANNA, submitted_by=Submitter.AUTHORISED_AGENT)

    with service.main.read() as session:
        body = session.scalars(select(PendingRow.body).where(PendingRow.action == "request.created")).one()
        assert records.leads_of(session, request_id) == [lead]
    assert b'"submitted_by":"authorised_agent"' in body
    assert [word for word in (ANNA, lead, request_id) if word.encode() in body] == []


def test_an_id_is_taken_once(service: Service) -> None:
    """A second request under it changes nothing of the first, and objects to nothing."""
    request_id = a_request(service, ANNA)
    before = described(service, request_id)
    again = casework.Asked(request_id, RequestType.OBJECTION, [{"email": "bo@example.com"}])

    with pytest.raises(RequestExistsError):
        take_in(service, again)

    assert described(service, request_id) == before
    with service.main.read() as session:
        assert session.scalars(select(SuppressionRow)).all() == []


@pytest.mark.parametrize(("late", "counted"), [(timedelta(minutes=4), 0), (timedelta(days=-3), -3)])
def test_an_objection_counts_from_the_day_that_it_was_made_and_never_from_a_later_one(
    service: Service, late: timedelta, counted: int
) -> None:
    """A letter that lay three days; a caller's clock that is ahead must not leave it without effect."""
    lead = a_known_lead(service, ANNA)
    asked = casework.Asked(
        str(uuid.uuid4()),
        RequestType.OPT_OUT_SALE_SHARING,
        [{"email": ANNA}],
        received_at=service.clock() + late,
    )
    take_in(service, asked)

    with service.main.read() as session:
        [objection] = ledger.facts_of(session, [lead])[lead]["objections"]
        [kept] = session.scalars(select(SuppressionRow)).all()
    expected = service.clock() + timedelta(days=counted)
    assert objection["received_on"] == expected.isoformat()
    assert kept.received_at == expected
