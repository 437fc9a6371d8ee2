"""An app with views of every kind, for the tests of what stands between the door and the view."""

import pytest
from flask.testing import FlaskClient

from api.context import Service
from tests.api.doors import doors


@pytest.fixture
def door(service: Service) -> FlaskClient:
    """A client of the app of `doors`."""
    return doors(service).test_client()
