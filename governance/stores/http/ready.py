"""Descriptions of well-known systems, shipped as YAML to be edited: hosts and custom fields are yours."""

from importlib import resources

FOLDER = resources.files("governance.stores.http") / "descriptions"


def names() -> tuple[str, ...]:
    """The systems that are described."""
    return tuple(
        sorted(entry.name.removesuffix(".yaml") for entry in FOLDER.iterdir() if entry.name.endswith(".yaml"))
    )


def text_of(name: str) -> str | None:
    """A description as YAML with its comments; None for a system that is not described."""
    return (FOLDER / f"{name}.yaml").read_text("utf-8") if name in names() else None
