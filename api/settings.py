"""Settings, from the environment and nowhere else: everything known, well-formed and safe, or no start."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

import holidays
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from api import destinations
from api.destinations import LOOPBACK
from api.errors import SettingsError
from api.kms import kms_place
from audit.note import Ed25519Key
from governance.requests import approvals
from governance.requests.handover import public_key
from governance.vault.aws import AwsPlace
from governance.vault.transit import TransitPlace

T = TypeVar("T")
PREFIX = "LEADWARDEN_"
STORE_PREFIX = "LEADWARDEN_STORE_"
KNOWN = frozenset(
    PREFIX + name
    for name in (
        "HOME",
        "DATABASE_URL",
        "KEYS_URL",
        "KEY_DIR",
        "KMS",
        "KMS_BEFORE",
        "CHECKPOINTS",
        "LISTEN",
        "PUBLIC_URL",
        "LOG_ORIGIN",
        "TIME_ZONE",
        "CALENDAR",
        "CONTROLLER",
        "SMTP_URL",
        "MAIL_FROM",
        "STAFF_MAIL",
        "AUDITOR_MAIL",
        "WEBHOOK_URL",
        "WEBHOOK_SECRET",
        "LOGIN_KEY",
        "SECOND_APPROVAL",
        "REQUEST_MONTHS",
        "EPOCH_DAYS",
        "OPENINGS_AN_HOUR",
        "OPENINGS_A_DAY",
        "THREADS",
        "WORKERS",
    )
)
MOST_THREADS = 64
MOST_WORKERS = 64
MOST_OPENINGS = 1_000_000
MOST_EPOCH_DAYS = 3_650
MOST_REQUEST_MONTHS = 240
HIGHEST_PORT = 65_535


@dataclass(frozen=True, slots=True)
class Settings:
    """What the service was told; the fields without a repr may hold secrets.

    `store_secrets` are the `LEADWARDEN_STORE_*` variables by their whole name. `threads` serve requests in
    each of `workers` processes; with SQLite there is always one process. `log_origin` names the log.
    `public_url` is where people reach the pages: links in messages begin with it.
    `login_key` is the controller's, whose logins show who asks; `second_approval` names the types and regimes
    whose requests two persons approve. `request_months` is how long the file of a closed request is kept.
    `openings_an_hour` and `openings_a_day` are how many people a key may open that says nothing else.
    `epoch_days` is how often epoch keys are rotated; 0 leaves that to `vault rotate`.
    """

    home: Path
    database_url: str = field(repr=False)
    keys_url: str = field(repr=False)
    key_dir: Path
    checkpoints: Path
    kms: TransitPlace | AwsPlace | None = None
    kms_before: TransitPlace | AwsPlace | None = None
    host: str = "127.0.0.1"
    port: int = 8080
    public_url: str = "http://127.0.0.1:8080"
    time_zone: str = "UTC"
    calendar: str | None = None
    controller: str = "the controller"
    smtp_url: str | None = field(default=None, repr=False)
    mail_from: str | None = None
    staff_mail: str | None = None
    auditor_mail: str | None = None
    webhook_url: str | None = field(default=None, repr=False)
    webhook_secret: bytes | None = field(default=None, repr=False)
    login_key: Ed25519Key | None = None
    second_approval: frozenset[str] = frozenset()
    request_months: int = 36
    log_origin: str = "leadwarden"
    epoch_days: int = 7
    openings_an_hour: int = 1_000
    openings_a_day: int = 5_000
    threads: int = 5
    workers: int = 1
    store_secrets: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def embedded(self) -> bool:
        """Whether the main database is the SQLite file of one process."""
        return self.database_url.startswith("sqlite")


def read_settings(environment: Mapping[str, str]) -> Settings:
    """The settings of an environment.

    Raises:
        SettingsError: a variable of ours is unknown, malformed or unsafe; the message is one line.
    """
    given = {name: value for name, value in environment.items() if name.startswith(PREFIX)}
    secrets = {name: value for name, value in given.items() if name.startswith(STORE_PREFIX)}
    for name in sorted(given.keys() - secrets.keys() - KNOWN):
        raise SettingsError(f"{name} is not a setting of Leadwarden")
    home = Path(_value(given, "HOME", _text, "./var")).absolute()
    host, port = _value(given, "LISTEN", _address, ("127.0.0.1", 8080))
    settings = Settings(
        home=home,
        database_url=_value(given, "DATABASE_URL", _database, f"sqlite:///{home / 'leadwarden.db'}"),
        keys_url=_value(given, "KEYS_URL", _database, f"sqlite:///{home / 'keys.db'}"),
        key_dir=_value(given, "KEY_DIR", _path, beside(home, ".keys")),
        checkpoints=_value(given, "CHECKPOINTS", _path, beside(home, ".checkpoints")),
        kms=_value(given, "KMS", kms_place, None),
        kms_before=_value(given, "KMS_BEFORE", kms_place, None),
        host=host,
        port=port,
        public_url=_value(given, "PUBLIC_URL", _public_url, _own_url(host, port)),
        time_zone=_value(given, "TIME_ZONE", _zone, "UTC"),
        calendar=_value(given, "CALENDAR", _calendar, None),
        controller=_value(given, "CONTROLLER", _text, "the controller"),
        smtp_url=_value(given, "SMTP_URL", _smtp, None),
        mail_from=_value(given, "MAIL_FROM", destinations.mail_address, None),
        staff_mail=_value(given, "STAFF_MAIL", destinations.mail_address, None),
        auditor_mail=_value(given, "AUDITOR_MAIL", destinations.mail_address, None),
        webhook_url=_value(given, "WEBHOOK_URL", destinations.webhook_url, None),
        webhook_secret=_value(given, "WEBHOOK_SECRET", destinations.webhook_secret, None),
        login_key=_value(given, "LOGIN_KEY", public_key, None),
        second_approval=_value(given, "SECOND_APPROVAL", approvals.words, frozenset()),
        request_months=_value(given, "REQUEST_MONTHS", _count(MOST_REQUEST_MONTHS, least=24), 36),
        log_origin=_value(given, "LOG_ORIGIN", _origin, "leadwarden"),
        epoch_days=_value(given, "EPOCH_DAYS", _count(MOST_EPOCH_DAYS, least=0), 7),
        openings_an_hour=_value(given, "OPENINGS_AN_HOUR", _count(MOST_OPENINGS), 1_000),
        openings_a_day=_value(given, "OPENINGS_A_DAY", _count(MOST_OPENINGS), 5_000),
        threads=_value(given, "THREADS", _count(MOST_THREADS), 5),
        workers=_value(given, "WORKERS", _count(MOST_WORKERS), 1),
        store_secrets=secrets,
    )
    _check_safe(settings)
    return settings


def beside(home: Path, suffix: str) -> Path:
    """`<home><suffix>`: next to the home, so that a copy of the home does not take it along."""
    return home.with_name(home.name + suffix)


def _check_safe(settings: Settings) -> None:
    """What is well-formed by itself but must not be together."""
    if settings.database_url == settings.keys_url:
        raise SettingsError("LEADWARDEN_KEYS_URL must be another database than LEADWARDEN_DATABASE_URL")
    for name, path in (("KEY_DIR", settings.key_dir), ("CHECKPOINTS", settings.checkpoints)):
        if path.resolve().is_relative_to(settings.home.resolve()):  # through `..` and links too
            raise SettingsError(
                f"{PREFIX}{name} must lie outside LEADWARDEN_HOME, whose backups would hold it"
            )
    if settings.key_dir == settings.checkpoints or settings.key_dir in settings.checkpoints.parents:
        raise SettingsError("LEADWARDEN_CHECKPOINTS is copied around and must lie outside LEADWARDEN_KEY_DIR")
    if settings.embedded and settings.workers != 1:
        raise SettingsError("LEADWARDEN_WORKERS must be 1 with SQLite, whose writer lives in one process")
    _check_messages(settings)


def _check_messages(settings: Settings) -> None:
    """Whoever names a receiver means that messages reach it."""
    for name, mail in (("STAFF_MAIL", settings.staff_mail), ("AUDITOR_MAIL", settings.auditor_mail)):
        if mail is not None and (settings.smtp_url is None or settings.mail_from is None):
            raise SettingsError(f"{PREFIX}{name} needs LEADWARDEN_SMTP_URL and LEADWARDEN_MAIL_FROM")
    if (settings.webhook_url is None) != (settings.webhook_secret is None):
        raise SettingsError("LEADWARDEN_WEBHOOK_URL and LEADWARDEN_WEBHOOK_SECRET are set together")


def _value(given: Mapping[str, str], name: str, parse: Callable[[str], T], default: T) -> T:
    """A variable parsed, or its default. An empty one was meant to say something, so it is malformed."""
    text = given.get(PREFIX + name)
    if text is None:
        return default
    try:
        return parse(text.strip())
    except ValueError as error:
        raise SettingsError(f"{PREFIX}{name} {error}") from None


def _text(text: str) -> str:
    if not text or not text.isprintable():
        raise ValueError("must be one line of text")
    return text


def _path(text: str) -> Path:
    return Path(_text(text)).absolute()


def _database(text: str) -> str:
    """Only what is tried: a SQLite file, or PostgreSQL's wire; no message repeats the URL's password."""
    try:
        url = make_url(text)
    except ArgumentError:
        raise ValueError("is not a database URL") from None
    if url.get_backend_name() == "sqlite":
        if not url.database or url.database == ":memory:" or url.query:
            raise ValueError("must name a file, as in sqlite:////var/lib/leadwarden/leadwarden.db")
        return f"sqlite:///{Path(url.database).absolute()}"
    if url.get_backend_name() in {"postgresql", "postgres"}:
        return url.set(drivername="postgresql+psycopg").render_as_string(hide_password=False)
    raise ValueError("must be a sqlite:/// or postgresql:// URL")


def _address(text: str) -> tuple[str, int]:
    match = re.fullmatch(r"(\[[0-9A-Fa-f:.]+\]|[\w.-]+):(\d{1,5})", text, re.ASCII)
    if match is None or not 0 < int(match[2]) <= HIGHEST_PORT:
        raise ValueError("must be HOST:PORT, as in 127.0.0.1:8080")
    return match[1].strip("[]"), int(match[2])


def _zone(text: str) -> str:
    if text not in available_timezones():
        raise ValueError("must be a time zone of the IANA database, as in Europe/Berlin")
    return ZoneInfo(text).key


def _calendar(text: str) -> str:
    """A country, with or without a subdivision, whose holidays are known."""
    country, _, subdivision = text.partition("-")
    known = holidays.list_supported_countries(include_aliases=False)
    if country not in known or (subdivision and subdivision not in known[country]):
        raise ValueError("must be a country with an optional subdivision, as in DE-BE")
    return text


def _smtp(text: str) -> str:
    """Mail carries personal data, so it leaves encrypted, or only to this machine."""
    try:
        parts = urlsplit(text)
        known = parts.scheme in {"smtp", "smtps"} and parts.hostname and parts.path in {"", "/"}
        known = known and parts.port != 0  # reading a port that is no number raises
    except ValueError:
        known = False
    if not known:
        raise ValueError("must be smtp://HOST:PORT (with STARTTLS) or smtps://HOST:PORT")
    return text


def _public_url(text: str) -> str:
    """Links in people's mail cross the internet, so they are encrypted, or lead to this machine."""
    try:
        parts = urlsplit(_text(text))
        known = bool(parts.hostname) and parts.path in {"", "/"}
        known = known and not (parts.query or parts.fragment or parts.username)
        known = known and parts.port != 0  # reading a port that is no number raises
    except ValueError:
        known = False
    safe = known and (parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK))
    if not safe:
        raise ValueError("must be an https:// URL, as in https://privacy.example.com")
    return text.rstrip("/")


def _own_url(host: str, port: int) -> str:
    """Where the service listens, for a machine that nobody else reaches."""
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"


def _origin(text: str) -> str:
    """C2SP signed notes: no spaces and no plus in the name of a key."""
    if not re.fullmatch(r"[\w./-]{1,190}", text, re.ASCII):
        raise ValueError("must be a name such as example.com/leadwarden")
    return text


def _count(most: int, least: int = 1) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if not re.fullmatch(r"\d{1,7}", text, re.ASCII) or not least <= int(text) <= most:
            raise ValueError(f"must be a whole number from {least} to {most}")
        return int(text)

    return parse
