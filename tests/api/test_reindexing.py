"""`api.reindexing`: a new look-up key, and nobody who was known is ever unknown meanwhile."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from api import reindexing
from api.context import Service
from governance.errors import ReindexStateError
from governance.tables import IdentifierRow
from governance.vault.index import begin_reindex, finish_reindex, lookup_hashes
from governance.vault.tables import IndexPurpose
from tests.conftest import NOW, KeyOf

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
