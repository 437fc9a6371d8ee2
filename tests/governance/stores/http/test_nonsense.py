"""Whatever a store answers is an answer or an error with a code: nothing brings the connector down."""

import json
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
import stamina
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug import Request, Response

from governance.stores.errors import StoreError
from governance.stores.http.store import HttpStore
from governance.stores.protocol import Correction, Found, PersonTerms, RowRef
from governance.stores.reading import parse
from tests.fakes.plain import document
from tests.fakes.serving import Fake, served
from tests.governance.stores.benches import HTTP_SECRETS
from tests.governance.stores.factories import email

JANE = email("jane@acme.example")
ROW = Found(rows=(RowRef("contacts", (1,)),), persons=(RowRef("contacts", (1,)),))
TEXTS = st.sampled_from(["", "jane@acme.example", "x", "1"])
LEAF = st.none() | st.booleans() | st.integers(-3, 3) | st.floats(allow_nan=False) | TEXTS
NAMES = st.sampled_from(
    ["items", "total", "next", "id", "emails", "phone", "name", "contact", "text", "job", "state"]
)
JSON = st.recursive(
    LEAF, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=6), max_leaves=12
)
ROW_LIKE = st.dictionaries(NAMES, JSON, max_size=5)
ROWS = st.fixed_dictionaries({"items": st.lists(ROW_LIKE, max_size=3), "total": LEAF})
SLOW = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


class Babbler(Fake):
    """Answers everything with the same body."""

    body: Any = None
    status = 200

    def refused(self, request: Request) -> Response | None:
        """Before any path is looked at."""
        del request
        return Response(json.dumps(self.body), self.status, mimetype="application/json")


@pytest.fixture(scope="module")
def babbler() -> Iterator[Babbler]:
    """Somebody to listen to."""
    stamina.set_testing(True)
    fake = Babbler()
    with served(fake):
        yield fake
    stamina.set_testing(False)


@pytest.fixture(scope="module")
def store(babbler: Babbler) -> Iterator[HttpStore]:
    """A store of which everything is asked: jobs, suppression and corrections, too."""
    described = document(babbler.base)
    contacts = described["http"]["tables"]["contacts"]
    contacts["job"] = {"id": "job", "poll": {"path": "/jobs/{job}"}, "state": "state", "done": ["1"]}
    contacts["change"] = {"method": "PATCH", "path": "/c/{row.id}", "body": "{changed}"}
    suppressing = {"by": "email", "method": "POST", "path": "/s", "body": {"e": "{value}"}}
    described["http"]["suppress"] = [suppressing]
    described["http"]["troubles"] = {"at": "state", "busy": ["x"], "gone": [""]}
    opened = HttpStore(parse(described), HTTP_SECRETS)
    yield opened
    opened.close()


@settings(max_examples=150, deadline=None, suppress_health_check=SLOW)
@given(body=JSON | ROWS, status=st.sampled_from([200, 200, 200, 202, 404, 500]))
def test_any_answer_is_an_answer_or_an_error_with_a_code(
    babbler: Babbler, store: HttpStore, body: Any, status: int
) -> None:
    """Asked in every way that there is."""
    babbler.body, babbler.status = body, status
    for ask in (
        lambda: store.find([JANE]),
        lambda: list(store.export(ROW)),
        lambda: store.erase(ROW, PersonTerms(emails=frozenset({JANE.value}))),
        lambda: store.rectify(ROW, [Correction("email", "new@acme.example", was=JANE.value)]),
        lambda: store.remaining(ROW, [JANE]),
    ):
        with suppress(StoreError):
            ask()
