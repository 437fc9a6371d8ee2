"""One person's approval, or two."""

import pytest

from api.context import Service
from governance.errors import SameApproverError
from governance.requests import approvals
from governance.requests.vocabulary import Regime, RequestType


@pytest.mark.parametrize(
    ("named", "kind", "regime", "persons"),
    [
        ("all", RequestType.COMPLAINT, Regime.LGPD, 2),
        ("erasure", RequestType.ERASURE, Regime.GDPR, 2),
        ("erasure", RequestType.ACCESS, Regime.GDPR, 1),
        ("ccpa, portability", RequestType.ACCESS, Regime.CCPA, 2),
        ("ccpa,portability", RequestType.PORTABILITY, Regime.GDPR, 2),
        ("ccpa,portability", RequestType.ACCESS, Regime.GDPR, 1),
    ],
)
def test_types_and_regimes_say_who_needs_two(
    named: str, kind: RequestType, regime: Regime, persons: int
) -> None:
    """Either word is enough."""
    assert approvals.needed(approvals.words(named), kind, regime) == persons


@pytest.mark.parametrize("text", ["", "erasures", "erasure;ccpa", "erasure,,ccpa", "none"])
def test_an_unknown_word_stops_the_start(text: str) -> None:
    """A misspelt one would let a single person approve."""
    with pytest.raises(ValueError, match="types and regimes"):
        approvals.words(text)


def test_nobody_approves_twice(service: Service) -> None:
    """The second is somebody else; the order is kept."""

    def add(actor: str) -> int:
        return service.main.write(
            lambda session: approvals.add(session, "r", now=service.clock(), actor=actor)
        )

    assert add("one") == 1
    with pytest.raises(SameApproverError):
        add("one")
    assert add("two") == 2
    with service.main.read() as session:
        assert approvals.given(session, "r") == ["one", "two"]
