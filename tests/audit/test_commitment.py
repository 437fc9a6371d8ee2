"""`audit.commitment`: who is meant, for those who hold the salt."""

from audit.commitment import LEAD, OBJECT, SALT_BYTES, commit, commits_to, new_salt

SALT = bytes(range(32))


def test_a_commitment_says_who_only_with_its_salt() -> None:
    """Right salt, right id, right label: anything else does not fit."""
    made = commit(LEAD, SALT, "lead-1")

    assert commits_to(made, LEAD, SALT, "lead-1")
    assert not commits_to(made, LEAD, SALT, "lead-2")
    assert not commits_to(made, LEAD, bytes(32), "lead-1")
    assert not commits_to(made, OBJECT, SALT, "lead-1")


def test_every_entry_has_a_salt_of_its_own() -> None:
    """256 random bits: equal leads never look equal."""
    salts = {new_salt() for _ in range(1_000)}

    assert len(salts) == 1_000
    assert {len(salt) for salt in salts} == {SALT_BYTES}
