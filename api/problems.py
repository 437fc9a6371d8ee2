"""Every error as a problem document (RFC 9457), and the one table from domain errors to statuses.

A problem never repeats what was sent: no value, no unknown field's name that could be one.
"""

from collections.abc import Mapping
from datetime import timedelta
from http import HTTPStatus
from math import ceil
from typing import Any

from flask import Flask, Response, current_app, json, request
from werkzeug.exceptions import HTTPException

from api import broken_seals
from api.context import current
from api.declared import declared
from api.errors import (
    ApiError,
    DatabaseUnavailableError,
    OpeningsSpentError,
    SpoolUnavailableError,
)
from api.logs import log
from audit.errors import LogBrokenError, SizeUnknownError, TileMalformedError
from consent.errors import (
    ConsentUnknownError,
    DecisionErasedError,
    DecisionUnknownError,
    OutcomeContradictedError,
    RulebookConfirmedError,
    RulebookError,
    RulebookUnknownError,
    SecondPersonNeededError,
)
from governance.errors import (
    BindingTooWideError,
    CandidateError,
    CertificateMissingError,
    CodeLimitError,
    CodeUnsendableError,
    ConfirmationRefusedError,
    FactInvalidError,
    GroundRefusedError,
    HandOverRefusedError,
    HoldUnknownError,
    IdentityAmbiguousError,
    IdentityConflictError,
    IdentityInvalidError,
    IllegalChangeError,
    KeyUnknownError,
    LeadLockedError,
    LeadUnknownError,
    MessageInvalidError,
    MessageUnknownError,
    OwnerErasedError,
    PackageMissingError,
    RequestClosedError,
    RequestExistsError,
    RequestUnknownError,
    RootKeyMissingError,
    RootRefusedError,
    RootUnavailableError,
    SameApproverError,
    SealBroken,
    StepUnknownError,
    SuppressedAfterErasureError,
    UserExistsError,
    UserUnknownError,
)
from governance.stores.errors import (
    DocumentError,
    StoreNeededError,
    StoreNotUsableError,
    UnknownStoreError,
)

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_SECONDS = 2

STATUS: dict[type[Exception], int] = {
    BindingTooWideError: 403,
    ConfirmationRefusedError: 403,
    KeyUnknownError: 404,
    UserUnknownError: 404,
    UserExistsError: 409,
    OpeningsSpentError: 429,
    DatabaseUnavailableError: 503,
    SpoolUnavailableError: 503,
    LogBrokenError: 503,
    RootKeyMissingError: 503,
    RootRefusedError: 503,
    RootUnavailableError: 503,
    SizeUnknownError: 404,
    TileMalformedError: 404,
    RequestUnknownError: 404,
    StepUnknownError: 404,
    HoldUnknownError: 404,
    PackageMissingError: 404,
    CertificateMissingError: 404,
    LeadUnknownError: 404,
    UnknownStoreError: 404,
    ConsentUnknownError: 404,
    DecisionUnknownError: 404,
    DecisionErasedError: 410,
    RulebookError: 422,
    RulebookUnknownError: 404,
    RulebookConfirmedError: 409,
    SecondPersonNeededError: 403,
    OutcomeContradictedError: 409,
    OwnerErasedError: 409,
    RequestExistsError: 409,
    IllegalChangeError: 409,
    CodeLimitError: 429,
    CodeUnsendableError: 409,
    SameApproverError: 409,
    HandOverRefusedError: 422,
    GroundRefusedError: 422,
    IdentityAmbiguousError: 409,
    IdentityConflictError: 409,
    SuppressedAfterErasureError: 409,
    LeadLockedError: 409,
    StoreNeededError: 409,
    RequestClosedError: 410,
    CandidateError: 422,
    IdentityInvalidError: 422,
    FactInvalidError: 422,
    DocumentError: 422,
    StoreNotUsableError: 422,
    MessageUnknownError: 404,
    MessageInvalidError: 409,
}

