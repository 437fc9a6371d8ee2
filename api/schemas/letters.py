"""Letters of a request, and the recipients of the person's data."""

from marshmallow import Schema, fields

from governance.messages.patience import DeliveryCode
from governance.messages.tables import MessageState
from governance.messages.topics import Topic
from governance.requests.recipients import Answer, How


class RecipientAnswer(Schema):
    """Who received the data, how they were told, and what they answered."""

    store = fields.String(required=True)
    name = fields.String(required=True)
    role = fields.String(required=True)
    country = fields.String()
    told = fields.Enum(How, by_value=True, required=True)
    answer = fields.Enum(Answer, by_value=True)
    answered_at = fields.String()


class LetterLine(Schema):
    """What became of a letter."""

    id = fields.String(required=True)
    topic = fields.Enum(Topic, by_value=True, required=True)
    state = fields.Enum(MessageState, by_value=True, required=True)
    tries = fields.Integer(required=True)
    code = fields.Enum(DeliveryCode, by_value=True, allow_none=True)
    created_at = fields.DateTime(required=True)
    ended_at = fields.DateTime(allow_none=True)


class LetterOpened(LetterLine):
    """A letter with its address, None where none is known, and its text."""

    to = fields.String(required=True, allow_none=True)
    subject = fields.String(required=True)
    text = fields.String(required=True)


class Letters(Schema):
    """The letters, the newest first, and the recipients by store."""

    items = fields.List(fields.Nested(LetterLine), required=True)
    recipients = fields.List(fields.Nested(RecipientAnswer), required=True)
