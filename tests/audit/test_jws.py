"""`audit.jws`: a promise in a decision's receipt is read strictly, believed only under a trusted key."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.errors import JwksMalformedError, ReceiptMalformedError, ReceiptUnverifiedError
from audit.jws import DecisionReceipt, parse_jwks
from audit.log import Appended
from tests.audit.conftest import NOW
from tests.audit.decision_receipts import KID, STRANGER, claims_of, jwk, jwks, jws, part

ENTRY = Appended("0193-entry", bytes(range(32)))
GOOD = jws(claims_of(ENTRY))


def test_the_promise_is_read_and_its_signature_checked() -> None:
    """Id, hash and moment, under the key that it names."""
    receipt = DecisionReceipt.parse(GOOD)
    receipt.require_signed_by(parse_jwks(jwks()))

    assert (ENTRY.entry_id, ENTRY.leaf_hash, NOW) == (receipt.entry_id, receipt.leaf_hash, receipt.decided_at)


def test_a_retired_key_of_the_set_still_verifies() -> None:
    """The set lists every key that ever signed, and kinds of keys that this verifier does not know."""
    listed = jwks(jwk(STRANGER, "newer"), {"kty": "EC", "crv": "P-256", "kid": "other"}, jwk())

    DecisionReceipt.parse(GOOD).require_signed_by(parse_jwks(listed))


@pytest.mark.parametrize(
    ("forged", "why"),
    [
        (jws(claims_of(ENTRY), STRANGER), "signature is wrong"),
        (jws(claims_of(ENTRY), kid="nobody"), "not in the JWKS"),
        (
            f"{GOOD.split('.')[0]}.{part(claims_of(Appended('other', bytes(32))))}.{GOOD.split('.')[2]}",
            "wrong",
        ),
    ],
)
def test_a_forged_receipt_is_refused_by_the_name_of_its_entry(forged: str, why: str) -> None:
    """Another key under the known name, an unknown name, other claims under a true signature."""
    with pytest.raises(ReceiptUnverifiedError, match=rf"the receipt of entry \S+: .*{why}"):
        DecisionReceipt.parse(forged).require_signed_by(parse_jwks(jwks()))


@pytest.mark.parametrize(
    "change",
    [
        {"entry_id": 7},
        {"entry_id": "\x1b[2J"},
        {"entry_id": ""},
        {"leaf_hash": "00"},
        {"leaf_hash": "zz"},
        {"leaf_hash": None},
        {"decided_at": "soon"},
        {"decided_at": 1},
    ],
)
def test_claims_that_promise_nothing_are_named(change: dict[str, Any]) -> None:
    """Each of the three claims in its one form; an id that could play with a terminal is none."""
    with pytest.raises(ReceiptMalformedError):
        DecisionReceipt.parse(jws(claims_of(ENTRY) | change))


@pytest.mark.parametrize(
    "text",
    [
        jws(claims_of(ENTRY), alg="none"),
        jws(claims_of(ENTRY), typ="leadwarden-certificate+jwt"),
        jws([1]),
        jws("words"),
        f"{GOOD}=",
        f"{GOOD}.",
        f"{GOOD}!",
        "a.b.c",
        "..",
        "",
        f"{part({'alg': 'EdDSA'})}.{part({})}.AA",
    ],
)
def test_what_is_no_receipt_of_a_decision_is_named(text: str) -> None:
    """Another algorithm, another kind of JWS, other spellings, and no JWS at all."""
    with pytest.raises(ReceiptMalformedError):
        DecisionReceipt.parse(text)


@given(st.text() | st.text(alphabet="eyJ.A-_"))
def test_no_text_breaks_the_reader(text: str) -> None:
    """A receipt, or the one error."""
    with pytest.raises(ReceiptMalformedError):
        DecisionReceipt.parse(text)


@given(st.integers(0, len(GOOD) - 1), st.sampled_from("Aaz09-_."))
def test_no_changed_character_passes(place: int, character: str) -> None:
    """Every character of a receipt is read or signed."""
    changed = GOOD[:place] + character + GOOD[place + 1 :]
    if changed == GOOD:
        return
    with pytest.raises((ReceiptMalformedError, ReceiptUnverifiedError)):
        DecisionReceipt.parse(changed).require_signed_by(parse_jwks(jwks()))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"keys": 1}',
        '{"keys": [1]}',
        '{"keys": []}',
        '{"keys": [{"kty": "RSA"}]}',
        "[" * 100_000,
        jwks(jwk() | {"x": "AA"}),
        jwks(jwk() | {"x": "="}),
        jwks(jwk(kid="")),
        json.dumps({"keys": [{"kty": "OKP", "crv": "Ed25519", "kid": KID}]}),
    ],
)
def test_what_is_no_jwk_set_is_named(text: str) -> None:
    """Nothing is trusted by mistake, and nothing ends in a traceback."""
    with pytest.raises(JwksMalformedError):
        parse_jwks(text)


def test_a_moment_in_another_zone_is_the_same_moment() -> None:
    """The promise is counted from the instant."""
    at = "2026-11-24T12:00:00+02:00"

    assert (
        datetime(2026, 11, 24, 10, tzinfo=UTC)
        == DecisionReceipt.parse(jws(claims_of(ENTRY) | {"decided_at": at})).decided_at
    )
