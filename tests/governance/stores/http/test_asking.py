"""Asking: credentials of each kind, tokens, links and pages; the faults have a file of their own."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest
from werkzeug import Request, Response

from governance.stores.errors import StoreCode, StoreError
from governance.stores.http.asking import Asker
from governance.stores.http.description import Call, Find, PageKind, Paging
from governance.stores.http.sending import Sender
from governance.stores.reading import parse
from tests.fakes import plain
from tests.fakes.serving import Fake, Handler, answer, served

SECRETS = {f"LEADWARDEN_STORE_{name}": name.lower() for name in ("A", "B", "C")}
A, B, C = ("env:LEADWARDEN_STORE_A", "env:LEADWARDEN_STORE_B", "env:LEADWARDEN_STORE_C")
WHO = Call("GET", "/who")


class Doorman(Fake):
    """Says who asked, gives numbered tokens, and pages by the Link header."""

    token_path = "/token"

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[dict[str, str]] = []
        self.expired: set[str] = set()

    def routes(self) -> Mapping[tuple[str, str], Handler]:
        """One thing each."""
        return {
            ("GET", "/who"): self.who,
            ("POST", "/token"): self.give_token,
            ("GET", "/linked"): self.linked,
            ("GET", "/short"): self.short,
        }

    def who(self, request: Request) -> Response:
        """The headers."""
        if request.headers.get("Authorization", "").removeprefix("Bearer ") in self.expired:
            return answer({}, 401)
        return answer(dict(request.headers))

    def give_token(self, request: Request) -> Response:
        """The next token."""
        self.forms.append(request.form.to_dict())
        return answer({"access_token": f"t{len(self.forms)}"})

    def linked(self, request: Request) -> Response:
        """Two pages, by header."""
        if "after" in request.args:
            return answer([{"id": 2}], 200, Link='</linked>; rel="first"')
        return answer([{"id": 1}], 200, Link=f'<{self.base}/linked?after=1>; rel="next", </x>; rel="last"')

    def short(self, request: Request) -> Response:
        """Seven rows, in pages of at most three, whatever is asked for; with `deaf`, always the first."""
        first = 0 if "deaf" in request.args else int(request.args["offset"])
        missing = 1 if "lossy" in request.args else 0
        rows = [{"id": number} for number in range(7 - missing)][first : first + 3]
        if not rows and "gone" in request.args:
            return answer({}, 404)
        return answer({"rows": rows, "total": 7})


@pytest.fixture
def door() -> Iterator[Doorman]:
    """Somebody to ask."""
    fake = Doorman()
    with served(fake):
        yield fake


@pytest.fixture
def senders() -> Iterator[list[Sender]]:
    """What has to be closed."""
    opened: list[Sender] = []
    yield opened
    for sender in opened:
        sender.close()


def asker(base: str, auth: dict[str, Any], senders: list[Sender], **changes: Any) -> Asker:
    """An asker with these credentials."""
    described = parse(plain.document(base, auth=auth, **changes)).http
    assert described is not None
    senders.append(Sender(frozenset({"127.0.0.1"})))
    return Asker(described, SECRETS, senders[-1])


@pytest.mark.parametrize(
    ("auth", "header", "expected"),
    [
        ({"kind": "none"}, "Authorization", None),
        ({"kind": "bearer", "secret": A}, "Authorization", "Bearer a"),
        ({"kind": "basic", "user": "me", "secret": A}, "Authorization", "Basic bWU6YQ=="),
        ({"kind": "header", "name": "X-Key", "secret": A}, "X-Key", "a"),
    ],
)
def test_each_kind_of_credentials(
    door: Doorman, senders: list[Sender], auth: dict[str, Any], header: str, expected: str | None
) -> None:
    """As the store wants them."""
    said = asker(door.base, auth, senders, headers={"X-More": "m"}).ask(WHO, {})
    assert said is not None
    assert (said.body.get(header), said.body["X-More"]) == (expected, "m")


def test_a_secret_that_is_not_set_is_unreachable(door: Doorman, senders: list[Sender]) -> None:
    """As the address of a database is; nothing is sent without it."""
    asking = asker(door.base, {"kind": "bearer", "secret": "env:LEADWARDEN_STORE_NONE"}, senders)
    with pytest.raises(StoreError) as error:
        asking.ask(WHO, {})
    assert error.value.reason is StoreCode.UNREACHABLE
    assert door.asked == []


def test_a_token_is_got_once_and_again_when_it_expires(door: Doorman, senders: list[Sender]) -> None:
    """With the client's secret in the body, by either grant."""
    auth = {"kind": "oauth2", "token_url": f"{door.base}/token", "client_id": A, "client_secret": B}
    asking = asker(door.base, auth | {"grant": "client_credentials", "scope": "read"}, senders)
    for _ in range(2):
        said = asking.ask(WHO, {})
        assert said is not None
        assert said.body["Authorization"] == "Bearer t1"
    door.expired.add("t1")
    said = asking.ask(WHO, {})
    assert said is not None
    assert said.body["Authorization"] == "Bearer t2"
    sent = {"grant_type": "client_credentials", "client_id": "a", "client_secret": "b", "scope": "read"}
    assert door.forms == [sent, sent]
    asker(door.base, auth | {"grant": "refresh_token", "refresh_token": C}, senders).ask(WHO, {})
    del sent["scope"]
    assert door.forms[-1] == sent | {"grant_type": "refresh_token", "refresh_token": "c"}
    door.expired |= {f"t{number}" for number in range(9)}
    with pytest.raises(StoreError) as error:
        asking.ask(WHO, {})
    assert error.value.reason is StoreCode.PERMISSION_DENIED


