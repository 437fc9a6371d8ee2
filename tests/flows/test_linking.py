"""The linking attack: who holds the whole export, and the ids of the erased, links no two of their entries.

The log is made by the service itself: intake, consents, decisions single and in batches, outcomes, look-ups,
objections, facts and requests of a dozen people. Erasing takes the links away and changes no byte of the log,
so one log serves for every subset of people that may be erased.

Not attacked, for the design says so openly: times (and ids, which begin with one), who acted, and the entries
of one request. Nor the names of opened fields: they are the company's words.
"""

import base64
import hashlib
import itertools
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from io import BytesIO
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from api.app import create_app
from api.background import sequencer
from api.context import Service
from api.settings import read_settings
from api.startup import open_migrated
from audit.commitment import LEAD, OBJECT, commit
from audit.log import unlink
from audit.merkle import leaf_hash
from audit.tables import LinkRow
from audit.verify import Question, verify
from governance.accounts import make_key
from governance.scopes import EVERY_SCOPE, OURSELVES, Grant
from tests.conftest import NOW, Clock

PEOPLE = 12
SAID_OPENLY = ("actor", "at", "id", "v", "facts.fields")

Atom = tuple[str, str]


@dataclass(frozen=True)
class Log:
    """An export, and what only the link table knew: whose each entry was, and what it was about."""

    export: bytes
    vkey: Any
    documents: Mapping[str, dict[str, Any]]
    whose: Mapping[str, str]
    objects: Mapping[str, str | None]

    def of(self, people: frozenset[str]) -> dict[str, list[str]]:
        """The entries of these people, by person."""
        return {person: [entry for entry, lead in self.whose.items() if lead == person] for person in people}


def live(client: FlaskClient, number: int) -> str:
    """The life of one person in the service, from first to last; the id."""
    address, country = f"person{number}@example.com", ("DE", "FR", "GB")[number % 3]
    body = {
        "identifiers": [{"type": "email", "value": address}],
        "country": country,
        "profile": {"first_name": f"P{number}"},
        "source": {"key": "fair-2026", "kind": "event", "obtained_at": "2026-11-01T09:00:00+00:00"},
    }
    lead_id = str(said(client.post("/v1/leads", json=body))["lead_id"])
    lead = {"email": address}
    consent = {
        "lead": lead,
        "status": "given",
        "purposes": ["direct_marketing"],
        "channels": ["email"],
        "source_key": "fair-2026",
        "method": "double_opt_in",
        "notice": {"version": "2026-01"},
        "occurred_at": "2026-11-20T09:05:00+00:00",
        "evidence": {"ip": f"192.0.2.{number}"},
    }
    said(client.post("/v1/consents", json=consent))
    question = {"lead": lead, "channel": "email", "purpose": "direct_marketing"}
    for _ in range(3):
        decided = said(client.post("/v1/decisions", json=question))
    outcome = {"outcome": "sent", "at": NOW.isoformat()}
    said(client.post(f"/v1/decisions/{decided['decision_id']}/outcome", json=outcome))
    for _ in range(3):
        said(client.post("/v1/leads/lookup", json={"lead": lead, "purpose": "support"}))
    fact = {"kind": "inquiry", "occurred_at": "2026-11-19T09:00:00+00:00"}
    for _ in range(2):
        said(client.post(f"/v1/leads/{lead_id}/events", json=fact))
    said(client.patch(f"/v1/leads/{lead_id}", json={"profile": {"first_name": f"Q{number}"}}))
    objection = {"lead": lead, "kind": "unsubscribe", "channels": ["email"], "via": "link"}
    said(client.post("/v1/objections", json=objection | {"received_at": NOW.isoformat()}))
    said(client.post("/v1/privacy-requests", json={"type": "access", "identities": [lead]}))
    return lead_id


def said(answer: Any) -> dict[str, Any]:
    """What a good answer says."""
    assert answer.status_code < 300, answer.text
    return dict(answer.json)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service for the whole file."""
    home = tmp_path_factory.mktemp("linking") / "home"
    opened = open_migrated(read_settings({"LEADWARDEN_HOME": str(home)}), Clock(NOW))
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def log(service: Service) -> Log:
    """The log of a dozen lives, and the truth about it."""
    grant = Grant(EVERY_SCOPE)
    made = service.main.write(lambda session: make_key(session, "t", grant, maker=OURSELVES, now=NOW))
    client = create_app(service).test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {made.token}"
    people = [live(client, number) for number in range(PEOPLE)]
    batch = {"channel": "email", "purpose": "direct_marketing", "leads": [{"lead_id": one} for one in people]}
    said(client.post("/v1/decisions/batch", json=batch))
    with service.main.read() as session:
        rows = session.execute(select(LinkRow.entry_id, LinkRow.lead_id, LinkRow.object_id)).all()
    for person in people:
        service.main.write(partial(unlink, lead_id=person))
    sequencer.step(service, NOW + timedelta(seconds=1))
    export = client.get("/v1/audit/export").data
    bodies = [base64.b64decode(json.loads(line)["entry"]) for line in export.splitlines()[1:]]
    documents = {document["id"]: document for document in map(json.loads, bodies)}
    whose = {entry: lead for entry, lead, _ in rows if lead in people}
    return Log(export, service.log_signer.key, documents, whose, {entry: thing for entry, _, thing in rows})


def atoms(value: Any, path: str = "") -> Iterator[Atom]:
    """Every value in an entry with where it stands, lists as wholes too; what is said openly is left out."""
    if path in SAID_OPENLY:
        return
    if isinstance(value, dict):
        for name, each in value.items():
            yield from atoms(each, f"{path}.{name}" if path else name)
        return
    yield path, json.dumps(value, sort_keys=True)
    if isinstance(value, list):
        for each in value:
            yield from atoms(each, f"{path}[]")


@dataclass(frozen=True)
class Attack:
    """What the attacker sees in each entry, and what entries of two different people have in common."""

    log: Log
    seen: Mapping[str, frozenset[Atom]]
    shared_by_strangers: frozenset[frozenset[Atom]]

    def linking(self, people: frozenset[str]) -> list[tuple[str, str]]:
        """The pairs of entries of one person that share what no entries of two people share."""
        return [
            (first, second)
            for entries in self.log.of(people).values()
            for first, second in itertools.combinations(entries, 2)
            if not any(self.seen[first] & self.seen[second] <= other for other in self.shared_by_strangers)
        ]


def attack_on(log: Log) -> Attack:
    """Every entry taken apart, and every pair of strangers' entries compared."""
    seen = {entry: frozenset(atoms(log.documents[entry])) for entry in log.whose}
    shared = {
        seen[first] & seen[second]
        for first, second in itertools.combinations(log.whose, 2)
        if log.whose[first] != log.whose[second]
    }
    return Attack(log, seen, frozenset(shared))


