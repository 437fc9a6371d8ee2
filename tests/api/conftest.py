"""An app with views of every kind, and a lead with a program that may write to them."""

import pytest
from flask.testing import FlaskClient

from api.context import Service
from tests.api.doors import doors
from tests.api.people import take_in
from tests.conftest import KeyOf


@pytest.fixture
def door(service: Service) -> FlaskClient:
    """A client of the app of `doors`."""
    return doors(service).test_client()


@pytest.fixture
def writer(key_of: KeyOf) -> dict[str, str]:
    """A key that takes leads in and asks for decisions."""
    return key_of("leads:write", "decisions:create")


@pytest.fixture
def lead_id(client: FlaskClient, writer: dict[str, str]) -> str:
    """Jane, a lead."""
    return take_in(client, writer)
