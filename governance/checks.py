"""May a lead be contacted, now? The calls that name a lead; the answer is `consent`'s.

The reference becomes ids and keyed hashes here, so that below nobody sees an address.
"""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Connection

from audit.log import Appended
from consent.batch import Line, check_many
from consent.check import Answered, Asked, Checked, check_each
from consent.judging import Sitting
from consent.question import Question, Subject
from governance.identity import ById, Identifier, Reference
from governance.resolve import resolve_many_core
from governance.vault.index import suppression_hashes
from governance.vault.keyring import Keyring


class ContactCheck(NamedTuple):
    """One question about a lead, with the keys of the index by which the lead is found."""

    keyring: Keyring
    sitting: Sitting
    reference: Reference
    question: Question


def contact_check(connection: Connection, asked: ContactCheck) -> Checked:
    """May the lead be contacted? Stored and written to the trail; send it after the commit only.

    A reference that fits several leads is answered by the strictest of them, one that fits none by the
    suppressions of its address.
    """
    return contact_check_each(connection, [asked])[0]


def contact_check_each(connection: Connection, asked: Sequence[ContactCheck]) -> list[Checked]:
    """`contact_check` of questions that came at once to one service: for `Database.write_together`."""
    keyring = asked[0].keyring
    subjects = _subjects(connection, keyring, [one.reference for one in asked])
    return check_each(
        connection,
        [Asked(one.sitting, one.question, subject) for one, subject in zip(asked, subjects, strict=True)],
    )


def contact_checks(
    connection: Connection, keyring: Keyring, sitting: Sitting, asked: Sequence[tuple[Reference, Question]]
) -> tuple[list[Answered], Appended]:
    """`contact_check` of a chunk (`batch.MOST_A_CHUNK`), in its order, under one entry in the trail."""
    subjects = _subjects(connection, keyring, [reference for reference, _ in asked])
    lines = [Line(question, subject) for (_, question), subject in zip(asked, subjects, strict=True)]
    return check_many(connection, sitting, lines)


def _subjects(connection: Connection, keyring: Keyring, references: Sequence[Reference]) -> list[Subject]:
    """Whom the references mean. An id is taken as it is: of nobody there are no facts, so nobody is known."""
    addresses = [reference for reference in references if isinstance(reference, Identifier)]
    found = iter(resolve_many_core(connection, keyring, addresses))
    return [
        Subject((reference.lead_id,))
        if isinstance(reference, ById)
        else Subject(next(found), suppression_hashes(keyring, reference.kind, reference.key))
        for reference in references
    ]
