"""The main job in nine steps; each calls the service as a stranger would, and shows what it answered."""

import base64
import json
import subprocess
import sys
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import track

from api.demo.crm import MAPPING, Built, count_mentions, import_lines
from api.demo.door import Answer, Door

CAMPAIGN = 500
EVERY_CONSENTING = 4
WAIT_SECONDS = 60
PAUSE_SECONDS = 0.1
CHECK = {"channel": "email", "purpose": "direct_marketing"}
YAML = "application/yaml"
NOTICE = {"article": "13", "version": "2026-01"}


class DemoFailedError(Exception):
    """The service did not do what the story tells; the message says where."""


@dataclass(frozen=True, slots=True)
class Stage:
    """What the story is played with.

    Attributes:
        console: Where it is told.
        folder: Where its files go.
        crm: The lead store's database.
        star: The person it is about.
        door: The service, with a compliance officer's key.
    """

    console: Console
    folder: Path
    crm: Path
    star: Built
    door: Door

    @property
    def person(self) -> dict[str, str]:
        """A reference to the star."""
        return {"email": self.star.email}

    def ask(self, method: str, path: str, body: object = None) -> Answer:
        """A call that must succeed.

        Raises:
            DemoFailedError: It was answered with a problem.
        """
        return self.passed(method, path, self.door.call(method, path, body))

    def passed(self, method: str, path: str, answer: Answer) -> Answer:
        """The answer, which must be a success.

        Raises:
            DemoFailedError: It is a problem.
        """
        if answer.status not in {200, 201}:
            raise DemoFailedError(
                f"{method} {path} was answered with {answer.status}: {answer.body.get('code')}"
            )
        return answer

    def say(self, text: str) -> None:
        """One line of the story."""
        self.console.print(f"   {text}")


def make_crm(stage: Stage) -> None:
    """A small CRM is made, and described to the service."""
    star = stage.star
    people = f"{star.leads} people in {star.countries} countries"
    stage.say(f"{stage.crm.name}: {people}, {star.rows:,} rows in nine tables")
    named = count_mentions(stage.crm, (star.last_name,))
    stage.say(
        f"our person: {star.first_name} {star.last_name}, {star.email}; the name stands in {named} cells"
    )
    stage.passed("PUT", "/v1/stores/crm", stage.door.put("/v1/stores/crm", MAPPING.read_bytes(), YAML))
    tested = stage.ask("POST", "/v1/stores/crm/test", {}).body
    stage.say(
        f"store 'crm' is mapped: reachable {_yes(tested['reachable'])}, problems {len(tested['problems'])}"
    )


def import_leads(stage: Stage) -> None:
    """Its leads are imported."""
    people = list(import_lines(stage.crm))
    shown = track(
        people, "   importing", console=stage.console, transient=True, disable=not stage.console.is_terminal
    )
    lines = (_line({**one, "notice": {**NOTICE, "given_at": one["source"]["obtained_at"]}}) for one in shown)
    [*results, last] = stage.door.stream("/v1/leads/import", lines)
    stage.say(f"{len(results)} lines: " + _counts(last["summary"]))
    [first] = [result for result, one in zip(results, people, strict=True) if _is(one, stage.star)][:1]
    stage.say(f"our person is lead {first['lead_id']}, and nothing else of them is in the answer")


def record_consents(stage: Stage) -> None:
    """Consents and an objection are recorded."""
    given, now = 0, _now()
    for number, one in enumerate(import_lines(stage.crm)):
        if number % EVERY_CONSENTING == 0 or _is(one, stage.star):
            stage.ask("POST", "/v1/consents", _consent(_email(one), now))
            given += 1
    objector = next(_email(one) for one in import_lines(stage.crm) if not _is(one, stage.star))
    objection = {
        "lead": {"email": objector},
        "kind": "direct_marketing",
        "received_at": _now(),
        "via": "phone",
    }
    stage.ask("POST", "/v1/objections", objection)
    stage.say(f"{given} consents by double opt-in, 1 objection to direct marketing")
    answer = stage.ask("POST", "/v1/decisions", {"lead": {"email": objector}, **CHECK}).body
    stage.say(f"the one who objected had consented: {_verdict(answer)}")


