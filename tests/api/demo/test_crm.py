"""The demo's CRM: the same each time, hard in the ways that real ones are, and erasable without a trace."""

import sqlite3
from pathlib import Path

import phonenumbers
import pytest

from api.demo.crm import MAPPING, build, count_mentions, import_lines
from consent.vocabulary import IdentifierKind
from governance.stores.opening import open_store, probe
from governance.stores.protocol import Identity, PersonTerms
from governance.stores.reading import parse
from governance.stores.yaml_text import read_yaml

VARIABLE = "LEADWARDEN_STORE_CRM"


def test_the_same_seed_builds_the_same_crm(tmp_path: Path) -> None:
    """Five hundred leads in twelve countries, to the letter."""
    first, second = build(tmp_path / "a.db"), build(tmp_path / "b.db")
    assert first == second
    assert (first.leads, first.countries) == (500, 12)
    assert list(import_lines(tmp_path / "a.db")) == list(import_lines(tmp_path / "b.db"))
    assert build(tmp_path / "c.db", seed=8) != first


def test_nothing_is_written_into_a_file_that_is_there(tmp_path: Path) -> None:
    """A demo must not spoil somebody's database."""
    path = tmp_path / "mine.db"
    path.write_bytes(b"mine")
    with pytest.raises(FileExistsError):
        build(path)
    assert path.read_bytes() == b"mine"


def test_it_is_hard_in_the_ways_of_real_ones(tmp_path: Path) -> None:
    """Phones shared by colleagues, people twice, free text that names them."""
    path = tmp_path / "crm.db"
    built = build(path)
    with sqlite3.connect(path) as connection:
        shared = connection.execute(
            "SELECT max(n) FROM (SELECT count(*) n FROM contacts WHERE phone IS NOT NULL GROUP BY phone)"
        ).fetchone()[0]
        twice = connection.execute(
            "SELECT count(*) FROM (SELECT 1 FROM contacts GROUP BY lower(email) HAVING count(*) > 1)"
        ).fetchone()[0]
    assert shared > 2
    assert twice >= 20
    assert count_mentions(path, (built.email,)) > 2


def test_every_phone_that_is_imported_is_possible(tmp_path: Path) -> None:
    """Intake refuses impossible numbers."""
    build(tmp_path / "crm.db")
    lines = list(import_lines(tmp_path / "crm.db"))
    phones = [i["value"] for line in lines for i in line["identifiers"] if i["type"] == "phone"]
    assert phones
    assert all(phonenumbers.is_possible_number(phonenumbers.parse(phone, None)) for phone in phones)


def test_its_mapping_erases_somebody_without_a_trace(tmp_path: Path) -> None:
    """Nothing stands against the mapping; the person of the story goes from every cell, colleagues stay."""
    path = tmp_path / "crm.db"
    built = build(path)
    secrets = {VARIABLE: f"sqlite:///{path}"}
    document = parse(read_yaml(MAPPING.read_bytes()))
    assert probe(document, secrets).problems == ()
    store = open_store(document, secrets)
    asked = [Identity(IdentifierKind.EMAIL, built.email)]
    found = store.find(asked)
    assert found.counts()["contacts"] == 2
    assert found.shared
    assert found.candidates == ()
    store.erase(found, PersonTerms())
    assert store.remaining(found, asked) == {}
    assert count_mentions(path, (built.email, f"{built.first_name} {built.last_name}")) == 0
    store.close()
    with sqlite3.connect(path) as connection:
        assert connection.execute("SELECT count(*) FROM contacts WHERE phone = ?", (built.phone,)).fetchone()[
            0
        ]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
