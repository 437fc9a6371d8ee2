"""The rules as values: what a rulebook's tables hold once they are read.

A *cell* answers for one jurisdiction, channel and kind of recipient; it is a tuple of rows, and the first
whose dates and conditions fit is the rule. Everything here is frozen; `consent.rulebook` makes it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from consent.calendars import Calendar
from consent.reasons import Reason


@dataclass(frozen=True, slots=True)
class RuleRef:
    """How a rule is named in an answer."""

    id: str
    version: int
    citation: str


@dataclass(frozen=True, slots=True)
class Period:
    """Calendar months (clamped to the month's end) and days."""

    months: int = 0
    days: int = 0


class Regime(StrEnum):
    """What a cell asks: prior consent, no objection, or never."""

    OPT_IN = "opt_in"
    OPT_OUT = "opt_out"
    PROHIBITED = "prohibited"


class GroundKind(StrEnum):
    """What can stand in for a consent where the law says so."""

    SOFT_OPT_IN = "soft_opt_in"
    BUSINESS_RELATIONSHIP = "business_relationship"
    INQUIRY = "inquiry"
    ORGANISATION_RELATIONSHIP = "organisation_relationship"
    PUBLICATION = "publication"
    ADDRESS_PROVIDED = "address_provided"
    PRESUMED_CONSENT = "presumed_consent"


@dataclass(frozen=True, slots=True)
class Windows:
    """Permitted minutes of a day as (first, one past the last), in order."""

    spans: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Hours:
    """When a recipient may be reached; `days` is Monday to Sunday.

    On a public holiday of `calendar` the windows are `holidays`; without a calendar it is like any day.
    """

    rule: RuleRef
    days: tuple[Windows, ...]
    calendar: Calendar | None = None
    holidays: Windows = Windows(())


@dataclass(frozen=True, slots=True)
class Cap:
    """At most `most` contacts over `channels` together within `window` (None: ever).

    `sources` limits it to leads that came from there; `unless_consent` lifts it by a valid consent.
    """

    rule: RuleRef
    most: int
    window: timedelta | None
    channels: frozenset[str]
    sources: frozenset[str] | None = None
    unless_consent: bool = False


@dataclass(frozen=True, slots=True)
class Register:
    """A do-not-call register; `names` are the spellings under which a check may name it, in upper case.

    Where `cancels_consents`, being listed ends every consent that is not later than the check.
    """

    rule: RuleRef
    names: frozenset[str]
    covers: frozenset[str]
    good_for: Period
    cancels_consents: bool = False


@dataclass(frozen=True, slots=True)
class ConsentTerms:
    """What a consent must be: in writing or not, how long it lasts, when it is stale.

    `contested`: courts differ on the form, so that a person should look at a consent that fails by it.
    """

    written: bool = False
    contested: bool = False
    lasts: Period | None = None
    lasts_without_end: Period | None = None
    stale_after: Period | None = None


@dataclass(frozen=True, slots=True)
class Ground:
    """One stand-in for consent, with its conditions; which of them matter depends on the kind.

    `lifts_registers`: the register is not asked. `registers`: this ground itself asks them.
    """

    kind: GroundKind
    rule: RuleRef
    allow: tuple[Reason, ...]
    obligations: tuple[str, ...] = ()
    within: Period | None = None
    after_contract: Period | None = None
    sources: frozenset[str] = frozenset()
    role_relevant: bool = False
    needs_content: tuple[str, ...] = ()
    lifts_registers: bool = False
    registers: tuple[Register, ...] = ()
    recheck: bool = False


@dataclass(frozen=True, slots=True)
class Condition:
    """A fact that a row is limited to; `within` limits `customer` to those who bought so lately."""

    fact: str
    values: frozenset[object]
    within: Period | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One rule of a table."""

    rule: RuleRef
    regime: Regime
    confidence: str
    when: tuple[Condition, ...] = ()
    effective_from: date | None = None
    effective_to: date | None = None
    consent: ConsentTerms = ConsentTerms()
    consent_lifts_ban: bool = False
    grounds: tuple[Ground, ...] = ()
    allow: tuple[Reason, ...] = ()
    needs_lia: bool = False
    needs_role: bool = False
    registers: tuple[Register, ...] = ()
    listed_blocks: tuple[Register, ...] = ()
    hours: tuple[Hours, ...] = ()
    caps: tuple[Cap, ...] = ()
    content: tuple[str, ...] = ()
    obligations: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Refusal:
    """Which rule stands behind a reason, and what the sender must do when refused by it."""

    rule: RuleRef
    obligations: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Retention:
    """A record is kept for `period` after `since` (`last_inbound_contact_on` or `obtained_on`).

    `sources` limits it; with `told_only` it runs only where the law asks for a notice that was given;
    `despite_consent` runs it even where a consent is on file.
    """

    rule: RuleRef
    since: str
    period: Period
    sources: frozenset[str] | None = None
    told_only: bool = False
    opt_out_only: bool = False
    despite_consent: bool = False


Cell = tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Law:
    """All rules of one jurisdiction, ready for look-up.

    `cells` is keyed by (channel or data use, kind of recipient); under the kind None stand the cells to be
    judged when the kind is unknown. `gdpr`: legitimate interest needs an assessment, and notices are asked.
    """

    code: str
    name: str
    gdpr: bool
    zones: tuple[str, ...]
    cells: Mapping[tuple[str, str | None], tuple[Cell, ...]]
    refusals: Mapping[Reason, Refusal]
    retention: tuple[Retention, ...]
    signal_kinds: frozenset[str | None]
    stops_together: tuple[frozenset[str], ...]
    reply_within: Period
    notice_within: Period
