"""Shapes of API keys and users."""

from marshmallow import Schema, fields, validate

from api.schemas.audit import AuditReceipt
from api.schemas.leads import PURPOSE_WORDS
from api.settings import MOST_OPENINGS
from consent.vocabulary import Channel, Purpose
from governance.scopes import Role, Scope

MOST_PURPOSES = 50
LONGEST_NAME = 100
LONGEST_EMAIL = 320


def one_of(values: type[Scope] | type[Role] | type[Purpose] | type[Channel]) -> fields.String:
    """One word of a closed set; the message lists the set, not what was sent."""
    return fields.String(validate=validate.OneOf([value.value for value in values]))


def lookup_purpose() -> fields.String:
    """What leads may be looked up for: a few words, as a look-up gives them."""
    return fields.String(validate=PURPOSE_WORDS)


def number_of_people() -> fields.Integer:
    """How many people may be opened; null leaves it to the settings."""
    return fields.Integer(
        strict=True, allow_none=True, validate=validate.Range(min=0, max=MOST_OPENINGS, error="Out of range.")
    )


class NewKey(Schema):
    """A key to make; `purposes` and `channels` bind its checks, `lookup_purposes` its look-ups.

    `openings_an_hour` and `openings_a_day` limit how many people it may open; by default the settings do.
    """

    name = fields.String(required=True, validate=validate.Length(min=1, max=LONGEST_NAME))
    scopes = fields.List(one_of(Scope), required=True, validate=validate.Length(min=1))
    purposes = fields.List(one_of(Purpose), validate=validate.Length(min=1))
    channels = fields.List(one_of(Channel), validate=validate.Length(min=1))
    lookup_purposes = fields.List(lookup_purpose(), validate=validate.Length(min=1, max=MOST_PURPOSES))
    openings_an_hour = number_of_people()
    openings_a_day = number_of_people()


class Key(Schema):
    """A key as it is listed; the secret is never shown again."""

    id = fields.String(required=True)
    name = fields.String(required=True)
    scopes = fields.List(fields.String(), required=True)
    purposes = fields.List(fields.String(), allow_none=True)
    channels = fields.List(fields.String(), allow_none=True)
    lookup_purposes = fields.List(fields.String(), allow_none=True)
    openings_an_hour = fields.Integer(allow_none=True)
    openings_a_day = fields.Integer(allow_none=True)
    state = fields.String(required=True, validate=validate.OneOf(["active", "sleeping", "revoked"]))
    user_id = fields.String(allow_none=True)
    created_at = fields.DateTime(required=True)


class MadeKey(Key):
    """A key just made: `key` is the token, shown this once."""

    key = fields.String(required=True)
    audit = fields.Nested(AuditReceipt, required=True)


class KeyLimits(Schema):
    """How many people a key may open in any 60 minutes and any 24 hours; null leaves it to the settings."""

    openings_an_hour = number_of_people()
    openings_a_day = number_of_people()


class KeyLimited(KeyLimits):
    """The limits that hold from now on."""

    id = fields.String(required=True)
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
