"""Stages 5 to 7: the ban of a channel, the registers, and the legal basis of the contact."""

from collections.abc import Iterable
from datetime import datetime

from consent.facts import RegisterCheck
from consent.grounds import try_ground
from consent.obligations import recheck_by
from consent.reasons import Reason
from consent.rows import Ground, Regime, Register
from consent.states import Reasons
from consent.weighing import Case, consent_ends, goes_stale, last_day_of, newest_check

# An old check that says listed is listed; then what is too old, then what is not there.
REGISTER_REASONS = (Reason.DNC_LISTED, Reason.DNC_CHECK_STALE, Reason.DNC_CHECK_MISSING)
# What nobody may claim without an assessment on file.
LEGITIMATE = frozenset({Reason.LEGITIMATE_INTEREST, Reason.LEGITIMATE_INTEREST_OPT_OUT_REGIME})
LAST = (Reason.ROLE_NOT_RELEVANT, Reason.LIA_MISSING, Reason.CONSENT_REQUIRED)


def judge_channel(case: Case) -> Reasons:
    """Stage 5: a prohibited channel, unless consent or an exception of the law opens it."""
    row = case.row
    if row.regime is not Regime.PROHIBITED or (row.consent_lifts_ban and case.valid):
        return ()
    for ground in row.grounds:
        if try_ground(case, ground).met:
            case.exempt = ground
            return ()
    return (Reason.CHANNEL_PROHIBITED,)


def judge_registers(case: Case) -> Reasons:
    """Stage 6: asked where the cell is opt-out, or says to check it, and no valid consent is there."""
    row = case.row
    if case.valid:
        return ()
    if row.registers and row.regime is Regime.OPT_OUT:
        return _pass_gate(case)
    if row.listed_blocks and Reason.DNC_LISTED in _ask(case, row.listed_blocks):
        return (Reason.DNC_LISTED,)
    for ground in row.grounds:
        if ground.registers and try_ground(case, ground).met:
            return _ask(case, ground.registers)
    return ()


def _pass_gate(case: Case) -> Reasons:
    """Every register good and not listed, or a relationship that the law lets count instead."""
    found = _ask(case, case.row.registers)
    if not found:
        case.gate_passed = True
        return ()
    for ground in case.row.grounds:
        if ground.lifts_registers and try_ground(case, ground).met:
            case.exempt = ground
            return ()
    return found


def _ask(case: Case, registers: Iterable[Register]) -> Reasons:
    """What the checks of all registers that cover this kind leave to be desired."""
    found: set[Reason] = set()
    for register in registers:
        newest = newest_check(case, register)
        # A number that is listed is listed, whatever kind its owner is said to be.
        if case.kind in register.covers or (newest is not None and newest.listed):
            reason = judge_check(case, register, newest)
            if reason is not None:
                found.add(reason)
                case.rule = case.rule or register.rule
    return tuple([reason for reason in REGISTER_REASONS if reason in found])


def judge_check(case: Case, register: Register, newest: RegisterCheck | None) -> Reason | None:
    """The newest check of a register: listed, stale, missing, or (None) good."""
    if newest is None:
        return Reason.DNC_CHECK_MISSING
    if newest.listed:
        return Reason.DNC_LISTED
    end = last_day_of(case, newest.checked_on, register.good_for)
    if case.today > end:
        return Reason.DNC_CHECK_STALE
    case.holds_until(end)
    return None


def judge_basis(case: Case) -> Reasons:
    """Stage 7: a valid consent, else what the law lets stand in for it, else the opt-out regime."""
    if case.valid:
        _rest_on_consent(case)
        return ()
    if case.exempt is not None:
        _rest_on(case, case.exempt)
        return ()
    found: list[Reason] = list(case.failures)
    opt_out = case.row.regime is Regime.OPT_OUT
    for ground in case.row.grounds:
        if opt_out and ground.lifts_registers:
            continue  # the register was asked before
        tried = try_ground(case, ground)
        if tried.met:
            _rest_on(case, ground)
            return ()
        if tried.reason is not None:
            found.append(tried.reason)
    if opt_out:
        lacks = lacking(case)
        if not lacks:
            _rest_on_opt_out(case)
            return ()
        found += lacks
    first = [reason for reason in dict.fromkeys(found) if reason not in LAST]
    return (*first, *[reason for reason in LAST[:2] if reason in found], Reason.CONSENT_REQUIRED)


def lacking(case: Case) -> list[Reason]:
    """What an opt-out row asks and the facts do not give."""
    row, facts = case.row, case.facts
    lacks: list[Reason] = []
    if row.needs_role and facts.role_relevant is not True:
        lacks.append(Reason.ROLE_NOT_RELEVANT)
    if row.needs_lia and not facts.lia and not case.impersonal:
        lacks.append(Reason.LIA_MISSING)
    return lacks


def _rest_on_consent(case: Case) -> None:
    """The newest valid consent carries the contact."""
    row = case.row
    valid = case.valid
    consent = valid[0] if len(valid) == 1 else max(valid, key=lambda one: case.day(one.given_on))
    case.allow, case.rule, case.obligations = (Reason.CONSENT_VALID,), row.rule, row.obligations
    end = consent_ends(case, consent, row.consent)
    if end is not None:
        case.holds_until(end)
    if row.consent.stale_after is not None:
        case.holds_until(goes_stale(case, consent, row.consent.stale_after))
    if consent.expires_on is not None:
        case.holds_until(case.day(consent.expires_on))
        if isinstance(consent.expires_on, datetime):
            case.until = consent.expires_on


def _rest_on(case: Case, ground: Ground) -> None:
    """A stand-in carries the contact, for as long as it lasts."""
    case.ground = ground
    case.allow, case.rule = ground.allow, ground.rule
    case.obligations = (*case.row.obligations, *ground.obligations)
    end = try_ground(case, ground).last_day
    if end is not None:
        case.holds_until(end)
        if ground.recheck:
            case.obligations = (*case.obligations, recheck_by(end))


def _rest_on_opt_out(case: Case) -> None:
    """Nobody said no: the row's own reasons, after the register that was passed."""
    row = case.row
    allow = row.allow
    if case.law.gdpr and not case.facts.lia:
        allow = tuple([reason for reason in allow if reason not in LEGITIMATE])
    if case.gate_passed:
        allow = (Reason.NOT_LISTED_ON_REGISTER, *allow)
    case.allow = allow or (Reason.IMPERSONAL_ADDRESS_EXEMPT if case.impersonal else Reason.OPT_OUT_REGIME,)
    case.rule, case.obligations = row.rule, row.obligations
