"""`LEADWARDEN_KMS`: where the outermost keys are, and the opened provider.

    transit:https://vault.example:8200/transit/leadwarden?snapshots=30
    aws:alias/leadwarden?region=eu-central-1&days=7

Credentials never stand in it: they come from where the provider's own tools look for them.
"""

import re
import ssl
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import SplitResult, parse_qsl, urlsplit

import httpx2

from governance.errors import RootRefusedError
from governance.vault.aws import LEAST_DAYS, MOST_DAYS, AwsKms, AwsPlace
from governance.vault.root import RootKeys
from governance.vault.transit import Transit, TransitPlace

TRANSIT_FORM = "must be transit:https://HOST:PORT/MOUNT/PREFIX, with ?snapshots=DAYS if known"
AWS_FORM = f"must be aws:alias/PREFIX, with ?region=… and ?days={LEAST_DAYS}…{MOST_DAYS} if wanted"
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
MOST_SNAPSHOT_DAYS = 3_650
_PATH = re.compile(r"/([\w./-]*[\w-])/([a-z0-9][a-z0-9-]{0,39})", re.ASCII)
_ALIAS = re.compile(r"(?:arn:aws[\w-]*:kms:([a-z0-9-]+):\d{12}:)?(alias/(?!aws/)[\w/-]{1,120})", re.ASCII)


def kms_place(text: str) -> TransitPlace | AwsPlace:
    """What the setting names.

    Raises:
        ValueError: none of the two forms; the message repeats nothing.
    """
    scheme, _, rest = text.partition(":")
    if scheme == "transit":
        return _transit(rest)
    if scheme == "aws":
        return _aws(rest)
    raise ValueError("must begin with transit: or aws:")


def open_provider(place: TransitPlace | AwsPlace, environment: Mapping[str, str]) -> RootKeys:
    """A client of the provider, which is not asked anything yet.

    Raises:
        RootRefusedError: a library is not installed, or a file of certificates can not be read.
    """
    if isinstance(place, AwsPlace):
        return AwsKms(place)
    bundle = environment.get("BAO_CACERT") or environment.get("VAULT_CACERT")
    try:
        verify = ssl.create_default_context(cafile=bundle) if bundle else ssl.create_default_context()
    except OSError as error:
        raise RootRefusedError("the file of VAULT_CACERT can not be read") from error
    # Never redirected: the token would go along.
    client = httpx2.Client(verify=verify, follow_redirects=False)
    namespace = environment.get("BAO_NAMESPACE") or environment.get("VAULT_NAMESPACE")
    return Transit(replace(place, namespace=namespace), lambda: vault_token(environment), client)


def vault_token(environment: Mapping[str, str]) -> str:
    """The token as `bao` and `vault` find it, read anew each time.

    Raises:
        RootRefusedError: there is none.
    """
    given = environment.get("BAO_TOKEN") or environment.get("VAULT_TOKEN")
    if given:
        return given
    try:
        return (Path(environment.get("HOME", "/")) / ".vault-token").read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        raise RootRefusedError("no token for the transit engine: VAULT_TOKEN or ~/.vault-token") from None


def _transit(rest: str) -> TransitPlace:
    try:
        parts = urlsplit(rest)
        known = bool(parts.hostname) and parts.port != 0 and not parts.fragment
    except ValueError:
        known = False
    if not known:
        raise ValueError(TRANSIT_FORM)
    if parts.username is not None or parts.password is not None:
        raise ValueError("must not hold credentials: they come from VAULT_TOKEN or ~/.vault-token")
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK):
        raise ValueError(TRANSIT_FORM)
    return _transit_place(parts)


def _transit_place(parts: SplitResult) -> TransitPlace:
    match = _PATH.fullmatch(parts.path)
    given = _options(parts.query, {"snapshots"})
    if match is None or ".." in match[1] or given is None:
        raise ValueError(TRANSIT_FORM)
    kept = _days(given.get("snapshots"), 0, MOST_SNAPSHOT_DAYS, TRANSIT_FORM)
    return TransitPlace(
        address=f"{parts.scheme}://{parts.netloc}",
        mount=match[1],
        prefix=match[2],
        snapshots_kept=None if kept is None else timedelta(days=kept),
    )


def _aws(rest: str) -> AwsPlace:
    name, _, query = rest.partition("?")
    if ":key/" in name or name.startswith("key/"):
        raise ValueError("must name an alias, not a key: each epoch needs a key of its own, to be destroyed")
    match, given = _ALIAS.fullmatch(name), _options(query, {"region", "days"})
    if match is None or given is None:
        raise ValueError(AWS_FORM)
    days = _days(given.get("days"), LEAST_DAYS, MOST_DAYS, AWS_FORM)
    return AwsPlace(match[2], match[1] or given.get("region"), LEAST_DAYS if days is None else days)


def _options(query: str, known: set[str]) -> dict[str, str] | None:
    """The options of a query; None where one is unknown, empty or said twice."""
    pairs = parse_qsl(query, keep_blank_values=True)
    found = dict(pairs)
    fits = len(found) == len(pairs) and found.keys() <= known and all(found.values())
    return found if fits else None


def _days(text: str | None, least: int, most: int, form: str) -> int | None:
    if text is None:
        return None
    if not re.fullmatch(r"\d{1,4}", text, re.ASCII) or not least <= int(text) <= most:
        raise ValueError(form)
    return int(text)
