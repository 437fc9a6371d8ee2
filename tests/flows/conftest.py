"""One service for every proof of the contract, called as a program outside this repository calls it."""

from collections.abc import Iterator

import pytest

from tests.flows.living import Living, living


@pytest.fixture(scope="session")
def contracted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Living]:
    """A service with default settings, shared by the contract's files; each test brings people of its own."""
    with living(tmp_path_factory.mktemp("contract") / "home") as service:
        yield service
