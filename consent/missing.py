"""What it takes to get a yes, as sentences: all of them are needed, each may name several ways. Pure."""

from collections.abc import Iterator, Mapping, Sequence

from consent.gates import judge_check, lacking
from consent.grounds import try_ground
from consent.reasons import MISSING, Reason
from consent.rows import Ground, Regime, Register
from consent.weighing import Case, newest_check
from consent.wording import GROUNDS

PURPOSE, REGISTERS, BASIS = 3, 6, 7
OR_ELSE = "; or else "
HOPELESS = frozenset({Reason.SUPPRESSED_AFTER_ERASURE, Reason.MINOR, Reason.COMPLAINED})
_CHECKED = {Reason.DNC_CHECK_MISSING: "a check of", Reason.DNC_CHECK_STALE: "a new check of"}


def way_to_yes(case: Case, denied: Mapping[int, Sequence[Reason]]) -> tuple[str, ...]:
    """What one case lacks; `denied` are the reasons of each stage that denied."""
    hopeless = [reason for reasons in denied.values() for reason in reasons if reason in HOPELESS]
    if hopeless:
        return (MISSING[hopeless[0]],)
    found: list[str] = []
    for stage in sorted(denied):
        if stage > PURPOSE and PURPOSE in denied:
            break  # a message that fits its purpose is asked no more
        if stage not in {REGISTERS, BASIS}:
            found += [MISSING[reason] for reason in denied[stage]]
        elif stage == REGISTERS or REGISTERS not in denied:
            found.append(OR_ELSE.join(_ways(case, denied)))
    return tuple(dict.fromkeys(found))


def name_of(register: Register) -> str:
    """The shortest of its names."""
    return min(sorted(register.names), key=len)


def lacking_checks(case: Case, registers: Sequence[Register]) -> Iterator[tuple[Register, Reason]]:
    """The registers that are not checked, not lately enough, or that list the person."""
    for register in registers:
        newest = newest_check(case, register)
        if case.kind in register.covers or (newest is not None and newest.listed):
            reason = judge_check(case, register, newest)
            if reason is not None:
                yield register, reason


def _ways(case: Case, denied: Mapping[int, Sequence[Reason]]) -> list[str]:
    """A consent; else what the opt-out regime asks; else what can stand in for a consent here."""
    row = case.row
    ways = [_consent(denied.get(BASIS, ()))]
    if row.regime is Regime.OPT_OUT:
        needed = [*_checks(case, row.registers), *(MISSING[reason] for reason in lacking(case))]
        ways += [" and ".join(needed)] if needed else []
    ways += [_ground(case, ground) for ground in row.grounds]
    return ways


def _consent(reasons: Sequence[Reason]) -> str:
    """What a consent on file lacks, if there is one."""
    nearly = [reason for reason in reasons if reason.value.startswith("CONSENT_")]
    return MISSING[nearly[0] if nearly else Reason.CONSENT_REQUIRED]


def _ground(case: Case, ground: Ground) -> str:
    """A stand-in, or the checks that it still needs."""
    checks = _checks(case, ground.registers) if try_ground(case, ground).met else []
    return " and ".join(checks) or GROUNDS[ground.kind]


def _checks(case: Case, registers: Sequence[Register]) -> list[str]:
    return [
        f"{_CHECKED[reason]} {name_of(register)} that does not list them"
        if reason in _CHECKED
        else f"the entry removed from {name_of(register)}"
        for register, reason in lacking_checks(case, registers)
    ]
