"""Every route, and who may call it: the contract's table, held against what is registered."""

import re

from flask import Flask

from api.declared import declared

CONTRACT = """
POST /v1/leads leads:write
POST /v1/leads/import leads:write
PATCH /v1/leads/<> leads:write
POST /v1/leads/<>/events leads:write
POST /v1/leads/lookup leads:read
POST /v1/consents consents:write
POST /v1/objections consents:write
GET /v1/leads/<>/consents consents:read
GET /v1/consents/<> consents:read
GET /v1/consents/<>/receipt consents:read
POST /v1/decisions decisions:create
POST /v1/decisions/batch decisions:create
POST /v1/decisions/evaluate decisions:create
POST /v1/decisions/<>/outcome decisions:create
GET /v1/decisions/<> decisions:read
POST /v1/privacy-requests requests:create
POST /v1/deadlines requests:create
GET /v1/privacy-requests requests:read
GET /v1/privacy-requests/<> requests:read
GET /v1/privacy-requests/<>/certificate requests:read
GET /v1/privacy-requests/<>/package requests:export
POST /v1/privacy-requests/<>/verify requests:review
POST /v1/privacy-requests/<>/approve requests:review
POST /v1/privacy-requests/<>/refuse requests:review
POST /v1/privacy-requests/<>/extend requests:review
POST /v1/privacy-requests/<>/pause requests:review
POST /v1/privacy-requests/<>/resume requests:review
POST /v1/privacy-requests/<>/cancel requests:review
POST /v1/privacy-requests/<>/retry requests:review
POST /v1/privacy-requests/<>/steps/<>/complete requests:review
POST /v1/privacy-requests/<>/steps/<>/candidates requests:review
POST /v1/privacy-requests/<>/steps/<>/decide requests:review
PUT /v1/legal-holds/<> requests:review
DELETE /v1/legal-holds/<> requests:review
PUT /v1/stores/<> stores:manage
GET /v1/stores/<> stores:manage
POST /v1/stores/<>/test stores:manage
GET /v1/audit/entries audit:read
GET /v1/audit/entries/<> audit:read
GET /v1/audit/consistency audit:read
GET /v1/audit/export audit:read
GET /audit/checkpoint public
GET /audit/tile/<> public
POST /v1/keys keys:manage
GET /v1/keys keys:manage
DELETE /v1/keys/<> keys:manage
POST /v1/keys/<>/confirm anybody
POST /v1/users keys:manage
GET /v1/users keys:manage
DELETE /v1/users/<> keys:manage
POST /v1/users/<>/confirm anybody
GET /healthz public
GET /readyz public
GET /metrics public
GET /openapi.json public
GET /docs public
GET / public
GET /.well-known/jwks.json public
GET /.well-known/gpc.json public
GET /privacy public
GET /p/<> public
POST /u/<> public
"""
MORE = {
    "POST /v1/leads/<>/links": "decisions:create",
    "PUT /v1/leads/<>/canary": "requests:review",
    "DELETE /v1/leads/<>/canary": "requests:review",
    "GET /v1/canaries": "requests:review",
    "PUT /v1/keys/<>/limits": "requests:review",
    "POST /v1/decisions/reconcile": "decisions:read",
    "GET /v1/audit/leads/<>/contacts": "audit:read,decisions:read",
    "GET /v1/privacy-requests/<>/history": "requests:read",
    "GET /v1/privacy-requests/late": "requests:read",
    "GET /v1/messages": "requests:review",
    "POST /v1/messages/<>/retry": "requests:review",
    "POST /v1/messages/<>/done": "requests:review",
    "POST /v1/stores/<>/callbacks/<>": "public",
    "GET /v1/privacy-requests/<>/letters": "requests:read",
    "POST /v1/privacy-requests/<>/letters/<>": "requests:review",
    "POST /v1/privacy-requests/<>/file": "requests:review",
    "POST /v1/privacy-requests/<>/plan": "requests:review",
    "POST /v1/privacy-requests/<>/corrections": "requests:review",
    "POST /v1/privacy-requests/<>/lift": "requests:review",
    "POST /v1/privacy-requests/<>/appeal": "requests:review",
    "POST /v1/privacy-requests/<>/appeal/decide": "requests:review",
    "POST /v1/privacy-requests/<>/code": "requests:review",
    "POST /v1/privacy-requests/<>/login": "requests:create",
    "POST /v1/privacy-requests/import": "requests:create",
    "POST /v1/privacy-requests/<>/package/link": "requests:export",
    "GET /v1/records/article-30": "requests:read",
    "GET /v1/records/request-metrics": "requests:read",
    "GET /v1/records/data-map": "requests:read",
    "GET /v1/audit/exposure": "audit:read",
    "GET /v1/audit/leads/<>/openings": "audit:read",
    "GET /audit/tile/entries/<>": "audit:read",
}
"""Routes beside the contract that hold more than their family's scope would say."""

