"""Shapes of store documents; what stands inside is read, place by place, by `governance.stores.reading`."""

from marshmallow import Schema, fields

from api.schemas.audit import AuditReceipt


class StoreDocumentBody(Schema):
    """A store document, as `stores scan` writes it."""

    store = fields.Raw()
    kind = fields.Raw(required=True)
    url = fields.Raw(allow_none=True)
    active = fields.Raw()
    purposes = fields.Raw(allow_none=True)
    recipient = fields.Raw(allow_none=True)
    tables = fields.Raw(allow_none=True)
    undecided = fields.Raw(allow_none=True)
    instructions = fields.Raw(allow_none=True)
    http = fields.Raw(allow_none=True)
    old_versions = fields.Raw(allow_none=True)
    retention = fields.Raw(allow_none=True)
    approvals = fields.Raw()


class StoreDocumentAnswer(Schema):
    """A store document as it was put, without defaults filled in."""

    store = fields.String(required=True)
    kind = fields.String(required=True)
    url = fields.String()
    active = fields.Boolean()
    purposes = fields.List(fields.String())
    recipient = fields.Dict(keys=fields.String())
    tables = fields.Dict(keys=fields.String())
    undecided = fields.List(fields.Raw())
    instructions = fields.String()
    http = fields.Dict(keys=fields.String())
    old_versions = fields.Raw()
    retention = fields.Dict(keys=fields.String())
    approvals = fields.Integer()


class StorePut(StoreDocumentAnswer):
    """The document, and the entry that says that it was put, or made active by it."""

    audit = fields.Nested(AuditReceipt, required=True)


class StoreDeleted(Schema):
    """The entry that says that a store was deleted."""

    audit = fields.Nested(AuditReceipt, required=True)


class StoreLine(Schema):
    """A store in a list."""

    store = fields.String(required=True)
    kind = fields.String(required=True)
    active = fields.Boolean(required=True)
    tables = fields.Integer(required=True)
    recipient = fields.Dict(keys=fields.String())


class StorePage(Schema):
    """A page of stores, by key."""

    items = fields.List(fields.Nested(StoreLine), required=True)
    next_cursor = fields.String(allow_none=True, required=True)


class StoreTested(Schema):
    """Whether a store answers, and what stands against its mapping."""

    reachable = fields.Boolean(required=True)
    problems = fields.List(fields.String(), required=True)
    advice = fields.List(fields.String(), required=True)
