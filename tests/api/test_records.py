"""Records are made from what the service knows at this moment."""

from typing import Any

from api import records
from api.context import Service
from governance.stores import register
from tests import three_stores


def put(service: Service, document: dict[str, Any]) -> None:
    """Describe a store."""
    service.main.write(
        lambda session: register.put(
            session, document["store"], document, now=service.clock(), actor="officer"
        )
    )


def test_a_store_stands_in_the_records_as_soon_as_it_is_active(service: Service) -> None:
    """And one that is not active does not."""
    [crm, mailer, _] = three_stores.documents()
    put(service, crm)
    put(service, mailer | {"active": False})
    activities = records.article_30(service)["activities"]
    marketing = [each for each in activities if each["purpose"] == "direct_marketing"]

    assert [system.name for system in records.systems(service)] == ["leadwarden", "crm"]
    assert [each["systems"] for each in marketing] == [["crm"]]
