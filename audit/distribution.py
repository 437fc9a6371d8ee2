"""The verifier as one file of its own, for auditors: `python -m audit.distribution FILE`, or `make verifier`.

A Python zip application of just the modules that `python -m audit` imports, found by following the imports:
no database, no web framework, nothing but the package `cryptography` beside Python 3.11. The same sources
give the same bytes on every machine, so an auditor can build it again and compare the hash.
"""

import ast
import hashlib
import sys
import zipfile
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ENTRY = "audit.__main__"
SHEBANG = b"#!/usr/bin/env python3\n"
EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest time that a zip can hold
READABLE = 0o644 << 16

STARTER = '''"""Starts the verifier; see `--help`."""

import sys

if __name__ == "__main__":
    try:
        import cryptography  # noqa: F401
    except ImportError:
        print("leadwarden-verify needs cryptography: python3 -m pip install cryptography", file=sys.stderr)
        sys.exit(2)
    from audit.__main__ import main

    sys.exit(main(prog="leadwarden-verify"))
'''


def modules(entry: str = ENTRY) -> dict[str, Path]:
    """The modules of this repository that `entry` imports, directly or not, with their files."""
    found: dict[str, Path] = {}
    waiting = [entry]
    while waiting:
        name = waiting.pop()
        path = _file_of(name)
        if path is None or name in found:
            continue
        found[name] = path
        waiting += [name.rpartition(".")[0], *_imported(path)]
    return found


def build() -> bytes:
    """The zip application."""
    content = BytesIO(SHEBANG)
    content.seek(0, 2)
    with zipfile.ZipFile(content, "a", zipfile.ZIP_STORED) as archive:
        _add(archive, "__main__.py", STARTER.encode())
        for path in sorted(modules().values()):
            _add(archive, path.relative_to(ROOT).as_posix(), path.read_bytes())
    return content.getvalue()


def main(arguments: Sequence[str]) -> int:
    """Write the file and print its SHA-256, as `sha256sum` would."""
    [target] = [Path(argument) for argument in arguments]
    target.parent.mkdir(parents=True, exist_ok=True)
    content = build()
    target.write_bytes(content)
    target.chmod(0o755)
    print(f"{hashlib.sha256(content).hexdigest()}  {target}")  # noqa: T201 - a command talks
    return 0


def _file_of(name: str) -> Path | None:
    """The file of a module or package of ours; None for everybody else's."""
    base = ROOT.joinpath(*name.split("."))
    for path in (base.with_suffix(".py"), base / "__init__.py"):
        if name and path.is_file():
            return path
    return None


def _imported(path: Path) -> list[str]:
    """What a module imports; of `from a import b` both `a` and `a.b`, for either may be the module."""
    names: list[str] = []
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    return names


def _add(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    """One file, with nothing in it of when and where it was written."""
    info = zipfile.ZipInfo(name, EPOCH)
    info.create_system, info.external_attr = 3, READABLE
    archive.writestr(info, content)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
