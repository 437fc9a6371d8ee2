"""`api.reindexing`: a new look-up key, and nobody who was known is ever unknown meanwhile."""

import hashlib
import subprocess
import sys

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from api import reindexing
from api.app import create_app
from api.context import Service
from api.rotation import refresh
from api.settings import Settings
from api.startup import open_service
from consent import suppressions
from consent.tables import SuppressionRow
from governance.errors import ReindexStateError
from governance.tables import IdentifierRow
from governance.vault.index import (
    begin_reindex,
    finish_reindex,
    lookup_hashes,
    suppression_hashes,
    suppression_hashes_of_sha256,
)
from governance.vault.tables import IndexPurpose
from tests.conftest import NOW, Clock, KeyOf

ADA, BOB = "ada@analytical.example", "bob@analytical.example"
SOURCE = {"key": "fair-2026", "kind": "event", "obtained_at": "2026-11-01T09:00:00+00:00"}


def take_in(client: FlaskClient, headers: dict[str, str], address: str) -> tuple[int, str]:
    """Status and lead id of an intake with an address and a shared telephone number."""
    identifiers = [{"type": "email", "value": address}, {"type": "phone", "value": "+493012345678"}]
    answer = client.post("/v1/leads", json={"identifiers": identifiers, "source": SOURCE}, headers=headers)
    return answer.status_code, str(answer.get_json()["lead_id"])


def hashes(service: Service) -> set[bytes]:
    """Every stored hash."""
    with service.main.read() as session:
        return set(session.scalars(select(IdentifierRow.hash)))


@pytest.fixture
def writer(key_of: KeyOf) -> dict[str, str]:
    """A key that takes leads in."""
    return key_of("leads:write")


def test_who_is_known_stays_known_before_during_and_after(
    service: Service, client: FlaskClient, writer: dict[str, str]
) -> None:
    """Two people who share a number: taken in before and while the index moves."""
    _, ada = take_in(client, writer, ADA)
    seen: list[tuple[int, str]] = []

    def settle() -> None:
        seen.append(take_in(client, writer, ADA))
        seen.append(take_in(client, writer, BOB))

    old = lookup_hashes(service.keyring, "email", ADA)
    reindexing.reindex(service, "tester", settle)
    (_, (_, bob)) = seen

    assert seen[0] == (200, ada)
    assert take_in(client, writer, ADA) == (200, ada)
    assert take_in(client, writer, BOB) == (200, bob)
    assert lookup_hashes(service.keyring, "email", ADA) != old


def test_nothing_is_left_under_the_old_key(
    service: Service, client: FlaskClient, writer: dict[str, str]
) -> None:
    """The same number of rows as before, and none of the old hashes."""
    take_in(client, writer, ADA)
    take_in(client, writer, BOB)
    before = hashes(service)

    assert reindexing.reindex(service, "tester", lambda: None) == 4
    assert hashes(service).isdisjoint(before)
    with service.main.read() as session:
        assert session.scalar(select(func.count()).select_from(IdentifierRow)) == 4


def test_a_reindex_that_was_killed_is_finished_by_the_next(
    service: Service, client: FlaskClient, writer: dict[str, str]
) -> None:
    """After its beginning the same generation is used; nothing begins twice."""
    _, ada = take_in(client, writer, ADA)
    service.keys.write(lambda keys: begin_reindex(keys, service.keyring, IndexPurpose.LOOKUP, now=NOW))
    reindexing.reindex(service, "tester", lambda: None)

    assert [key.generation for key in service.keyring.index_keys(IndexPurpose.LOOKUP)] == [2]
    assert take_in(client, writer, ADA) == (200, ada)
    with pytest.raises(ReindexStateError):
        service.keys.write(lambda keys: finish_reindex(keys, IndexPurpose.LOOKUP))


def suppress(service: Service, client: FlaskClient, headers: dict[str, str], *addresses: str) -> None:
    """Objections of people who are no leads here: nothing is left of them but the hash."""
    for address in addresses:
        body = {
            "lead": {"email": address},
            "kind": "unsubscribe",
            "received_at": "2026-11-20T09:00:00Z",
            "via": "link",
        }
        assert client.post("/v1/objections", json=body, headers=headers).status_code == 201


