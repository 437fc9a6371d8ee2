"""Every right that the service knows, end to end through the running program: mail, store, letter."""

import http.client
import io
import json
import re
import sqlite3
import uuid
import zipfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.api.receivers import Mailbox, mail_server
from tests.flows.clients import lead_of, wait_for
from tests.flows.living import HOST, Living, living
from tests.flows.people import question_of, request_of
from tests.governance.requests.test_handover import encoded

KEY = Ed25519PrivateKey.from_private_bytes(b"\x01" * 32)
PUBLIC_URL = "http://127.0.0.1:8080"
PATH = "/v1/privacy-requests"
SHOP = {
    "store": "shop",
    "kind": "sql",
    "url": "env:LEADWARDEN_STORE_SHOP",
    "active": True,
    "purposes": ["direct_marketing"],
    "recipient": {"name": "Example Shop Ltd", "role": "processor", "country": "DE"},
    "tables": {
        "customers": {
            "identity": {"email": "email"},
            "columns": {
                "first_name": {"category": "contact_details"},
                "email": {"category": "contact_details"},
                "score": {"category": "inferred"},
            },
            "restrict": {"column": "blocked", "on": 1, "off": 0},
            "erase": "delete",
        }
    },
}


@dataclass(frozen=True, slots=True)
class World:
    """A service with a mail server, a shop, and a controller whose logins it trusts."""

    service: Living
    box: Mailbox
    shop: Path

    def sql(self, statement: str, *values: object) -> list[Any]:
        """What the shop's database answers."""
        with sqlite3.connect(self.shop, timeout=30) as connection:
            found = connection.execute(statement, values).fetchall()
        connection.close()
        return found

    def customer(self, first_name: str = "Ana") -> str:
        """The address of a new customer, who is a lead too, with a score that was guessed."""
        email = f"ana.{uuid.uuid4().hex[:12]}@example.com"
        self.sql("INSERT INTO customers (email, first_name, score) VALUES (?, ?, 7)", email, first_name)
        lead_of(self.service, email, profile={"first_name": first_name})
        return email

    def ask(self, email: str, kind: str, **more: Any) -> str:
        """The path of a new request."""
        made = self.service.ask("POST", PATH, request_of(email, type=kind, **more))
        return f"{PATH}/{made['id']}"

    def do(self, path: str, call: str, body: object = None) -> Any:
        """A call that must succeed."""
        return self.service.ask("POST", f"{path}/{call}", {} if body is None else body)

    def ended(self, path: str) -> Any:
        """The request, once it is at work no more."""
        return wait_for(lambda: self.service.ask("GET", path), lambda one: one["status"] != "in_progress")

    def carry_out(self, path: str) -> Any:
        """Verified by an officer, approved, done."""
        self.do(path, "verify", {"method": "document_seen", "result": "verified"})
        self.do(path, "approve")
        return self.ended(path)

    def mails_to(self, address: str, subject: str) -> list[str]:
        """The texts of the mails that somebody got about something."""
        return [
            str(mail.get_content())
            for mail in list(self.box.mails)
            if mail["To"] == address and subject in str(mail["Subject"])
        ]

    def mailed(self, address: str, subject: str) -> str:
        """The newest such mail, once it came."""
        return str(wait_for(lambda: self.mails_to(address, subject), bool)[-1])

    def page(self, path: str, **fields: str) -> tuple[int, str]:
        """What a browser gets for a form."""
        connection = http.client.HTTPConnection(HOST, self.service.port, timeout=60)
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        with closing(connection):
            connection.request("POST", path, urlencode(fields), kind)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One for this module; each test brings a customer of its own."""
    folder = tmp_path_factory.mktemp("rights")
    shop = folder / "shop.db"
    with sqlite3.connect(shop) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute(
            "CREATE TABLE customers (id INTEGER PRIMARY KEY, email TEXT, first_name TEXT, score INTEGER,"
            " blocked INTEGER NOT NULL DEFAULT 0)"
        )
        connection.execute("CREATE INDEX customers_email ON customers (email)")
    connection.close()
    with mail_server() as box:
        settings = {
            "LEADWARDEN_STORE_SHOP": f"sqlite:///{shop}",
            "LEADWARDEN_SMTP_URL": box.url,
            "LEADWARDEN_MAIL_FROM": "privacy@example.com",
            "LEADWARDEN_PUBLIC_URL": PUBLIC_URL,
            "LEADWARDEN_LOGIN_KEY": encoded(KEY.public_key().public_bytes_raw()),
            "LEADWARDEN_SECOND_APPROVAL": "lgpd",
        }
        with living(folder / "home", **settings) as service:
            service.ask("PUT", "/v1/stores/shop", SHOP)
            yield World(service, box, shop)


def test_an_erasure_from_the_public_form_to_the_last_letter(world: World) -> None:
    """Form, code by mail, page, plan, approval, shop emptied, letter: the person never needed an account."""
    email = world.customer()
    status, page = world.page("/privacy", type="erasure", email=email, place="gdpr", form=str(uuid.uuid4()))
    assert (status, "Enter the code here" in page) == (200, True)
    number = re.findall(r"/privacy/confirm/([0-9a-f-]{36})", page)[0]
    code = re.findall(r"code is: (\d{4} \d{4})", world.mailed(email, "Your code"))[0]
    assert world.page("/privacy/confirm", number=number, code="0000 0000")[0] == 422
    assert world.page("/privacy/confirm", number=number, code=code)[0] == 200

    path = f"{PATH}/{number}"
    plan = world.do(path, "plan")
    shop = plan["stores"][0]
    assert (shop["store"], shop["outcome"], shop["found"]) == ("shop", "will_run", 1)
    assert shop["tables"] == [{"table": "customers", "action": "delete", "rows": 1}]
    world.do(path, "approve")
    assert world.ended(path)["status"] == "completed"
    assert world.sql("SELECT COUNT(*) FROM customers WHERE email = ?", email) == [(0,)]
    assert "erased" in world.mailed(email, "Your request is done")


def test_an_access_is_verified_by_a_login_at_the_controller(world: World) -> None:
    """California wants a high degree: a code alone waits, the login leads on; the package has everything."""
    email = world.customer()
    path = world.ask(email, "access", regime="ccpa")
    world.do(path, "code")
    code = re.findall(r"code is: (\d{4} \d{4})", world.mailed(email, "Your code"))[0]
    assert world.page("/privacy/confirm", number=path.rpartition("/")[2], code=code)[0] == 200
    waiting = world.service.ask("GET", path)
    assert (waiting["status"], waiting["verification"]["reached"]) == ("awaiting_verification", "reasonable")

    assert world.do(path, "login", {"token": _token(path, email)})["status"] == "awaiting_review"
    world.do(path, "approve")
    assert world.ended(path)["status"] == "completed"
    package = zipfile.ZipFile(io.BytesIO(world.service.call("GET", f"{path}/package").raw))
    assert email in package.read("data.json").decode()
    assert "score" in package.read("data.json").decode()


def test_a_portable_copy_leaves_out_what_was_guessed(world: World) -> None:
    """Article 20: what was provided or observed, and no score."""
    path = world.ask(world.customer(), "portability")
    assert world.carry_out(path)["status"] == "completed"
    data = zipfile.ZipFile(io.BytesIO(world.service.call("GET", f"{path}/package").raw)).read("data.json")

    assert b"first_name" in data
    assert b'"score"' not in data


def test_a_rectification_reaches_the_shop_and_the_service(world: World) -> None:
    """By itself, once it is written down what is right."""
    email = world.customer("Ana")
    path = world.ask(email, "rectification", note="My name is Anna.")
    assert world.do(path, "file")["note"] == "My name is Anna."
    world.do(path, "corrections", {"corrections": [{"name": "first_name", "value": "Anna", "was": "Ana"}]})

    assert world.carry_out(path)["status"] == "completed"
    assert world.sql("SELECT first_name FROM customers WHERE email = ?", email) == [("Anna",)]
    looked_up = world.service.ask(
        "POST", "/v1/leads/lookup", {"lead": {"email": email}, "purpose": "research"}
    )
    assert looked_up["profile"]["first_name"] == "Anna"


def test_a_restriction_is_marked_in_the_shop_and_its_end_is_announced(world: World) -> None:
    """The person is told before; the mark stays until the day has come."""
    email = world.customer()
    path = world.ask(email, "restriction")
    assert world.carry_out(path)["status"] == "completed"
    assert world.sql("SELECT blocked FROM customers WHERE email = ?", email) == [(1,)]
    answer = world.service.ask("POST", "/v1/decisions", question_of(email))
    assert answer["reasons"][0] == "PROCESSING_RESTRICTED"

    world.do(path, "lift", {"explanation": "The mistake is corrected."})
    assert "The mistake is corrected." in world.mailed(email, "used again")
    assert world.sql("SELECT blocked FROM customers WHERE email = ?", email) == [(1,)]


@pytest.mark.parametrize(
    ("kind", "purpose", "reason"),
    [
        ("objection", "direct_marketing", "OBJECTION_DIRECT_MARKETING"),
        ("opt_out_sale_sharing", "sharing", "SALE_SHARING_OPT_OUT"),
        ("limit_sensitive", "profiling", "OBJECTION_PROFILING"),
    ],
)
def test_what_stops_processing_holds_in_the_next_decision(
    world: World, kind: str, purpose: str, reason: str
) -> None:
    """No proof, no wait; review closes it."""
    email = world.customer()
    path = world.ask(email, kind)
    answer = world.service.ask("POST", "/v1/decisions", question_of(email) | {"purpose": purpose})
    assert answer["effect"] == "deny"
    assert any(reason in each for each in answer["reasons"]), answer["reasons"]
    world.do(path, "approve")

    assert world.ended(path)["status"] == "completed"


def test_a_complaint_is_answered_by_a_person(world: World) -> None:
    """It waits for them, and ends when they say so."""
    email = world.customer()
    path = world.ask(email, "complaint", regime="uk_gdpr", note="You called at night.")
    world.do(path, "approve")
    assert world.ended(path)["status"] == "needs_attention"
    world.do(path, "steps/leadwarden/complete")

    assert world.ended(path)["status"] == "completed"
    assert "complaint" in world.mailed(email, "Your request is done")


def test_a_refusal_is_appealed_granted_and_carried_out(world: World) -> None:
    """Letters say so: how to appeal, and that it was right to."""
    email = world.customer()
    path = world.ask(email, "erasure", regime="us_state")
    world.do(path, "verify", {"method": "known_channel", "result": "verified"})
    world.do(path, "refuse", {"ground": "excessive", "explanation": "You asked last week."})
    assert "appeal" in world.mailed(email, "Our answer to your request")
    world.do(path, "appeal", {"said": "That was somebody else."})
    world.do(path, "appeal/decide", {"result": "granted", "explanation": "So it was."})
    assert "So it was." in world.mailed(email, "your appeal")

    world.do(path, "approve")
    assert world.ended(path)["status"] == "completed"
    assert world.sql("SELECT COUNT(*) FROM customers WHERE email = ?", email) == [(0,)]


def test_an_agent_asks_and_the_person_confirms(world: World) -> None:
    """The permission is kept sealed; the code that only the person gets decides."""
    email = world.customer()
    path = world.ask(email, "erasure", regime="ccpa", submitted_by="authorised_agent")
    permission = {
        "method": "agent_permission",
        "result": "verified",
        "statement": "Signed.",
        "ask_person": True,
    }
    assert world.do(path, "verify", permission)["status"] == "awaiting_verification"
    letter = world.mailed(email, "Your code")
    assert letter.startswith("Somebody who says that they act for you")
    code = re.findall(r"code is: (\d{4} \d{4})", letter)[0]
    assert world.page("/privacy/confirm", number=path.rpartition("/")[2], code=code)[0] == 200

    assert world.service.ask("GET", path)["status"] == "awaiting_review"


def test_two_persons_approve_where_configured(world: World) -> None:
    """The first approval starts nothing; the command line is somebody else."""
    email = world.customer()
    path = world.ask(email, "erasure", regime="lgpd")
    world.do(path, "verify", {"method": "login", "result": "verified"})
    assert world.do(path, "approve")["status"] == "awaiting_review"
    refused = world.service.call("POST", f"{path}/approve", {})
    assert (refused.status, refused.body["code"]) == (409, "second_person_needed")
    assert world.sql("SELECT COUNT(*) FROM customers WHERE email = ?", email) == [(1,)]

    assert world.service.run("requests", "approve", path.rpartition("/")[2]).returncode == 0
    assert world.ended(path)["status"] == "completed"


def _token(path: str, email: str) -> str:
    """What the controller's portal signs when somebody logs in."""
    now = int(datetime.now(UTC).timestamp())
    claims = {
        "aud": PUBLIC_URL,
        "iat": now,
        "exp": now + 120,
        "jti": uuid.uuid4().hex,
        "request_id": path.rpartition("/")[2],
        "identity": {"email": email},
    }
    signed = ".".join(encoded(json.dumps(part).encode()) for part in ({"alg": "EdDSA"}, claims))
    return f"{signed}.{encoded(KEY.sign(signed.encode()))}"
