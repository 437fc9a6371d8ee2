"""The service over a key provider that is moved to, goes away, refuses, and comes back."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import stamina
from flask.testing import FlaskClient
from moto.server import ThreadedMotoServer
from sqlalchemy import select

from api import rotation, vault_status
from api.app import create_app
from api.background import key_duties
from api.context import Service
from api.settings import Settings
from api.startup import open_migrated
from governance.accounts import make_key
from governance.errors import (
    RootKeyMissingError,
    RootRefusedError,
    RootUnavailableError,
    VaultError,
)
from governance.messages.tables import MessageRow
from governance.scopes import OURSELVES, Grant
from governance.vault.aws import AwsPlace
from governance.vault.inventory import inventory
from governance.vault.keyring import MISSED_BEFORE_CLOSING
from governance.vault.tables import KeyKind, Role
from governance.vault.transit import TransitPlace
from tests.api.people import ADDRESS, take_in
from tests.conftest import NOW, Clock
from tests.governance.requests.desk import MemoryStore, an_approved, described, work
from tests.governance.vault.fake_transit import MOUNT, TOKEN, FakeTransit, Server

SCOPES = frozenset({"leads:write", "leads:read", "decisions:create"})
LOOKED_UP = {"lead": {"email": ADDRESS}, "purpose": "direct_marketing"}
ASKED = {"lead": {"email": ADDRESS}, "channel": "email", "purpose": "direct_marketing"}


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("VAULT_TOKEN", TOKEN)
    stamina.set_testing(True, attempts=1)
    yield
    stamina.set_testing(False)


@pytest.fixture
def vault() -> FakeTransit:
    """The provider's state."""
    return FakeTransit()


@pytest.fixture
def server(vault: FakeTransit) -> Iterator[Server]:
    """The provider, listening."""
    running = Server(vault)
    yield running
    running.stop()


@pytest.fixture
def elsewhere(settings: Settings, server: Server) -> Settings:
    """The settings of a service whose outermost keys are at the provider."""
    return replace(settings, kms=TransitPlace(server.address, MOUNT, "leadwarden"))


@pytest.fixture
def running(elsewhere: Settings, clock: Clock) -> Iterator[Service]:
    """That service, opened."""
    opened = open_migrated(elsewhere, clock)
    yield opened
    opened.close()


def headers_of(service: Service) -> dict[str, str]:
    """A key that may do what is tried here."""
    grant = Grant(SCOPES, None, None)
    made = service.main.write(lambda session: make_key(session, "test", grant, maker=OURSELVES, now=NOW))
    return {"Authorization": f"Bearer {made.token}"}


def statuses(client: FlaskClient, headers: dict[str, str]) -> dict[str, int]:
    """What each door answers."""
    return {
        "opened": client.post("/v1/leads/lookup", json=LOOKED_UP, headers=headers).status_code,
        "decided": client.post("/v1/decisions", json=ASKED, headers=headers).status_code,
        "ready": client.get("/readyz").status_code,
        "alive": client.get("/healthz").status_code,
    }


def missed(service: Service, times: int) -> None:
    """So many minutes without an answer of the provider."""
    for _ in range(times):
        with pytest.raises(RootUnavailableError):
            key_duties.step(service, NOW)


def test_a_provider_that_is_away_closes_the_leads_and_opens_them_when_it_is_back(
    running: Service, server: Server
) -> None:
    """Decisions go on, for they open nothing; nothing is lost, and nobody has to do anything."""
    client, headers = create_app(running).test_client(), headers_of(running)
    lead_id = take_in(client, headers)
    server.stop()
    missed(running, MISSED_BEFORE_CLOSING - 1)
    before = statuses(client, headers)
    missed(running, 1)
    closed = statuses(client, headers)
    refused = client.post(
        "/v1/leads",
        json={
            "identifiers": [{"type": "email", "value": "other@example.com"}],
            "country": "DE",
            "source": {"key": "fair", "kind": "event", "obtained_at": "2026-11-01T10:00:00Z"},
        },
        headers=headers,
    )
    document = client.get("/readyz").get_json()
    server.start()
    key_duties.step(running, NOW)

    assert before == {"opened": 200, "decided": 200, "ready": 200, "alive": 200}
    assert closed == {"opened": 503, "decided": 200, "ready": 503, "alive": 200}
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "2")
    assert (document["keys"], document["database"]) == ("failed", "ok")
    assert statuses(client, headers) == before
    opened = client.post("/v1/leads/lookup", json=LOOKED_UP, headers=headers).get_json()
    assert opened["lead_id"] == lead_id


