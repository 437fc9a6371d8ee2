"""The form on which anybody asks about their data; what it answers says nothing about who is known."""

import hashlib
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from http import HTTPStatus
from typing import Any

from flask import Blueprint, Response, request
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from api import casework, verification
from api.auth import public
from api.context import Service, current
from api.shapes import returns
from api.webpages import page, plain_date, shows_errors, takes_form
from governance import identity
from governance.errors import IdentityAmbiguousError, IdentityInvalidError, RequestExistsError
from governance.requests import descriptions
from governance.requests.vocabulary import Regime, RequestType, Status, Submitter
from governance.scopes import OURSELVES

blueprint = Blueprint("privacy_page", __name__)
shows_errors(blueprint)

LONGEST_NOTE = 4000
FIELDS = ("type", "email", "phone", "place", "note", "agent")
SHARED_NOTE = "[The form: several leads have an address that was given. Ask which of them it is about.]"


@dataclass(frozen=True, slots=True)
class Option:
    """One thing to choose, in plain words."""

    value: str
    label: str
    hint: str = ""


KINDS = (
    Option("access", "A copy of my data", "What you know about me, where from, what for, and who gets it."),
    Option("erasure", "Erase my data", "Some of it may have to stay for a while by law; then we say which."),
    Option("rectification", "Correct my data", "Say in the note what is wrong."),
    Option("restriction", "Keep my data, but do not use it", "For example while we look into a mistake."),
    Option("objection", "Stop marketing to me", "No more offers, and no more guessing what I might want."),
    Option("portability", "My data to take elsewhere", "In a form that other programs can read."),
    Option(
        "opt_out_sale_sharing",
        "Do not sell or share my data",
        "A right of people in California and some other states of the US; we keep to it for everybody.",
    ),
    Option("complaint", "Complain", "Say in the note what we did wrong."),
)
PLACES = (
    Option("", "Somewhere else, or I would rather not say"),
    Option(Regime.GDPR, "European Union, Iceland, Liechtenstein or Norway"),
    Option(Regime.UK_GDPR, "United Kingdom"),
    Option(Regime.CCPA, "California"),
    Option(Regime.US_STATE, "Another state of the US"),
    Option(Regime.CASL, "Canada"),
    Option(Regime.LGPD, "Brazil"),
)
_KINDS = frozenset(kind.value for kind in KINDS)
_PLACES = frozenset(place.value for place in PLACES)


@dataclass(frozen=True, slots=True)
class Form:
    """What was filled in, and what is wrong with it: a message a field, in the order of the page."""

    given: Mapping[str, str] = field(repr=False)
    errors: Mapping[str, str]


@blueprint.get("/privacy")
@public
@returns(None, media="text/html")
def ask() -> Response:
    """The form to make a privacy request."""
    return _form(Form(dict.fromkeys(FIELDS, ""), {}), str(uuid.uuid4()))


@blueprint.post("/privacy")
@public
@takes_form
@returns(None, media="text/html")
def take() -> Response:
    """Take a privacy request in.

    The answer is the same for people who are known and for those who are not.
    """
    service, filled = current(), read_form(request.form)
    if filled.errors:
        return _form(filled, request.form.get("form", ""), HTTPStatus.UNPROCESSABLE_ENTITY)
    asked = asked_by(filled.given, request.form.get("form", ""))
    described = _taken(service, asked)
    due = date.fromisoformat(described["deadlines"]["respond_by"])
    coded = described["status"] == Status.AWAITING_VERIFICATION and verification.can_write(service)
    return page("received.html", number=asked.id, due=plain_date(due), coded=coded)


def read_form(sent: Mapping[str, str]) -> Form:
    """Reads and checks what was sent. Pure."""
    given = {name: sent.get(name, "").strip() for name in FIELDS}
    errors: dict[str, str] = {}
    if given["type"] not in _KINDS:
        errors["type"] = "Choose what you want."
    if not _is_read(identity.email, given["email"]):
        errors["email"] = "Enter your e-mail address, as in name@example.com."
    if given["phone"] and not _is_read(identity.phone, given["phone"]):
        errors["phone"] = "Enter the phone number with + and the country code, or leave it out."
    if given["place"] not in _PLACES:
        errors["place"] = "Choose one of the places."
    if len(given["note"]) > LONGEST_NOTE:
        errors["note"] = f"Shorten the note to {LONGEST_NOTE} characters."
    return Form(given, errors)


def asked_by(given: Mapping[str, str], form: str) -> casework.Asked:
    """The request that a form without errors makes. Pure.

    Whose law sets the date is said by the form alone: derived from what is known of the person, the date
    would tell a stranger whether somebody is known. A form sent twice is one request.
    """
    kind = RequestType(given["type"])
    unsaid = Regime.CCPA if kind is RequestType.OPT_OUT_SALE_SHARING else Regime.GDPR
    references = [{name: given[name]} for name in ("email", "phone") if given[name]]
    return casework.Asked(
        id=_id_of(form, given),
        type=kind,
        references=references,
        regime=Regime(given["place"]) if given["place"] else unsaid,
        submitted_by=Submitter.AUTHORISED_AGENT if given["agent"] else Submitter.DATA_SUBJECT,
        note=given["note"] or None,
    )


def _taken(service: Service, asked: casework.Asked) -> dict[str, Any]:
    """The request as it stands; one whose address is shared by several leads is a person's to sort out."""
    try:
        return _write(service, asked)
    except IdentityAmbiguousError:
        note = f"{asked.note}\n\n{SHARED_NOTE}" if asked.note else SHARED_NOTE
        return _write(service, replace(asked, note=note, shared=True))


def _write(service: Service, asked: casework.Asked) -> dict[str, Any]:
    def answer(session: Session) -> dict[str, Any]:
        session.flush()
        return descriptions.describe(session, asked.id)

    coded = replace(asked, also=verification.first_code(service, actor=OURSELVES.id))
    try:
        return casework.take_in(service, coded, actor=OURSELVES.id, answer=answer, commit=service.main.write)
    except (RequestExistsError, IntegrityError):  # the same form sent twice, also at the same time
        with service.main.read() as session:
            return descriptions.describe(session, asked.id)


def _id_of(form: str, given: Mapping[str, str]) -> str:
    """An id that the same form with the same words always gets, and nobody else's can get.

    `form` is a random number that stands in no other form, so the id tells nothing of the words.
    """
    try:
        nonce = uuid.UUID(form).bytes
    except ValueError:
        nonce = uuid.uuid4().bytes
    words = "\0".join(given[name] for name in FIELDS).encode()
    return str(uuid.UUID(bytes=hashlib.sha256(nonce + words).digest()[:16], version=4))


def _is_read(parse: Any, text: str) -> bool:
    try:
        parse(text)
    except IdentityInvalidError:
        return False
    return True


def _form(filled: Form, form: str, status: int = HTTPStatus.OK) -> Response:
    return page(
        "privacy.html",
        status,
        given=filled.given,
        errors=filled.errors,
        form=form,
        kinds=KINDS,
        places=PLACES,
    )
