"""The answer to a change of a privacy request: the request as it is now, and the entry that says so."""

from typing import Any

from api.context import Service
from api.receipts import audited
from audit.log import Appended
from governance.requests import descriptions


def described(service: Service, request_id: str) -> dict[str, Any]:
    """The request in the shape of the contract.

    Raises:
        RequestUnknownError: there is none of that id.
    """
    with service.main.read() as session:
        return descriptions.describe(session, request_id)


def changed(service: Service, request_id: str, told: Appended) -> dict[str, Any]:
    """The request after a change that is committed, with the receipt of its entry; raises as `described`."""
    return described(service, request_id) | {"audit": audited(service, told, service.clock())}
