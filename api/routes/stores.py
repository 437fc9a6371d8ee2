"""Lead stores: described by documents, tried before they are trusted."""

from typing import Any

from flask import Blueprint, Response, request

from api.auth import needs, require
from api.context import Service, caller, current
from api.paging import page, page_arguments, paged
from api.receipts import audited
from api.schemas.stores import (
    StoreDeleted,
    StoreDocumentAnswer,
    StoreDocumentBody,
    StorePage,
    StorePut,
    StoreTested,
)
from api.shapes import accepts, returns
from governance.requests import decommissioning
from governance.stores import register
from governance.stores.errors import StoreNotUsableError
from governance.stores.mapping import StoreDocument, StoreKind
from governance.stores.opening import probe
from governance.stores.yaml_text import read_yaml, write_yaml

blueprint = Blueprint("stores", __name__)

YAML = "application/yaml"  # RFC 9512
YAML_TYPES = (YAML, "application/x-yaml", "text/yaml")
REVIEW = "requests:review"


@blueprint.put("/v1/stores/<key>")
@needs("stores:manage")
@accepts(StoreDocumentBody, also=YAML_TYPES)
@returns(StorePut, 200)
@returns(StorePut, 201)
def put(key: str, body: dict[str, Any] | None) -> tuple[dict[str, Any], int]:
    """Put a store's document; making it active, or changing whom it asks and how, needs a reviewer."""
    service, now, actor = current(), current().clock(), caller().id
    document = read_yaml(request.get_data()) if body is None else body
    _allow(service, key, register.read_document(key, document))
    stored, created = service.main.write(
        lambda session: register.put(session, key, document, now=now, actor=actor)
    )
    audit = {} if stored.appended is None else {"audit": audited(service, stored.appended, now)}
    return {**stored.document, **audit}, 201 if created else 200


@blueprint.get("/v1/stores/<key>")
@needs("stores:manage")
@returns(StoreDocumentAnswer)
def get(key: str) -> dict[str, Any] | Response:
    """A store's document, as JSON or, asked for so, as YAML."""
    with current().main.read() as session:
        document = dict(register.get(session, key).document)
    if request.accept_mimetypes.best_match(["application/json", *YAML_TYPES]) in YAML_TYPES:
        return Response(write_yaml(document), mimetype=YAML)
    return document


@blueprint.delete("/v1/stores/<key>")
@needs("stores:manage")
@returns(StoreDeleted)
def delete(key: str) -> dict[str, Any]:
    """Delete a store that no request needs any more; one that is active takes a reviewer."""
    service, now, actor = current(), current().clock(), caller().id
    with service.main.read() as session:
        if register.get(session, key).active:
            require(REVIEW)
    appended = service.main.write(
        lambda session: decommissioning.delete_store(session, key, now=now, actor=actor)
    )
    return {"audit": audited(service, appended, now)}


@blueprint.get("/v1/stores")
@needs("stores:manage")
@paged
@returns(StorePage)
def index() -> dict[str, Any]:
    """All stores, by key."""
    limit, cursor = page_arguments()
    with current().main.read() as session:
        found = register.list_(session, limit=limit + 1, after=cursor)
    items = [_line(one.parsed, one.document) for one in found[:limit]]
    return page(items, found[limit - 1].key if len(found) > limit else None)


@blueprint.post("/v1/stores/<key>/test")
@needs("stores:manage")
@returns(StoreTested)
def test(key: str) -> dict[str, Any]:
    """Connect to a store and hold its mapping against the live schema; changes nothing there."""
    service, now, actor = current(), current().clock(), caller().id
    with service.main.read() as session:
        document = register.get(session, key).parsed
    probed = probe(document, service.settings.store_secrets)
    service.main.write(lambda session: register.note_test(session, key, probed, now=now, actor=actor))
    return {
        "reachable": probed.reachable,
        "problems": list(probed.problems),
        "advice": list(probed.advice),
    }


def _allow(service: Service, key: str, document: StoreDocument) -> None:
    """Rules of a change, before anything is written.

    Raises:
        Problem: 403, it takes a reviewer.
        StoreNotUsableError: to be active, but the live schema speaks against it. A store that can not be
            reached now may be made active: its steps wait for it, and keep every request open until then.
    """
    with service.main.read() as session:
        before = register.find(session, key)
    if _takes_reviewer(None if before is None else before.parsed, document):
        require(REVIEW)
    if document.active:
        probed = probe(document, service.settings.store_secrets)
        if probed.refuses:
            raise StoreNotUsableError(probed.problems)


def _takes_reviewer(before: StoreDocument | None, document: StoreDocument) -> bool:
    """Whether a store becomes active, is asked elsewhere or otherwise, or asks for fewer approvals."""
    asks = document.http if document.kind is StoreKind.HTTP else None
    if before is None:
        return document.active or asks is not None
    begins, moved = document.active and not before.active, before.url != document.url
    return begins or moved or asks != before.http or before.approvals > document.approvals


def _line(parsed: StoreDocument, document: Any) -> dict[str, Any]:
    line = {
        "store": parsed.store,
        "kind": parsed.kind.value,
        "active": parsed.active,
        "tables": len(parsed.tables),
    }
    return line | ({"recipient": document["recipient"]} if parsed.recipient else {})
