"""On which grounds a request may be refused, and by which law: pure.

The person is owed the reason (GDPR art. 12(4)), so each is named with its law. What a law does not let a
controller plead against a right is no ground there, whatever an officer would like to write.
"""

from governance.requests.vocabulary import Ground, Regime, RequestType

STOPPING = frozenset({RequestType.OBJECTION, RequestType.OPT_OUT_SALE_SHARING, RequestType.LIMIT_SENSITIVE})
"""Objections to marketing and opt-outs: they are in force already, and nothing outweighs them."""

OUTWEIGHING = frozenset({Ground.LEGAL_CLAIMS, Ground.LEGAL_OBLIGATION})

_EU = {
    Ground.IDENTITY_NOT_VERIFIED: "art. 11(2), 12(2), 12(6)",
    Ground.MANIFESTLY_UNFOUNDED: "art. 12(5)(b)",
    Ground.EXCESSIVE: "art. 12(5)(b)",
    Ground.LEGAL_CLAIMS: "art. 17(3)(e), 18(2), 21(1)",
    Ground.LEGAL_OBLIGATION: "art. 17(3)(b), 23",
    Ground.OUTSIDE_JURISDICTION: "art. 2, 3",
    Ground.NO_MATCH: "art. 11(2), 12(2)",
}
_US = {
    Ground.IDENTITY_NOT_VERIFIED: "an unverifiable request need not be answered",
    Ground.MANIFESTLY_UNFOUNDED: "manifestly unfounded or excessive requests",
    Ground.EXCESSIVE: "manifestly unfounded or excessive requests",
    Ground.LEGAL_CLAIMS: "the exercise or defence of legal claims",
    Ground.LEGAL_OBLIGATION: "compliance with a legal obligation",
    Ground.OUTSIDE_JURISDICTION: "residents only",
    Ground.SUSPECTED_FRAUD: "security and fraud prevention",
}
LAWS: dict[Regime, dict[Ground, str]] = {
    Regime.GDPR: {ground: f"GDPR {article}" for ground, article in _EU.items()},
    Regime.UK_GDPR: {ground: f"UK GDPR {article}" for ground, article in _EU.items()},
    Regime.CCPA: {
        Ground.IDENTITY_NOT_VERIFIED: "Cal. Civ. Code 1798.140(ak); 11 CCR 7060(e)",
        Ground.MANIFESTLY_UNFOUNDED: "Cal. Civ. Code 1798.145(h)(3)",
        Ground.EXCESSIVE: "Cal. Civ. Code 1798.145(h)(3)",
        Ground.LEGAL_CLAIMS: "Cal. Civ. Code 1798.145(a)(1)(E)",
        Ground.LEGAL_OBLIGATION: "Cal. Civ. Code 1798.105(d)(8), 1798.145(a)(1)(A)",
        Ground.OUTSIDE_JURISDICTION: "Cal. Civ. Code 1798.140(i)",
        Ground.NO_MATCH: "11 CCR 7024(a), 7022(f)",
        Ground.SUSPECTED_FRAUD: "11 CCR 7026(e)",
    },
    Regime.US_STATE: {ground: f"state privacy acts: {words}" for ground, words in _US.items()},
    Regime.LGPD: {
        Ground.LEGAL_OBLIGATION: "LGPD art. 16 I",
        Ground.OUTSIDE_JURISDICTION: "LGPD art. 3, 4",
        Ground.NO_MATCH: "LGPD art. 18 para. 4 I",
    },
    Regime.CASL: {
        Ground.MANIFESTLY_UNFOUNDED: "PIPEDA Sch. 1 cl. 4.9",
        Ground.LEGAL_CLAIMS: "PIPEDA s. 9(3)",
        Ground.LEGAL_OBLIGATION: "PIPEDA s. 9(2.1), 9(3)",
    },
}
"""Where a law says nothing in so many words the ground may still be pleaded; then no law is named."""


def is_open(kind: RequestType, ground: Ground, regime: Regime) -> bool:
    """Whether the ground can be pleaded against this right at all.

    Sources: GDPR art. 21(2) and (3) (an objection to marketing is absolute); 11 CCR 7026(d), 7027(e) (an
    opt-out need not be verified).
    """
    if kind not in STOPPING:
        return True
    unverified = ground is Ground.IDENTITY_NOT_VERIFIED and regime in {Regime.CCPA, Regime.US_STATE}
    return ground not in OUTWEIGHING and not unverified


def law(regime: Regime, ground: Ground) -> str | None:
    """The law that a refusal rests on, where one says so."""
    return LAWS[regime].get(ground)
