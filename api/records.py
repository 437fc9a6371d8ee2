"""Records of the controller's own processing, made from what is described and done at this moment."""

from typing import Any

from api.context import Service
from governance.registers import article30, data_map
from governance.registers.data_map import System
from governance.stores import register


def systems(service: Service) -> tuple[System, ...]:
    """The data map: every active store, and the service itself."""
    with service.main.read() as session:
        return data_map.systems(register.active_stores(session))


def article_30(service: Service) -> dict[str, Any]:
    """The record of processing activities."""
    settings = service.settings
    return article30.register(
        settings.controller, systems(service), contact=settings.mail_from, now=service.clock()
    )
