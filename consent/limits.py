"""Stages 8 to 10: what the person must be told, when and how often they are reached, what is in it."""

from datetime import datetime, timedelta

from consent.hours import FOREVER, closing, free_at, next_opening
from consent.reasons import Reason
from consent.rows import Cap
from consent.states import Reasons
from consent.vocabulary import SourceKind
from consent.weighing import Case, last_day_of

# GDPR art. 14: the data did not come from the person.
THIRD_PARTIES = frozenset(
    {
        SourceKind.DATA_BROKER,
        SourceKind.PUBLIC_WEBSITE,
        SourceKind.REFERRAL,
        SourceKind.LINKEDIN_PROFILE,
        SourceKind.INTENT_PLATFORM,
        SourceKind.PARTNER,
    }
)
# GDPR art. 13 "at hand-over or with the first mail": a card or badge gives no other moment.
TOLD_WITH_FIRST_MAIL = frozenset({SourceKind.BUSINESS_CARD, SourceKind.EVENT})
ONE_SECOND = timedelta(seconds=1)


def judge_notice(case: Case) -> Reasons:
    """Stage 8: the notices of GDPR arts 13 and 14; none is asked for an address that is nobody's."""
    facts = case.facts
    if not case.owes_notice or case.happened(facts.notice_given_on):
        return ()
    if facts.source in THIRD_PARTIES:
        return () if _tells_in_time(case) else (Reason.NOTICE_ART14_OVERDUE,)
    if not facts.notice_stated or (facts.notice_in_first_message and facts.source in TOLD_WITH_FIRST_MAIL):
        return ()
    return (Reason.NOTICE_ART13_MISSING,)


def _tells_in_time(case: Case) -> bool:
    """The message itself carries the notice, within the month that art. 14(3)(a) gives."""
    obtained = case.facts.obtained_on
    if not case.facts.notice_in_first_message or obtained is None:
        return False
    end = last_day_of(case, obtained, case.law.notice_within)
    case.holds_until(end)
    return case.today <= end


def judge_time(case: Case) -> Reasons:
    """Stage 9: the recipient's hours in every zone, then how often they were reached already."""
    row = case.row
    if not row.hours and not row.caps:
        return ()
    at = case.facts.at or case.facts.now
    found: list[Reason] = []
    if row.hours and not _is_open(case, at):
        case.rule = row.hours[0].rule
        found.append(Reason.OUTSIDE_PERMITTED_HOURS)
    full = [(cap, free) for cap in row.caps if (free := _free_at(case, cap, at)) is not None]
    if full:
        case.rule = case.rule if found else full[0][0].rule
        found.append(Reason.FREQUENCY_CAP_REACHED)
    if not found:
        return ()
    retry = max([at, *(free for _, free in full)])
    if retry < FOREVER:
        case.retry = _first_moment(case, retry)
    return tuple(found)


def _free_at(case: Case, cap: Cap, at: datetime) -> datetime | None:
    """When a cap lets one more contact through; None for now, or where it does not concern the lead."""
    return free_at(cap, _counted(case, cap), at) if _applies(case, cap) else None


def _is_open(case: Case, at: datetime) -> bool:
    """Inside the hours of every zone; without a known zone nothing is."""
    if not case.zones:
        return False
    end = closing(case.row.hours, case.zones, at)
    if end is not None and case.facts.at is None and (case.until is None or end < case.until):
        case.until = end
    return end is not None


def _first_moment(case: Case, at: datetime) -> datetime | None:
    """The first permitted whole second not before `at`, on the recipient's clock."""
    whole = at if at.microsecond == 0 else at.replace(microsecond=0) + ONE_SECOND
    if not case.zones:
        return None if case.row.hours else whole
    return next_opening(case.row.hours, case.zones, whole)


def _applies(case: Case, cap: Cap) -> bool:
    """Whether a cap is meant for this lead."""
    if cap.unless_consent and case.valid:
        return False
    return cap.sources is None or case.facts.source in cap.sources


def _counted(case: Case, cap: Cap) -> list[datetime]:
    """The earlier contacts over the channels that a cap counts together."""
    return [
        moment
        for channel, times in case.facts.contacts.items()
        if channel in cap.channels
        for moment in times
    ]


def judge_content(case: Case) -> Reasons:
    """Stage 10: only what is known to be missing denies; the rest becomes a duty."""
    content = case.facts.content
    if content and any(content.get(key) is False for key in case.row.content):
        return (Reason.MANDATORY_CONTENT_MISSING,)
    return ()
