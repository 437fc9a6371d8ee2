"""The conformance suite of root key providers: each of them is in `PROVIDERS` and passes all of it."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import httpx2
import pytest
import stamina
from moto import mock_aws

from governance.errors import RootKeyMissingError, WrapBrokenError
from governance.vault.aws import AwsKms, AwsPlace
from governance.vault.key_directory import KeyDirectory
from governance.vault.moving import Moving
from governance.vault.root import RootKeys
from governance.vault.transit import Transit, TransitPlace
from tests.governance.vault.fake_transit import MOUNT, TOKEN, FakeTransit, Server
from tests.governance.vault.strict_kms import strictly


def _key_directory(path: Path) -> Iterator[RootKeys]:
    yield KeyDirectory(path / "keys")


def _transit(_path: Path) -> Iterator[RootKeys]:
    server = Server(FakeTransit())
    with httpx2.Client() as client:
        yield Transit(TransitPlace(server.address, MOUNT, "leadwarden"), lambda: TOKEN, client)
    server.stop()


def _aws(_path: Path) -> Iterator[RootKeys]:
    with mock_aws(), strictly():
        yield AwsKms(AwsPlace("alias/leadwarden", "eu-central-1"))


def _moving(path: Path) -> Iterator[RootKeys]:
    yield Moving(to=KeyDirectory(path / "new"), off=KeyDirectory(path / "old"))


PROVIDERS: dict[str, Callable[[Path], Iterator[RootKeys]]] = {
    "key_directory": _key_directory,
    "transit": _transit,
    "aws": _aws,
    "moving": _moving,
}


@pytest.fixture(params=PROVIDERS)
def provider(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[RootKeys]:
    """One provider after the other, each new."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    stamina.set_testing(True, attempts=3)
    yield from PROVIDERS[request.param](tmp_path)
    stamina.set_testing(False)


def test_nothing_of_a_provider_shows_in_its_repr(provider: RootKeys) -> None:
    """Neither token nor address nor path."""
    assert repr(provider) in {
        "KeyDirectory()",
        "Transit()",
        "AwsKms()",
        "Moving(KeyDirectory(), KeyDirectory())",
    }


def test_tending_changes_nothing(provider: RootKeys) -> None:
    """It is called every minute."""
    provider.create("epoch-a")
    wrapped = provider.wrap("epoch-a", b"a key", b"about")
    provider.tend()

    assert provider.unwrap("epoch-a", wrapped, b"about") == b"a key"


def test_what_is_wrapped_under_a_name_comes_back(provider: RootKeys) -> None:
    """Wrapping draws a nonce, so equal values look different."""
    provider.create("epoch-a")
    one = provider.wrap("epoch-a", b"a key", b"about")
    other = provider.wrap("epoch-a", b"a key", b"about")

    assert one != other
    assert provider.unwrap("epoch-a", one, b"about") == b"a key"
    assert provider.unwrap("epoch-a", other, b"about") == b"a key"


def test_creating_a_key_again_leaves_it_as_it_is(provider: RootKeys) -> None:
    """A restart never replaces a key under which something is wrapped."""
    provider.create("epoch-a")
    wrapped = provider.wrap("epoch-a", b"a key", b"about")
    provider.create("epoch-a")

    assert provider.unwrap("epoch-a", wrapped, b"about") == b"a key"


def test_another_context_is_refused(provider: RootKeys) -> None:
    """The associated data are part of what is wrapped."""
    provider.create("epoch-a")
    wrapped = provider.wrap("epoch-a", b"a key", b"about")

    with pytest.raises(WrapBrokenError):
        provider.unwrap("epoch-a", wrapped, b"about another")


def test_another_key_is_refused(provider: RootKeys) -> None:
    """Names are different keys, not labels of one."""
    provider.create("epoch-a")
    provider.create("epoch-b")
    wrapped = provider.wrap("epoch-a", b"a key", b"about")

    with pytest.raises(WrapBrokenError):
        provider.unwrap("epoch-b", wrapped, b"about")


def test_a_changed_byte_is_refused(provider: RootKeys) -> None:
    """Whatever the provider stores, it authenticates."""
    provider.create("epoch-a")
    wrapped = bytearray(provider.wrap("epoch-a", b"a key", b"about"))
    wrapped[-1] ^= 1

    with pytest.raises(WrapBrokenError):
        provider.unwrap("epoch-a", bytes(wrapped), b"about")


def test_a_key_that_never_was_is_missing(provider: RootKeys) -> None:
    """Nothing is created by being asked for."""
    with pytest.raises(RootKeyMissingError):
        provider.wrap("epoch-a", b"a key", b"about")
    with pytest.raises(RootKeyMissingError):
        provider.unwrap("epoch-a", b"anything", b"about")


def test_a_destroyed_key_opens_nothing_and_the_others_still_do(provider: RootKeys) -> None:
    """Destruction is final, exact and repeatable."""
    provider.create("epoch-a")
    provider.create("epoch-b")
    gone = provider.wrap("epoch-a", b"a key", b"about")
    kept = provider.wrap("epoch-b", b"a key", b"about")
    provider.destroy("epoch-a")
    provider.destroy("epoch-a")

    with pytest.raises(RootKeyMissingError):
        provider.unwrap("epoch-a", gone, b"about")
    assert provider.unwrap("epoch-b", kept, b"about") == b"a key"


def test_a_name_made_again_is_another_key(provider: RootKeys) -> None:
    """What was wrapped before the destruction stays lost."""
    provider.create("epoch-a")
    gone = provider.wrap("epoch-a", b"a key", b"about")
    provider.destroy("epoch-a")
    provider.create("epoch-a")

    with pytest.raises(WrapBrokenError):
        provider.unwrap("epoch-a", gone, b"about")


def test_racing_creators_agree_on_one_key(provider: RootKeys) -> None:
    """Whoever comes second uses what the first has made."""

    def create_and_wrap(_: int) -> bytes:
        provider.create("epoch-a")
        return provider.wrap("epoch-a", b"a key", b"about")

    with ThreadPoolExecutor(8) as pool:
        wrapped = list(pool.map(create_and_wrap, range(32)))

    assert [provider.unwrap("epoch-a", found, b"about") for found in wrapped] == [b"a key"] * 32


def test_the_delay_of_destruction_is_told(provider: RootKeys) -> None:
    """The erasure horizon adds it; of snapshots of a vault nobody has told this one."""
    delay = provider.destruction_delay

    assert delay is None or delay >= timedelta(0)
    assert (delay is None) == (provider.name == "transit")
