"""Asks a store by its description: who we are, again where it passes, page after page.

What takes longer than a moment is not waited for here: the step that asked is tried again later.
"""

import base64
import json
from collections.abc import Generator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import stamina

from governance.stores.errors import StoreCode, StoreError
from governance.stores.http.addresses import target_of
from governance.stores.http.answers import Answer, Said, judge
from governance.stores.http.description import Auth, AuthKind, Call, Find, Grant, HttpDescription
from governance.stores.http.paging import Page, first_page, next_page, next_start
from governance.stores.http.paths import as_rows, at
from governance.stores.http.sending import Sender
from governance.stores.http.templates import Request, fill
from governance.stores.mapping import SECRET_PREFIX

TRIES = 3
LONGEST_PAUSE = timedelta(seconds=5)
LIMIT_PAUSE = timedelta(seconds=1)
"""For a limit that does not say for how long: most are told by the second."""
MOST_PAGES = 100
MOST_ROWS = 2_000
"""More rows for one identity than any person has: the store did not search, it gave everybody."""
NOT_FOUND = (404, 410)
AT_ONCE = frozenset({StoreCode.UNREACHABLE, StoreCode.SERVER_ERROR})
TOKEN_CALL = Call("POST", "/", ok=(200,))


class Asker:
    """Asks one store; holds its connections, and its token until the store takes it no more."""

    def __init__(self, described: HttpDescription, secrets: Mapping[str, str], sender: Sender) -> None:
        """Asks nothing yet."""
        self.described = described
        self.secrets = secrets
        self.sender = sender
        self._token: str | None = None

    def ask(self, call: Call, values: Mapping[str, Any]) -> Answer | None:
        """The answer to a call; None where the store says that there is nothing.

        Raises:
            StoreError: with a closed code.
        """
        return self._patiently(call, self.described.base, fill(call, values))

    def rows(
        self, find: Find, values: Mapping[str, Any], *, orphaned: bool = False
    ) -> Generator[Mapping[str, Any], None, bool]:
        """Every row of every page; returns whether the store answered, or said that nothing is there.

        `orphaned` says that the row by whose key is asked is gone: where its path is gone with it, nothing
        hangs on it that anybody could ask for.

        Raises:
            StoreError: as `ask`; `answer_invalid`, rows are missing; `answer_too_large`, there is no end.
        """
        call = replace(find.call, gone=(*find.call.gone, *NOT_FOUND)) if orphaned else find.call
        url, request = self.described.base, first_page(find.page, fill(call, values))
        reading = _Reading(find)
        while True:
            answer = self._patiently(call, url, request)
            if answer is None:
                return reading.end()
            found = as_rows(at(answer.body, find.rows))
            if found is None:
                raise StoreError(StoreCode.ANSWER_INVALID)
            yield from found
            following = reading.turn(request, answer, found)
            if following is None:
                return reading.end()
            if isinstance(following, str):
                url, request = self._followed(following)
            else:
                request = following

    def ask_link(self, call: Call, link: str) -> Answer | None:
        """The answer behind a link that the store gave; raises as `ask`."""
        base, request = self._followed(link)
        return self._patiently(call, base, request)

    def _followed(self, link: str) -> tuple[str, Request]:
        """A link to the next page: it has to lead to a listed host, like every other call."""
        if link.startswith("/") and not link.startswith("//"):
            return self.described.base, Request("GET", link)
        target = target_of(link, self.described.hosts, self.sender.private)
        base = f"{target.scheme}://{target.name}"
        return base, Request("GET", link[len(base) :] or "/")

    def _patiently(self, call: Call, base: str, request: Request) -> Answer | None:
        """Tries again what passes in a moment."""
        for attempt in stamina.retry_context(on=_pause, attempts=TRIES, timeout=None, wait_jitter=0.2):
            with attempt:
                return self._with_token(call, base, request)
        raise AssertionError  # the last attempt returned, or raised

    def _with_token(self, call: Call, base: str, request: Request) -> Answer | None:
        """Asks; a token that the store takes no more is got anew, once."""
        held = self._token
        try:
            return self._once(call, base, request)
        except StoreError as error:
            expired = error.reason is StoreCode.PERMISSION_DENIED and held is not None
            if not expired:
                raise
        self._token = None
        return self._once(call, base, request)

    def _once(self, call: Call, base: str, request: Request) -> Answer | None:
        target = target_of(base, self.described.hosts, self.sender.private)
        headers = dict(self.described.headers) | self._credentials(self.described.auth)
        answer = self.sender.send(target, request, headers)
        return None if judge(call, answer, self.described.troubles) is Said.GONE else answer

    def _credentials(self, auth: Auth) -> dict[str, str]:
        if auth.kind is AuthKind.NONE:
            return {}
        if auth.kind is AuthKind.BEARER:
            return {"Authorization": f"Bearer {self._secret(auth.secret)}"}
        if auth.kind is AuthKind.BASIC:
            pair = f"{auth.user or ''}:{self._secret(auth.secret)}"
            return {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}
        if auth.kind is AuthKind.HEADER:
            return {auth.name or "Authorization": self._secret(auth.secret)}
        if self._token is None:
            self._token = self._fetched(auth)
        return {"Authorization": f"Bearer {self._token}"}

    def _fetched(self, auth: Auth) -> str:
        """A new token. Source: RFC 6749, sections 4.4.2 and 6: the client's secret goes in the body."""
        body = {"grant_type": str(auth.grant), "client_id": self._secret(auth.client_id)}
        body["client_secret"] = self._secret(auth.client_secret)
        if auth.grant is Grant.REFRESH_TOKEN:
            body["refresh_token"] = self._secret(auth.refresh_token)
        if auth.scope is not None:
            body["scope"] = auth.scope
        url = auth.token_url or ""
        target = target_of(url, self.described.hosts, self.sender.private)
        path = url[len(f"{target.scheme}://{target.name}") :] or "/"
        answer = self.sender.send(target, Request("POST", path, body, form=True), {})
        if answer.status in {400, 401, 403}:
            raise StoreError(StoreCode.PERMISSION_DENIED)
        judge(TOKEN_CALL, answer, None)
        token = at(answer.body, "access_token")
        if not isinstance(token, str) or not token:
            raise StoreError(StoreCode.ANSWER_INVALID)
        return token

    def _secret(self, reference: str | None) -> str:
        return secret_of(self.secrets, reference)


