"""A request as its resource: states, clocks and counts, and nothing of the person."""

import json
from datetime import timedelta
from typing import Any

import pytest

from api import casework
from api.context import Service
from governance.errors import RequestUnknownError
from governance.requests import descriptions
from governance.requests.vocabulary import RequestType
from tests.conftest import Clock
from tests.governance.requests.desk import (
    ACTOR,
    MemoryStore,
    a_known_lead,
    a_request,
    an_approved,
    described,
    step_in,
    work,
)

ANNA = "anna.berg@example.com"


def listed(service: Service, **narrowed: Any) -> tuple[list[str], str | None]:
    """The ids of a page, and its cursor."""
    with service.main.read() as session:
        items, cursor = descriptions.listed(session, **narrowed)
    return [item["id"] for item in items], cursor


def test_nothing_of_the_person_is_shown(service: Service) -> None:
    """Not by a note, not by a candidate, not by a lead's id: through the whole life of a request."""
    lead = a_known_lead(service, ANNA, profile={"name": "Anna Berg"})
    request_id = an_approved(service, ANNA, ["crm"])
    work(service, MemoryStore("crm", {1: {"email": ANNA}, 2: {"email": ANNA, "name": "Berg"}}, doubtful={2}))
    waiting = described(service, request_id)
    casework.decide(service, request_id, "crm", {"c2": True}, actor=ACTOR)
    work(service, MemoryStore("crm"))

    for shown in (waiting, described(service, request_id)):
        text = json.dumps(shown)
        assert [word for word in (ANNA, "Anna", "Berg", lead) if word in text] == []


def test_candidates_are_shown_while_they_wait_and_not_afterwards(service: Service) -> None:
    """By id and table; with a step that waits for another reason none is named."""
    request_id = an_approved(service, ANNA, ["crm"])
    crm = MemoryStore("crm", {2: {"email": ANNA}}, doubtful={2})
    work(service, crm)
    before = step_in(service, request_id, "crm")["candidates"]
    casework.complete(service, request_id, "crm", actor=ACTOR)

    assert before == [{"id": "c2", "table": "people"}]
    assert "candidates" not in step_in(service, request_id, "crm")


def test_counts_are_always_named_and_reasons_only_where_there_are_any(service: Service) -> None:
    """Null says that nobody counted; an absent count could be taken for none."""
    request_id = an_approved(service, ANNA, ["crm"])

    assert step_in(service, request_id, "crm") == {
        "store": "crm",
        "action": "erase",
        "status": "queued",
        "found": None,
        "changed": None,
        "remaining": None,
        "attempts": 0,
    }


def test_steps_stand_by_name_and_the_service_itself_last(service: Service) -> None:
    """Whatever order they were written in."""
    request_id = an_approved(service, ANNA, ["shop", "crm", "mail"])

    assert [step["store"] for step in described(service, request_id)["steps"]] == [
        "crm",
        "mail",
        "shop",
        "leadwarden",
    ]


def test_pages_hold_every_request_once_the_newest_first(service: Service, clock: Clock) -> None:
    """Also those of one moment; the last page has no cursor."""
    made = []
    for number in range(7):
        clock.now += timedelta(seconds=number % 2)
        made.append((clock.now, a_request(service, f"p{number}@example.com")))

    pages, cursor = [], None
    while True:
        ids, cursor = listed(service, limit=2, before=cursor)
        pages.append(ids)
        if cursor is None:
            break

    assert [one for page in pages for one in page] == [request for _, request in sorted(made, reverse=True)]
    assert [len(page) for page in pages] == [2, 2, 2, 1]


def test_a_full_last_page_promises_no_other(service: Service) -> None:
    """Two of two is the end."""
    for number in range(2):
        a_request(service, f"p{number}@example.com")

    assert listed(service, limit=2)[1] is None


def test_a_status_narrows_the_list(service: Service) -> None:
    """An objection waits for review, an erasure for verification."""
    objection = a_request(service, ANNA, RequestType.OBJECTION)
    a_request(service, ANNA)

    assert listed(service, limit=9, status="awaiting_review") == ([objection], None)


def test_a_history_tells_every_step_in_its_order(service: Service, clock: Clock) -> None:
    """By time, and of one moment by store and number; none of another request."""
    request_id = an_approved(service, ANNA, ["crm"])
    an_approved(service, "bo@example.com", ["crm"])
    clock.now += timedelta(seconds=1)
    casework.cancel(service, request_id, actor=ACTOR)

    with service.main.read() as session:
        told = descriptions.history(session, request_id)
    assert [(each["store"], each["status"], each["actor"]) for each in told] == [
        ("crm", "queued", ACTOR),
        ("leadwarden", "queued", ACTOR),
    ]


def test_the_newest_certificate_is_named_with_the_day_of_the_look_back(service: Service) -> None:
    """Where to fetch it; no certificate before it is completed."""
    request_id = an_approved(service, ANNA, [])
    assert "certificate" not in described(service, request_id)
    work(service)

    shown = described(service, request_id)["certificate"]
    assert (shown["number"], shown["href"]) == (1, f"/v1/privacy-requests/{request_id}/certificate")
    assert shown["look_back_until"] > shown["issued_at"]


def test_what_is_not_there_is_not_described(service: Service) -> None:
    """Not by an empty resource."""
    with service.main.read() as session, pytest.raises(RequestUnknownError):
        descriptions.describe(session, "nothing")