FAMILIES = {
    "/v1/stores": "stores:manage",
    "/v1/rulebooks": "rules:manage",
    "/v1/legal-holds": "requests:review",
    "/docs/": "public",
    "/pages/": "public",
    "/audit/": "public",
    "/p/": "public",
    "/u/": "public",
    "/privacy": "public",
}
IDEMPOTENT = {
    "POST /v1/leads",
    "POST /v1/leads/<>/events",
    "POST /v1/consents",
    "POST /v1/objections",
    "POST /v1/privacy-requests",
}
CLOSED_ON_FAILURE = {"POST /v1/decisions", "POST /v1/decisions/batch", "POST /v1/decisions/evaluate"}


def registered(app: Flask) -> dict[str, str]:
    """Every route as `METHOD rule`, with the scope, `public`, `anybody`, or `nothing declared`."""
    found: dict[str, str] = {}
    for rule in app.url_map.iter_rules():
        about = declared(app.view_functions[rule.endpoint])
        scopes = ",".join(about.scopes or ()) or "anybody"
        who = "public" if about.public else scopes if about.authorised else "nothing declared"
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            found[f"{method} {plain(rule.rule)}"] = who
    return found


def plain(rule: str) -> str:
    """`/v1/leads/<lead_id>` as `/v1/leads/<>`."""
    return re.sub(r"<[^>]*>", "<>", rule)


def contract() -> dict[str, str]:
    """The contract's routes and their scopes."""
    return dict(line.rsplit(" ", 1) for line in CONTRACT.split("\n") if line)


def test_every_route_says_who_may_call_it(app: Flask) -> None:
    """None was forgotten."""
    assert [route for route, who in registered(app).items() if who == "nothing declared"] == []


def test_every_route_of_the_contract_is_there_with_its_scope(app: Flask) -> None:
    """Not more, not less."""
    found = registered(app)

    assert {route: found.get(route) for route in contract()} == contract()


def test_routes_beside_the_contract_are_listed_or_of_a_known_family(app: Flask) -> None:
    """A new route is a decision about who may call it."""
    known = contract() | MORE
    unknown = {
        route: who
        for route, who in registered(app).items()
        if known.get(route) != who
        and not any(route.split(" ")[1].startswith(path) and who == scope for path, scope in FAMILIES.items())
    }

    assert unknown == {}


def test_idempotency_keys_are_taken_where_the_contract_says(app: Flask) -> None:
    """Decisions, look-ups and streams are never replayed."""
    found = {
        f"POST {plain(rule.rule)}"
        for rule in app.url_map.iter_rules()
        if declared(app.view_functions[rule.endpoint]).idempotent
    }

    assert found == IDEMPOTENT


def test_decisions_are_closed_on_failure(app: Flask) -> None:
    """503 says `effect: deny` wherever a decision is asked for."""
    found = {
        f"POST {plain(rule.rule)}"
        for rule in app.url_map.iter_rules()
        if declared(app.view_functions[rule.endpoint]).decides
    }

    assert found >= CLOSED_ON_FAILURE
