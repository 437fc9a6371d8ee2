"""The controller's own records: Article 30, a year's requests, and the map of where the data are."""

import re
from typing import Any

from flask import Blueprint, Response, request

from api import records
from api.auth import needs
from api.context import current
from api.paging import filtered
from api.schemas.records import Article30Record, RequestMetrics
from api.shapes import invalid, returns
from governance.registers import article30, data_map, drawing, metrics
from governance.requests.vocabulary import Regime

blueprint = Blueprint("records", __name__)

EVERY = "all"
FIRST_YEAR, LAST_YEAR = 2018, 9998


@blueprint.get("/v1/records/article-30")
@needs("requests:read")
@filtered(format="`json` (the default), `markdown` or `html`.")
@returns(Article30Record)
def article_30() -> dict[str, Any] | Response:
    """The record of processing activities, made from the active stores."""
    wanted, record = _format("json", "markdown", "html"), records.article_30(current())
    if wanted == "markdown":
        return Response(article30.as_markdown(record), mimetype="text/markdown")
    if wanted == "html":
        return Response(article30.as_html(record), mimetype="text/html")
    return record


@blueprint.get("/v1/records/request-metrics")
@needs("requests:read")
@filtered(
    year="The year in which the requests were received; by default this one.",
    regime="Whose law: a regime, by default `ccpa`, or `all`.",
    format="`json` (the default) or `markdown`.",
)
@returns(RequestMetrics)
def request_metrics() -> dict[str, Any] | Response:
    """Received, complied with in whole or in part, denied, and in how many days (11 CCR § 7102)."""
    service, wanted = current(), _format("json", "markdown")
    year, regime = _year(service.clock().year), _regime()
    with service.main.read() as session:
        found = metrics.metrics(session, year, regime=regime)
    if wanted == "markdown":
        return Response(metrics.as_markdown(found), mimetype="text/markdown")
    return found


@blueprint.get("/v1/records/data-map")
@needs("requests:read")
@filtered(format="`svg` (the default), or `text`: the same in words.")
@returns(None, media="image/svg+xml")
def show_data_map() -> Response:
    """Where the data are: systems, kinds of data, purposes and recipients."""
    service, wanted = current(), _format("svg", "text")
    found = records.systems(service)
    if wanted == "text":
        return Response("\n".join(data_map.in_words(found)) + "\n", mimetype="text/plain")
    return Response(drawing.as_svg(service.settings.controller, found), mimetype="image/svg+xml")


def _format(*known: str) -> str:
    """The wanted one of the formats, the first by default.

    Raises:
        Problem: 422, it is none of them.
    """
    wanted = request.args.get("format", known[0])
    if wanted not in known:
        raise invalid({"format": [f"Must be one of {', '.join(known)}."]})
    return wanted


def _year(now: int) -> int:
    given = request.args.get("year", str(now))
    if re.fullmatch("[0-9]{4}", given) is None or not FIRST_YEAR <= int(given) <= LAST_YEAR:
        raise invalid({"year": ["Must be a year."]})
    return int(given)


def _regime() -> Regime | None:
    given = request.args.get("regime", Regime.CCPA.value)
    if given == EVERY:
        return None
    if given not in set(Regime):
        raise invalid({"regime": ["Not a regime, nor `all`."]})
    return Regime(given)
