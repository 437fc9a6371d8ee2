"""Who is calling, and may they: asked before a body is looked at. 401: no good key; 403: no such scope."""

import functools
import threading
import time
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, TypeVar

from flask import current_app, g, request

from api.context import Service, caller, current
from api.declared import declared
from api.problems import Problem
from audit.actions import Action
from audit.canonical import JSON
from audit.log import append
from governance.accounts import HeldKey, find_key, is_secret_of, parse_token

V = TypeVar("V", bound=Callable[..., Any])
CACHE = "leadwarden.keys"
HELD_SECONDS = 2.0  # a key revoked in another process works on at most this long
MOST_HELD = 10_000


class HeldKeys:
    """Living keys as lately read, so that a busy caller costs one look-up in two seconds."""

    def __init__(self) -> None:
        self._held: dict[str, tuple[float, HeldKey]] = {}
        self._lock = threading.Lock()

    def find(self, service: Service, key_id: str) -> HeldKey | None:
        """The key, read again when it was held too long; an unknown id is asked for each time."""
        found = self._held.get(key_id)
        if found is not None and time.monotonic() - found[0] < HELD_SECONDS:
            return found[1]
        asked = time.monotonic()
        with service.main.read() as session:
            key = find_key(session, key_id)
        with self._lock:
            if len(self._held) >= MOST_HELD:
                self._held.clear()
            if key is None:
                self._held.pop(key_id, None)
            else:
                self._held[key_id] = (asked, key)
        return key

    def forget(self) -> None:
        """After a change of any key: the next call reads its key anew."""
        with self._lock:
            self._held.clear()


def public(view: V) -> V:
    """Anybody may call this view."""
    declared(view).public = True
    return view


def needs(*scopes: str) -> Callable[[V], V]:
    """Only keys with all of `scopes` may call this view; with none named, any key that is awake."""

    def decorate(view: V) -> V:
        declared(view).scopes = scopes

        @functools.wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            g.caller = _authenticated().caller
            for scope in scopes:
                require(scope)
            return view(*args, **kwargs)

        return guarded  # type: ignore[return-value]  # the same signature, which mypy can not see here

    return decorate


def require(scope: str) -> None:
    """Go on only if the caller has `scope`. Not to be called inside a `write`: a refusal is written itself.

    Raises:
        Problem: 403; the refusal stands in the trail by then.
    """
    if scope not in caller().scopes:
        raise refused(scope)


def refused(scope: str) -> Problem:
    """A 403 to raise, once it is written to the trail."""
    _remember({"scope": scope})
    return Problem(403, "scope_missing", HTTPStatus(403).phrase, f"The key lacks the scope {scope}.")


def refused_purpose(scope: str) -> Problem:
    """A 403 to raise where a key would use a scope for a purpose that it is not bound to; written as well."""
    _remember({"scope": scope, "reason": "outside_binding"})
    return Problem(403, "outside_binding", HTTPStatus(403).phrase, "The key is bound to other purposes.")


def _remember(facts: dict[str, JSON]) -> None:
    service = current()
    who, now = caller().id, service.clock()
    told = facts | {"route": request.url_rule.rule if request.url_rule else ""}
    service.main.write(lambda session: append(session, Action.ACCESS_DENIED, actor=who, now=now, facts=told))


def forget_keys() -> None:
    """Make a change of keys effective in this process at once; call it after the commit."""
    _cache().forget()


def _cache() -> HeldKeys:
    held: HeldKeys = current_app.extensions[CACHE]
    return held


def _authenticated() -> HeldKey:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    parts = parse_token(token.strip()) if scheme.lower() == "bearer" else None
    key = None if parts is None else _cache().find(current(), parts[0])
    if parts is None or key is None or not is_secret_of(key, parts[1]):
        raise Problem(
            401,
            "unauthenticated",
            HTTPStatus(401).phrase,
            "A valid key is needed: Authorization: Bearer lw_….",
            headers={"WWW-Authenticate": 'Bearer realm="leadwarden"'},
        )
    if key.asleep:
        detail = "The key sleeps until somebody who has all of its scopes confirms it."
        raise Problem(403, "key_not_confirmed", HTTPStatus(403).phrase, detail)
    return key