def secret_of(secrets: Mapping[str, str], reference: str | None) -> str:
    """The value behind a reference.

    Raises:
        StoreError: `unreachable`, the variable is not set.
    """
    name = (reference or "").removeprefix("env:")
    if name not in secrets or not name.startswith(SECRET_PREFIX.removeprefix("env:")):
        raise StoreError(StoreCode.UNREACHABLE)
    return secrets[name]


def _pause(error: Exception) -> bool | timedelta:
    """Whether to ask again at once, or how long to wait first; no longer than a moment."""
    if not isinstance(error, StoreError):
        return False
    if error.wait is not None:
        return error.wait if error.wait <= LONGEST_PAUSE else False
    return LIMIT_PAUSE if error.reason is StoreCode.RATE_LIMITED else error.reason in AT_ONCE


def _linked(answer: Answer) -> str | None:
    """The link to the next page in the `Link` header. Source: RFC 8288."""
    for part in answer.headers.get("link", "").split(","):
        target, _, parameters = part.partition(";")
        if 'rel="next"' in parameters.replace(" ", "") or "rel=next" in parameters.replace(" ", ""):
            return target.strip().removeprefix("<").removesuffix(">")
    return None


class _Reading:
    """How far the pages of one answer have been read."""

    def __init__(self, find: Find) -> None:
        self.find = find
        self.number = self.start = self.got = 0
        self.total: object = None
        self._seen: set[str] = set()

    def turn(
        self, request: Request, answer: Answer, rows: Sequence[Mapping[str, Any]]
    ) -> Request | str | None:
        """What is asked for next, once the rows of a page were given on.

        Raises:
            StoreError: `answer_too_large`, there is no end; or as `next_page`.
        """
        paging, before = self.find.page, self.got
        self._count(rows)
        self.total = None if self.find.total is None else at(answer.body, self.find.total)
        page = Page(
            request,
            answer.body,
            len(rows),
            number=self.number,
            start=self.start,
            fresh=self.got > before,
            got=self.got,
            total=self.total if isinstance(self.total, int) else None,
            link=_linked(answer),
        )
        following = next_page(paging, page)
        self.number += 1
        self.start = 0 if paging is None else next_start(paging, page)
        if following is not None and (self.number >= MOST_PAGES or self.got > MOST_ROWS):
            raise StoreError(StoreCode.ANSWER_TOO_LARGE)
        return following

    def _count(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Rows of counted pages once each, for those of two pages may overlap."""
        if self.find.page is None or not self.find.page.counts:
            self.got += len(rows)
        else:
            self._seen.update(json.dumps(row, sort_keys=True) for row in rows)
            self.got = len(self._seen)

    def end(self) -> bool:
        """Whether any page was answered; the rows are held against how many the store says there are.

        Raises:
            StoreError: `answer_invalid`, half a page is no page.
        """
        told = self.find.total is not None and self.number > 0
        if told and (not isinstance(self.total, int) or self.got < self.total):
            raise StoreError(StoreCode.ANSWER_INVALID)
        return self.number > 0
