"""A check that names a lead: by address, by id, by an address of several, and of nobody."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from audit.tables import PendingRow
from consent.question import Question
from consent.stops import Stop
from consent.vocabulary import ObjectionKind
from governance.checks import ContactCheck, contact_check, contact_check_each, contact_checks
from governance.contact import NewObjection, object_to
from governance.identity import ById, Reference, email, phone
from governance.suppressing import keep_unknown
from tests.consent.factories import a_sitting
from tests.governance.lead_desk import ACTOR, NOW, Desk, open_desk

QUESTION = Question("email", "direct_marketing")
JANE, BO, INFO = email("jane@firm.example"), email("bo@firm.example"), email("info@firm.example")
NOBODY = email("nobody@example.net")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """Databases of this test alone."""
    with open_desk(tmp_path) as opened:
        yield opened


def asked(desk: Desk, reference: Reference) -> ContactCheck:
    """The question about somebody."""
    return ContactCheck(desk.keyring, a_sitting(NOW), reference, QUESTION)


def reasons(desk: Desk, reference: Reference) -> tuple[str, ...]:
    """Why not, asked alone."""
    with desk.session() as session:
        answered, _ = contact_check(session.connection(), asked(desk, reference))
    return tuple(str(reason) for reason in answered.judged.decision.reasons)


def lead_of(desk: Desk, reference: Reference) -> str | None:
    """About which lead the answer is, asked alone."""
    with desk.session() as session:
        return contact_check(session.connection(), asked(desk, reference))[0].judged.lead_id


def test_an_address_and_an_id_mean_the_same_lead(desk: Desk) -> None:
    """And what is nobody's means nobody, whether an address or an id."""
    jane = desk.a_known_lead(("email", JANE.text))
    nobodies: list[Reference] = [NOBODY, ById("00000000-0000-7000-8000-000000000000")]

    assert [lead_of(desk, one) for one in (JANE, ById(jane))] == [jane, jane]
    assert [lead_of(desk, one) for one in nobodies] == [None, None]
    assert reasons(desk, nobodies[0]) == reasons(desk, nobodies[1])


def test_of_several_behind_an_address_the_strictest_answers(desk: Desk) -> None:
    """One of the two behind `info@` objected: nobody is written to there, and the answer names that."""
    for one in (JANE, BO):
        desk.a_known_lead(("email", one.text), ("email", INFO.text), country="DE")
    said = NewObjection(ObjectionKind.DIRECT_MARKETING, NOW, "phone call")
    with desk.session() as session:
        object_to(session, desk.keyring, BO, said, now=NOW, actor=ACTOR)

    assert "OBJECTION_DIRECT_MARKETING" in reasons(desk, INFO)
    assert "OBJECTION_DIRECT_MARKETING" in reasons(desk, BO)
    assert "OBJECTION_DIRECT_MARKETING" not in reasons(desk, JANE)


def test_the_no_of_somebody_unknown_stands_by_the_address(desk: Desk) -> None:
    """Of that address, in that kind: a phone of the same digits is another one."""
    with desk.session() as session:
        stop = Stop(ObjectionKind.DIRECT_MARKETING, NOW)
        keep_unknown(session, desk.keyring, NOBODY, [stop], now=NOW, actor=ACTOR)

    assert reasons(desk, NOBODY) == ("OBJECTION_DIRECT_MARKETING",)
    assert reasons(desk, phone("+493012345678")) != ("OBJECTION_DIRECT_MARKETING",)


def test_checks_that_come_together_are_answered_each_for_itself(desk: Desk) -> None:
    """In their order, whatever they name, each under an entry of its own."""
    jane, bo = (desk.a_known_lead(("email", one.text)) for one in (JANE, BO))
    references: list[Reference] = [ById(bo), NOBODY, JANE, BO, ById(jane)]

    with desk.session() as session:
        together = contact_check_each(session.connection(), [asked(desk, one) for one in references])
        entries = {appended.entry_id for _, appended in together}
        stored = [session.get(PendingRow, entry) is not None for entry in entries]

    assert [answered.judged.lead_id for answered, _ in together] == [bo, None, jane, bo, jane]
    assert stored == [True] * len(references)


def test_a_chunk_is_answered_in_its_order_under_one_entry(desk: Desk) -> None:
    """The same leads as if each were asked alone."""
    jane, bo = (desk.a_known_lead(("email", one.text)) for one in (JANE, BO))
    references: list[Reference] = [BO, ById(jane), NOBODY, JANE]

    with desk.session() as session:
        answered, appended = contact_checks(
            session.connection(), desk.keyring, a_sitting(NOW), [(one, QUESTION) for one in references]
        )
        body = session.get_one(PendingRow, appended.entry_id).body

    assert [one.judged.lead_id for one in answered] == [bo, jane, None, jane]
    assert JANE.text.encode() not in body