def check_campaign(stage: Stage) -> None:
    """The marketing tool checks a campaign."""
    emails = list(dict.fromkeys(_email(one).lower() for one in import_lines(stage.crm)))[:CAMPAIGN]
    body = {**CHECK, "leads": [{"email": email} for email in emails]}
    started = time.perf_counter()
    answer = stage.ask("POST", "/v1/decisions/batch", body).body
    seconds = time.perf_counter() - started
    stage.say(f"{len(emails)} leads: {_counts(answer['summary'])} ({len(emails) / seconds:,.0f} a second)")
    why = Counter((result["effect"], result["reasons"][0]) for result in answer["results"])
    for (effect, reason), count in why.most_common():
        stage.say(f"  {count:4} {effect:5} {reason}")


def erase(stage: Stage) -> None:
    """Somebody asks to be erased."""
    before = stage.ask("POST", "/v1/decisions", {"lead": stage.person, **CHECK}).body
    stage.say(f"before: {_verdict(before)}")
    request = {"id": str(uuid.uuid4()), "type": "erasure", "identities": [stage.person]}
    made = stage.ask("POST", "/v1/privacy-requests", request).body
    path = f"/v1/privacy-requests/{made['id']}"
    stage.say(
        f"regime {made['regime']}, to be answered by {made['deadlines']['respond_by']}: {made['status']}"
    )
    verified = stage.ask("POST", f"{path}/verify", {"method": "known_channel", "result": "verified"}).body
    stage.say(f"identity verified: {verified['status']}")
    stage.ask("POST", f"{path}/approve", {})
    done = _until(lambda: _finished(stage.ask("GET", path).body), "the erasure")
    for step in done["steps"]:
        numbers = f"found {step['found']}, changed {step['changed']}, remaining {step['remaining']}"
        stage.say(f"  {step['store']:10} {step['action']:8} {step['status']:10} {numbers}")
    certificate = stage.ask("GET", f"{path}/certificate").body
    kept = stage.folder / "certificate.json"
    kept.write_text(json.dumps(certificate, indent=1))
    stage.say(f"{done['status']}; signed certificate in {kept.name}")


def check_again(stage: Stage) -> None:
    """The same check now says no."""
    stage.say(_verdict(stage.ask("POST", "/v1/decisions", {"lead": stage.person, **CHECK}).body))


def read_back(stage: Stage) -> None:
    """The CRM is read back."""
    star = stage.star
    left = count_mentions(stage.crm, (star.email, star.first_name, star.last_name))
    stage.say(f"cells of the whole CRM that hold the address or a part of the name: {left}")
    stage.say(
        f"cells that hold the company's phone, which others share: {count_mentions(stage.crm, (star.phone,))}"
    )
    if left:
        raise DemoFailedError("the person is still in the CRM")


def import_again(stage: Stage) -> None:
    """The person is imported again."""
    line = {
        "identifiers": [{"type": "email", "value": stage.star.email}],
        "country": "DE",
        "source": {"key": "bought-list", "kind": "data_broker", "obtained_at": _now()},
    }
    [result, last] = stage.door.stream("/v1/leads/import", iter([_line(line)]))
    stage.say(f"{result['status']}: {result.get('code')} ({_counts(last['summary'])})")
    if result["status"] != "refused":
        raise DemoFailedError("an erased person came back")


