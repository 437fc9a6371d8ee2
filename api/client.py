"""A client for programs that send: asks before each contact, and takes everything but a clear yes as no.

    with Client("http://127.0.0.1:8080", key) as leadwarden:
        for person in mailing:
            answer = leadwarden.check({"email": person.email}, "email", "direct_marketing")
            if answer.allowed:
                send(person, answer.obligations)
                leadwarden.tell(answer.decision_id, sent=True, at=datetime.now(UTC))

It needs no Flask and no SQLAlchemy. One client serves one thread.
"""

import http.client
import json
import random
import time
from base64 import urlsafe_b64decode
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from types import TracebackType
from typing import Any, Self, TypeAlias
from urllib.parse import urlsplit

from audit.errors import AuditError
from audit.note import Ed25519Key, Key, parse_vkey
from audit.receipt import open_receipt

Keep: TypeAlias = Callable[[str], object]

UNREACHABLE = "SERVICE_UNREACHABLE"
"""The reason of an answer that the service did not give."""

LINES_A_CALL = 5_000
FIRST_PAUSE_SECONDS = 0.1
LONGEST_PAUSE_SECONDS = 5.0
WORTH_ANOTHER_TRY = frozenset({429, 502, 503, 504})
HTTP_OK, HTTP_ERROR = 200, 400


class ClientError(Exception):
    """The service refused the call: a wrong key, a malformed question. Asking again changes nothing."""

    def __init__(self, status: int, document: Mapping[str, Any]) -> None:
        super().__init__(f"{status} {document.get('code', 'error')}")
        self.status = status
        self.document = dict(document)


class UnreachableError(Exception):
    """The service did not answer in all tries."""


class ReceiptInvalidError(Exception):
    """A receipt is forged, expired, or was made for somebody else."""


@dataclass(frozen=True, slots=True)
class Answer:
    """May I? Without a clear yes of the service `allowed` is False."""

    allowed: bool
    reasons: tuple[str, ...]
    obligations: tuple[str, ...] = ()
    decision_id: str | None = None
    receipt: str | None = field(default=None, repr=False)
    document: Mapping[str, Any] = field(default_factory=dict, repr=False)


NO = Answer(allowed=False, reasons=(UNREACHABLE,))


