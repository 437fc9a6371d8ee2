"""Stages 1 to 4: where a lead comes from, the state of the record, the purpose, and every no of the person.

Each stage returns the reasons for which it denies, the most specific first; none is a pass.
"""

from collections.abc import Callable

from consent.facts import ALL, Consent, Moment, Objection, Suppression
from consent.periods import is_later
from consent.reasons import Reason
from consent.rows import Regime, Retention
from consent.vocabulary import Channel, ObjectionKind, Purpose, SourceKind, SuppressionKind
from consent.weighing import ACTED, Case, last_day_of

Reasons = tuple[Reason, ...]

CALLED = frozenset({Channel.PHONE_LIVE, Channel.PHONE_AUTOMATED, Channel.SMS})
PROFILED = frozenset({Purpose.PROFILING, Purpose.ENRICHMENT})
ASKED_FOR = frozenset({SourceKind.WEB_FORM, SourceKind.INBOUND_CALL})
MESSAGES = frozenset({Purpose.SERVICE_NOTICE, Purpose.LEGAL_NOTICE})

# From what concerns this channel alone to what concerns everything, then what no consent lifts.
STOPS = (
    Reason.UNSUBSCRIBED,
    Reason.CONSENT_WITHDRAWN,
    Reason.INTERNAL_DNC,
    Reason.SALE_SHARING_OPT_OUT,
    Reason.OBJECTION_PROFILING,
    Reason.OBJECTION_DIRECT_MARKETING,
    Reason.COMPLAINED,
    Reason.BOUNCED,
)
SUPPRESSED = {
    SuppressionKind.UNSUBSCRIBE.value: Reason.UNSUBSCRIBED,
    SuppressionKind.MANUAL.value: Reason.INTERNAL_DNC,
    SuppressionKind.BOUNCE.value: Reason.BOUNCED,
    SuppressionKind.COMPLAINT.value: Reason.COMPLAINED,
}


def judge_origin(case: Case, *, stored: bool) -> Reasons:
    """Stage 1: of a stored lead source and day must be known."""
    if stored and (case.facts.source is None or case.facts.obtained_on is None):
        return (Reason.SOURCE_UNKNOWN,)
    return ()


def judge_state(case: Case) -> Reasons:
    """Stage 2: erased, restricted, a minor, kept too long."""
    facts = case.facts
    found: list[Reason] = []
    if any(
        one.type == SuppressionKind.ERASURE_SUPPRESSION and one.hash_match is not False
        for one in facts.suppressions
    ):
        found.append(Reason.SUPPRESSED_AFTER_ERASURE)
    if facts.restricted:
        found.append(Reason.PROCESSING_RESTRICTED)
    if facts.minor:
        found.append(Reason.MINOR)
    if not found:
        for rule in case.law.retention:
            if _is_over(case, rule):
                case.rule = rule.rule
                return (Reason.RETENTION_EXPIRED,)
    return tuple(found)


def _is_over(case: Case, rule: Retention) -> bool:
    """Whether the record has outlived a retention rule; a rule whose start is unknown is not asked."""
    facts = case.facts
    relationship = facts.relationship
    since = facts.last_inbound_contact_on if rule.since == "last_inbound_contact_on" else facts.obtained_on
    if since is None or (relationship is not None and relationship.contract_active):
        return False
    if rule.sources is not None and facts.source not in rule.sources:
        return False
    if not _concerns(case, rule):
        return False
    newest = max(case.day(moment) for moment in (since, *_signs_of_life(case)))
    end = last_day_of(case, newest, rule.period)
    case.holds_until(end)
    return case.today > end


def _concerns(case: Case, rule: Retention) -> bool:
    """Whether a retention rule is meant for this record: not answered, told, or opt-out only."""
    facts = case.facts
    if not rule.despite_consent and any(one.withdrawn_on is None for one in facts.consents):
        return False
    if rule.since == "obtained_on" and (facts.last_inbound_contact_on is not None or _signs_of_life(case)):
        return False
    if rule.told_only and not (case.owes_notice and case.happened(facts.notice_given_on)):
        return False
    return not rule.opt_out_only or (case.row.regime is Regime.OPT_OUT and case.row.needs_lia)


def _signs_of_life(case: Case) -> list[Moment]:
    """What the person did themselves: consents, purchases, inquiries, contracts."""
    facts = case.facts
    # A withdrawn consent is none: whoever withdraws must not be kept longer for having once consented.
    moments: list[Moment | None] = [one.given_on for one in facts.consents if one.withdrawn_on is None]
    if facts.relationship is not None:
        one = facts.relationship
        moments += [one.last_purchase_on, one.last_inquiry_on, one.contract_ended_on]
    return [moment for moment in moments if moment is not None and case.happened(moment)]


def judge_purpose(case: Case) -> Reasons:
    """Stage 3: service messages and replies leave here, allowed or not; marketing goes on."""
    facts = case.facts
    if facts.purpose in MESSAGES:
        relationship = facts.relationship
        fits = relationship is not None and relationship.contract_active is True
        allowed = Reason.SERVICE_MESSAGE
    elif facts.purpose == Purpose.REPLY_TO_REQUEST:
        fits = _has_asked(case)
        allowed = Reason.REPLY_TO_REQUEST
    else:
        return ()
    if not fits or facts.content.get("promotional") is True:
        return (Reason.PURPOSE_INCOMPATIBLE,)
    refusal = case.law.refusals.get(allowed)
    if refusal is not None:
        case.rule, case.obligations = refusal.rule, refusal.obligations
    case.allow = (allowed,)
    return ()


