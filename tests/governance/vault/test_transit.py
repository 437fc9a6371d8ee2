"""`governance.vault.transit`: against an engine that refuses, is sealed, is away, or is no engine at all."""

from collections.abc import Iterator
from datetime import timedelta

import httpx2
import pytest
import stamina

from governance.errors import (
    RootKeyMissingError,
    RootRefusedError,
    RootUnavailableError,
    VaultError,
    WrapBrokenError,
)
from governance.vault.transit import Transit, TransitPlace
from tests.governance.vault.fake_transit import MOUNT, TOKEN, FakeTransit, Server, TransitKey

KEY = "leadwarden-epoch-a"


@pytest.fixture(autouse=True)
def _quick() -> Iterator[None]:
    stamina.set_testing(True, attempts=2)
    yield
    stamina.set_testing(False)


@pytest.fixture
def vault() -> FakeTransit:
    """The fake's state."""
    return FakeTransit()


@pytest.fixture
def server(vault: FakeTransit) -> Iterator[Server]:
    """The fake, listening."""
    running = Server(vault)
    yield running
    running.stop()


@pytest.fixture
def transit(server: Server) -> Iterator[Transit]:
    """Our client of it."""
    with httpx2.Client() as client:
        yield Transit(TransitPlace(server.address, MOUNT, "leadwarden"), lambda: TOKEN, client)


def test_a_name_is_a_key_of_its_own_that_can_not_leave_the_engine(
    transit: Transit, vault: FakeTransit
) -> None:
    """What is wrapped is the engine's versioned text."""
    transit.create("epoch-a")

    assert not vault.keys[KEY].exportable
    assert transit.wrap("epoch-a", b"a key", b"about").startswith(b"vault:v1:")


def test_what_was_wrapped_under_an_older_version_of_the_key_opens(
    transit: Transit, vault: FakeTransit
) -> None:
    """Until somebody raises `min_decryption_version` in the engine, which is as good as a destruction."""
    transit.create("epoch-a")
    wrapped = transit.wrap("epoch-a", b"a key", b"about")
    vault.keys[KEY].versions.append(bytes(32))

    assert transit.wrap("epoch-a", b"a key", b"about").startswith(b"vault:v2:")
    assert transit.unwrap("epoch-a", wrapped, b"about") == b"a key"
    vault.keys[KEY].min_decryption_version = 2
    with pytest.raises(WrapBrokenError):
        transit.unwrap("epoch-a", wrapped, b"about")


def test_nothing_is_created_by_wrapping(transit: Transit, vault: FakeTransit) -> None:
    """Not even where the policy lets `encrypt` create keys, which the engine then does."""
    vault.policy["encrypt"].add("create")

    with pytest.raises(RootKeyMissingError):
        transit.wrap("epoch-a", b"a key", b"about")
    assert vault.keys == {}


def test_an_engine_that_ignores_associated_data_is_refused(transit: Transit, vault: FakeTransit) -> None:
    """It would let a wrapped key be moved, silently."""
    vault.ignores_associated_data = True

    with pytest.raises(RootRefusedError, match="too old"):
        transit.create("epoch-a")


def test_a_key_that_could_leave_the_engine_is_refused(transit: Transit, vault: FakeTransit) -> None:
    """Somebody made it beforehand, and may hold a copy: destroying it would mean nothing."""
    vault.keys[KEY] = TransitKey(exportable=True)

    with pytest.raises(RootRefusedError, match="exportable"):
        transit.create("epoch-a")


def test_a_destroyed_key_is_gone_from_the_engine(transit: Transit, vault: FakeTransit) -> None:
    """Every version of it."""
    transit.create("epoch-a")
    transit.destroy("epoch-a")

    assert vault.keys == {}


def test_a_deletion_that_is_not_allowed_is_not_taken_for_one(transit: Transit, vault: FakeTransit) -> None:
    """The rotation stays unfinished and tries again."""
    transit.create("epoch-a")
    vault.policy["keys"].remove("delete")

    with pytest.raises(RootRefusedError, match="can not be deleted"):
        transit.destroy("epoch-a")


