"""Settings: the defaults of the contract, and one clear line for whatever is wrong."""

from pathlib import Path

import pytest

from api.errors import SettingsError
from api.settings import read_settings


def test_an_empty_environment_gives_the_defaults_of_the_contract() -> None:
    """Everything under ./var, keys and checkpoints beside it."""
    settings = read_settings({"PATH": "/bin"})
    home = Path("var").absolute()

    assert settings.home == home
    assert settings.database_url == f"sqlite:///{home}/leadwarden.db"
    assert settings.keys_url == f"sqlite:///{home}/keys.db"
    assert (settings.key_dir, settings.checkpoints) == (Path(f"{home}.keys"), Path(f"{home}.checkpoints"))
    assert (settings.host, settings.port) == ("127.0.0.1", 8080)
    assert settings.embedded


def test_given_values_are_taken() -> None:
    """Each variable of the contract has its field."""
    settings = read_settings(
        {
            "LEADWARDEN_HOME": "/srv/lw",
            "LEADWARDEN_DATABASE_URL": "postgresql://app:pw@db/main",
            "LEADWARDEN_KEYS_URL": "postgresql://app:pw@db/keys",
            "LEADWARDEN_KEY_DIR": "/srv/keys",
            "LEADWARDEN_CHECKPOINTS": "/srv/checkpoints",
            "LEADWARDEN_LISTEN": "[::1]:9000",
            "LEADWARDEN_TIME_ZONE": "Europe/Berlin",
            "LEADWARDEN_CALENDAR": "DE-BE",
            "LEADWARDEN_CONTROLLER": "Example GmbH",
            "LEADWARDEN_SMTP_URL": "smtps://user:pw@mail.example.com:465",
            "LEADWARDEN_STORE_CRM": "postgresql://crm",
            "LEADWARDEN_THREADS": "8",
            "LEADWARDEN_WORKERS": "3",
        }
    )

    assert settings.database_url == "postgresql+psycopg://app:pw@db/main"
    assert (settings.host, settings.port, settings.calendar) == ("::1", 9000, "DE-BE")
    assert (settings.threads, settings.workers, settings.embedded) == (8, 3, False)
    assert settings.store_secrets == {"LEADWARDEN_STORE_CRM": "postgresql://crm"}


@pytest.mark.parametrize(
    ("environment", "url"),
    [
        ({"PUBLIC_URL": "https://privacy.example.com/"}, "https://privacy.example.com"),
        ({"PUBLIC_URL": "http://localhost:9000"}, "http://localhost:9000"),
        ({"LISTEN": "127.0.0.1:9000"}, "http://127.0.0.1:9000"),
        ({"LISTEN": "[::1]:9000"}, "http://[::1]:9000"),
    ],
)
def test_links_begin_where_people_reach_the_pages(environment: dict[str, str], url: str) -> None:
    """As given; else where the service listens, which is good for one machine."""
    settings = read_settings({f"LEADWARDEN_{name}": value for name, value in environment.items()})

    assert settings.public_url == url


def test_a_repr_holds_no_secret() -> None:
    """Settings may end up in a log line or a traceback."""
    settings = read_settings(
        {
            "LEADWARDEN_DATABASE_URL": "postgresql://app:canary@db/main",
            "LEADWARDEN_KEYS_URL": "postgresql://app:canary@db/keys",
            "LEADWARDEN_SMTP_URL": "smtp://u:canary@mail.example.com",
            "LEADWARDEN_STORE_CRM": "canary",
        }
    )

    assert "canary" not in repr(settings)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HOMME", "/srv/x"),
        ("HOME", ""),
        ("HOME", "a\nb"),
        ("DATABASE_URL", "canary"),
        ("DATABASE_URL", "mysql://canary@db/main"),
        ("DATABASE_URL", "sqlite://"),
        ("DATABASE_URL", "sqlite:///:memory:"),
        ("DATABASE_URL", "sqlite:////tmp/x.db?mode=memory"),
        ("KEYS_URL", "sqlite://"),
        ("LISTEN", "8080"),
        ("LISTEN", "127.0.0.1:0"),
        ("LISTEN", "127.0.0.1:65536"),
        ("LISTEN", "127.0.0.1:٨٠٨٠"),
        ("PUBLIC_URL", "http://privacy.example.com"),
        ("PUBLIC_URL", "https://privacy.example.com/canary"),
        ("PUBLIC_URL", "https://canary@privacy.example.com"),
        ("PUBLIC_URL", "https://"),
        ("PUBLIC_URL", "https://privacy.example.com:canary"),
        ("TIME_ZONE", "Berlin"),
        ("CALENDAR", "XX"),
        ("CALENDAR", "DE-XX"),
        ("CONTROLLER", " "),
        ("SMTP_URL", "http://mail.example.com"),
        ("SMTP_URL", "smtp://"),
        ("SMTP_URL", "smtp://mail.example.com:canary"),
        ("LOG_ORIGIN", "a b"),
        ("THREADS", "0"),
        ("THREADS", "1000"),
        ("WORKERS", "two"),
        ("WORKERS", "2"),
    ],
)
def test_what_is_unknown_malformed_or_unsafe_stops_the_start(name: str, value: str) -> None:
    """One line that names the variable and does not repeat a value that may be a secret."""
    with pytest.raises(SettingsError) as caught:
        read_settings({f"LEADWARDEN_{name}": value})

    assert f"LEADWARDEN_{name}" in str(caught.value)
    assert "canary" not in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "environment",
    [
        {"DATABASE_URL": "sqlite:////tmp/one.db", "KEYS_URL": "sqlite:////tmp/one.db"},
        {"HOME": "/srv/lw", "KEY_DIR": "/srv/lw/keys"},
        {"HOME": "/srv/lw", "KEY_DIR": "/srv/lw"},
        {"HOME": "/srv/lw", "KEY_DIR": "/srv/lw.keys/../lw/keys"},
        {"HOME": "/srv/lw", "CHECKPOINTS": "/srv/lw/checkpoints"},
        {"KEY_DIR": "/srv/keys", "CHECKPOINTS": "/srv/keys/checkpoints"},
    ],
)
def test_places_that_one_backup_would_hold_together_are_refused(environment: dict[str, str]) -> None:
    """Keys, data and checkpoints are three backups, or erasing and rollback detection mean nothing."""
    with pytest.raises(SettingsError):
        read_settings({f"LEADWARDEN_{name}": value for name, value in environment.items()})


def test_a_link_into_the_home_is_inside_it(tmp_path: Path) -> None:
    """A backup of the home would hold the keys, whatever the way to them is called."""
    (tmp_path / "home").mkdir()
    (tmp_path / "keys").symlink_to(tmp_path / "home", target_is_directory=True)
    with pytest.raises(SettingsError, match="outside LEADWARDEN_HOME"):
        read_settings(
            {"LEADWARDEN_HOME": str(tmp_path / "home"), "LEADWARDEN_KEY_DIR": str(tmp_path / "keys" / "deep")}
        )
