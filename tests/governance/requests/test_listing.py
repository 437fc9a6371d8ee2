"""Who the lines of a list are, among the leads."""

import hashlib

from api.context import Service
from consent import suppressions
from governance.identity import email
from governance.requests import listing
from governance.requests.deletion_lists import read_line
from governance.requests.listing import Person
from governance.resolve import resolve
from governance.vault.index import suppression_hashes
from tests.governance.requests.desk import ACTOR, a_known_lead, a_request

ANNA, BO, INFO = "anna.berg@example.com", "bo@example.com", "info@example.com"


def sha256(text: str) -> str:
    """As lists write it."""
    return hashlib.sha256(text.encode()).hexdigest()


def persons(service: Service, *said: dict[str, str]) -> list[Person]:
    """Whom the lines mean."""
    lines = [read_line(number, each) for number, each in enumerate(said, start=1)]
    assert [line.code for line in lines] == [None] * len(lines)
    with service.main.read() as session:
        return listing.persons_of(session, service.keyring, lines)


def test_a_lead_is_found_by_address_and_by_digest(service: Service) -> None:
    """The same person; a digest gives no identity to look for, the lead's own come with the approval."""
    anna = a_known_lead(service, ANNA, country="US", region="US-CA")
    clear, hashed = persons(service, {"email": ANNA.upper()}, {"email_sha256": sha256(ANNA)})
    assert clear.subject is not None
    assert hashed.subject is not None

    assert clear.subject.leads == hashed.subject.leads == (anna,)
    assert [identity.value for identity in clear.subject.identities] == [ANNA]
    assert hashed.subject.identities == ()
    assert clear.subject.regime.value == hashed.subject.regime.value == "ccpa"


def test_who_is_no_lead_is_looked_for_in_the_stores_where_the_address_is_known(service: Service) -> None:
    """Of an unknown digest nothing can be looked for."""
    clear, hashed = persons(service, {"email": BO}, {"email_sha256": sha256(BO)})

    assert clear.subject is not None
    assert (clear.subject.leads, [each.value for each in clear.subject.identities]) == ((), [BO])
    assert (hashed.subject, hashed.ambiguous) == (None, False)


def test_what_several_share_says_nobody_unless_another_identifier_does(service: Service) -> None:
    """`info@` of two leads is ambiguous; with a personal address beside it, it is not."""
    shared = {"type": "email", "value": INFO}
    for address in (ANNA, BO):
        a_known_lead(service, address, identifiers=[{"type": "email", "value": address}, shared])
    alone, hashed, beside = persons(
        service, {"email": INFO}, {"email_sha256": sha256(INFO)}, {"email": INFO, "email_sha256": sha256(BO)}
    )
    with service.main.read() as session:
        [bo] = resolve(session, service.keyring, email(BO))

    assert (alone.ambiguous, alone.subject) == (hashed.ambiguous, hashed.subject) == (True, None)
    assert beside.subject is not None
    assert beside.subject.leads == (bo,)


def test_digests_that_nobody_has_are_told_apart_from_those_of_the_lead(service: Service) -> None:
    """Beside an address, beside another digest, and by themselves."""
    a_known_lead(service, ANNA)
    found = persons(
        service,
        {"email": ANNA, "email_sha256": sha256(BO)},
        {"email_sha256": sha256(ANNA), "phone_sha256": sha256("+4915112345678")},
        {"email_sha256": sha256(ANNA)},
        {"email_sha256": sha256(BO)},
    )
    columns = [[each.column for each in person.strange] for person in found]

    assert columns == [["email_sha256"], ["phone_sha256"], [], ["email_sha256"]]


def test_an_erasure_that_is_under_way_is_named(service: Service) -> None:
    """By either spelling of who is meant."""
    a_known_lead(service, ANNA)
    request_id = a_request(service, ANNA)
    found = persons(service, {"email": ANNA}, {"email_sha256": sha256(ANNA)}, {"email": BO})

    assert [each.open_request for each in found] == [request_id, request_id, None]


def test_unknown_digests_are_kept_out_once(service: Service) -> None:
    """One entry for all of them, with their number; doing it again adds nothing."""
    people = persons(service, *({"email_sha256": sha256(f"p{n}@example.com")} for n in range(3)))
    for _ in range(2):
        service.main.write(
            lambda session: listing.keep_out(
                session, service.keyring, people, now=service.clock(), actor=ACTOR
            )
        )
    hashes = [suppression_hashes(service.keyring, "email", f"p{n}@example.com")[0] for n in range(3)]
    with service.main.read() as session:
        found = suppressions.matching(session, hashes)

    assert sorted(one.hash for one in found) == sorted(hashes)
    assert {one.type.value for one in found} == {"erasure_suppression"}


def test_a_line_that_names_several_people_says_nobody(service: Service) -> None:
    """One address of each: nobody looks at a line of a list before both were erased."""
    for address in (ANNA, BO):
        a_known_lead(service, address)
    mixed, hashed = persons(
        service,
        {"email": ANNA, "email_sha256": sha256(BO)},
        {"email_sha256": sha256(ANNA), "email": BO},
    )

    assert (mixed.ambiguous, mixed.subject) == (hashed.ambiguous, hashed.subject) == (True, None)
