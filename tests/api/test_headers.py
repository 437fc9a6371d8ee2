"""Headers that every answer has, unless its route says otherwise."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from hypothesis import given
from hypothesis import strategies as st

from api.headers import SECURITY, secured

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

NAMES = [name for name, _ in SECURITY]
SPELT = st.sampled_from([str.upper, str.lower, str.title])


def sent(headers: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """The headers of an answer whose application set these."""
    found: list[tuple[str, str]] = []

    def application(_: "WSGIEnvironment", start: "StartResponse") -> Iterable[bytes]:
        start("200 OK", list(headers))
        return [b"body"]

    def start(_: str, headers: list[tuple[str, str]], *_rest: Any) -> Callable[[bytes], object]:
        found.extend(headers)
        return lambda _: None

    assert list(secured(application)({}, start)) == [b"body"]
    return found


@given(own=st.sets(st.sampled_from(NAMES)), spelt=SPELT)
def test_each_stands_once_and_the_routes_own_wins(own: set[str], spelt: Callable[[str], str]) -> None:
    """Names are compared without their case (RFC 9110, section 5.1): twice would be a contradiction."""
    chosen = [("X-Other", "1"), *((spelt(name), "own") for name in sorted(own))]
    found = sent(chosen)

    assert found[: len(chosen)] == chosen
    assert sorted(name.lower() for name, _ in found) == sorted(["x-other", *(name.lower() for name in NAMES)])
    assert found[len(chosen) :] == [(name, value) for name, value in SECURITY if name not in own]


def test_nothing_is_kept_by_a_cache_or_run_by_a_browser_unless_said() -> None:
    """What an answer holds may be personal."""
    found = dict(sent([]))

    assert found["Cache-Control"] == "no-store"
    assert found["X-Content-Type-Options"] == "nosniff"
    assert found["Content-Security-Policy"].startswith("default-src 'none'")
