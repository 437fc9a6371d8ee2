"""What can stand in for a consent, condition by condition."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from consent.facts import Moment, Relationship
from consent.reasons import Reason
from consent.rows import Ground, GroundKind, Period
from consent.vocabulary import RecipientKind
from consent.weighing import Case, last_day_of


@dataclass(frozen=True, slots=True)
class Tried:
    """How a ground fared: met (until its last day, if any), or why not; no reason means no facts for it."""

    met: bool
    reason: Reason | None = None
    last_day: date | None = None


MET = Tried(met=True)
NO_FACTS = Tried(met=False)


def try_ground(case: Case, ground: Ground) -> Tried:
    """Whether the facts meet a ground; the person's objection to such use bars all of them."""
    relationship = case.facts.relationship
    objected = relationship is not None and relationship.objected is True
    if objected and ground.kind is not GroundKind.SOFT_OPT_IN:
        return NO_FACTS
    return _TESTS[ground.kind](case, ground)


def _soft_opt_in(case: Case, ground: Ground) -> Tried:
    """Directive 2002/58/EC art. 13(2): address from a sale, similar products, refusal offered, none made."""
    one = case.facts.relationship
    if one is None or not _tells_of_a_sale(one):
        return NO_FACTS
    met = (
        one.email_from_sale is True
        and one.own_similar_products is True
        and one.opt_out_offered_at_collection is True
        and one.objected is not True
    )
    end = _last_day(case, one.last_purchase_on, ground.within)
    if not met or (ground.within is not None and (end is None or case.today > end)):
        return Tried(met=False, reason=Reason.SOFT_OPT_IN_CONDITIONS_NOT_MET)
    return Tried(met=True, last_day=end)


def _tells_of_a_sale(one: Relationship) -> bool:
    flags = (one.email_from_sale, one.own_similar_products, one.opt_out_offered_at_collection)
    return one.is_customer or any(flag is not None for flag in flags)


def _business_relationship(case: Case, ground: Ground) -> Tried:
    """A running contract, or a sale or the end of a contract not too long ago."""
    one = case.facts.relationship
    if one is None or not _came_and_carries(case, ground):
        return NO_FACTS
    if one.contract_active is True:
        return MET
    if ground.within is None:
        ended = one.contract_ended_on is not None and one.last_purchase_on is None
        return MET if one.is_customer and not ended else NO_FACTS
    ends = (
        _last_day(case, one.last_purchase_on, ground.within),
        _last_day(case, one.contract_ended_on, ground.after_contract),
    )
    return _within(case, max([end for end in ends if end is not None], default=None))


def _inquiry(case: Case, ground: Ground) -> Tried:
    """An inquiry not too long ago."""
    one = case.facts.relationship
    if one is None or not _came_and_carries(case, ground):
        return NO_FACTS
    return _within(case, _last_day(case, one.last_inquiry_on, ground.within))


def _organisation_relationship(case: Case, ground: Ground) -> Tried:
    """Two organisations that deal with each other, about the recipient's activities."""
    facts = case.facts
    one = facts.relationship
    if one is None or case.kind != RecipientKind.CORPORATE_SUBSCRIBER or facts.b2b_message is not True:
        return NO_FACTS
    if one.type != "customer" and one.contract_active is not True:
        return NO_FACTS
    return _relevant(case, ground)


def _publication(case: Case, ground: Ground) -> Tried:
    """An address published in plain sight, without a word against advertising."""
    published = case.facts.publication
    if published is None or published.get("conspicuous") is not True:
        return NO_FACTS
    if published.get("no_solicitation_statement") is not False:
        return NO_FACTS
    return _relevant(case, ground)


def _address_provided(case: Case, ground: Ground) -> Tried:
    """An address that the person handed over."""
    return _relevant(case, ground) if case.facts.source in ground.sources else NO_FACTS


def _presumed_consent(case: Case, _: Ground) -> Tried:
    """A concrete, documented reason to presume interest (UWG s. 7(2) no. 1 alt. 2)."""
    presumed = case.facts.presumed_consent
    if presumed is None:
        return NO_FACTS
    if presumed.get("substantiated") is True and presumed.get("reason"):
        return MET
    return Tried(met=False, reason=Reason.PRESUMED_CONSENT_NOT_SUBSTANTIATED)


def _came_and_carries(case: Case, ground: Ground) -> bool:
    """The lead came from where the ground wants it, and the message carries what it asks."""
    if ground.sources and case.facts.source not in ground.sources:
        return False
    return all(case.facts.content.get(key) is True for key in ground.needs_content)


def _relevant(case: Case, ground: Ground) -> Tried:
    """The message concerns the person's work, where the ground asks so."""
    if ground.role_relevant and case.facts.role_relevant is not True:
        return Tried(met=False, reason=Reason.ROLE_NOT_RELEVANT)
    return MET


def _last_day(case: Case, since: Moment | None, period: Period | None) -> date | None:
    """The last day of a period after something that happened; None without either."""
    if since is None or period is None or not case.happened(since):
        return None
    return last_day_of(case, since, period)


def _within(case: Case, end: date | None) -> Tried:
    """Met up to and on the last day; without one there are no facts."""
    if end is None:
        return NO_FACTS
    if case.today > end:
        return Tried(met=False, reason=Reason.IMPLIED_CONSENT_EXPIRED)
    return Tried(met=True, last_day=end)


_TESTS: dict[GroundKind, Callable[[Case, Ground], Tried]] = {
    GroundKind.SOFT_OPT_IN: _soft_opt_in,
    GroundKind.BUSINESS_RELATIONSHIP: _business_relationship,
    GroundKind.INQUIRY: _inquiry,
    GroundKind.ORGANISATION_RELATIONSHIP: _organisation_relationship,
    GroundKind.PUBLICATION: _publication,
    GroundKind.ADDRESS_PROVIDED: _address_provided,
    GroundKind.PRESUMED_CONSENT: _presumed_consent,
}
