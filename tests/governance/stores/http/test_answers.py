"""What answers mean: only what a call declares as success is one."""

from datetime import timedelta
from typing import Any

import pytest

from governance.stores.errors import StoreCode, StoreError
from governance.stores.http.answers import LONGEST_WAIT, Answer, Said, as_text, judge, read_body, wait_of
from governance.stores.http.description import Call, Troubles

TROUBLES = Troubles("errors.0.code", busy=("606",), denied=("602",), gone=("1004",))


def refusal(call: Call, answer: Answer, troubles: Troubles | None = None) -> StoreError:
    """Why an answer is no success."""
    with pytest.raises(StoreError) as error:
        judge(call, answer, troubles)
    return error.value


def test_statuses_of_success_are_any_2xx_or_those_declared() -> None:
    """A 200 is no success where 202 was to come."""
    assert judge(Call("GET", "/"), Answer(204), None) is Said.DONE
    assert judge(Call("GET", "/", ok=(202,)), Answer(202), None) is Said.DONE
    assert refusal(Call("GET", "/", ok=(202,)), Answer(200)).reason is StoreCode.REFUSED


def test_nothing_there_is_only_what_the_call_declares() -> None:
    """A 404 of a wrong path is not a person who is gone."""
    assert judge(Call("GET", "/", gone=(404, 410)), Answer(410), None) is Said.GONE
    assert refusal(Call("GET", "/"), Answer(404)).reason is StoreCode.REFUSED


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (302, StoreCode.REDIRECTED),
        (401, StoreCode.PERMISSION_DENIED),
        (409, StoreCode.LOCKED),
        (418, StoreCode.REFUSED),
        (429, StoreCode.RATE_LIMITED),
        (500, StoreCode.SERVER_ERROR),
        (599, StoreCode.SERVER_ERROR),
    ],
)
def test_every_status_has_a_code(status: int, code: StoreCode) -> None:
    """Also those that nobody thought of."""
    assert refusal(Call("GET", "/"), Answer(status)).reason is code


def test_a_success_has_to_say_what_is_wanted() -> None:
    """One of the declared sets, wholly; truths and numbers are compared as documents write them."""
    call = Call("POST", "/", accept=({"s": ("true",), "r.0": ("deleted",)}, {"code": ("7",)}))
    assert judge(call, Answer(200, body={"s": True, "r": ["deleted"]}), None) is Said.DONE
    assert judge(call, Answer(200, body={"code": 7}), None) is Said.DONE
    bodies: tuple[Any, ...] = ({"s": True}, {"s": "false", "r": ["deleted"]}, {}, None, [])
    for body in bodies:
        assert refusal(call, Answer(200, body=body)).reason is StoreCode.REFUSED


def test_errors_in_a_body_are_errors_whatever_the_status() -> None:
    """Known codes have their meaning; an unknown one in a success is refused."""
    call = Call("GET", "/", gone=(404,))
    for status in (200, 400, 403):
        busy = Answer(status, {"retry-after": "9"}, {"errors": [{"code": 606}]})
        assert refusal(call, busy, TROUBLES).reason is StoreCode.RATE_LIMITED
        assert refusal(call, busy, TROUBLES).wait == timedelta(seconds=9)
    assert refusal(call, Answer(200, body={"errors": [{"code": "602"}]}), TROUBLES).reason is (
        StoreCode.PERMISSION_DENIED
    )
    assert judge(call, Answer(200, body={"errors": [{"code": "1004"}]}), TROUBLES) is Said.GONE
    assert refusal(call, Answer(200, body={"errors": [{"code": "9"}]}), TROUBLES).reason is StoreCode.REFUSED
    assert (
        refusal(call, Answer(500, body={"errors": [{"code": "9"}]}), TROUBLES).reason
        is StoreCode.SERVER_ERROR
    )
    assert judge(call, Answer(404, body={"errors": [{"code": "9"}]}), TROUBLES) is Said.GONE
    assert judge(call, Answer(200, body={"errors": []}), TROUBLES) is Said.DONE


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ("120", timedelta(seconds=120)),
        (" 0 ", timedelta(0)),
        ("99999999999999", LONGEST_WAIT),
        ("Sun, 22 Nov 2026 19:00:30 GMT", timedelta(seconds=30)),
        ("Sun, 22 Nov 2026 18:00:00 GMT", timedelta(0)),
        ("soon", None),
        ("-5", None),
        ("٣", None),
        ("", None),
    ],
)
def test_how_long_to_wait(told: str, expected: timedelta | None) -> None:
    """Seconds, or a date that is held against the answer's own; never negative, never more than a day."""
    assert wait_of(Answer(429, {"retry-after": told, "date": "Sun, 22 Nov 2026 19:00:00 GMT"})) == expected


def test_a_date_without_the_answers_own_says_nothing() -> None:
    """Our clock is not asked."""
    assert wait_of(Answer(429, {"retry-after": "Sun, 22 Nov 2026 19:00:30 GMT"})) is None


TOO_DEEP = b"[" * 70 + b"]" * 70
NO_JSON = [b"<html>", b'{"a": ', b"[NaN]", b"[Infinity]", b"\xff\xfe", TOO_DEEP, b"[" * 100_000, b"1" * 9000]


@pytest.mark.parametrize("content", NO_JSON, ids=range(len(NO_JSON)))
def test_bodies_that_are_no_json_of_a_sane_depth(content: bytes) -> None:
    """Are invalid, and never bring the reader down."""
    with pytest.raises(StoreError) as error:
        read_body(content)
    assert error.value.reason is StoreCode.ANSWER_INVALID


def test_bodies_are_read() -> None:
    """An empty one is nothing."""
    assert read_body(b' {"a": [1]} ') == {"a": [1]}
    assert read_body(b" \n") is None
    assert read_body(b"[" * 60 + b"]" * 60) is not None


def test_values_are_compared_as_documents_write_them() -> None:
    """`true`, not `True`."""
    assert [as_text(value) for value in (True, 7, "x", None)] == ["true", "7", "x", "None"]
