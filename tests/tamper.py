"""The tamper matrix: what somebody who owns the database can do to the trail, and which check catches it.

`make tamper` prints it; `tests/audit/test_tamper.py` holds it to what is written here. An attack that nothing
catches stands here too, and in `docs/threat-model.md`.
"""

import io
import sys
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial
from pathlib import Path

from sqlalchemy import create_engine, delete, insert, select, update
from sqlalchemy.orm import Session

from audit import keys, query, stored_tree
from audit.checkpoint import Checkpoint
from audit.entry import parse_entry
from audit.errors import AuditError
from audit.log import append_many
from audit.merkle import leaf_hash
from audit.note import Signer
from audit.publication import CheckpointFile, compare_on_start
from audit.receipt import MERGE_DELAY, issue
from audit.sequencer import sequence
from audit.tables import Base, EntryRow, HeadRow, LinkRow, PendingRow, PublicKeyRow, TileRow
from audit.tree import grow
from audit.verify import Question, verify
from tests.audit.conftest import NOW, entries, signer_of, transcript

LENGTH = 60
EARLIER = 40
LATER = NOW + timedelta(days=1)


class Check(StrEnum):
    """What looks."""

    VERIFY = "verify"  # python -m audit verify, with the log's public key alone
    SINCE = "verify --since"  # with an older checkpoint that the auditor kept
    RECEIPTS = "verify --receipts"  # with receipts that callers kept
    START = "start"  # the service holds its log against what it published
    SEQUENCER = "sequencer"  # nothing is signed over a changed tree
    INDEX = "audit check"  # links and search columns against the hashed bytes


@dataclass(slots=True)
class Scene:
    """A log of 60 entries, one more that is pending, and what others remember of it."""

    session: Session
    signer: Signer
    outside: CheckpointFile
    kept: str
    receipts: list[str]

    def bodies(self) -> list[bytes]:
        """The entries as they are stored."""
        return list(self.session.scalars(select(EntryRow.body).order_by(EntryRow.idx)))

    def store(self, bodies: Sequence[bytes]) -> None:
        """Put entries into the emptied table; a copied one under an id of its own."""
        known: set[str] = set()
        for index, body in enumerate(bodies):
            told = parse_entry(body)
            entry_id = f"copy-{index}" if told["id"] in known else told["id"]
            known.add(entry_id)
            row = {"idx": index, "entry_id": entry_id, "body": body, "action": told["action"]}
            at = datetime.fromisoformat(told["at"])
            self.session.execute(insert(EntryRow).values(**row, actor=told["actor"], at=at))

    def rewrite(self, bodies: Sequence[bytes], signer: Signer | None = None) -> None:
        """Make a whole, consistent log of other entries, signed with the real key if no other is given."""
        for table in (EntryRow, TileRow, HeadRow):
            self.session.execute(delete(table))
        signer = signer or self.signer
        growth = grow(0, {}, [leaf_hash(body) for body in bodies])
        self.store(bodies)
        for (level, index), hashes in growth.tiles.items():
            self.session.execute(insert(TileRow).values(level=level, idx=index, hashes=hashes))
        note = signer.sign_note(str(Checkpoint(signer.name, growth.size, growth.root)))
        self.session.execute(insert(HeadRow).values(id=1, size=growth.size, checkpoint=note))


Attack = Callable[[Scene], None]


def delete_entry(scene: Scene) -> None:
    """A row is deleted."""
    scene.session.execute(delete(EntryRow).where(EntryRow.idx == 17))


def insert_entry(scene: Scene) -> None:
    """A row is put in between, the others move up."""
    bodies = scene.bodies()
    scene.session.execute(delete(EntryRow))
    scene.store([*bodies[:17], bodies[3].replace(b"key-1", b"key-7"), *bodies[17 : LENGTH - 1]])


def edit_entry(scene: Scene) -> None:
    """Bytes of a row are changed."""
    body = scene.bodies()[17].replace(b"key-1", b"key-7")
    scene.session.execute(update(EntryRow).where(EntryRow.idx == 17).values(body=body, actor="key-7"))


def edit_entry_and_tile(scene: Scene) -> None:
    """Bytes of a row are changed, and its hash in the tile."""
    edit_entry(scene)
    tile = b"".join(leaf_hash(body) for body in scene.bodies())
    scene.session.execute(update(TileRow).where(TileRow.level == 0).values(hashes=tile))


def reorder(scene: Scene) -> None:
    """Two rows change places."""
    bodies = scene.bodies()
    for index, other in ((17, 18), (18, 17)):
        scene.session.execute(update(EntryRow).where(EntryRow.idx == index).values(body=bodies[other]))


def truncate_and_sign(scene: Scene) -> None:
    """The tail is cut off and the rest signed with the real key."""
    scene.rewrite(scene.bodies()[: LENGTH - 10])


def truncate_far_and_sign(scene: Scene) -> None:
    """Cut off to before what the auditor has seen."""
    scene.rewrite(scene.bodies()[: EARLIER - 10])


def fork_and_sign(scene: Scene) -> None:
    """An old entry is changed and the whole log signed anew with the real key."""
    bodies = scene.bodies()
    scene.rewrite([*bodies[:17], bodies[17].replace(b"key-1", b"key-7"), *bodies[18:]])


def restore_older_database(scene: Scene) -> None:
    """A backup from before the auditor's visit is put back."""
    scene.rewrite(scene.bodies()[: EARLIER - 5])
    scene.session.execute(delete(PendingRow))


def restore_and_go_on(scene: Scene) -> None:
    """A backup is put back, and other entries grow on it until it is longer than before."""
    restore_older_database(scene)
    append_many(scene.session, entries(LENGTH, start=500))
    sequence(scene.session, scene.signer, NOW)


