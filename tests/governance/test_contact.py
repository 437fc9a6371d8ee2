"""Consents and objections: where they are written, and what of them is readable."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from audit.tables import LinkRow, PendingRow
from consent.events import ConsentStatus, EventKind
from consent.ledger import facts_of, history
from consent.notices import Notice, shown
from consent.suppressions import matching
from consent.vocabulary import ObjectionKind, Proof, SuppressionKind
from governance.contact import Kept, NewConsent, NewObjection, object_to, record_consent
from governance.errors import IdentityAmbiguousError, LeadLockedError, LeadUnknownError
from governance.evidence import open_evidence, proof_of
from governance.identity import ById, Identifier, Reference, email, phone
from governance.suppressing import suppress_for_erasure
from governance.vault.index import suppression_hashes
from governance.vault.sealing import DataKey
from tests.governance.lead_desk import ACTOR, NOW, Desk, open_desk

JANE = "jane.doe@example.com"
NOBODY = "nobody@example.net"
GIVEN = NewConsent(
    status=ConsentStatus.GIVEN,
    channels=("email",),
    purposes=("direct_marketing",),
    source_key="newsletter",
    method="double_opt_in",
    notice=Notice("v3", "We write to you.", "en"),
    occurred_at=NOW,
)
OBJECTION = NewObjection(ObjectionKind.DIRECT_MARKETING, NOW, "phone call")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """Databases of this test alone."""
    with open_desk(tmp_path) as opened:
        yield opened


def consent(desk: Desk, reference: Reference, what: NewConsent, key: DataKey | None = None) -> Kept:
    """Record it in a transaction of its own."""
    with desk.session() as session:
        return record_consent(session, desk.keyring, key, reference, what, now=NOW, actor=ACTOR)


def objection(desk: Desk, reference: Reference, what: NewObjection = OBJECTION) -> Kept:
    """Record it in a transaction of its own."""
    with desk.session() as session:
        return object_to(session, desk.keyring, reference, what, now=NOW, actor=ACTOR)


def kept_of(desk: Desk, identifier: Identifier) -> list[tuple[str, tuple[str, ...], tuple[str, ...]]]:
    """Kind, channels and purposes of what is kept by the hash of an address."""
    hashes = suppression_hashes(desk.keyring, identifier.kind, identifier.key)
    with desk.session() as session:
        return [(item.type.value, item.channels, item.purposes) for item in matching(session, hashes)]


def test_a_consent_is_an_event_under_its_entry(desk: Desk) -> None:
    """The event carries the entry's id, the entry a commitment to the lead, the facts the consent."""
    lead_id = desk.a_known_lead(("email", JANE))

    kept = consent(desk, email(JANE), GIVEN)

    with desk.session() as session:
        (event,) = history(session, lead_id, EventKind.CONSENT)
        link = session.get_one(LinkRow, kept.appended.entry_id)
        linked = (link.lead_id, link.object_id)
        facts = facts_of(session, [lead_id])[lead_id]
        notice = shown(session, str(event.event.details["notice"]))
    assert (event.event.id, event.entry_id) == (kept.id, kept.appended.entry_id)
    assert linked == (lead_id, kept.id)
    assert (facts["consents"][0]["proof"], notice) == (Proof.DOUBLE_OPT_IN.value, GIVEN.notice)


def test_evidence_opens_with_the_leads_key_only_and_is_nowhere_readable(desk: Desk) -> None:
    """The address of the browser stands in no row of the database in the clear."""
    lead_id = desk.a_known_lead(("email", JANE))
    key = desk.key_of(lead_id)

    kept = consent(desk, ById(lead_id), replace(GIVEN, evidence={"ip": "203.0.113.77"}), key)

    with desk.session() as session:
        (event,) = history(session, lead_id, EventKind.CONSENT)
    assert event.event.sealed is not None
    assert open_evidence(key, kept.id, event.event.sealed) == {"ip": "203.0.113.77"}
    assert "203.0.113.77" not in str(event.event.details)
    assert b"203.0.113.77" not in Path(str(desk.main.url.database)).read_bytes()


@pytest.mark.parametrize(
    ("method", "evidence", "expected"),
    [
        ("double_opt_in", None, Proof.DOUBLE_OPT_IN),
        ("signed_form", None, Proof.SIGNED_WEB_FORM),
        ("web_form", None, Proof.WEB_FORM),
        ("oral_note", None, Proof.ORAL_NOTE),
        ("imported", None, None),
        ("api", {"ip": "203.0.113.77"}, None),
        ("api", {"form_id": "newsletter-7"}, Proof.WEB_FORM),
    ],
)
def test_only_what_shows_a_form_proves(
    method: str, evidence: dict[str, str] | None, expected: Proof | None
) -> None:
    """A program's word is no proof, unless its evidence names the form."""
    assert proof_of(method, evidence) is expected


