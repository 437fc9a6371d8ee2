"""Shapes of API keys and users."""

from marshmallow import Schema, fields, validate

from api.schemas.audit import AuditReceipt
from consent.vocabulary import Channel, Purpose
from governance.scopes import Role, Scope

LONGEST_NAME = 100
LONGEST_EMAIL = 320


def one_of(values: type[Scope] | type[Role] | type[Purpose] | type[Channel]) -> fields.String:
    """One word of a closed set; the message lists the set, not what was sent."""
    return fields.String(validate=validate.OneOf([value.value for value in values]))


class NewKey(Schema):
    """A key to make; `purposes` and `channels` bind it."""

    name = fields.String(required=True, validate=validate.Length(min=1, max=LONGEST_NAME))
    scopes = fields.List(one_of(Scope), required=True, validate=validate.Length(min=1))
    purposes = fields.List(one_of(Purpose), validate=validate.Length(min=1))
    channels = fields.List(one_of(Channel), validate=validate.Length(min=1))


class Key(Schema):
    """A key as it is listed; the secret is never shown again."""

    id = fields.String(required=True)
    name = fields.String(required=True)
    scopes = fields.List(fields.String(), required=True)
    purposes = fields.List(fields.String(), allow_none=True)
    channels = fields.List(fields.String(), allow_none=True)
    state = fields.String(required=True, validate=validate.OneOf(["active", "sleeping", "revoked"]))
    user_id = fields.String(allow_none=True)
    created_at = fields.DateTime(required=True)


class MadeKey(Key):
    """A key just made: `key` is the token, shown this once."""

    key = fields.String(required=True)
    audit = fields.Nested(AuditReceipt, required=True)


class Keys(Schema):
    """A page of keys."""

    items = fields.List(fields.Nested(Key), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class NewUser(Schema):
    """A member of staff to add."""

    email = fields.String(required=True, validate=validate.Length(min=3, max=LONGEST_EMAIL))
    role = fields.String(required=True, validate=validate.OneOf([role.value for role in Role]))


class User(Schema):
    """A member of staff, as who manages keys sees them."""

    id = fields.String(required=True)
    role = fields.String(required=True)
    email = fields.String(required=True)
    state = fields.String(required=True, validate=validate.OneOf(["active", "sleeping"]))
    key_id = fields.String(allow_none=True)
    created_at = fields.DateTime(required=True)


class MadeUser(Schema):
    """A user just added: `key` is the token of their role, shown this once."""

    id = fields.String(required=True)
    role = fields.String(required=True)
    state = fields.String(required=True, validate=validate.OneOf(["active", "sleeping"]))
    key_id = fields.String(required=True)
    key = fields.String(required=True)
    audit = fields.Nested(AuditReceipt, required=True)


class Users(Schema):
    """A page of everybody."""

    items = fields.List(fields.Nested(User), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class Ended(Schema):
    """What was ended."""

    id = fields.String(required=True)
    state = fields.String(required=True)
    audit = fields.Nested(AuditReceipt, required=True)


class Confirmed(Schema):
    """What was confirmed; without `audit` where it was awake already."""

    id = fields.String(required=True)
    state = fields.String(required=True)
    audit = fields.Nested(AuditReceipt)