def _has_asked(case: Case) -> bool:
    """A request of the person, not older than replies may be."""
    facts = case.facts
    moments: list[Moment | None] = [facts.last_inbound_contact_on]
    if facts.relationship is not None:
        moments.append(facts.relationship.last_inquiry_on)
    if facts.source in ASKED_FOR:
        moments.append(facts.obtained_on)
    ends = [
        last_day_of(case, moment, case.law.reply_within)
        for moment in moments
        if moment is not None and case.happened(moment)
    ]
    if not ends or case.today > max(ends):
        return False
    case.holds_until(max(ends))
    return True


def judge_objections(case: Case) -> Reasons:
    """Stage 4: every no that no later act of the person has lifted."""
    facts = case.facts
    found = {SUPPRESSED[one.type] for one in facts.suppressions if _suppresses(case, one)}
    found |= {
        reason
        for one in facts.objections
        if (reason := _objected(case, one)) is not None and not _is_lifted(case, one.received_on)
    }
    if any(_is_withdrawal(case, one) and not _is_lifted(case, one.withdrawn_on) for one in facts.consents):
        found.add(Reason.CONSENT_WITHDRAWN)
    if _signals_no(case):
        found.add(Reason.SALE_SHARING_OPT_OUT)
    if _objected_as_customer(case):
        found.add(Reason.OBJECTION_DIRECT_MARKETING)
    return tuple([reason for reason in STOPS if reason in found]) if found else ()


def _signals_no(case: Case) -> bool:
    """Global Privacy Control, where the law honours it for this kind of recipient."""
    return case.facts.gpc and case.kind in case.law.signal_kinds and _is_sharing(case)


def _objected(case: Case, objection: Objection) -> Reason | None:
    """The reason that an objection gives for this channel and purpose, if any."""
    reason, stands = _OBJECTED[objection.type]
    return reason if stands(case, objection) else None


def _against_marketing(case: Case, objection: Objection) -> bool:
    return _covers(case, objection.scope)


def _against_profiling(case: Case, objection: Objection) -> bool:
    """Retargeting is profiling too."""
    facts = case.facts
    profiled = facts.purpose in PROFILED or facts.channel == Channel.RETARGETING_ADS
    return profiled and _covers(case, objection.scope)


def _against_calls(case: Case, objection: Objection) -> bool:
    """Without named channels it means calls and texts."""
    called = case.facts.channel in CALLED or ALL not in objection.scope
    return called and _covers(case, objection.scope)


def _against_sharing(case: Case, objection: Objection) -> bool:
    """Sharing has no channel; an audience that is uploaded has."""
    return case.facts.purpose == Purpose.SHARING or (_is_sharing(case) and _covers(case, objection.scope))


_OBJECTED: dict[str, tuple[Reason, Callable[[Case, Objection], bool]]] = {
    ObjectionKind.DIRECT_MARKETING: (Reason.OBJECTION_DIRECT_MARKETING, _against_marketing),
    ObjectionKind.PROFILING: (Reason.OBJECTION_PROFILING, _against_profiling),
    ObjectionKind.DO_NOT_CALL: (Reason.INTERNAL_DNC, _against_calls),
    ObjectionKind.DO_NOT_SELL_OR_SHARE: (Reason.SALE_SHARING_OPT_OUT, _against_sharing),
}


def _objected_as_customer(case: Case) -> bool:
    """An undated objection of a customer; an opt-in row with the customer exception asks for it itself."""
    relationship = case.facts.relationship
    return relationship is not None and bool(relationship.objected) and not case.valid and not _has_soft(case)


def _suppresses(case: Case, suppression: Suppression) -> bool:
    """Whether a suppression stands against this channel; only an unsubscribe can be lifted."""
    if suppression.type not in SUPPRESSED or not _covers(case, suppression.channels):
        return False
    if suppression.type == SuppressionKind.UNSUBSCRIBE:
        return not _is_lifted(case, suppression.received_on)
    return True


def _is_withdrawal(case: Case, consent: Consent) -> bool:
    """A consent for this channel and purpose that was withdrawn."""
    if consent.withdrawn_on is None or not _covers(case, consent.channels):
        return False
    return ALL in consent.purposes or case.facts.purpose in consent.purposes


def _covers(case: Case, scope: frozenset[str]) -> bool:
    """Whether a stop reaches the channel; in some places channels are stopped together."""
    channel = case.facts.channel
    if ALL in scope or channel in scope:
        return True
    return any(channel in group and not group.isdisjoint(scope) for group in case.law.stops_together)


def _is_lifted(case: Case, since: Moment | None) -> bool:
    """A later consent that the person gave by acting, still valid; on a tie the stop wins."""
    return since is not None and any(
        consent.proof in ACTED and is_later(consent.given_on, since, case.place) for consent in case.valid
    )


def _is_sharing(case: Case) -> bool:
    return case.facts.channel == Channel.RETARGETING_ADS or case.facts.purpose == Purpose.SHARING


def _has_soft(case: Case) -> bool:
    """An opt-in row with the customer exception asks for the missing objection itself."""
    row = case.row
    return row.regime is not Regime.OPT_OUT and any(ground.kind == "soft_opt_in" for ground in row.grounds)
