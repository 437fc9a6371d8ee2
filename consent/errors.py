"""What can go wrong in `consent`; no error knows HTTP, no message holds personal data."""

from typing import ClassVar


class ConsentError(Exception):
    """Base of this package's errors; `code` is stable and read by programs."""

    code: ClassVar[str] = "consent_error"


class FactsError(ConsentError):
    """A facts document breaks the grammar; `errors` names every fault by its place, never by its value."""

    code: ClassVar[str] = "invalid_facts"

    def __init__(self, errors: dict[str, list[str]]) -> None:
        super().__init__("the facts are not well-formed")
        self.errors = errors


class RulebookError(ConsentError):
    """A rulebook breaks a rule of its grammar; `errors` names every fault by its place."""

    code: ClassVar[str] = "invalid_rulebook"

    def __init__(self, errors: dict[str, list[str]]) -> None:
        super().__init__("the rulebook is not well-formed")
        self.errors = errors


class DeadlineError(ConsentError):
    """A deadline was asked for that no law of the rulebook has; `errors` names the place."""

    code: ClassVar[str] = "invalid_deadline_call"

    def __init__(self, errors: dict[str, list[str]]) -> None:
        super().__init__("the deadline can not be computed")
        self.errors = errors


class DecisionUnknownError(ConsentError):
    """There is no such decision."""

    code: ClassVar[str] = "decision_unknown"


class DecisionErasedError(ConsentError):
    """The lead of the decision was erased: only day, effect, rulebook and entry are left of it."""

    code: ClassVar[str] = "decision_erased"


class OutcomeContradictedError(ConsentError):
    """Another outcome of the decision is on record."""

    code: ClassVar[str] = "outcome_contradicted"


class ConsentUnknownError(ConsentError):
    """There is no such consent."""

    code: ClassVar[str] = "consent_unknown"


class RulebookUnknownError(ConsentError):
    """No rulebook, and no publishing of one, has that name."""

    code: ClassVar[str] = "rulebook_unknown"


class RulebookConfirmedError(ConsentError):
    """It was confirmed before."""

    code: ClassVar[str] = "rulebook_confirmed"


class SecondPersonNeededError(ConsentError):
    """Whoever published a rulebook can not confirm it."""

    code: ClassVar[str] = "second_person_needed"
