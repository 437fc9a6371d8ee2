"""What people reach by the links in their messages: their preferences, and the one click that ends it.

The token in the link is the authority, whoever presents it: mail programs post from their own servers, and a
stranger's page would have to know the token. A token that this service did not make is answered like a page
that does not exist. See ADR 12.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus

from flask import Blueprint, Response, request

from api.auth import public
from api.context import Service, current
from api.shapes import returns
from api.webpages import FORM_LIMIT, company, error_page, page, shows_errors, takes_form
from consent.notices import Notice
from consent.vocabulary import ObjectionKind
from governance import choosing
from governance.custody import require_open
from governance.errors import LeadLockedError, LeadUnknownError
from governance.link_tokens import LinkKind, lead_of
from governance.preferences import USES, Choices, Facts, Way, Wording, is_refused, word_on
from governance.scopes import OURSELVES

blueprint = Blueprint("link_pages", __name__)
shows_errors(blueprint)

VERSION = "preference-page-1"
"""Raise it with every change of the sentences below: consents name it."""

LANGUAGE = "en"
ONE_CLICK = ("List-Unsubscribe", "One-Click")  # RFC 8058, section 3.1

_LABELS = {
    Way.EMAIL: ("E-mail", "send me offers by e-mail"),
    Way.PHONE: ("Phone", "call me about offers"),
    Way.TEXT: ("Text and chat messages", "send me offers as text or chat messages"),
    Way.SOCIAL: ("Social networks", "write to me about offers on social networks"),
    Way.POST: ("Post", "send me offers by post"),
    Way.ADS: ("Online advertisements", "have online advertisements picked for me"),
}
_USES = {
    ObjectionKind.PROFILING: (
        "Do not guess what I might want",
        "No profile is made of what you read, visit or buy.",
    ),
    ObjectionKind.DO_NOT_SELL_OR_SHARE: (
        "Do not sell or share my data",
        "Nobody else gets your data for their own offers.",
    ),
}


@dataclass(frozen=True, slots=True)
class Row:
    """A way of contact as the page shows it."""

    way: Way
    label: str
    yes: str
    word: str


@dataclass(frozen=True, slots=True)
class Use:
    """A use that may be refused, as the page shows it."""

    value: str
    label: str
    hint: str
    refused: bool
    signalled: bool


@blueprint.get("/p/<token>")
@public
@returns(None, media="text/html")
def show_preferences(token: str) -> Response:
    """A person's preferences: how they may be contacted."""
    return _for_lead(token, LinkKind.PREFERENCES, _preferences)


@blueprint.post("/p/<token>")
@public
@takes_form
@returns(None, media="text/html")
def keep_preferences(token: str) -> Response:
    """Write down what a person chose; it holds from the next decision on."""
    return _for_lead(token, LinkKind.PREFERENCES, _keep)


@blueprint.get("/u/<token>")
@public
@returns(None, media="text/html")
def show_unsubscribe(token: str) -> Response:
    """A button to unsubscribe; programs that follow every link of a message change nothing by it."""
    return _for_lead(token, LinkKind.UNSUBSCRIBE, _button)


@blueprint.post("/u/<token>")
@public
@returns(None, media="text/html")
def unsubscribe(token: str) -> Response:
    """One-click unsubscribe (RFC 8058): no more marketing by e-mail; once more changes nothing."""
    request.max_content_length = FORM_LIMIT
    return _for_lead(token, LinkKind.UNSUBSCRIBE, _unsubscribe)


def chosen(sent: Mapping[str, str], *, signal: bool) -> Choices:
    """What a form says; what it does not say stays as it is. Pure."""
    answers = {way: sent.get(way.value) for way in Way}
    return Choices(
        ways={way: answer == "yes" for way, answer in answers.items() if answer in {"yes", "no"}},
        refused=frozenset(use for use in USES if sent.get(use.value) == "no"),
        nothing_more=sent.get("do") == "stop",
        signal=signal,
    )


def wording(named: str) -> Wording:
    """The sentences of the page, in the name of the company. Pure."""
    return Wording(
        yes={way: Notice(VERSION, _yes(way, named), LANGUAGE) for way in Way},
        no=Notice(VERSION, _stop(named), LANGUAGE),
    )


def _for_lead(token: str, kind: LinkKind, answer: Callable[[Service, str], Response]) -> Response:
    service = current()
    lead_id = lead_of(service.keyring, kind, token)
    if lead_id is None:
        return error_page(HTTPStatus.NOT_FOUND)
    try:
        return answer(service, lead_id)
    except (LeadUnknownError, LeadLockedError):
        return page("unused.html")


def _button(service: Service, lead_id: str, status: int = HTTPStatus.OK) -> Response:
    with service.main.read() as session:
        require_open(session, lead_id)
    return page("unsubscribe.html", status)


def _unsubscribe(service: Service, lead_id: str) -> Response:
    name, value = ONE_CLICK
    if request.form.get(name) != value:
        return _button(service, lead_id, HTTPStatus.BAD_REQUEST)
    now = service.clock()
    service.main.write(
        lambda session: choosing.unsubscribe(session, service.keyring, lead_id, now=now, actor=OURSELVES.id)
    )
    return page("unsubscribed.html")


def _keep(service: Service, lead_id: str) -> Response:
    now, read = service.clock(), wording(company(service.settings))
    choices = chosen(request.form, signal=_signalled())
    written = service.main.write(
        lambda session: choosing.choose(
            session, service.keyring, lead_id, choices, read, now=now, actor=OURSELVES.id
        )
    )
    saved = "Saved. This holds from now on." if written else "Nothing has changed. Your choices hold."
    return _preferences(service, lead_id, saved)


def _preferences(service: Service, lead_id: str, saved: str = "") -> Response:
    with service.main.read() as session:
        facts = choosing.facts_for(session, lead_id)
    named = company(service.settings)
    return page(
        "preferences.html",
        rows=_rows(service, facts, named),
        uses=_uses(service, facts),
        question=f"May {named} contact you?",
        stop=_stop(named),
        signal=_signalled(),
        saved=saved,
    )


def _rows(service: Service, facts: Facts, named: str) -> list[Row]:
    now = service.clock()
    return [Row(way, _LABELS[way][0], _yes(way, named), word_on(facts, way, now).value) for way in Way]


def _uses(service: Service, facts: Facts) -> list[Use]:
    now, signal = service.clock(), _signalled()
    return [
        Use(
            value=use.value,
            label=_USES[use][0],
            hint=_USES[use][1],
            refused=is_refused(facts, use, now),
            signalled=signal and use is ObjectionKind.DO_NOT_SELL_OR_SHARE,
        )
        for use in USES
    ]


def _signalled() -> bool:
    """Global Privacy Control, as the browser sends it."""
    return request.headers.get("Sec-GPC") == "1"


def _yes(way: Way, named: str) -> str:
    return f"Yes means: {named} may {_LABELS[way][1]}, until I say no."


def _stop(named: str) -> str:
    return f"From then on {named} sends you no offers, makes no profile of you, and shares no data of yours."