@pytest.fixture(scope="module")
def attack(log: Log) -> Attack:
    """The attack on the log of the service."""
    return attack_on(log)


subsets = st.sets(st.integers(0, PEOPLE - 1), min_size=1).map(frozenset)


def chosen(log: Log, numbers: frozenset[int]) -> frozenset[str]:
    """The people of a subset."""
    people = sorted(set(log.whose.values()))
    return frozenset(people[number] for number in numbers)


@settings(max_examples=60, deadline=None)
@given(numbers=subsets)
def test_no_combination_of_values_tells_a_pair_of_one_person_from_a_pair_of_two(
    attack: Attack, numbers: frozenset[int]
) -> None:
    """Whatever two entries of an erased person share, entries of two different people share as well.

    So equality of any value, or of any combination of values, says nothing about whose entries they are.
    """
    people = chosen(attack.log, numbers)

    assert all(len(entries) > 10 for entries in attack.log.of(people).values())
    assert attack.linking(people) == []


@pytest.mark.parametrize("planted", ["a pseudonym", "a commitment under one salt", "a rare pair"])
def test_the_attack_finds_what_would_link(log: Log, planted: str) -> None:
    """A stable word for a person, a salt used twice, or words that one person alone has together."""
    documents = {entry: json.loads(json.dumps(document)) for entry, document in log.documents.items()}
    victim = min(log.whose.values())
    for entry, lead in log.whose.items():
        if planted == "a rare pair":
            number = sorted(set(log.whose.values())).index(lead)
            documents[entry]["facts"] |= {"first": number // 4, "second": number % 4}
        elif lead == victim:
            word = "p-17" if planted == "a pseudonym" else commit(LEAD, b"one salt", lead)
            documents[entry] |= {"lead": word}

    assert attack_on(replace(log, documents=documents)).linking(frozenset({victim})) != []


@settings(max_examples=30, deadline=None)
@given(numbers=subsets)
def test_who_knows_the_ids_of_the_erased_finds_none_of_their_entries(
    log: Log, numbers: frozenset[int]
) -> None:
    """Every value of an entry, its id and its hash are tried as the salt of its commitments: none fits."""
    people = chosen(log, numbers)
    for entry, lead in log.whose.items():
        if lead not in people:
            continue
        document = log.documents[entry]
        known = {lead, log.objects[entry]} - {None}
        found = {
            commit(label, salt, str(identifier))
            for label in (LEAD, OBJECT, b"")
            for salt in salts(document)
            for identifier in known
        }
        assert not found & {document.get("lead"), document.get("object")}


def salts(document: Mapping[str, Any]) -> Iterator[bytes]:
    """What an attacker would try as the salt of an entry: nothing, and all that stands in it."""
    texts = [json.loads(value) for _, value in atoms(document)] + [document["id"], document["at"]]
    raw = [b"", bytes(32), leaf_hash(json.dumps(document).encode())]
    for each in texts:
        plain = str(each).encode()
        raw += [plain, hashlib.sha256(plain).digest()]
    return iter(raw)


def test_commitments_are_never_equal_and_no_id_stands_in_the_log(log: Log) -> None:
    """Each commitment occurs once in the whole log; ids of people and of what is about them do not at all."""
    commitments = [
        document[name]
        for document in log.documents.values()
        for name in ("lead", "object")
        if name in document
    ]
    text = b"\n".join(base64.b64decode(json.loads(line)["entry"]) for line in log.export.splitlines()[1:])
    ids = {*log.whose.values(), *(log.objects[entry] for entry in log.whose)} - {None}

    assert len(commitments) == len(set(commitments)) > PEOPLE * 10
    assert [one for one in ids if str(one).encode() in text] == []


def test_the_log_verifies_after_everybody_was_erased(log: Log) -> None:
    """And holds every entry that there was."""
    assert verify(BytesIO(log.export), Question([log.vkey])).entries == len(log.documents)
