"""Messages that leave the service."""

from marshmallow import Schema, fields

from api.schemas.audit import AuditReceipt
from api.schemas.letters import LetterLine
from governance.messages.tables import MessageState


class Messages(Schema):
    """The newest first."""

    items = fields.List(fields.Nested(LetterLine), required=True)


class MessageSettled(Schema):
    """A failed message that is tried again, or was dealt with by hand."""

    id = fields.String(required=True)
    state = fields.Enum(MessageState, by_value=True, required=True)
    audit = fields.Nested(AuditReceipt, required=True)
