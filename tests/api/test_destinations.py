"""Where messages go: what is refused at the start."""

import base64

import pytest

from api import destinations
from api.errors import SettingsError
from api.settings import read_settings

SECRET = "whsec_" + base64.b64encode(b"s" * 32).decode()
SMTP = {"LEADWARDEN_SMTP_URL": "smtps://mail.example.com", "LEADWARDEN_MAIL_FROM": "privacy@example.com"}


def test_a_secret_is_read_as_the_specification_spells_it() -> None:
    """Prefix and base64."""
    assert destinations.webhook_secret(SECRET) == b"s" * 32


@pytest.mark.parametrize(
    "secret",
    [SECRET.removeprefix("whsec_"), "whsec_", "whsec_c2hvcnQ=", "whsec_!", "whsec_" + "QUFB" * 30],
    ids=["no prefix", "empty", "short", "no base64", "long"],
)
def test_a_weak_secret_is_refused(secret: str) -> None:
    """Less than 24 bytes can be guessed."""
    with pytest.raises(ValueError, match="whsec_"):
        destinations.webhook_secret(secret)


@pytest.mark.parametrize(
    "url",
    ["http://example.com/x", "ftp://example.com", "https://", "https://u:p@example.com", "https://x:y"],
    ids=str,
)
def test_an_unsafe_webhook_is_refused(url: str) -> None:
    """Unencrypted to elsewhere, or no URL."""
    with pytest.raises(ValueError, match="https"):
        destinations.webhook_url(url)


@pytest.mark.parametrize("url", ["https://example.com/x?token=1", "http://127.0.0.1:9/x"], ids=str)
def test_a_safe_webhook_is_taken(url: str) -> None:
    """Encrypted, or to this machine."""
    assert destinations.webhook_url(url) == url


@pytest.mark.parametrize("text", ["anna", "Anna <anna@example.com>", "a@b.c, d@e.f", "a@b c"], ids=str)
def test_what_is_no_bare_address_is_refused(text: str) -> None:
    """One address, and nothing around it."""
    with pytest.raises(ValueError, match="one mail address"):
        destinations.mail_address(text)


@pytest.mark.parametrize(
    "environment",
    [
        {"LEADWARDEN_STAFF_MAIL": "staff@example.com"},
        {"LEADWARDEN_AUDITOR_MAIL": "a@example.com", "LEADWARDEN_SMTP_URL": "smtps://mail.example.com"},
        {"LEADWARDEN_WEBHOOK_URL": "https://example.com/x"},
        {"LEADWARDEN_WEBHOOK_SECRET": SECRET},
    ],
    ids=["no server", "no sender", "no secret", "no url"],
)
def test_a_receiver_that_could_not_be_reached_stops_the_start(environment: dict[str, str]) -> None:
    """Whoever names one means that messages reach it."""
    with pytest.raises(SettingsError, match="LEADWARDEN_"):
        read_settings(environment)


def test_secrets_show_in_no_repr() -> None:
    """Neither the webhook's address, which may hold a token, nor what signs."""
    settings = read_settings(
        {**SMTP, "LEADWARDEN_WEBHOOK_URL": "https://example.com/canary", "LEADWARDEN_WEBHOOK_SECRET": SECRET}
    )

    assert "canary" not in repr(settings)
    assert "sss" not in repr(settings)
