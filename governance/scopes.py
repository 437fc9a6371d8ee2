"""Who may do what: scopes, roles, and the rule that nobody grants what they lack. Pure. Source: contract."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum


class Scope(StrEnum):
    """One right of a key; the contract says which calls it opens."""

    LEADS_WRITE = "leads:write"
    LEADS_READ = "leads:read"
    CONSENTS_WRITE = "consents:write"
    CONSENTS_READ = "consents:read"
    DECISIONS_CREATE = "decisions:create"
    DECISIONS_READ = "decisions:read"
    REQUESTS_CREATE = "requests:create"
    REQUESTS_READ = "requests:read"
    REQUESTS_REVIEW = "requests:review"
    REQUESTS_EXPORT = "requests:export"
    STORES_MANAGE = "stores:manage"
    RULES_MANAGE = "rules:manage"
    AUDIT_READ = "audit:read"
    KEYS_MANAGE = "keys:manage"


class Role(StrEnum):
    """What a person is here for."""

    COMPLIANCE_OFFICER = "compliance_officer"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


EVERY_SCOPE = frozenset(scope.value for scope in Scope)

ROLE_SCOPES: dict[Role, frozenset[str]] = {
    Role.COMPLIANCE_OFFICER: EVERY_SCOPE - {Scope.KEYS_MANAGE},
    Role.AUDITOR: frozenset(
        {Scope.AUDIT_READ, Scope.DECISIONS_READ, Scope.CONSENTS_READ, Scope.REQUESTS_READ}
    ),
    Role.ADMINISTRATOR: frozenset({Scope.KEYS_MANAGE, Scope.STORES_MANAGE}),
}


@dataclass(frozen=True, slots=True)
class Allowance:
    """How many people may be opened in any 60 minutes and any 24 hours; None leaves it to the settings."""

    an_hour: int | None = None
    a_day: int | None = None

    def otherwise(self, settings: "Allowance") -> "Allowance":
        """This one, with what it leaves open taken from the settings."""
        return Allowance(
            settings.an_hour if self.an_hour is None else self.an_hour,
            settings.a_day if self.a_day is None else self.a_day,
        )

    def within(self, other: "Allowance") -> bool:
        """Whether it allows no more; what is left open allows more than any number."""
        return _no_more(self.an_hour, other.an_hour) and _no_more(self.a_day, other.a_day)


AS_SET = Allowance()


@dataclass(frozen=True, slots=True)
class Grant:
    """What a key may do. `purposes`, `channels` and `lookup_purposes` are None where it is bound to none.

    Contacts are checked for `purposes` over `channels`; leads are looked up for `lookup_purposes`, a few
    plain words each. `allowance` is how many it may open.
    """

    scopes: frozenset[str]
    purposes: frozenset[str] | None = None
    channels: frozenset[str] | None = None
    lookup_purposes: frozenset[str] | None = None
    allowance: Allowance = AS_SET


@dataclass(frozen=True, slots=True)
class Caller:
    """Who sent a call: the id of the key (it stands in the trail), and what the key may do."""

    id: str
    name: str = field(repr=False)
    scopes: frozenset[str]
    purposes: frozenset[str] | None = None
    channels: frozenset[str] | None = None
    lookup_purposes: frozenset[str] | None = None
    allowance: Allowance = AS_SET

    def may_look_up(self, purpose: str) -> bool:
        """Whether this purpose is one of those for which the key may open leads; capitals say nothing."""
        return self.lookup_purposes is None or purpose.lower() in self.lookup_purposes


COMMAND_LINE = Caller("command_line", "command line", EVERY_SCOPE)  # whoever owns the machine owns everything
OURSELVES = Caller("leadwarden", "leadwarden", EVERY_SCOPE)  # the first start


def lacking(wanted: Iterable[str], holder: Caller) -> frozenset[str]:
    """The scopes that `holder` can not grant, having not got them."""
    return frozenset(wanted) - holder.scopes


def may_bind(grant: Grant, holder: Caller) -> bool:
    """Whether a grant stays inside the purposes, channels and numbers to which its maker is bound."""
    return (
        _within(grant.purposes, holder.purposes)
        and _within(grant.channels, holder.channels)
        and _within(grant.lookup_purposes, holder.lookup_purposes)
        and grant.allowance.within(holder.allowance)
    )


def _within(wanted: frozenset[str] | None, bound: frozenset[str] | None) -> bool:
    return bound is None or (wanted is not None and wanted <= bound)


def _no_more(wanted: int | None, bound: int | None) -> bool:
    return bound is None or (wanted is not None and wanted <= bound)