def test_links_in_headers_are_followed(door: Doorman, senders: list[Sender]) -> None:
    """Until there is no next one."""
    asking = asker(door.base, {"kind": "none"}, senders)
    find = Find(Call("GET", "/linked"), page=Paging(PageKind.LINK))
    assert [row["id"] for row in asking.rows(find, {})] == [1, 2]


SHORT = Find(
    Call("GET", "/short", gone=(404,)),
    rows="rows",
    page=Paging(PageKind.OFFSET, into="query.offset", size=50),
)


@pytest.mark.parametrize(
    ("query", "total", "asked"),
    [({}, None, [0, 3, 6, 7]), ({}, "total", [0, 3, 6]), ({"gone": "1"}, None, [0, 3, 6, 7])],
)
def test_short_pages_are_read_to_their_end(
    door: Doorman, senders: list[Sender], query: dict[str, str], total: str | None, asked: list[int]
) -> None:
    """A store gives fewer rows a page than it is asked for: none is left out."""
    asking = asker(door.base, {"kind": "none"}, senders)
    find = replace(SHORT, call=replace(SHORT.call, query=query), total=total)
    assert [row["id"] for row in asking.rows(find, {})] == list(range(7))
    assert [int(line.rpartition("offset=")[2]) for line in door.asked] == asked


@pytest.mark.parametrize(
    ("query", "total"),
    [
        ({"deaf": "1"}, None),
        ({"deaf": "1"}, "total"),
        ({"lossy": "1"}, "total"),
        ({"lossy": "1", "gone": "1"}, "total"),
    ],
)
def test_pages_that_do_not_come_to_their_end_are_an_error(
    door: Doorman, senders: list[Sender], query: dict[str, str], total: str | None
) -> None:
    """A store that repeats itself, or gives fewer rows than it says: never a person who is not there."""
    asking = asker(door.base, {"kind": "none"}, senders)
    find = replace(SHORT, call=replace(SHORT.call, query=query), total=total)
    with pytest.raises(StoreError) as error:
        list(asking.rows(find, {}))
    assert error.value.reason is StoreCode.ANSWER_INVALID


def test_a_limit_of_pages_that_is_reached_is_an_error(
    door: Doorman, senders: list[Sender], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is behind it was not read."""
    monkeypatch.setattr("governance.stores.http.asking.MOST_PAGES", 2)
    with pytest.raises(StoreError) as error:
        list(asker(door.base, {"kind": "none"}, senders).rows(SHORT, {}))
    assert error.value.reason is StoreCode.ANSWER_TOO_LARGE


@pytest.mark.parametrize("link", ["https://evil.example/x", "//evil.example/x", "http://169.254.169.254/"])
def test_links_elsewhere_are_not(door: Doorman, senders: list[Sender], link: str) -> None:
    """Nor is our token sent there."""
    with pytest.raises(StoreError) as error:
        asker(door.base, {"kind": "bearer", "secret": A}, senders).ask_link(WHO, link)
    assert error.value.reason is StoreCode.HOST_FORBIDDEN
    assert asker(door.base, {"kind": "none"}, senders).ask_link(WHO, "/who") is not None


def test_a_value_arrives_as_it_was_sent(door: Doorman, senders: list[Sender]) -> None:
    """No library on the way takes dots, slashes or percent signs for more than they are."""
    asking = asker(door.base, {"kind": "none"}, senders)
    asking.ask(Call("GET", "/x/{row.id}", gone=(404,)), {"row.id": "a/../b%2Fc?d#e f{g}é"})
    assert door.asked == ["GET /x/a%2F..%2Fb%252Fc%3Fd%23e%20f%7Bg%7D%C3%A9"]
