"""Keys at the door: before the body, with a trace of every refusal."""

import json

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from api import auth
from api.context import Service
from audit.tables import PendingRow
from governance.accounts import make_key, revoke_key
from governance.scopes import OURSELVES, Caller, Grant
from tests.conftest import NOW, KeyOf

GOOD = {"word": "a"}


def entries(service: Service, action: str) -> list[dict[str, object]]:
    """The entries of an action that wait to be sequenced."""
    with service.main.read() as session:
        bodies = session.scalars(select(PendingRow.body).where(PendingRow.action == action)).all()
    return [json.loads(body) for body in bodies]


def test_a_key_with_the_scope_goes_through(door: FlaskClient, key_of: KeyOf) -> None:
    """The view knows who is calling."""
    header = key_of("leads:read")
    answer = door.post("/secret", json=GOOD, headers=header)

    assert answer.status_code == 200
    assert answer.get_json()["caller"] in header["Authorization"]


@pytest.mark.parametrize(
    "header",
    [
        {},
        {"Authorization": ""},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer x"},
        {"Authorization": "Basic bHc6bHc="},
        {"Authorization": "Bearer lw_00000000-0000-0000-0000-000000000000_" + "a" * 43},
        {"Authorization": "Bearer lw_00000000-0000-0000-0000-000000000000_" + "\u00e4" * 43},
    ],
)
def test_no_key_or_an_unknown_one_is_401_before_the_body(door: FlaskClient, header: dict[str, str]) -> None:
    """Even a body that is broken or far too big is not looked at."""
    answer = door.post("/secret", data=b"{" * 2_000_000, content_type="text/plain", headers=header)

    assert (answer.status_code, answer.get_json()["code"]) == (401, "unauthenticated")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_another_secret_is_401(door: FlaskClient, key_of: KeyOf) -> None:
    """Also right after the right one was held."""
    header = key_of("leads:read")
    assert door.post("/secret", json=GOOD, headers=header).status_code == 200
    wrong = header["Authorization"][:-1] + ("A" if header["Authorization"][-1] != "A" else "B")

    assert door.post("/secret", json=GOOD, headers={"Authorization": wrong}).status_code == 401


def test_a_missing_scope_is_403_before_the_body_and_is_logged(
    door: FlaskClient, key_of: KeyOf, service: Service
) -> None:
    """The trail says who, which scope and which route, and nothing of the body."""
    answer = door.post("/secret", data=b"canary", headers=key_of("leads:write"))

    assert (answer.status_code, answer.get_json()["code"]) == (403, "scope_missing")
    (entry,) = entries(service, "access.denied")
    assert entry["facts"] == {"route": "/secret", "scope": "leads:read"}
    assert "canary" not in json.dumps(entry)


def test_a_revoked_key_is_held_no_longer_than_said(
    door: FlaskClient, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A revocation by another process shows when the held row is read again."""
    made = service.main.write(
        lambda session: make_key(session, "k", Grant(frozenset({"leads:read"})), maker=OURSELVES, now=NOW)
    )
    header = {"Authorization": f"Bearer {made.token}"}
    assert door.post("/secret", json=GOOD, headers=header).status_code == 200
    service.main.write(lambda session: revoke_key(session, made.id, actor="other", now=NOW))
    monkeypatch.setattr(auth, "HELD_SECONDS", 0.0)

    assert door.post("/secret", json=GOOD, headers=header).status_code == 401


def test_a_sleeping_key_opens_nothing(door: FlaskClient, service: Service) -> None:
    """It waits for somebody who has its scopes."""
    poor = Caller("poor", "poor", frozenset({"keys:manage"}))
    made = service.main.write(
        lambda session: make_key(session, "k", Grant(frozenset({"leads:read"})), maker=poor, now=NOW)
    )
    answer = door.post("/secret", json=GOOD, headers={"Authorization": f"Bearer {made.token}"})

    assert (answer.status_code, answer.get_json()["code"]) == (403, "key_not_confirmed")


def test_held_keys_stay_few(service: Service, key_of: KeyOf, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody fills the memory with keys."""
    monkeypatch.setattr(auth, "MOST_HELD", 2)
    held = auth.HeldKeys()
    for _ in range(5):
        key_id = key_of("leads:read")["Authorization"].split("_")[1]
        assert held.find(service, key_id) is not None

    assert len(held._held) <= 2  # noqa: SLF001 - what is proved


def test_an_unreachable_database_is_503_not_401(door: FlaskClient, key_of: KeyOf, service: Service) -> None:
    """A caller must not take an outage for a wrong key."""
    header = key_of("decisions:create")
    service.settings.home.joinpath("leadwarden.db").rename(service.settings.home / "away.db")
    answer = door.post("/decide", headers=header)
    service.settings.home.joinpath("away.db").rename(service.settings.home / "leadwarden.db")

    assert (answer.status_code, answer.get_json()["effect"]) == (503, "deny")