def verify_trail(stage: Stage) -> None:
    """The trail is exported and verified offline; then one byte of it is changed."""
    answer = stage.ask("POST", "/v1/decisions", {"lead": stage.person, **CHECK}).body
    entry = f"/v1/audit/entries/{answer['audit']['entry_id']}"
    _until(lambda: stage.ask("GET", entry).body.get("proof"), "the trail")
    exported = stage.folder / "trail.ndjson"
    exported.write_bytes(b"".join(stage.door.download("/v1/audit/export")))
    key = json.loads(exported.read_bytes().splitlines()[0])["keys"][0]
    stage.say(f"python -m audit verify {exported.name} --key {key}")
    stage.say(f"  {_verify(exported, key, expected=0)}")
    forged = exported.with_name("trail-changed.ndjson")
    forged.write_bytes(b"\n".join(_change_a_byte(exported.read_bytes().splitlines())) + b"\n")
    stage.say(f"python -m audit verify {forged.name} --key {key}")
    stage.say(f"  {_verify(forged, key, expected=1)}")


STEPS: tuple[Callable[[Stage], None], ...] = (
    make_crm,
    import_leads,
    record_consents,
    check_campaign,
    erase,
    check_again,
    read_back,
    import_again,
    verify_trail,
)


def tell(stage: Stage) -> None:
    """All nine steps.

    Raises:
        DemoFailedError: A step did not end as it should.
    """
    for number, step in enumerate(STEPS, start=1):
        stage.console.print(f"[bold]{number}. {(step.__doc__ or '').strip()}[/bold]")
        step(stage)


def _verify(file: Path, key: str, *, expected: int) -> str:
    """What the auditor's verifier says, run as a program of its own."""
    command = [sys.executable, "-m", "audit", "verify", file.name, "--key", key]
    ran = subprocess.run(command, cwd=file.parent, capture_output=True, text=True, check=False)  # noqa: S603 - ours
    if ran.returncode != expected:
        raise DemoFailedError(f"the verifier ended with {ran.returncode}: {ran.stderr.strip()}")
    return f"exit {ran.returncode}: {(ran.stdout + ran.stderr).strip()}"


def _change_a_byte(lines: list[bytes]) -> Iterator[bytes]:
    """The export with the last byte but one of its middle entry changed."""
    middle = len(lines) // 2
    for number, line in enumerate(lines):
        if number == middle:
            document = json.loads(line)
            entry = bytearray(base64.b64decode(document["entry"]))
            entry[-2] ^= 1
            yield _line(document | {"entry": base64.b64encode(entry).decode()}).strip()
        else:
            yield line


def _until(look: Callable[[], Any], what: str) -> Any:
    """What `look` finds, as soon as it finds something."""
    for _ in range(int(WAIT_SECONDS / PAUSE_SECONDS)):
        found = look()
        if found:
            return found
        time.sleep(PAUSE_SECONDS)
    raise DemoFailedError(f"{what} was not done within {WAIT_SECONDS} seconds")


def _finished(request: dict[str, Any]) -> dict[str, Any] | None:
    """The request once it is over.

    Raises:
        DemoFailedError: A person is needed, and there is none.
    """
    if request["status"] == "needs_attention":
        raise DemoFailedError("the erasure needs a person")
    return request if request["status"].startswith("completed") else None


def _consent(email: str, at: str) -> dict[str, Any]:
    return {
        "lead": {"email": email},
        "status": "given",
        "purposes": ["direct_marketing"],
        "channels": ["email"],
        "source_key": "newsletter-form",
        "method": "double_opt_in",
        "notice": {"version": "2026-01", "text": "Yes, send me the newsletter.", "language": "en"},
        "occurred_at": at,
        "initiative": "subject",
    }


def _line(document: object) -> bytes:
    return json.dumps(document).encode() + b"\n"


def _email(line: dict[str, Any]) -> str:
    return str(line["identifiers"][0]["value"])


def _is(line: dict[str, Any], star: Built) -> bool:
    return _email(line).lower() == star.email


def _verdict(answer: dict[str, Any]) -> str:
    return f"{answer['effect']} ({answer['reasons'][0]})"


def _counts(summary: dict[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in summary.items())


def _yes(value: object) -> str:
    return "yes" if value else "no"


def _now() -> str:
    return datetime.now(UTC).isoformat()
