"""The main job, end to end, as `leadwarden demo` tells it, and what is left lying about afterwards."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from api.demo.crm import import_lines
from tests.canaries import files_under, planted_in

PROGRAM = Path(sys.executable).with_name("leadwarden")
STAR = "ottilie.brandvold312@cobalt-analytics.de.example"


@dataclass(frozen=True)
class Played:
    """A demo that was told to its end."""

    folder: Path
    told: str

    @property
    def kept_by_the_service(self) -> list[Path]:
        """Databases and their journals, keys, checkpoints, log and exports: all but the CRM."""
        return [path for path in files_under(self.folder) if not path.name.startswith("crm.db")]


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    """One demo for this module."""
    folder = tmp_path_factory.mktemp("demo") / "kept"
    command = [str(PROGRAM), "demo", "--folder", str(folder)]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return Played(folder, ran.stdout)


def test_the_demo_tells_nine_steps_and_the_person_is_gone(played: Played) -> None:
    """Each promise of the main job is answered by the service itself."""
    expected = [
        "500 created, 21 merged, 0 refused",
        "before: allow (CONSENT_VALID)",
        "found 16, changed 16, remaining 0",
        "deny (SUPPRESSED_AFTER_ERASURE)",
        "hold the address or a part of the name: 0",
        "refused: suppressed_after_erasure",
        "exit 0: ok:",
        "exit 1: FAILED",
        "Nine steps in",
    ]

    assert expected == [words for words in expected if words in played.told]


def test_nobody_of_the_crm_can_be_read_in_what_the_service_keeps(played: Played) -> None:
    """No e-mail address of 500 people, no mobile, no part of the erased person's name, in any spelling."""
    lines = list(import_lines(played.folder / "crm.db"))
    values = {identifier["value"] for line in lines for identifier in line["identifiers"]}
    values |= {value.replace(" ", "") for value in values} | {STAR, "Ottilie", "Brandvold"}
    files = played.kept_by_the_service

    assert len(values) > 1000
    assert {"leadwarden.db", "keys.db", "home.log", "trail.ndjson"} <= {path.name for path in files}
    assert planted_in(files, values) == []


def test_the_erased_person_is_nowhere_in_the_crm(played: Played) -> None:
    """Not even in the database's free pages: whoever reads the file's bytes does not find them."""
    files = [path for path in files_under(played.folder) if path.name.startswith("crm.db")]

    assert planted_in(files, {STAR, "Ottilie", "Brandvold"}) == []


def test_the_certificate_says_what_was_found_and_what_remained(played: Played) -> None:
    """It names each store, and nobody."""
    text = (played.folder / "certificate.json").read_text()

    assert json.loads(text)
    assert '"remaining": 0' in text
    assert "Brandvold" not in text
