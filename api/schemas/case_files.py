"""Shapes of what an officer reads before deciding."""

from marshmallow import Schema, fields, validate

from governance.requests.corrections import LONGEST, MOST


class CorrectionBody(Schema):
    """One field: what is right; `was` says what it corrects, and an address or number always needs it."""

    name = fields.String(required=True, validate=validate.Length(min=1, max=64))
    value = fields.String(required=True, allow_none=True, validate=validate.Length(min=1, max=LONGEST))
    was = fields.String(validate=validate.Length(min=1, max=LONGEST))


class CorrectionsBody(Schema):
    """What a rectification corrects; what was said before is replaced."""

    corrections = fields.List(
        fields.Nested(CorrectionBody), required=True, validate=validate.Length(min=1, max=MOST)
    )


class CorrectionAnswer(Schema):
    """One field to correct."""

    name = fields.String(required=True)
    value = fields.String(required=True, allow_none=True)
    was = fields.String(required=True, allow_none=True)


class StatementAnswer(Schema):
    """What an agent's permission says."""

    at = fields.String(required=True)
    text = fields.String(required=True)


class AppealTexts(Schema):
    """What was said in an appeal, and what was answered."""

    received_at = fields.String(required=True)
    said = fields.String()
    explanation = fields.String()


class FileAnswer(Schema):
    """The file of a request, opened."""

    identities = fields.List(fields.Dict(), required=True)
    note = fields.String()
    explanation = fields.String()
    extension_reason = fields.String()
    corrections = fields.List(fields.Nested(CorrectionAnswer))
    statements = fields.List(fields.Nested(StatementAnswer), required=True)
    appeals = fields.List(fields.Nested(AppealTexts), required=True)


class KeptColumn(Schema):
    """A column of a redacted table that stays, and why."""

    column = fields.String(required=True)
    because = fields.String(required=True)


class PlannedTable(Schema):
    """What would happen to how many rows of a table."""

    table = fields.String(required=True)
    action = fields.String(required=True)
    rows = fields.Integer(required=True)
    because = fields.String()
    kept_columns = fields.List(fields.Nested(KeptColumn))
    retention = fields.String()


class PlannedStore(Schema):
    """One store's part of the plan."""

    store = fields.String(required=True)
    outcome = fields.String(required=True)
    found = fields.Integer(required=True, allow_none=True)
    candidates = fields.Integer(required=True)
    error = fields.String()
    reason = fields.String()
    tables = fields.List(fields.Nested(PlannedTable), required=True)


class PlanAnswer(Schema):
    """What an approval would do, as the stores stand now."""

    request_id = fields.String(required=True)
    action = fields.String(required=True)
    complete = fields.Boolean(required=True)
    on_approval = fields.List(fields.String(), required=True)
    stores = fields.List(fields.Nested(PlannedStore), required=True)
