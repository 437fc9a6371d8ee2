"""Certificates as rows: one for each completion, numbered, signed, handed out with their proofs."""

import pytest
from sqlalchemy import select

from api.background import sequencer
from api.context import Service
from audit.proof import Proof
from governance.errors import CertificateMissingError, RequestUnknownError
from governance.requests import certifying
from governance.requests.tables import CertificateRow, RequestEntryRow
from tests.governance.requests.desk import MemoryStore, an_approved, described, work

ANNA = "anna.berg@example.com"


def completed(service: Service, email: str = ANNA) -> str:
    """The id of an erasure that is completed."""
    request_id = an_approved(service, email, ["crm"])
    work(service, MemoryStore("crm", {1: {"email": email}}))
    return request_id


def issue(service: Service, *request_ids: str) -> None:
    """One certificate more for each."""
    service.main.write(
        lambda session: certifying.issue(
            session, service.receipt_signer, "Example Ltd", request_ids, now=service.clock()
        )
    )


def test_each_certificate_has_the_next_number_of_its_request(service: Service) -> None:
    """Older ones stay as they were signed; numbers of other requests are their own."""
    first, second = completed(service), completed(service, "bo@example.com")
    with service.main.read() as session:
        before = {row.request_id: row.jws for row in session.scalars(select(CertificateRow))}
    issue(service, first)
    issue(service, first, second)

    with service.main.read() as session:
        rows = session.scalars(select(CertificateRow)).all()
    assert sorted((row.request_id, row.number) for row in rows) == sorted(
        [(first, 1), (first, 2), (first, 3), (second, 1), (second, 2)]
    )
    assert {row.request_id: row.jws for row in rows if row.number == 1} == before


def test_the_newest_is_handed_out(service: Service) -> None:
    """What a look-back found later stands in it, and not in the first."""
    request_id = completed(service)
    issue(service, request_id)

    with service.main.read() as session:
        newest = certifying.newest(session, request_id)
        document = certifying.handed_out(session, request_id)
    assert newest is not None
    assert (newest.number, document["number"], document["jws"]) == (2, 2, newest.jws)
    assert document["controller"] == "Example Ltd"


def test_a_certificate_names_the_entries_of_its_request_and_no_other(service: Service) -> None:
    """From its creation to its completion, with their leaf hashes; its own issue comes after it."""
    request_id, _ = completed(service), completed(service, "bo@example.com")

    with service.main.read() as session:
        document = certifying.handed_out(session, request_id)
        mine = session.scalars(select(RequestEntryRow).where(RequestEntryRow.request_id == request_id)).all()
    named = {entry["entry_id"]: entry["leaf_hash"] for entry in document["entries"]}
    assert named == {row.entry_id: row.leaf_hash.hex() for row in mine if row.action != "request.certified"}
    actions = {entry["action"] for entry in document["entries"]}
    assert actions >= {"request.created", "request.approved", "request.step_finished", "request.completed"}


def test_proofs_are_those_of_the_entries_that_are_in_the_signed_tree(service: Service) -> None:
    """None while all are pending; one for each once they are sequenced."""
    request_id = completed(service)
    with service.main.read() as session:
        before = certifying.handed_out(session, request_id)["proofs"]
    sequencer.step(service, service.clock())
    with service.main.read() as session:
        document = certifying.handed_out(session, request_id)

    assert before == []
    assert [proof["entry_id"] for proof in document["proofs"]] == [
        entry["entry_id"] for entry in document["entries"]
    ]
    for proof in document["proofs"]:
        Proof.parse(proof["tlog_proof"]).verify([service.log_signer.key])


def test_before_the_end_there_is_nothing_to_certify(service: Service) -> None:
    """And nothing of a request that is not there."""
    request_id = an_approved(service, ANNA, ["crm"])

    with service.main.read() as session:
        assert certifying.newest(session, request_id) is None
        with pytest.raises(CertificateMissingError):
            certifying.handed_out(session, request_id)
        with pytest.raises(RequestUnknownError):
            certifying.handed_out(session, "nothing")


def test_the_own_step_is_certified_last_and_the_others_by_name(service: Service) -> None:
    """So that two certificates of one request can be laid side by side."""
    request_id = an_approved(service, ANNA, ["shop", "crm"])
    work(service, MemoryStore("crm"), MemoryStore("shop"))

    with service.main.read() as session:
        document = certifying.handed_out(session, request_id)
    assert [step["store"] for step in document["steps"]] == ["crm", "shop", "leadwarden"]
    assert described(service, request_id)["status"] == document["status"]
