"""Keys and users over HTTP."""

import pytest
from flask.testing import FlaskClient

from tests.conftest import KeyOf

OFFICER = ("leads:read", "requests:review", "requests:export")


def bearer(token: str) -> dict[str, str]:
    """The header of a token."""
    return {"Authorization": f"Bearer {token}"}


def test_a_key_is_made_used_listed_and_revoked(client: FlaskClient, key_of: KeyOf) -> None:
    """Revoking works on the very next call."""
    manager = key_of("keys:manage")
    made = client.post("/v1/keys", json={"name": "CRM", "scopes": ["keys:manage"]}, headers=manager)
    new = made.get_json()
    assert (made.status_code, new["state"], new["scopes"]) == (201, "active", ["keys:manage"])
    assert client.get("/v1/keys", headers=bearer(new["key"])).status_code == 200

    assert client.delete(f"/v1/keys/{new['id']}", headers=manager).get_json()["state"] == "revoked"
    assert client.get("/v1/keys", headers=bearer(new["key"])).status_code == 401
    assert client.delete(f"/v1/keys/{new['id']}", headers=manager).status_code == 404

    listed = client.get("/v1/keys?limit=500", headers=manager)
    (seen,) = [item for item in listed.get_json()["items"] if item["id"] == new["id"]]
    assert seen["state"] == "revoked"
    assert new["key"] not in listed.text


def test_a_key_beyond_its_maker_sleeps_until_confirmed(client: FlaskClient, key_of: KeyOf) -> None:
    """By somebody who has the scopes and needs no `keys:manage`; a refusal is 403."""
    manager = key_of("keys:manage")
    new = client.post(
        "/v1/keys", json={"name": "k", "scopes": ["leads:read", "keys:manage"]}, headers=manager
    ).get_json()
    path = f"/v1/keys/{new['id']}/confirm"

    assert new["state"] == "sleeping"
    assert client.get("/v1/keys", headers=bearer(new["key"])).status_code == 403
    assert client.post(path, headers=bearer(new["key"])).status_code == 403
    assert client.post(path, headers=manager).status_code == 403
    assert client.post(path).status_code == 401
    confirmed = client.post(path, headers=key_of("leads:read")).get_json()
    assert (confirmed["id"], confirmed["state"]) == (new["id"], "active")
    assert client.get("/v1/keys", headers=bearer(new["key"])).status_code == 200
    assert client.post("/v1/keys/none/confirm", headers=manager).status_code == 404


def test_a_bound_manager_makes_nothing_wider(client: FlaskClient, key_of: KeyOf) -> None:
    """403, and the bound kind goes through."""
    bound = key_of("keys:manage", purposes=["research"])
    wide = {"name": "k", "scopes": ["keys:manage"]}

    assert client.post("/v1/keys", json=wide, headers=bound).status_code == 403
    made = client.post("/v1/keys", json=wide | {"purposes": ["research"]}, headers=bound)
    assert (made.status_code, made.get_json()["purposes"]) == (201, ["research"])


@pytest.mark.parametrize(
    "body",
    [
        {"name": "k", "scopes": []},
        {"name": "", "scopes": ["leads:read"]},
        {"name": "k", "scopes": ["leads:own"]},
        {"name": "k", "scopes": ["leads:read"], "purposes": ["spam"]},
        {"name": "k", "scopes": ["leads:read"], "channels": []},
        {"name": "k", "scopes": ["leads:read"], "secret": "mine"},
    ],
)
def test_a_wrong_key_is_422(client: FlaskClient, key_of: KeyOf, body: dict[str, object]) -> None:
    """Closed sets, and nothing unknown."""
    assert client.post("/v1/keys", json=body, headers=key_of("keys:manage")).status_code == 422


def test_keys_come_in_pages(client: FlaskClient, key_of: KeyOf) -> None:
    """Following the cursor shows each once."""
    headers = [key_of("keys:manage") for _ in range(7)]
    seen: list[str] = []
    path = "/v1/keys?limit=3"
    while path:
        answer = client.get(path, headers=headers[0]).get_json()
        seen += [item["id"] for item in answer["items"]]
        path = f"/v1/keys?limit=3&cursor={answer['next_cursor']}" if answer["next_cursor"] else ""

    assert len(seen) == len(set(seen)) == 7