def notices(service: Service) -> list[tuple[str, str | None]]:
    """What the operator was told of."""
    with service.main.read() as session:
        rows = session.scalars(select(MessageRow).order_by(MessageRow.id))
        return [(row.topic, row.facts) for row in rows]


def test_the_operator_hears_of_the_end_and_of_the_beginning(running: Service, server: Server) -> None:
    """Once each, however long it lasts."""
    server.stop()
    missed(running, MISSED_BEFORE_CLOSING + 2)
    server.start()
    for _ in range(2):
        key_duties.step(running, NOW)

    assert sorted(notices(running)) == [
        ("keys.closed", '{"error":"root_unavailable"}'),
        ("keys.opened", "{}"),
    ]


def test_a_provider_that_refuses_closes_everything_at_once(running: Service, vault: FakeTransit) -> None:
    """Somebody took our rights away: a decision is then no, like everything else."""
    client, headers = create_app(running).test_client(), headers_of(running)
    take_in(client, headers)
    vault.policy["decrypt"] = set()
    with pytest.raises(RootRefusedError):
        key_duties.step(running, NOW)
    decided = client.post("/v1/decisions", json=ASKED, headers=headers)
    shut = statuses(client, headers)
    vault.policy["decrypt"] = {"update"}
    key_duties.step(running, NOW)

    assert (decided.status_code, decided.get_json()["effect"]) == (503, "deny")
    assert shut == {"opened": 503, "decided": 503, "ready": 503, "alive": 200}
    assert statuses(client, headers)["opened"] == 200


def test_an_erasure_waits_for_the_provider_and_goes_on_by_itself(
    running: Service, server: Server, clock: Clock
) -> None:
    """However long it is away: nothing is done blindly, and nobody has to put the request right."""
    crm = MemoryStore("crm", {1: {"email": ADDRESS}})
    request_id = an_approved(running, ADDRESS, ["crm"])
    server.stop()
    missed(running, MISSED_BEFORE_CLOSING)
    for _ in range(12):
        with suppress(VaultError):
            work(running, crm)
        clock.now += timedelta(hours=1)
    untouched = dict(crm.rows)
    server.start()
    key_duties.step(running, NOW)
    clock.now += timedelta(hours=1)
    work(running, crm)

    assert untouched == {1: {"email": ADDRESS}}
    assert described(running, request_id)["status"] == "completed"
    assert crm.rows == {}


def test_a_rotation_that_the_provider_interrupts_is_finished_later(
    running: Service, server: Server, vault: FakeTransit
) -> None:
    """The old key is gone from the provider in the end, and everybody can be opened."""
    client, headers = create_app(running).test_client(), headers_of(running)
    take_in(client, headers)
    old = set(vault.keys)
    vault.policy["keys"].remove("delete")
    with pytest.raises(RootRefusedError):
        rotation.rotate(running, Role.EPOCH, "tester")
    server.stop()
    with pytest.raises(RootUnavailableError):
        rotation.rotate(running, Role.EPOCH, "tester")
    server.start()
    vault.policy["keys"].add("delete")

    assert rotation.is_due(running, NOW)
    rotation.rotate(running, Role.EPOCH, "tester")
    assert len(vault.keys) == len(Role)
    assert len(old & set(vault.keys)) == 1
    assert statuses(client, headers)["opened"] == 200