_CODES = {
    400: "bad_request",
    401: "unauthenticated",
    404: "not_found",
    405: "method_not_allowed",
    413: "body_too_large",
    415: "unsupported_media_type",
    429: "too_many_requests",
    500: "internal_error",
    503: "unavailable",
}


class Problem(ApiError):  # noqa: N818 - the name of RFC 9457
    """An answer of 4xx or 5xx; `extra` are further members of the document."""

    def __init__(
        self,
        status: int,
        code: str,
        title: str,
        detail: str,
        *,
        errors: Mapping[str, list[str]] | None = None,
        headers: Mapping[str, str] | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(title)
        self.status = status
        self.document: dict[str, Any] = {
            "type": f"urn:leadwarden:problem:{code}",
            "title": title,
            "status": status,
            "detail": detail,
            "code": code,
            **(extra or {}),
        }
        if errors is not None:
            self.document["errors"] = dict(errors)
        self.headers = dict(headers or {})


def problem(
    status: int, code: str, title: str, detail: str, errors: Mapping[str, list[str]] | None = None
) -> Problem:
    """A problem to raise where no domain error says it."""
    return Problem(status, code, title, detail, errors=errors)


def register(app: Flask) -> None:
    """Answer every exception of `app` with a problem document."""
    app.register_error_handler(Problem, _answer)
    app.register_error_handler(HTTPException, lambda error: _answer(of_http(error)))
    app.register_error_handler(Exception, lambda error: _answer(of_error(error)))


def of_error(error: Exception) -> Problem:
    """The problem of a domain error; whatever is not in `STATUS` is our fault, and logged."""
    for kind in type(error).__mro__:
        if kind in STATUS:
            return _of_known(error, STATUS[kind])
    log().error("unexpected_error", route=_route(), exc_info=error)
    if isinstance(error, SealBroken):
        broken_seals.tell(current(), error)
    return _plain(500, "Something went wrong inside the service; it was logged.")


def of_http(error: HTTPException) -> Problem:
    """The framework's own refusals: 404, 405, 413 and the like."""
    status = error.code or 500
    headers = {name: value for name, value in error.get_headers() if name == "Allow"}
    return _plain(status, "The request was refused before its content was looked at.", headers)


def _of_known(error: Exception, status: int) -> Problem:
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        return unavailable()
    code, wait = getattr(error, "code", "error"), getattr(error, "wait", None)
    return Problem(
        status,
        code,
        HTTPStatus(status).phrase,
        f"{error}.",
        errors=getattr(error, "errors", None),
        headers=None if wait is None else _retry_after(wait),
    )


def _retry_after(wait: timedelta) -> dict[str, str]:
    return {"Retry-After": str(max(1, ceil(wait.total_seconds())))}


def unavailable() -> Problem:
    """503 of this route; where a decision was asked the answer is no as well."""
    headers = {"Retry-After": str(RETRY_AFTER_SECONDS)}
    view = current_app.view_functions.get(request.endpoint or "")
    if view is None or not declared(view).decides:
        return _plain(503, "The trail, the database or the keys can not be used now. Try again.", headers)
    return Problem(
        503,
        "decision_unavailable",
        HTTPStatus(503).phrase,
        "No decision can be made now, so the contact is not allowed. Try again.",
        headers=headers,
        extra={"effect": "deny"},
    )


def _plain(status: int, detail: str, headers: Mapping[str, str] | None = None) -> Problem:
    code = _CODES.get(status, "bad_request" if status < HTTPStatus.INTERNAL_SERVER_ERROR else "error")
    return Problem(status, code, HTTPStatus(status).phrase, detail, headers=headers)


def _route() -> str:
    return request.url_rule.rule if request.url_rule else "(none)"


def _answer(found: Problem) -> Response:
    response = Response(json.dumps(found.document), found.status, mimetype=MEDIA_TYPE)
    response.headers.update(found.headers)
    return response
