"""How surely it must be known who asks, by law and type, and how surely it is: pure.

`reasonable` rests on one proof, `high` on a login, on a document that a person looked at, or on two different
proofs. Sources: GDPR art. 12(6) (more is asked only where there are reasonable doubts); 11 CCR 7060 to 7063
(categories and erasure: a reasonable degree; specific pieces: a reasonably high degree).
"""

from collections.abc import Iterable

from governance.requests.vocabulary import Assurance, Method, Regime, RequestType, Submitter

DISCLOSING = frozenset({RequestType.ACCESS, RequestType.PORTABILITY})
UNPROVEN = frozenset(
    {
        RequestType.OBJECTION,
        RequestType.OPT_OUT_SALE_SHARING,
        RequestType.LIMIT_SENSITIVE,
        RequestType.COMPLAINT,
    }
)
"""What only stops processing is never held up by proof (11 CCR 7026(d), 7027(e))."""

WORTH = {
    Method.LOGIN: Assurance.HIGH,
    Method.DOCUMENT_SEEN: Assurance.HIGH,
    Method.CODE: Assurance.REASONABLE,
    Method.KNOWN_CHANNEL: Assurance.REASONABLE,
    Method.AGENT_PERMISSION: Assurance.NONE,
}
"""What one proof is worth. An agent's permission says who may ask, and nothing of who the person is."""

CONFIRMED_BY_PERSON = frozenset({Method.CODE, Method.LOGIN})
"""Proofs that the person gives: of an agent's permission too (11 CCR 7063(a)), for both say who asks."""


def required(kind: RequestType, regime: Regime) -> Assurance:
    """How surely it must be known who asks."""
    if kind in UNPROVEN:
        return Assurance.NONE
    return Assurance.HIGH if regime is Regime.CCPA and kind in DISCLOSING else Assurance.REASONABLE


def reached(passed: Iterable[Method]) -> Assurance:
    """What the passed proofs come to; one method twice is one proof."""
    worth = [WORTH[method] for method in set(passed)]
    if Assurance.HIGH in worth or worth.count(Assurance.REASONABLE) > 1:
        return Assurance.HIGH
    return Assurance.REASONABLE if Assurance.REASONABLE in worth else Assurance.NONE


def suffices(kind: RequestType, regime: Regime, submitter: Submitter, passed: Iterable[Method]) -> bool:
    """Whether the proofs do without a person's judgement; for an agent the permission must be shown too."""
    methods = frozenset(passed)
    permitted = submitter is Submitter.DATA_SUBJECT or bool(
        methods & (CONFIRMED_BY_PERSON | {Method.AGENT_PERMISSION})
    )
    return permitted and _RANK[reached(methods)] >= _RANK[required(kind, regime)]


_RANK = {Assurance.NONE: 0, Assurance.REASONABLE: 1, Assurance.HIGH: 2}
