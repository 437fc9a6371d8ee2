"""`audit.__main__`: `python -m audit verify`, as an auditor runs it."""

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from audit import query, stored_tree
from audit.__main__ import main
from audit.log import Appended
from audit.note import Signer
from audit.receipt import issue
from tests.audit.conftest import NOW, fill, transcript
from tests.audit.decision_receipts import STRANGER, claims_of, jwks, jws

ROOT = Path(__file__).resolve().parents[2]
LENGTH = 300


@pytest.fixture
def made(session: Session, signer: Signer) -> list[Appended]:
    """A log of 300 entries."""
    return fill(session, LENGTH, signer)


@pytest.fixture
def log(session: Session, made: list[Appended]) -> bytes:
    """Its export."""
    return transcript(session)


@pytest.fixture
def file(tmp_path: Path, log: bytes) -> Path:
    """The export on disk."""
    path = tmp_path / "log.ndjson"
    path.write_bytes(log)
    return path


def test_it_says_ok_and_how_many(file: Path, signer: Signer, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit 0 and one line."""
    assert main(["verify", str(file), "--key", signer.vkey]) == 0
    assert capsys.readouterr().out == "ok: 300 entries\n"


def test_it_names_the_step_that_failed(
    file: Path, signer: Signer, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit 1, a number, a name and words."""
    file.write_bytes(file.read_bytes()[:-100])

    assert main(["verify", str(file), "--key", signer.vkey]) == 1
    assert capsys.readouterr().err.startswith("FAILED [verification_failed] step 3 (entries): ")


def test_it_reads_checkpoints_and_receipts(
    file: Path,
    session: Session,
    made: list[Appended],
    signer: Signer,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Both come as files; receipts stand one after the other."""
    since, receipts = file.with_suffix(".checkpoint"), file.with_suffix(".receipts")
    since.write_text(stored_tree.head_note(session) or "")
    notes = [issue(signer, each.entry_id, each.leaf_hash, NOW) for each in made[:3]]
    receipts.write_text("\n".join(notes))

    arguments = ["verify", str(file), "--key", signer.vkey, "--since", str(since)]
    code = main([*arguments, "--receipts", str(receipts), "--at", "2026-11-25T00:00:00Z"])

    assert (code, capsys.readouterr().out) == (0, "ok: 300 entries\nreceipts: 3 kept, 0 not due yet\n")


def test_it_reads_receipts_of_changes_and_of_decisions(
    file: Path, made: list[Appended], signer: Signer, capsys: pytest.CaptureFixture[str]
) -> None:
    """Both kinds in one file; without their keys it says that decisions' signatures were not checked."""
    receipts, keys = file.with_suffix(".receipts"), file.with_suffix(".jwks")
    note = issue(signer, made[0].entry_id, made[0].leaf_hash, NOW)
    receipts.write_text(f"{note}{jws(claims_of(made[1]))}\n")
    keys.write_text(jwks())
    arguments = ["verify", str(file), "--key", signer.vkey, "--receipts", str(receipts)]

    code = main([*arguments, "--jwks", str(keys)])
    assert (code, capsys.readouterr().out) == (0, "ok: 300 entries\nreceipts: 2 kept, 0 not due yet\n")
    unchecked = "signatures of 1 receipt of decisions not checked: no --jwks"
    assert main(arguments) == 0
    assert capsys.readouterr().out.splitlines()[-1] == unchecked


def test_it_refuses_a_forged_receipt_by_name(
    file: Path, made: list[Appended], signer: Signer, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit 1 and the entry that the forgery claims."""
    receipts, keys = file.with_suffix(".receipts"), file.with_suffix(".jwks")
    receipts.write_text(jws(claims_of(made[1]), STRANGER))
    keys.write_text(jwks())
    arguments = ["verify", str(file), "--key", signer.vkey, "--receipts", str(receipts), "--jwks", str(keys)]

    assert main(arguments) == 1
    assert capsys.readouterr().err == (
        "FAILED [verification_failed] step 6 (receipts): "
        f"the receipt of entry {made[1].entry_id}: its signature is wrong\n"
    )


def test_it_verifies_the_proof_of_one_entry(
    file: Path,
    session: Session,
    made: list[Appended],
    signer: Signer,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A .tlog-proof in place of the log."""
    found = query.entry(session, made[9].entry_id)
    assert found is not None
    file.write_text(str(query.prove(session, found)))

    assert main(["verify", str(file), "--key", signer.vkey]) == 0
    assert capsys.readouterr().out == "ok: entry 9 of 300 in example.com/leadwarden\n"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("--since", b""),
        ("--since", b"\xff"),
        ("--receipts", b""),
        ("--receipts", b"what\n"),
        ("--jwks", b"what\n"),
        ("--key", b""),
    ],
)
def test_malformed_arguments_are_named(
    file: Path,
    signer: Signer,
    capsys: pytest.CaptureFixture[str],
    name: str,
    content: bytes,
) -> None:
    """Exit 1 and a code, never a traceback."""
    other = file.with_suffix(".other")
    other.write_bytes(content)

    assert main(["verify", str(file), "--key", signer.vkey, name, str(other)]) == 1
    assert capsys.readouterr().err.startswith("FAILED [")


def test_a_missing_file_is_named(signer: Signer, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit 1."""
    assert main(["verify", "nowhere", "--key", signer.vkey]) == 1
    assert "FAILED [unreadable] nowhere" in capsys.readouterr().err


@pytest.mark.parametrize("at", ["soon", "2026-11-24T10:00:00"])
def test_an_instant_needs_an_offset(file: Path, signer: Signer, at: str) -> None:
    """Exit 2, as for every misuse."""
    with pytest.raises(SystemExit, match="2"):
        main(["verify", str(file), "--key", signer.vkey, "--at", at])


def test_it_runs_without_database_web_or_network(file: Path, signer: Signer) -> None:
    """With SQLAlchemy, Flask and sockets taken away the verifier still verifies."""
    program = textwrap.dedent(
        """
        import sys
        for name in ("sqlalchemy", "flask", "marshmallow", "click", "rfc8785", "socket", "ssl"):
            sys.modules[name] = None
        from audit.__main__ import main
        sys.exit(main(sys.argv[1:]))
        """
    )
    ran = subprocess.run(
        [sys.executable, "-c", program, "verify", str(file), "--key", signer.vkey],
        check=False,
        capture_output=True,
        text=True,
        cwd=ROOT,
    )

    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "ok: 300 entries\n", "")