def test_a_user_is_added_confirmed_listed_and_removed(client: FlaskClient, key_of: KeyOf) -> None:
    """Addresses are compared in their normal form, and end with the user."""
    manager = key_of("keys:manage")
    body = {"email": "Jane.Doe@Example.com", "role": "auditor"}
    made = client.post("/v1/users", json=body, headers=manager)
    user = made.get_json()
    assert (made.status_code, user["state"]) == (201, "sleeping")
    again = client.post("/v1/users", json=body | {"email": " jane.doe@example.COM"}, headers=manager)
    assert (again.status_code, again.get_json()["code"]) == (409, "user_exists")
    assert "jane" not in again.text

    confirm = f"/v1/users/{user['id']}/confirm"
    assert client.post(confirm, headers=manager).status_code == 403
    auditor = key_of("audit:read", "decisions:read", "consents:read", "requests:read")
    assert client.post(confirm, headers=auditor).status_code == 200
    (listed,) = client.get("/v1/users", headers=manager).get_json()["items"]
    assert (listed["email"], listed["state"]) == ("jane.doe@example.com", "active")

    path = f"/v1/users/{user['id']}"
    assert client.delete(path, headers=manager).status_code == 200
    assert client.delete(path, headers=manager).status_code == 404
    assert client.get("/v1/users", headers=manager).get_json()["items"] == []
    assert client.get("/v1/keys", headers=bearer(user["key"])).status_code == 401


def test_a_malformed_address_is_422_without_it(client: FlaskClient, key_of: KeyOf) -> None:
    """Nor does the answer repeat it."""
    answer = client.post(
        "/v1/users", json={"email": "canary", "role": "auditor"}, headers=key_of("keys:manage")
    )

    assert (answer.status_code, "canary" in answer.text) == (422, False)


def test_a_key_says_what_it_opens_for_and_how_many(client: FlaskClient, key_of: KeyOf) -> None:
    """As it was made, and as it is listed; capitals in a purpose say nothing."""
    manager = key_of("keys:manage", "leads:read")
    asked = {"name": "k", "scopes": ["leads:read"], "lookup_purposes": ["Support"], "openings_an_hour": 10}
    made = client.post("/v1/keys", json=asked, headers=manager)
    listed = client.get("/v1/keys?limit=500", headers=manager).get_json()["items"]
    [seen] = [item for item in listed if item["id"] == made.get_json()["id"]]

    assert made.status_code == 201
    assert (seen["lookup_purposes"], seen["openings_an_hour"], seen["openings_a_day"]) == (
        ["support"],
        10,
        None,
    )
    assert {name: made.get_json()[name] for name in seen} == seen


def test_more_than_the_settings_is_for_an_officer_to_say(client: FlaskClient, key_of: KeyOf) -> None:
    """An administrator can lower a key's numbers when making it, and not raise them."""
    asked = {"name": "k", "scopes": ["audit:read"], "openings_an_hour": 100_000}
    keys = [key_of("keys:manage"), key_of("keys:manage", "requests:review")]

    assert [client.post("/v1/keys", json=asked, headers=key).status_code for key in keys] == [403, 201]


def test_an_officer_changes_the_numbers_of_any_key_but_their_own(client: FlaskClient, key_of: KeyOf) -> None:
    """Else a stolen key would lift its own limit; nothing is said of an unknown key."""
    officer, manager = key_of("requests:review", "leads:read"), key_of("keys:manage")
    other = client.post("/v1/keys", json={"name": "k", "scopes": ["keys:manage"]}, headers=manager).get_json()
    own_id = officer["Authorization"].split("_")[1]
    body = {"openings_an_hour": 50_000, "openings_a_day": None}
    changed = client.put(f"/v1/keys/{other['id']}/limits", json=body, headers=officer)

    assert changed.status_code == 200
    assert (changed.get_json()["openings_an_hour"], changed.get_json()["openings_a_day"]) == (50_000, None)
    assert client.put(f"/v1/keys/{own_id}/limits", json=body, headers=officer).status_code == 403
    assert client.put(f"/v1/keys/{other['id']}/limits", json=body, headers=manager).status_code == 403
    assert client.put("/v1/keys/none/limits", json=body, headers=officer).status_code == 404
    bad = client.put(f"/v1/keys/{other['id']}/limits", json={"openings_a_day": -1}, headers=officer)
    assert (bad.status_code, list(bad.get_json()["errors"])) == (422, ["openings_a_day"])
