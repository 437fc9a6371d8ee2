"""The service's own data as rows of a package."""

from api.context import Service
from governance import own_openings
from governance.own_openings import Purpose
from governance.requests import own_export
from governance.vault import keys as vault
from tests.governance.requests.desk import a_known_lead

ANNA = "anna.berg@example.com"


def rows(service: Service, *, portable: bool) -> dict[str, list[dict[str, object]]]:
    """The exported rows of a lead, by table."""
    lead = a_known_lead(service, ANNA, country="DE", profile={"name": "Anna", "tags": ["a", "b"]})
    with service.keys.read() as session:
        key = vault.load(session, service.keyring, [lead])[lead]
    told = service.main.write(
        lambda session: own_openings.announce(
            session, [lead], "request-1", purpose=Purpose.EXPORT, now=service.clock()
        )
    )
    tables: dict[str, list[dict[str, object]]] = {}
    with service.main.read() as session:
        for row in own_export.rows_of(session, key, told[lead], portable=portable):
            tables.setdefault(row.table, []).append(dict(row.columns))
    return tables


def test_everything_that_is_held_is_in_it(service: Service) -> None:
    """Identifiers, fields, attributes, and what was told of the person, in plain text."""
    found = rows(service, portable=False)

    assert found["identifiers"] == [{"type": "email", "value": ANNA}]
    assert found["profile"] == [{"name": "Anna", "tags": '["a", "b"]'}]
    assert found["lead"][0]["country"] == "DE"
    assert {row["kind"] for row in found["history"]} >= {"source", "attributes"}


def test_every_value_fits_a_cell(service: Service) -> None:
    """What is not plain is written as JSON text."""
    for table in rows(service, portable=False).values():
        for row in table:
            assert all(isinstance(value, str | int | float | None) for value in row.values())


def test_a_portable_copy_has_no_decisions(service: Service) -> None:
    """What the service made of the person is not what the person provided."""
    assert "decisions" not in rows(service, portable=True)
