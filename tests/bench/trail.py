"""Audited transactions a second: a pending table with a sequencer, against a hash chain held to the commit.

16 writers on PostgreSQL; a deferred trigger makes every commit last 3 ms longer, as replication would.
"""

import hashlib
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.orm import Session

from audit import stored_tree
from audit.actions import Action
from audit.log import append
from audit.note import Signer
from audit.sequencer import pending, sequence
from audit.tables import Base
from tests.postgres import running_postgres

WRITERS = 16
SECONDS = 4.0
FACTS = {"channel": "email", "purpose": "research"}
SCHEMA = """
CREATE TABLE work (id bigserial PRIMARY KEY, note text);
CREATE TABLE chain (id bigserial PRIMARY KEY, hash bytea, body bytea);
CREATE TABLE chain_head (id int PRIMARY KEY, hash bytea);
INSERT INTO chain_head VALUES (1, '');
CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(0.003); RETURN NULL; END';
CREATE CONSTRAINT TRIGGER wait AFTER INSERT ON work DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION wait();
"""

Work = Callable[[Session], None]


def pending_entry(session: Session) -> None:
    """What the service does: the entry is one more row."""
    session.execute(text("INSERT INTO work (note) VALUES ('x')"))
    now = datetime.now(UTC)
    append(session, Action.EVENT_RECORDED, actor="bench", now=now, lead_id="lead", facts=FACTS)


def chained_entry(session: Session) -> None:
    """The usual way: lock the last hash, and hold it until the commit is through."""
    session.execute(text("INSERT INTO work (note) VALUES ('x')"))
    last = session.scalar(text("SELECT hash FROM chain_head WHERE id = 1 FOR UPDATE"))
    body = b'{"action":"event.recorded","actor":"bench"}'
    values = {"hash": hashlib.sha256(bytes(last or b"") + body).digest(), "body": body}
    session.execute(text("INSERT INTO chain (hash, body) VALUES (:hash, :body)"), values)
    session.execute(text("UPDATE chain_head SET hash = :hash WHERE id = 1"), values)


def rate(engine: Engine, work: Work) -> float:
    """Transactions a second of all writers together."""
    end, done = time.monotonic() + SECONDS, [0] * WRITERS

    def write(place: int) -> None:
        with Session(engine) as session:
            while time.monotonic() < end:
                work(session)
                session.commit()
                done[place] += 1

    _together([threading.Thread(target=write, args=(place,)) for place in range(WRITERS)])
    return sum(done) / SECONDS


def _together(threads: list[threading.Thread]) -> None:
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _sequence_until(engine: Engine, stop: threading.Event) -> None:
    signer = Signer("bench", Ed25519PrivateKey.generate())
    with Session(engine) as session:
        while not stop.wait(0.05):
            sequence(session, signer, datetime.now(UTC))
            session.commit()


def main() -> None:
    """Both rates and their ratio, from one run on one server."""
    for url in running_postgres():
        engine = create_engine(url, pool_size=WRITERS + 2)
        Base.metadata.create_all(engine)
        with engine.begin() as connection:
            connection.exec_driver_sql(SCHEMA)
        chain = rate(engine, chained_entry)
        stop = threading.Event()
        sequencer = threading.Thread(target=_sequence_until, args=(engine, stop))
        sequencer.start()
        ours = rate(engine, pending_entry)
        stop.set()
        sequencer.join()
        with Session(engine) as session:
            waiting, size = pending(session), stored_tree.size(session)
        engine.dispose()
    print(f"hash chain held to the commit   {chain:8.0f} a second")  # noqa: T201
    print(f"pending table and sequencer     {ours:8.0f} a second, {ours / chain:.1f} times")  # noqa: T201
    print(f"sequenced meanwhile             {size:8} entries, {waiting} still pending")  # noqa: T201