def drop_pending(scene: Scene) -> None:
    """An entry is deleted before it was sequenced."""
    scene.session.execute(delete(PendingRow))


def edit_link(scene: Scene) -> None:
    """An entry is said to be about somebody else."""
    first = select(LinkRow.entry_id).order_by(LinkRow.entry_id).limit(1).scalar_subquery()
    scene.session.execute(update(LinkRow).where(LinkRow.entry_id == first).values(lead_id="somebody-else"))


def delete_link(scene: Scene) -> None:
    """It is forgotten whom an entry is about, as if they had been erased."""
    scene.session.execute(delete(LinkRow).where(LinkRow.lead_id == "lead-1"))


def hide_from_search(scene: Scene) -> None:
    """The searched column names another key than the entry."""
    scene.session.execute(update(EntryRow).where(EntryRow.idx == 17).values(actor="nobody"))


def swap_signing_key(scene: Scene) -> None:
    """Log and list of keys are signed anew with a key of the attacker's own."""
    own = signer_of(66)
    scene.rewrite(scene.bodies(), own)
    scene.session.execute(update(PublicKeyRow).values(vkey=own.vkey))


def add_false_entry(scene: Scene) -> None:
    """A false entry is put among the pending ones."""
    append_many(scene.session, entries(1, start=900))


ATTACKS: dict[Attack, set[Check]] = {
    delete_entry: {Check.VERIFY, Check.SINCE, Check.RECEIPTS},
    insert_entry: {Check.VERIFY, Check.SINCE, Check.RECEIPTS, Check.INDEX},
    edit_entry: {Check.VERIFY, Check.SINCE, Check.RECEIPTS},
    edit_entry_and_tile: {Check.VERIFY, Check.SINCE, Check.RECEIPTS, Check.SEQUENCER},
    reorder: {Check.VERIFY, Check.SINCE, Check.RECEIPTS, Check.INDEX},
    truncate_and_sign: {Check.RECEIPTS, Check.START},
    truncate_far_and_sign: {Check.SINCE, Check.RECEIPTS, Check.START},
    fork_and_sign: {Check.SINCE, Check.RECEIPTS, Check.START},
    restore_older_database: {Check.SINCE, Check.RECEIPTS, Check.START},
    restore_and_go_on: {Check.SINCE, Check.RECEIPTS, Check.START},
    drop_pending: {Check.RECEIPTS},
    edit_link: {Check.INDEX},
    delete_link: set(),
    hide_from_search: {Check.INDEX},
    swap_signing_key: {Check.VERIFY, Check.SINCE},  # until the next entry: then the real key signs again
    add_false_entry: set(),
}


def caught_by(attack: Attack | None, directory: Path) -> set[Check]:
    """The checks that fail after an attack; none is expected to fail without one."""
    engine = create_engine("sqlite://")
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        scene = _scene(session, directory)
        if attack is not None:
            attack(scene)
        found = set(_failing(scene))
    engine.dispose()
    return found


def _scene(session: Session, directory: Path) -> Scene:
    signer, outside = signer_of(), CheckpointFile(directory)
    made = append_many(session, entries(EARLIER))
    sequence(session, signer, NOW)
    kept = stored_tree.head_note(session) or ""
    made += append_many(session, entries(LENGTH - EARLIER, start=EARLIER))
    sequence(session, signer, NOW)
    outside.publish(stored_tree.head_note(session) or "")
    made += append_many(session, entries(1, start=LENGTH))
    receipts = [issue(signer, each.entry_id, each.leaf_hash, NOW) for each in made]
    return Scene(session, signer, outside, kept, receipts)


def _failing(scene: Scene) -> Iterable[Check]:
    """Each check as its user runs it; receipts last, for what they promise is due by then."""
    trusted, session = [scene.signer.key], scene.session
    due = Question(trusted, receipts=scene.receipts, at=LATER + MERGE_DELAY)
    if _fails(partial(_start, scene)):
        yield Check.START
    if [*query.broken_links(session), *query.misfiled(session)]:
        yield Check.INDEX
    if _fails(partial(_verify, session, Question(trusted))):
        yield Check.VERIFY
    if _fails(partial(_verify, session, Question(trusted, since=scene.kept))):
        yield Check.SINCE
    if _fails(partial(_sequence, scene)):
        yield Check.SEQUENCER
    if _fails(partial(_verify, session, due)):
        yield Check.RECEIPTS


def _start(scene: Scene) -> None:
    trusted = [scene.signer.key, *(known.key() for known in keys.listed(scene.session))]
    compare_on_start(scene.session, scene.outside.newest(), trusted)


def _sequence(scene: Scene) -> None:
    with scene.session.begin_nested():
        sequence(scene.session, scene.signer, LATER)


def _verify(session: Session, question: Question) -> None:
    verify(io.BytesIO(transcript(session)), question)


def _fails(check: Callable[[], object]) -> bool:
    try:
        check()
    except AuditError:
        return True
    return False


def main() -> int:
    """Print the matrix; 1 when it is not what is written above."""
    width = max(len(attack.__name__) for attack in ATTACKS)
    wrong = 0
    for attack, expected in ATTACKS.items():
        with tempfile.TemporaryDirectory() as directory:
            found = caught_by(attack, Path(directory))
        wrong += found != expected
        names = ", ".join(check for check in Check if check in found) or "NOTHING (see docs/threat-model.md)"
        print(f"{attack.__name__.replace('_', ' '):{width}}  {names}", flush=True)  # noqa: T201
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
