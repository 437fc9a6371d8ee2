"""Runs every benchmark of this folder; each prints ratios against a baseline of the same run."""

import importlib
import pkgutil
import sys
from pathlib import Path


def main(names: list[str]) -> None:
    """Run the named benchmarks, or all."""
    found = sorted(module.name for module in pkgutil.iter_modules([str(Path(__file__).parent)]))
    for name in names or [name for name in found if name != "__main__"]:
        print(f"== {name}", flush=True)  # noqa: T201
        importlib.import_module(f"tests.bench.{name}").main()


if __name__ == "__main__":
    main(sys.argv[1:])
