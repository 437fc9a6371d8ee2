"""What a column means, by its name and by what stands in it."""

import pytest

from governance.stores.census import ColumnFacts, Family, TableFacts
from governance.stores.guessing import Guess, Meaning, Sure, guess, looks_like_people, mentions, of_values


def guessed(name: str, *values: str, family: Family = Family.TEXT, table: str = "t") -> Guess:
    """The guess for one column of one table."""
    column = ColumnFacts(name, family, nullable=True)
    return guess(TableFacts(table, {name: column}, rows=tuple({name: value} for value in values)), column)


@pytest.mark.parametrize(
    ("name", "value", "meaning", "sure"),
    [
        ("email", "a@x.example", Meaning.EMAIL, Sure.HIGH),
        ("work_email", "", Meaning.EMAIL, Sure.HIGH),
        ("kontakt", "a@x.example", Meaning.EMAIL, Sure.MEDIUM),
        ("email", "yes", Meaning.OTHER, Sure.LOW),
        ("phone_e164", "+49301234567", Meaning.PHONE, Sure.HIGH),
        ("col7", "(030) 123-4567", Meaning.PHONE, Sure.MEDIUM),
        ("last_seen", "2026-11-24 10:00", Meaning.OTHER, Sure.HIGH),
        ("first_name", "Ann", Meaning.NAME, Sure.MEDIUM),
        ("nachname", "", Meaning.NAME, Sure.HIGH),
        ("company_name", "Acme", Meaning.OTHER, Sure.HIGH),
        ("client_city", "Berlin", Meaning.ADDRESS, Sure.MEDIUM),
        ("ip_address", "10.0.0.1", Meaning.TRACE, Sure.MEDIUM),
        ("linkedin_url", "", Meaning.HANDLE, Sure.HIGH),
        ("date_of_birth", "", Meaning.SPECIAL, Sure.HIGH),
        ("password", "x", Meaning.SECRET, Sure.MEDIUM),
        ("details", "called twice", Meaning.PROSE, Sure.MEDIUM),
        ("x", "a text of some length, with blanks in it", Meaning.PROSE, Sure.MEDIUM),
        ("payload", '{"a": 1}', Meaning.JSON, Sure.MEDIUM),
        ("status", "open", Meaning.OTHER, Sure.HIGH),
    ],
)
def test_names_and_values_speak(name: str, value: str, meaning: Meaning, sure: Sure) -> None:
    """Sure where they agree, or where there are no values to disagree."""
    found = guessed(name, *([value] if value else []))
    assert (meaning, sure) == (found.meaning, found.sure)


def test_the_type_of_a_column_has_its_say() -> None:
    """A flag named after an e-mail is no address; JSON is JSON; an inet is a trace."""
    assert guessed("email", family=Family.FLAG).meaning is Meaning.OTHER
    assert guessed("extra", family=Family.JSON).meaning is Meaning.JSON
    assert guessed("client_ip", family=Family.OTHER).meaning is Meaning.TRACE
    assert guessed("created", family=Family.TIME).meaning is Meaning.OTHER


def test_senders_of_mails_are_addresses() -> None:
    """Where the table is about mail."""
    assert guessed("from_address", table="email_message").meaning is Meaning.EMAIL
    assert guessed("from_address", table="moves").meaning is Meaning.ADDRESS


def test_most_values_decide() -> None:
    """A few odd ones do not."""
    assert of_values(["a@x.example", "b@x.example", "none"]) is Meaning.EMAIL
    assert of_values(["a@x.example", "no", "none"]) is None
    assert of_values([]) is None
    assert looks_like_people(["Ann Lee", "Ben Stone", "x"])
    assert not looks_like_people(["acme", "globex"])


def test_scores_jobs_and_birthdays_are_told_by_their_names() -> None:
    """Also where they are no text: a score is inferred, and a date of birth is special."""
    assert guessed("lead_score", family=Family.NUMBER).meaning is Meaning.SCORE
    assert guessed("birth_date", family=Family.TIME).meaning is Meaning.SPECIAL
    assert guessed("job_title", "Head of Sales").meaning is Meaning.JOB
    assert guessed("score", family=Family.FLAG).meaning is Meaning.OTHER


def test_texts_that_name_people_are_told_by_their_values() -> None:
    """Whole words, also between underscores; a few in many are chance."""
    names = frozenset({"brandvold", "maren"})
    assert mentions(["docs/cv_Brandvold.pdf"] * 5, names)
    assert not mentions(["Marenburg"] * 9, names)
    assert not mentions(["Maren"] * 4, names)
    assert not mentions([*["Maren"] * 2, *["x"] * 8], names)
