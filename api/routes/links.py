"""Links for people, handed to the programs that write to them."""

from typing import Any

from flask import Blueprint
from marshmallow import Schema, fields

from api.auth import needs
from api.context import current
from api.shapes import accepts, returns
from governance.custody import require_open
from governance.link_tokens import LinkKind, token_of

blueprint = Blueprint("links", __name__)

ONE_CLICK_HEADER = "List-Unsubscribe=One-Click"


class LinksBody(Schema):
    """Nothing to say."""


class MailHeaders(Schema):
    """What a message carries so that the mail program shows a button (RFC 8058)."""

    list_unsubscribe = fields.String(data_key="List-Unsubscribe", required=True)
    list_unsubscribe_post = fields.String(data_key="List-Unsubscribe-Post", required=True)


class Links(Schema):
    """A lead's links; they name nobody, and do not expire."""

    unsubscribe_url = fields.String(required=True)
    preferences_url = fields.String(required=True)
    headers = fields.Nested(MailHeaders, required=True)


@blueprint.post("/v1/leads/<lead_id>/links")
@needs("decisions:create")
@accepts(LinksBody)
@returns(Links)
def make_links(lead_id: str, body: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG001 - nothing to say
    """The links that a message to this lead carries, and its headers.

    Always the same ones. Both headers must be covered by the message's DKIM signature.
    """
    service = current()
    with service.main.read() as session:
        require_open(session, lead_id)
    base = service.settings.public_url
    unsubscribe = f"{base}/u/{token_of(service.keyring, LinkKind.UNSUBSCRIBE, lead_id)}"
    return {
        "unsubscribe_url": unsubscribe,
        "preferences_url": f"{base}/p/{token_of(service.keyring, LinkKind.PREFERENCES, lead_id)}",
        "headers": {
            "List-Unsubscribe": f"<{unsubscribe}>",
            "List-Unsubscribe-Post": ONE_CLICK_HEADER,
        },
    }
