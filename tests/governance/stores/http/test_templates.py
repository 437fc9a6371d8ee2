"""Values go into calls as data, whatever stands in them."""

import json
from hashlib import md5
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.vocabulary import IdentifierKind
from governance.stores.errors import StoreCode, StoreError
from governance.stores.http.description import Call
from governance.stores.http.templates import fill, names_in, names_in_url, of_identity, of_row
from governance.stores.protocol import Identity

CALL = Call(
    "POST",
    "/v1/{value}/rows",
    query={"q": "{value}", "exact": "is {value}", "size": 5},
    body={"a": "{value}", "b": ["x {value} y", 1, None], "{value}": True},
)


@given(st.text(min_size=1).filter(lambda text: text not in {".", ".."}))
def test_any_text_comes_out_as_it_went_in(text: str) -> None:
    """In a path it stays one segment, in a query one value, in a body one text; keys are never templates."""
    request = fill(CALL, {"value": text})
    parts = urlsplit(f"https://h.example{request.target}")
    assert parts.netloc == "h.example"
    assert unquote(parts.path) == f"/v1/{text}/rows"
    assert len(parts.path.split("/")) == 4
    assert parse_qs(parts.query, keep_blank_values=True) == {
        "q": [text],
        "exact": [f"is {text}"],
        "size": ["5"],
    }
    assert json.loads(json.dumps(request.body)) == {"a": text, "b": [f"x {text} y", 1, None], "{value}": True}


@pytest.mark.parametrize("value", ["", ".", "..", None])
def test_a_value_that_would_name_another_resource_is_refused(value: object) -> None:
    """`DELETE /contacts/` is not the deletion of one contact."""
    with pytest.raises(StoreError) as error:
        fill(Call("DELETE", "/contacts/{row.id}"), {"row.id": value})
    assert error.value.reason is StoreCode.REFUSED


def test_a_value_that_looks_like_a_template_is_not_one() -> None:
    """Nothing is filled twice."""
    assert fill(CALL, {"value": "{row.id}"}).body["a"] == "{row.id}"


def test_whole_values_keep_their_type_and_nothing_is_left_out_of_a_query() -> None:
    """Numbers, truths and maps in bodies; a query leaves out what is null."""
    body = {"d": "{erased}", "t": "{row.id}"}
    call = Call("PATCH", "/{row.id}", query={"v": "{row.id}", "n": "{erased}"}, body=body)
    assert fill(call, {"row.id": 7, "erased": None}).target == "/7?v=7"
    assert fill(call, {"row.id": True, "erased": {"a": None}}).body == {"d": {"a": None}, "t": True}
    assert fill(call, {"row.id": True, "erased": None}).target == "/true?v=true"


def test_the_names_of_a_call_are_known_by_their_place() -> None:
    """What stands in the address is told apart from what stands in the body."""
    call = Call("POST", "/{a}", query={"x": "{b.c}"}, body={"y": [{"z": "{d}"}]})
    assert names_in_url(call) == {"a", "b.c"}
    assert names_in(call) == {"a", "b.c", "d"}


def one_of(identity: Identity) -> dict[str, Any]:
    """The values of an identity that is written in one way only."""
    [values] = of_identity(identity)
    return values


def test_a_domain_in_another_alphabet_is_asked_for_in_both_spellings() -> None:
    """A store may hold either, and compares texts."""
    both = [one["value"] for one in of_identity(Identity(IdentifierKind.EMAIL, "z@xn--mller-kva.example"))]
    assert both == ["z@xn--mller-kva.example", "z@müller.example"]


def test_what_identities_give() -> None:
    """Hashes of the normal form, digits, and the number without its country."""
    jane = one_of(Identity(IdentifierKind.EMAIL, "jane@x.example"))
    assert jane["value"] == "jane@x.example"
    assert jane["value.md5"] == md5(b"jane@x.example", usedforsecurity=False).hexdigest()
    assert len(jane["value.sha256"]) == 64
    number = one_of(Identity(IdentifierKind.PHONE, "+49301111111"))
    assert (number["value.digits"], number["value.national"]) == ("49301111111", "301111111")
    bare = one_of(Identity(IdentifierKind.PHONE, "0301111111"))
    assert bare["value.national"] == "0301111111"
    assert one_of(Identity(IdentifierKind.PHONE, "+999"))["value.national"] == "999"
    quoted = one_of(Identity(IdentifierKind.EMAIL, "o'b\\x@x.example"))
    assert quoted["value.soql"] == "o%5C%27b%5C%5Cx%40x.example"


def test_what_a_rows_key_gives() -> None:
    """Each part by its path."""
    assert of_row(("list_id", "id"), ("a1", 7)) == {"row.list_id": "a1", "row.id": 7}
