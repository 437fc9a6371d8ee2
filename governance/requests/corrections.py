"""What is to be corrected to what (GDPR, Article 16): sealed with the request, carried out in each store."""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete
from sqlalchemy.orm import Session

from audit.actions import Action as Told
from audit.log import Appended
from governance import identity
from governance.errors import FactInvalidError, IdentityInvalidError, IllegalChangeError
from governance.identity import Identifier
from governance.leads import FIELD_NAME
from governance.requests import case_file, machine, records
from governance.requests.tables import ApprovalRow, RequestRow
from governance.requests.vocabulary import RequestType
from governance.stores.protocol import Correction
from governance.vault.sealing import DataKey

MOST = 50
LONGEST = 2_000
IDENTIFIERS: dict[str, Callable[[str], Identifier]] = {"email": identity.email, "phone": identity.phone}
"""What identifies is corrected in its normal form, and by what it was: a person may have several."""


def read(documents: Sequence[Mapping[str, Any]]) -> tuple[Correction, ...]:
    """Corrections as a caller states them. Pure.

    Raises:
        FactInvalidError: by place; nothing of a value is repeated.
    """
    found = [_correction(place, each) for place, each in enumerate(documents)]
    if len({(each.name, each.was) for each in found}) < len(found):
        raise FactInvalidError({"corrections": ["Each field once."]})
    return tuple(found)


def keep(
    session: Session, key: DataKey, corrections: Sequence[Correction], *, now: datetime, actor: str
) -> Appended:
    """Seals what the request that `key` belongs to shall correct; what was said before is replaced.

    A first approval of two was given to other corrections, and counts for nothing any more.

    Raises:
        IllegalChangeError: it corrects nothing, or is approved or closed by now.
    """
    row = records.load(session, key.owner)
    if row.type != RequestType.RECTIFICATION or row.status not in machine.OPEN - machine.AT_WORK:
        raise IllegalChangeError("corrections belong to a rectification that nobody has approved yet")
    session.execute(delete(ApprovalRow).where(ApprovalRow.request_id == row.id))
    listed = [{"name": each.name, "value": each.value, "was": each.was} for each in corrections]
    row.corrections = case_file.seal_text(key, row.id, "corrections", json.dumps(listed, ensure_ascii=False))
    return records.tell(
        session, row.id, Told.REQUEST_CORRECTIONS_SET, actor=actor, now=now, facts={"count": len(listed)}
    )


def shown(key: DataKey, row: RequestRow) -> list[dict[str, Any]]:
    """The corrections as an officer reads them. Pure."""
    if row.corrections is None:
        return []
    found: list[dict[str, Any]] = json.loads(case_file.open_text(key, row.id, "corrections", row.corrections))
    return found


def opened(key: DataKey, row: RequestRow) -> tuple[Correction, ...]:
    """The corrections as stores take them. Pure."""
    return tuple(Correction(each["name"], each["value"], each["was"]) for each in shown(key, row))


def _correction(place: int, given: Mapping[str, Any]) -> Correction:
    name, value, was = given["name"], given.get("value"), given.get("was")
    where = f"corrections.{place}"
    if not FIELD_NAME.fullmatch(name):
        raise FactInvalidError({f"{where}.name": ["Not a field name."]})
    if name not in IDENTIFIERS:
        return Correction(name, value, was)
    if value is None or was is None:
        raise FactInvalidError({where: ["An address or number needs what it was, and what is right."]})
    return Correction(name, _normal(name, value, f"{where}.value"), _normal(name, was, f"{where}.was"))


def _normal(name: str, text: str, where: str) -> str:
    try:
        return IDENTIFIERS[name](text).text
    except IdentityInvalidError:
        raise FactInvalidError({where: ["Can not be read."]}) from None