def test_an_older_key_store_is_useless_once_the_providers_key_is_gone(
    running: Service, elsewhere: Settings, tmp_path: Path, clock: Clock
) -> None:
    """The backup from before the rotation does not even open."""
    headers = headers_of(running)
    take_in(create_app(running).test_client(), headers)
    backup = tmp_path / "backup"
    backup.mkdir()
    for path in elsewhere.home.glob("*.db*"):
        (backup / path.name).write_bytes(path.read_bytes())
    rotation.rotate(running, Role.EPOCH, "tester")
    restored = replace(
        elsewhere,
        home=backup,
        database_url=f"sqlite:///{backup / 'leadwarden.db'}",
        keys_url=f"sqlite:///{backup / 'keys.db'}",
    )

    with pytest.raises(RootKeyMissingError):
        open_migrated(restored, clock)


def test_a_service_moves_from_its_key_directory_to_a_provider(
    settings: Settings, elsewhere: Settings, clock: Clock, vault: FakeTransit
) -> None:
    """Set the variable, start, rotate both keys: then nothing lies in the directory any more."""
    first = open_migrated(settings, clock)
    take_in(create_app(first).test_client(), headers_of(first))
    first.close()
    moving = open_migrated(elsewhere, clock)
    between = moving.keyring.root.name
    for role in Role:
        rotation.rotate(moving, role, "tester")
    moving.close()
    moved = open_migrated(elsewhere, clock)
    opened = statuses(create_app(moved).test_client(), headers_of(moved))["opened"]
    with moved.keys.read() as keys:
        held = inventory(keys).data_keys[KeyKind.LEAD]
    moved.close()

    assert between == "transit (and key_directory, until epoch and root key are rotated)"
    assert moved.keyring.root.name == "transit"
    assert list(settings.key_dir.iterdir()) == []
    assert len(vault.keys) == len(Role)
    assert (held, opened) == (1, 200)


def test_a_service_moves_back_from_a_provider_to_its_key_directory(
    settings: Settings, elsewhere: Settings, clock: Clock, vault: FakeTransit
) -> None:
    """Or to another: whoever is left is named until nothing is there any more."""
    first = open_migrated(elsewhere, clock)
    take_in(create_app(first).test_client(), headers_of(first))
    first.close()
    moving = open_migrated(replace(settings, kms_before=elsewhere.kms), clock)
    for role in Role:
        rotation.rotate(moving, role, "tester")
    moving.close()
    moved = open_migrated(settings, clock)
    opened = statuses(create_app(moved).test_client(), headers_of(moved))["opened"]
    moved.close()

    assert vault.keys == {}
    assert (moved.keyring.root.name, opened) == ("key_directory", 200)


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """KMS behind a port of this machine, found as boto3 finds it."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    for name, value in (
        ("AWS_ENDPOINT_URL_KMS", f"http://{host}:{port}"),
        ("AWS_ACCESS_KEY_ID", "testing"),
        ("AWS_SECRET_ACCESS_KEY", "testing"),
    ):
        monkeypatch.setenv(name, value)
    yield
    server.stop()


@pytest.mark.usefixtures("aws")
def test_a_service_over_aws_says_until_when_a_destroyed_key_could_come_back(
    settings: Settings, clock: Clock
) -> None:
    """Seven days of epoch, nine that were asked of AWS, a minute of memory."""
    service = open_migrated(replace(settings, kms=AwsPlace("alias/leadwarden", "eu-central-1", 9)), clock)
    headers = headers_of(service)
    take_in(create_app(service).test_client(), headers)
    rotation.rotate(service, Role.EPOCH, "tester")
    key_duties.step(service, NOW)
    opened = statuses(create_app(service).test_client(), headers)["opened"]
    said = vault_status.described(service)
    service.close()

    assert opened == 200
    assert "destroyed epoch keys not yet final: 1, the last on 2026-12-03 10:00 UTC" in said
    assert "erasure horizon: 16 d 0 h 1 min" in said
