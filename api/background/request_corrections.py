"""The last part of a rectification: the service's own data, corrected as the stores were."""

from sqlalchemy.orm import Session

from api.background.request_batches import request_keys
from api.context import Service
from audit.entry import SERVICE
from governance import custody, own_openings
from governance.errors import FactInvalidError, LeadError, RequestClosedError
from governance.own_openings import Purpose
from governance.rectify import rectify
from governance.requests import corrections, finishing, own_corrections, records
from governance.requests.finishing import Finish
from governance.requests.leases import Worker
from governance.requests.vocabulary import StepError


def correct(service: Service, worker: Worker, finish: Finish) -> int | None:
    """Corrects the leads of a request; how much changed, or None where only a person can do it.

    An address that is another lead's, or that of somebody who was erased, is for a person to sort out.
    """
    try:
        return _correct(service, finish)
    except (LeadError, FactInvalidError):
        service.main.write(
            lambda session: finishing.leave(
                session, worker, finish.claim, StepError.NOT_CORRECTABLE, now=service.clock()
            )
        )
        return None


def _correct(service: Service, finish: Finish) -> int:
    request_id, leads = finish.claim.request_id, finish.leads
    keys = request_keys(service, [request_id, *leads])
    if request_id not in keys:
        raise RequestClosedError("the request's key is destroyed")
    told = service.main.write(
        lambda session: own_openings.announce(
            session, leads, request_id, purpose=Purpose.CORRECT, now=service.clock()
        )
    )

    def work(session: Session) -> int:
        wanted = corrections.opened(keys[request_id], records.read(session, request_id))
        changed = 0
        for lead in leads:
            opened = custody.open_lead(session, keys[lead], told[lead])
            changes = own_corrections.changes_of(opened, wanted)
            if count := own_corrections.count(changes):
                rectify(session, service.keyring, keys[lead], changes, now=service.clock(), actor=SERVICE)
                changed += count
        return changed

    return service.main.write(work)
