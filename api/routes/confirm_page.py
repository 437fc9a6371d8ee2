"""Where a person shows that it is they who ask: the code from our message, or a login at the controller.

What is answered says nothing about who is known: a code is sent, and taken, for anybody.
"""

import uuid
from collections.abc import Mapping
from http import HTTPStatus

from flask import Blueprint, Response, request

from api import verification
from api.auth import public
from api.context import current
from api.routes.privacy_page import Form
from api.shapes import returns
from api.webpages import FORM_LIMIT, page, shows_errors, takes_form
from governance.errors import HandOverRefusedError, IllegalChangeError, RequestClosedError
from governance.requests.codes import DIGITS, digits_of
from governance.scopes import OURSELVES

blueprint = Blueprint("confirm_page", __name__)
shows_errors(blueprint)

WRONG = "This number and code do not belong together, or the code is too old. Look at our newest message."


@blueprint.get("/privacy/confirm")
@public
@returns(None, media="text/html")
def ask() -> Response:
    """Where the code from our message is entered."""
    return _form(Form({"number": "", "code": ""}, {}))


@blueprint.get("/privacy/confirm/<number>")
@public
@returns(None, media="text/html")
def ask_about(number: str) -> Response:
    """The same with the number of the request filled in, whether or not there is such a request."""
    return _form(Form({"number": _number(number) or "", "code": ""}, {}))


@blueprint.post("/privacy/confirm")
@public
@takes_form
@returns(None, media="text/html")
def take() -> Response:
    """Take a code; what is wrong, too old, or for no request of ours is answered alike."""
    filled = read_form(request.form)
    if not filled.errors:
        number, code = _number(filled.given["number"]) or "", digits_of(filled.given["code"]) or ""
        if verification.enter_code(current(), number, code, actor=OURSELVES.id):
            return page("confirmed.html")
        filled = Form(filled.given, {"code": WRONG})
    return _form(filled, HTTPStatus.UNPROCESSABLE_ENTITY)


@blueprint.post("/privacy/login")
@public
@returns(None, media="text/html")
def log_in() -> Response:
    """Take a login that a page of the controller hands over; the token in it is the authority."""
    request.max_content_length = FORM_LIMIT
    try:
        verification.hand_over(current(), request.form.get("token", ""), actor=OURSELVES.id)
    except (HandOverRefusedError, IllegalChangeError, RequestClosedError):
        return page("unconfirmed.html", HTTPStatus.UNPROCESSABLE_ENTITY)
    return page("confirmed.html")


def read_form(sent: Mapping[str, str]) -> Form:
    """Reads and checks what was sent. Pure."""
    given = {name: sent.get(name, "").strip() for name in ("number", "code")}
    errors: dict[str, str] = {}
    if _number(given["number"]) is None:
        errors["number"] = "Enter the whole number of your request; it stands in our message."
    if digits_of(given["code"]) is None:
        errors["code"] = f"Enter the {DIGITS} digits of the code."
    return Form(given, errors)


def _number(text: str) -> str | None:
    """The number of a request as it is kept; None for what can not be one."""
    try:
        return str(uuid.UUID(text))
    except ValueError:
        return None


def _form(filled: Form, status: int = HTTPStatus.OK) -> Response:
    return page("confirm.html", status, given=filled.given, errors=filled.errors)