def test_a_grant_needs_a_known_lead(desk: Desk) -> None:
    """Nobody is made a lead by a consent."""
    with pytest.raises(LeadUnknownError):
        consent(desk, email(NOBODY), GIVEN)


@pytest.mark.parametrize("status", [ConsentStatus.REFUSED, ConsentStatus.WITHDRAWN])
def test_the_no_of_somebody_unknown_is_kept_as_a_hash(desk: Desk, status: ConsentStatus) -> None:
    """It is an objection for those channels and purposes, and no address stands anywhere."""
    stop = replace(GIVEN, status=status, purposes=("direct_marketing", "profiling"))

    kept = consent(desk, email(NOBODY), stop)

    assert kept.lead_id is None
    assert sorted(kept_of(desk, email(NOBODY))) == [
        ("direct_marketing", ("email",), ("direct_marketing",)),
        ("profiling", ("email",), ("profiling",)),
    ]
    assert NOBODY.encode() not in Path(str(desk.main.url.database)).read_bytes()


def test_evidence_of_a_grant_is_never_dropped(desk: Desk) -> None:
    """Without the lead's own key a grant is refused; a withdrawal is kept, without its evidence."""
    lead_id = desk.a_known_lead(("email", JANE))
    proved = replace(GIVEN, evidence={"form_id": "f"})

    with pytest.raises(LeadLockedError):
        consent(desk, ById(lead_id), proved)
    consent(desk, ById(lead_id), replace(proved, status=ConsentStatus.WITHDRAWN))

    with desk.session() as session:
        assert [one.event.sealed for one in history(session, lead_id, EventKind.CONSENT)] == [None]


def test_an_objection_of_a_lead_is_in_its_facts(desk: Desk) -> None:
    """It is there once the transaction is committed, whatever was consented to before."""
    lead_id = desk.a_known_lead(("email", JANE))
    consent(desk, email(JANE), replace(GIVEN, occurred_at=NOW - timedelta(days=1)))

    kept = objection(desk, email(JANE))

    with desk.session() as session:
        facts = facts_of(session, [lead_id])[lead_id]
        row = session.get_one(PendingRow, kept.appended.entry_id)
        entry = (row.action, lead_id.encode() in row.body)
    assert (facts["objections"][0]["type"], facts["objections"][0]["scope"]) == ("direct_marketing", "all")
    assert entry == ("objection.received", False)


def test_an_objection_of_somebody_unknown_is_kept_as_a_hash(desk: Desk) -> None:
    """With its kind and channels."""
    what = NewObjection(SuppressionKind.UNSUBSCRIBE, NOW, "list header", ("email",))

    kept = objection(desk, email(NOBODY), what)

    assert kept.lead_id is None
    assert kept_of(desk, email(NOBODY)) == [("unsubscribe", ("email",), ("all",))]


def test_an_objection_by_an_unknown_id_is_an_error(desk: Desk) -> None:
    """An id that is nobody's can not be hashed into anything that would ever match."""
    with pytest.raises(LeadUnknownError):
        objection(desk, ById("nobody"))


def test_an_objection_by_a_shared_phone_is_ambiguous(desk: Desk) -> None:
    """Whose it is must be said; the caller is told, and nothing is written."""
    for number in (1, 2):
        desk.a_known_lead(("email", f"person{number}@example.com"), ("phone", "+493012345678"))

    with pytest.raises(IdentityAmbiguousError):
        objection(desk, phone("+493012345678"))


def test_an_erasure_keeps_the_noes_by_hash_of_what_identifies(desk: Desk) -> None:
    """They stay with the named address; the shared one is left free. Twice is once."""
    lead_id = desk.a_known_lead(("email", JANE), ("email", "info@example.com"))
    consent(desk, ById(lead_id), replace(GIVEN, occurred_at=NOW - timedelta(days=2)))
    consent(desk, ById(lead_id), replace(GIVEN, status=ConsentStatus.WITHDRAWN))
    objection(desk, ById(lead_id), NewObjection(SuppressionKind.UNSUBSCRIBE, NOW, "mail", ("sms",)))

    added = []
    for moment in (NOW, NOW + timedelta(hours=1)):
        with desk.session() as session:
            addresses = [email(JANE), email("info@example.com")]
            added.append(
                suppress_for_erasure(session, desk.keyring, lead_id, addresses, entry_id="entry", now=moment)
            )

    assert added == [3, 0]
    assert sorted(kept_of(desk, email(JANE))) == [
        ("direct_marketing", ("email",), ("direct_marketing",)),
        ("erasure_suppression", ("all",), ("all",)),
        ("unsubscribe", ("sms",), ("all",)),
    ]
    assert kept_of(desk, email("info@example.com")) == []
