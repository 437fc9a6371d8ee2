"""What is said at a terminal about people."""

import os
import pty
import subprocess
import sys
from typing import Any

import click
import pytest
from click.testing import CliRunner
from marshmallow import Schema, fields

from api.commands import said
from governance.errors import FactInvalidError

PATIENCE_SECONDS = 30


@click.command()
@said.text("--why", "Why.")
def talk(why: str) -> None:
    """Say it again."""
    click.echo(why)


@pytest.mark.parametrize(
    ("line", "reference"),
    [
        ("email ada@acme.example", {"email": "ada@acme.example"}),
        ("phone +44 20 7946 0000", {"phone": "+44 20 7946 0000"}),
        ("external Sales 003 17", {"external": {"system": "Sales", "id": "003 17"}}),
        ("lead 7b1d1f4e", {"lead_id": "7b1d1f4e"}),
    ],
)
def test_a_person_is_named_as_calls_name_them(line: str, reference: dict[str, Any]) -> None:
    """Word first; the rest as it was typed."""
    assert said.person(line, "lead") == reference


@pytest.mark.parametrize(
    "line", ["ada@acme.example", "mail ada@acme.example", "external 003", "lead", "lead a b"]
)
def test_a_line_that_names_nobody_is_not_repeated(line: str) -> None:
    """It says what may be written instead."""
    with pytest.raises(FactInvalidError) as refused:
        said.person(line, "lead")

    assert refused.value.errors == {"lead": [f"Write {said.PEOPLE}."]}


@pytest.mark.parametrize(
    ("line", "query"),
    [
        ("everything", {}),
        ("table deals", {"table": "deals"}),
        ("row 'closed deals' 17 'a b'", {"table": "closed deals", "key": ["17", "a b"]}),
        ("email ada@acme.example", {"email": "ada@acme.example"}),
        ("external Sales O'Neill", {"external": {"system": "Sales", "id": "O'Neill"}}),
    ],
)
def test_a_hold_names_rows_or_a_person(line: str, query: dict[str, Any]) -> None:
    """In the forms of a query."""
    assert said.rows(line, "query") == query


@pytest.mark.parametrize("line", ["row deals", "table", "row 'deals 17", "all"])
def test_a_line_that_names_no_rows_is_refused(line: str) -> None:
    """Never taken for the whole store."""
    with pytest.raises(FactInvalidError):
        said.rows(line, "query")


def test_sentences_come_from_an_option_or_from_standard_input() -> None:
    """Several lines, too; blanks around them say nothing."""
    runner = CliRunner()

    assert runner.invoke(talk, ["--why", "so"]).stdout == "so\n"
    assert runner.invoke(talk, input="so\n\nand so\n").stdout == "so\n\nand so\n"
    assert runner.invoke(talk, ["--why", "-"], input=" so ").stdout == "so\n"


@pytest.mark.parametrize("sentences", ["", "\n \n", "x" * 10_001])
def test_no_sentence_and_too_many_are_refused(sentences: str) -> None:
    """As in calls; exit 2, for the command was not given as it must be."""
    answer = CliRunner().invoke(talk, input=sentences)

    assert answer.exit_code == 2
    assert "Between 1 and 10,000 characters." in answer.stderr


def test_people_stand_before_an_empty_line() -> None:
    """The rest is what else was said."""

    @click.command()
    def ask() -> None:
        click.echo(repr(said.about_people("Who?")))

    answer = CliRunner().invoke(ask, input="email a@b.example\n phone 1 \n\nCalled.\n\nTwice.\n")

    assert answer.stdout == "(['email a@b.example', 'phone 1'], 'Called.\\n\\nTwice.')\n"


def test_what_a_call_would_refuse_is_refused() -> None:
    """By field."""

    class Body(Schema):
        """One number."""

        number = fields.Integer(required=True)

    assert said.valid(Body(), {"number": 1}) == {"number": 1}
    with pytest.raises(FactInvalidError) as refused:
        said.valid(Body(), {"number": "ada"})
    assert refused.value.errors == {"number": ["Not a valid integer."]}


def test_one_end_of_the_input_is_enough_at_a_terminal() -> None:
    """Whoever typed whom, and has no more to say, ends it once; they are told what is asked."""
    script = "from api.commands import said; print(said.about_people('Who?'))"
    ours, theirs = pty.openpty()
    asked = subprocess.Popen(
        [sys.executable, "-c", script], stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    os.close(theirs)
    os.write(ours, b"email a@b.example\n\x04")
    try:
        told, question = asked.communicate(timeout=PATIENCE_SECONDS)
    finally:
        asked.kill()
        os.close(ours)

    assert asked.returncode == 0
    assert question.startswith(b"Who?\n")
    assert told == b"(['email a@b.example'], '')\n"
