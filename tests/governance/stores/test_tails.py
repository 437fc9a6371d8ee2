"""The last digits of a number are the same in Python and in every database."""

from sqlalchemy import create_engine, literal, select

from governance.stores.comparison import number_tail
from governance.stores.engine import open_engine
from governance.stores.opening import open_store
from governance.stores.protocol import Sought
from governance.stores.queries import MOST_PATTERNS
from governance.stores.sql import SqlStore
from governance.stores.tails import LENT, TailOfNumber, lend
from tests.governance.stores.conftest import run_script
from tests.governance.stores.factories import VARIABLE, mapped, phone, row

SPELLINGS = (
    "+49 (30) 123-4567",
    "0049301234567",
    "030/123 45 67",
    "tel:+49-30-1234567;ext=12",
    "+49 30 1234567 ext. 5",
    "+49301234567x99",
    "1234567 # 3",
    "12",
    "no number",
    "",
)


def test_every_database_cuts_a_number_as_we_do(empty_url: str) -> None:
    """Else a number would be looked for by digits that its row does not show."""
    engine = open_engine(empty_url)
    with engine.connect() as connection:
        told = [
            connection.execute(select(TailOfNumber(literal(spelling)))).scalar_one() for spelling in SPELLINGS
        ]
    engine.dispose()

    assert [number_tail(spelling) for spelling in SPELLINGS] == told


def test_nothing_stays_nothing() -> None:
    """An empty cell of SQLite has no digits, and is no error."""
    engine = create_engine("sqlite://")
    with engine.connect() as connection:
        driver = connection.connection.driver_connection
        assert driver is not None
        lend(driver)

        assert connection.exec_driver_sql(f"SELECT {LENT}(NULL), {LENT}(301234567)").one() == (None, "234567")
    engine.dispose()


def test_many_numbers_are_found_as_each_alone(empty_url: str) -> None:
    """More of them than are looked for each by its own pattern, in one row each, however spaced."""
    amount = 3 * MOST_PATTERNS
    values = ", ".join(f"({n}, '+49 (151) 55-{n:05d}')" for n in range(amount))
    run_script(
        empty_url,
        "CREATE TABLE people (id INTEGER PRIMARY KEY, phone VARCHAR(40));\n"
        f"INSERT INTO people VALUES {values}",
    )
    document = mapped(tables={"people": {"identity": {"phone": "phone"}, "erase": "delete"}})
    store = open_store(document, {VARIABLE: empty_url})
    assert isinstance(store, SqlStore)
    numbers = [phone(f"+4915155{n:05d}") for n in range(amount)]
    found = store.find_each([Sought((number,)) for number in numbers])
    store.close()

    assert [(row("people", n),) for n in range(amount)] == [one.rows for one in found]