def generations(service: Service) -> list[int]:
    """Of every suppression."""
    with service.main.read() as session:
        return sorted(session.scalars(select(SuppressionRow.generation)))


def is_suppressed(service: Service, address: str) -> bool:
    """Found by the address, and by its SHA-256 alone, as lists of hashed addresses hold it."""
    by_address = suppression_hashes(service.keyring, "email", address)
    digest = hashlib.sha256(address.encode()).digest()
    assert suppression_hashes_of_sha256(service.keyring, "email", digest) == by_address
    with service.main.read() as session:
        return bool(suppressions.matching(session, by_address))


@pytest.fixture
def objector(key_of: KeyOf) -> dict[str, str]:
    """A key that records objections."""
    return key_of("consents:write")


def test_a_suppression_is_found_before_during_and_after_its_key_is_renewed(
    service: Service, client: FlaskClient, objector: dict[str, str]
) -> None:
    """Twice over, and whoever objects meanwhile too; in the end all stand under the newest key."""
    known = ["one@example.com"]
    suppress(service, client, objector, *known)

    def settle() -> None:
        known.append(f"{len(known)}@example.com")
        suppress(service, client, objector, known[-1])
        assert all(is_suppressed(service, address) for address in known)

    for generation in (2, 3):
        reindexing.renew_suppressions(service, "tester", settle)
        assert generations(service) == [generation] * len(known)
        assert all(is_suppressed(service, address) for address in known)

    assert not is_suppressed(service, "nobody@example.com")
    assert len(known) == 5


def test_what_a_process_writes_under_the_old_key_is_renewed_with_the_next_step(
    service: Service, client: FlaskClient, objector: dict[str, str], settings: Settings, clock: Clock
) -> None:
    """Another process that has not heard yet writes and reads as before; nobody is lost to either."""
    other = open_service(settings, clock)
    suppress(service, client, objector, ADA)
    settled: list[bool] = []

    def settle() -> None:
        if not settled:
            refresh(other)  # it has heard of the new key, and not that it is the one to write under
        suppress(other, create_app(other).test_client(), objector, f"{len(settled)}@example.com")
        settled.append(is_suppressed(other, ADA))

    reindexing.renew_suppressions(service, "tester", settle)
    other.close()

    assert settled == [True, True]
    assert generations(service) == [2, 2, 2]
    assert is_suppressed(service, "1@example.com")


RENEWING = """
import sys
from api import reindexing
from api.settings import read_settings
from api.startup import open_service
from governance import suppressing

suppressing.NESTED_AT_ONCE = 2
nest = reindexing.nest_outdated

def told(*args, **kwargs):
    found = nest(*args, **kwargs)
    print("nested", flush=True)
    sys.stdin.readline()
    return found

reindexing.nest_outdated = told
service = open_service(read_settings({"LEADWARDEN_HOME": sys.argv[1]}))
reindexing.renew_suppressions(service, "tester", lambda: None)
"""


def test_a_renewal_goes_on_after_kill_9(
    service: Service, client: FlaskClient, objector: dict[str, str]
) -> None:
    """What was renewed stays renewed, the rest follows under the same key, and nobody was lost meanwhile."""
    addresses = [f"{number}@example.com" for number in range(5)]
    suppress(service, client, objector, *addresses)
    command = [sys.executable, "-c", RENEWING, str(service.settings.home)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as killed:
        assert killed.stdout is not None
        assert killed.stdin is not None
        assert killed.stdout.readline() == "nested\n"
        killed.stdin.write("go on\n")
        killed.stdin.flush()
        assert killed.stdout.readline() == "nested\n"
        killed.kill()
    between = generations(service)
    refresh(service)
    found = [is_suppressed(service, address) for address in addresses]
    reindexing.renew_suppressions(service, "tester", lambda: None)

    assert between == [1, 1, 1, 2, 2]
    assert found == [True] * 5
    assert generations(service) == [2] * 5
    assert all(is_suppressed(service, address) for address in addresses)
