"""The shipped descriptions, opened against the fakes of their vendors."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from governance.stores.http.ready import text_of
from governance.stores.http.store import HttpStore
from governance.stores.problems import problems
from governance.stores.reading import parse
from governance.stores.yaml_text import read_yaml

PRIVATE = {"LEADWARDEN_STORE_PRIVATE_HOSTS": "127.0.0.1"}


def described(name: str, base: str, **words: str) -> dict[str, Any]:
    """A shipped description, moved to the fake at `base`, with its placeholders filled as a person would."""
    text = text_of(name)
    assert text is not None
    for placeholder, word in words.items():
        text = text.replace(placeholder, word)
    document: dict[str, Any] = read_yaml(text)
    http = document["http"]
    vendor = f"https://{urlsplit(http['base']).netloc}"
    http["base"] = http["base"].replace(vendor, base)
    http["settle"] = 0
    http["hosts"] = [urlsplit(base).netloc]
    if "token_url" in http.get("auth", {}):
        http["auth"]["token_url"] = base + urlsplit(http["auth"]["token_url"]).path
    return document | {"undecided": [], "active": True}


def opened(document: Mapping[str, Any], **secrets: str) -> HttpStore:
    """The store of a document, with which nothing is wrong; secrets by what follows the prefix."""
    parsed = parse(document)
    assert problems(parsed) == ()
    named = {f"LEADWARDEN_STORE_{name}": value for name, value in secrets.items()}
    return HttpStore(parsed, PRIVATE | named)
