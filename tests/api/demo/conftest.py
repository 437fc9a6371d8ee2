"""One real service for the tests that stream: the test server of wsgiref reads no chunked body."""

from collections.abc import Iterator

import pytest

from api.demo.running import Started, service


@pytest.fixture(scope="session")
def demo_service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Started]:
    """A service of its own, as the demo starts it."""
    with service(tmp_path_factory.mktemp("demo") / "home", {}) as started:
        yield started