@pytest.mark.parametrize("path", ["keys", "encrypt", "decrypt"])
def test_a_policy_that_lacks_something_refuses(transit: Transit, vault: FakeTransit, path: str) -> None:
    """A refusal, not a missing key: nothing is concluded from it."""
    vault.policy[path] = set()

    with pytest.raises(RootRefusedError, match="403"):
        transit.create("epoch-a")


def test_a_sealed_vault_is_unavailable_until_it_is_unsealed(transit: Transit, vault: FakeTransit) -> None:
    """And everything is as it was."""
    transit.create("epoch-a")
    wrapped = transit.wrap("epoch-a", b"a key", b"about")
    vault.sealed = True
    for call in (
        lambda: transit.wrap("epoch-a", b"a key", b"about"),
        lambda: transit.unwrap("epoch-a", wrapped, b"about"),
        lambda: transit.create("epoch-b"),
        lambda: transit.destroy("epoch-a"),
        transit.tend,
    ):
        with pytest.raises(RootUnavailableError, match="503"):
            call()
    vault.sealed = False

    assert transit.unwrap("epoch-a", wrapped, b"about") == b"a key"


def test_an_outage_is_tried_again_a_few_times_and_then_told(
    transit: Transit, vault: FakeTransit, server: Server
) -> None:
    """Bounded; the next call after it works."""
    transit.create("epoch-a")
    server.stop()
    with pytest.raises(RootUnavailableError, match="does not answer"):
        transit.wrap("epoch-a", b"a key", b"about")
    server.start()

    assert transit.wrap("epoch-a", b"a key", b"about").startswith(b"vault:v1:")


def test_a_redirect_is_not_followed(server: Server) -> None:
    """The token would go along to wherever it leads."""
    transport = httpx2.MockTransport(
        lambda _: httpx2.Response(307, headers={"Location": "http://elsewhere.example/"})
    )
    with httpx2.Client(transport=transport) as client:
        moved = Transit(TransitPlace(server.address, MOUNT, "leadwarden"), lambda: TOKEN, client)
        with pytest.raises(RootUnavailableError, match="307"):
            moved.wrap("epoch-a", b"a key", b"about")


def test_something_else_that_answers_is_refused(server: Server) -> None:
    """A captive portal, a proxy's page."""
    transport = httpx2.MockTransport(lambda _: httpx2.Response(200, text="<html>Welcome</html>"))
    with httpx2.Client(transport=transport) as client:
        other = Transit(TransitPlace(server.address, MOUNT, "leadwarden"), lambda: TOKEN, client)
        with pytest.raises(RootRefusedError, match="no transit engine"):
            other.wrap("epoch-a", b"a key", b"about")
        with pytest.raises(RootRefusedError, match="another type"):
            other.create("epoch-a")


@pytest.mark.parametrize(("ttl", "renewed"), [(3_601, 0), (3_599, 1)])
def test_a_token_that_has_lived_half_its_life_is_renewed(
    transit: Transit, vault: FakeTransit, ttl: int, renewed: int
) -> None:
    """Of 7,200 seconds."""
    vault.ttl = ttl
    transit.tend()

    assert vault.renewed == renewed


def test_a_token_that_may_not_look_itself_up_is_used_as_it_is(transit: Transit, vault: FakeTransit) -> None:
    """Tending is a courtesy."""
    vault.policy["auth"] = set()
    transit.tend()

    assert vault.renewed == 0


def test_how_long_snapshots_are_kept_is_the_delay(server: Server) -> None:
    """Where it was said."""
    place = TransitPlace(server.address, MOUNT, "leadwarden", snapshots_kept=timedelta(days=30))

    assert Transit(place, lambda: TOKEN, httpx2.Client()).destruction_delay == timedelta(days=30)


def test_no_error_repeats_the_token_or_what_was_sent(
    transit: Transit, vault: FakeTransit, server: Server
) -> None:
    """Neither in its message nor in what a traceback would print."""
    said: list[VaultError] = []
    vault.policy["encrypt"] = set()
    for way in ("denied", "sealed", "away"):
        vault.sealed = way == "sealed"
        if way == "away":
            server.stop()
        with pytest.raises(VaultError) as caught:
            transit.create("epoch-a")
        said.append(caught.value)

    for error in said:
        assert "canary" not in repr(error)
        assert error.__suppress_context__ or error.__cause__ is None
    assert TOKEN not in repr(transit)