class Client:
    """Asks one service with one key.

    Args:
        url: Where the service listens.
        key: `lw_<id>_<secret>`.
        timeout: Seconds to wait for a connection or a part of an answer.
        tries: How often a call is made before the service counts as unreachable.
    """

    def __init__(self, url: str, key: str, *, timeout: float = 5.0, tries: int = 3) -> None:
        if not (key.isascii() and key.isprintable()):
            raise ValueError("the key is one line of printable ASCII")
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or parts.hostname is None:
            raise ValueError("the URL of the service starts with http:// or https://")
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        self._connection = kind(parts.hostname, parts.port, timeout=timeout)
        self._base = parts.path.rstrip("/")
        self._key = key
        self._tries = tries
        self._public: dict[str, Ed25519Key] = {}
        self._log: list[Key] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let the connection go."""
        self._connection.close()

    def check(self, lead: Mapping[str, Any], channel: str, purpose: str, **more: Any) -> Answer:
        """May this lead be contacted, now? `more` are further fields of the question.

        An unreachable service is a no with the reason `SERVICE_UNREACHABLE`.

        Raises:
            ClientError: the question or the key is not good.
        """
        question = {"lead": lead, "channel": channel, "purpose": purpose, **more}
        try:
            return _answer(self._call_json("POST", "/v1/decisions", question))
        except UnreachableError:
            return NO

    def check_many(
        self, questions: Iterable[Mapping[str, Any]], keep: Keep | None = None
    ) -> Iterator[Answer]:
        """An answer for each question, in order, in memory that does not grow with their number.

        A question that is not good is a no with its code as the reason; so is every question of a part that
        the service did not answer.

        Args:
            questions: as the fields of `check`.
            keep: called with each receipt of the answers, before they are given: a signed note in which the
                log promises to hold the entry of up to 1,000 of them. Kept somewhere else, it makes an
                omission provable (`python -m audit verify --receipts`).

        Raises:
            ClientError: the key is not good.
            ReceiptInvalidError: receipts were asked for, and one is forged or is lacking.
        """
        remaining = iter(questions)
        while part := list(islice(remaining, LINES_A_CALL)):
            yield from self._check_part(part, keep)

    def tell(self, decision_id: str, *, sent: bool, at: datetime) -> None:
        """Say what was done with an answer. Saying it again changes nothing.

        Raises:
            ClientError: the service refused it.
            UnreachableError: it was not told.
        """
        body = {"outcome": "sent" if sent else "not_sent", "at": at.isoformat()}
        self._call_json("POST", f"/v1/decisions/{decision_id}/outcome", body)

    def verify(self, receipt: str, *, now: datetime, audience: str | None = None) -> dict[str, Any]:
        """The claims of a receipt of this service, made for this client's key or for `audience`.

        Raises:
            ReceiptInvalidError: it is forged, expired, or bound to another key.
            UnreachableError: the public keys could not be fetched.
        """
        header, claims, signed, signature = _parts(receipt)
        if not self._public_key(str(header.get("kid"))).verify(signed, signature):
            raise ReceiptInvalidError("the signature is not the service's")
        if claims.get("aud") != (audience or _key_id(self._key)):
            raise ReceiptInvalidError("the receipt was made for another key")
        if now.timestamp() >= claims.get("exp", 0):
            raise ReceiptInvalidError("the receipt has expired")
        return claims

    def _check_part(self, part: list[Mapping[str, Any]], keep: Keep | None) -> Iterator[Answer]:
        body = "\n".join(json.dumps(question) for question in part).encode()
        try:
            raw = self._call("POST", "/v1/decisions/batch", body, "application/x-ndjson")
        except UnreachableError:
            yield from (NO for _ in part)
            return
        try:
            *lines, last = [_object(line) for line in raw.splitlines()]
        except (ValueError, UnreachableError):
            lines, last = [], {}
        if len(lines) != len(part):  # else a yes could be taken for another person's
            yield from (NO for _ in part)
            return
        answers = [_answer(line) for line in lines]
        if keep is not None:
            self._keep(answers, last["receipts"], keep)
        yield from answers

    def _keep(self, answers: Iterable[Answer], receipts: Sequence[Mapping[str, str]], keep: Keep) -> None:
        """Hand on the receipts of answers, once each is the log's and no answer is without one."""
        keys = self._log_keys()
        promised = set()
        for each in receipts:
            try:
                promised.add(open_receipt(each["receipt"], keys).entry_id)
            except AuditError:
                raise ReceiptInvalidError("a receipt of the log is not signed by its key") from None
        entries = {answer.document.get("audit", {}).get("entry_id") for answer in answers}
        if not entries - {None} <= promised:
            raise ReceiptInvalidError("the log did not promise to hold an entry that an answer names")
        for each in receipts:
            keep(each["receipt"])

    def _log_keys(self) -> list[Key]:
        if not self._log:
            found = self._call_json("GET", "/audit/keys")
            self._log = [parse_vkey(key["vkey"]) for key in found["keys"]]
        return self._log

    def _public_key(self, kid: str) -> Ed25519Key:
        if kid not in self._public:
            found = self._call_json("GET", "/.well-known/jwks.json")
            self._public = {key["kid"]: Ed25519Key(key["kid"], _unbase64(key["x"])) for key in found["keys"]}
        if kid not in self._public:
            raise ReceiptInvalidError("no key of the service has that name")
        return self._public[kid]

    def _call_json(self, method: str, path: str, body: object = None) -> dict[str, Any]:
        raw = None if body is None else json.dumps(body).encode()
        return _object(self._call(method, path, raw, "application/json"))

    def _call(self, method: str, path: str, body: bytes | None, media_type: str) -> bytes:
        """The body of a good answer. Every call made here may be repeated: see the methods above."""
        headers = {"Authorization": f"Bearer {self._key}", "Content-Type": media_type}
        pause = FIRST_PAUSE_SECONDS
        for attempt in range(self._tries):
            if attempt:
                time.sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311 - spreads callers
                pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
            try:
                self._connection.request(method, self._base + path, body, headers)
                answer = self._connection.getresponse()
                content = answer.read()
            except (OSError, http.client.HTTPException):
                self._connection.close()  # the next try connects anew
                continue
            if answer.status in WORTH_ANOTHER_TRY:
                continue
            if answer.status >= HTTP_ERROR:
                raise ClientError(answer.status, _document(content))
            if answer.status != HTTP_OK:
                break  # whoever answers so is not the service
            return content
        raise UnreachableError("the service did not answer")


def _answer(document: Mapping[str, Any]) -> Answer:
    """A result of the service; one with `code` is a question that could not be read."""
    reasons = document.get("reasons") or [document.get("code", UNREACHABLE)]
    return Answer(
        allowed=document.get("effect") == "allow",
        reasons=tuple(reasons),
        obligations=tuple(document.get("obligations", ())),
        decision_id=document.get("decision_id"),
        receipt=document.get("receipt"),
        document=document,
    )


def _object(content: bytes) -> dict[str, Any]:
    """The JSON object that the service answered with; whoever sends anything else is not the service."""
    try:
        found = json.loads(content)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise UnreachableError("what answers is not the service")
    return found


def _document(content: bytes) -> dict[str, Any]:
    try:
        found = json.loads(content)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _parts(receipt: str) -> tuple[dict[str, Any], dict[str, Any], str, bytes]:
    """Header, claims, the signed bytes and the signature of a compact JWS; only EdDSA is read."""
    try:
        header, claims, signature = receipt.split(".")
        read = json.loads(_unbase64(header)), json.loads(_unbase64(claims))
        found = (*read, f"{header}.{claims}", _unbase64(signature))
    except (ValueError, UnicodeError):
        raise ReceiptInvalidError("not a compact JWS") from None
    if not isinstance(found[0], dict) or not isinstance(found[1], dict) or found[0].get("alg") != "EdDSA":
        raise ReceiptInvalidError("not a receipt signed with EdDSA")
    return found


def _unbase64(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _key_id(key: str) -> str:
    return key.removeprefix("lw_").partition("_")[0]
