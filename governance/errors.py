"""What can go wrong in `governance`; no error knows HTTP, no message holds personal data."""

from typing import ClassVar


class GovernanceError(Exception):
    """Base of this package's errors; `code` is stable and read by programs."""

    code: ClassVar[str] = "governance_error"


class RequestError(GovernanceError):
    """A privacy request can not be handled as asked."""

    code = "request_error"


class RequestUnknownError(RequestError):
    """There is no such request."""

    code = "request_unknown"


class RequestExistsError(RequestError):
    """The id that the caller minted is taken."""

    code = "request_exists"


class CodeLimitError(RequestError):
    """The address was sent as many codes as it may be for now."""

    code = "too_many_codes"


class CodeUnsendableError(RequestError):
    """No mail can be sent, or nothing is known to write to."""

    code = "code_unsendable"


class GroundRefusedError(RequestError):
    """The law knows no such ground against this right."""

    code = "ground_not_open"


class HandOverRefusedError(RequestError):
    """A login hand-over that proves nothing: forged, late, for somebody else, or used before."""

    code = "login_refused"


class SameApproverError(RequestError):
    """Two persons must approve, and this one has."""

    code = "second_person_needed"


class StepUnknownError(RequestError):
    """The request has no step for that store."""

    code = "step_unknown"


class IllegalChangeError(RequestError):
    """The state does not allow this change."""

    code = "illegal_change"


class CandidateError(RequestError):
    """The answers do not fit the candidates that wait for a decision."""

    code = "candidates_mismatch"


class LeaseLostError(RequestError):
    """Another worker holds the step or the request by now; this one must write no more."""

    code = "lease_lost"


class PackageMissingError(RequestError):
    """The request has no package, not yet, or no longer."""

    code = "package_missing"


class CertificateMissingError(RequestError):
    """The request is not completed, so there is nothing to certify."""

    code = "certificate_missing"


class RequestClosedError(RequestError):
    """The key of the request is destroyed: its identities can not be read any more."""

    code = "request_closed"


class HoldUnknownError(RequestError):
    """There is no such legal hold."""

    code = "hold_unknown"


class MessageInvalidError(GovernanceError):
    """A message can not be queued, or queued again, as it is; nothing of it is repeated."""

    code = "message_invalid"


class MessageUnknownError(GovernanceError):
    """There is no such message."""

    code = "message_unknown"


class LeadError(GovernanceError):
    """A lead can not be handled as asked."""

    code = "lead_error"


class IdentityInvalidError(LeadError):
    """An identifier or a reference is malformed; `errors` names the field, never the value."""

    code = "identity_invalid"

    def __init__(self, errors: dict[str, list[str]]) -> None:
        super().__init__(f"malformed: {', '.join(sorted(errors))}")
        self.errors = errors


class IdentityAmbiguousError(LeadError):
    """The reference fits several leads, and only a decision may take the strictest of them."""

    code = "identity_ambiguous"


class LeadUnknownError(LeadError):
    """The reference fits no lead."""

    code = "lead_unknown"


class OpeningUntoldError(LeadError):
    """Fields were to be opened of which the trail does not say so: a fault of ours, and nothing is opened."""

    code = "opening_untold"


class LeadLockedError(LeadError):
    """The lead is being erased: nothing of it is opened or changed any more."""

    code = "lead_locked"


class FactInvalidError(LeadError):
    """A field of a lead, or the detail of an event, is not as the contract says; `errors` names it."""

    code = "validation_failed"

    def __init__(self, errors: dict[str, list[str]]) -> None:
        super().__init__(f"malformed: {', '.join(sorted(errors))}")
        self.errors = errors


class VaultError(GovernanceError):
    """A key is missing, broken or refused."""

    code = "vault_error"


class SealBroken(VaultError):  # noqa: N818 -- named for what happened to the seal; part of the package's seams
    """Sealed bytes do not open under this key at this place: changed, moved, put back, or never ours.

    `owner` is whose they were to be: the random id of a lead, a request, a case or a user.
    """

    code = "seal_broken"

    def __init__(self, message: str, owner: str) -> None:
        super().__init__(message)
        self.owner = owner


class WrapBrokenError(VaultError):
    """A wrapped key does not open: changed, moved, or wrapped under another key."""

    code = "wrap_broken"


class OwnerErasedError(VaultError):
    """A key was asked for an owner whose key was destroyed; such an id is never used again."""

    code = "owner_erased"


class RootKeyMissingError(VaultError):
    """The root key provider does not hold the key that this key store was wrapped with."""

    code = "root_key_missing"


class RootUnavailableError(VaultError):
    """The root key provider does not answer, or is sealed: nothing is lost, and nothing new is opened."""

    code = "root_unavailable"


class RootRefusedError(VaultError):
    """The root key provider answers, and refuses: credentials, rights, or a key that is not fit for us."""

    code = "root_refused"


class KeyDirectoryUnsafeError(VaultError):
    """Others than its owner may enter the key directory, or it is no directory."""

    code = "key_directory_unsafe"


class ReindexStateError(VaultError):
    """A re-index was begun twice, or finished before it was begun."""

    code = "reindex_state"


class RotationStateError(VaultError):
    """A rotation was begun twice, or a wrapping key was to be destroyed with keys still under it."""

    code = "rotation_state"


class AccountError(GovernanceError):
    """A key or a user can not be handled as asked."""

    code = "account_error"


class KeyUnknownError(AccountError):
    """There is no such key, or it is revoked."""

    code = "key_unknown"


class UserUnknownError(AccountError):
    """There is no such user, or they were removed."""

    code = "user_unknown"


class UserExistsError(AccountError):
    """Somebody with that address is here already."""

    code = "user_exists"


class BindingTooWideError(AccountError):
    """A key can not make one that reaches further than itself."""

    code = "binding_too_wide"


class ConfirmationRefusedError(AccountError):
    """Who confirms must have what the maker lacked."""

    code = "confirmation_refused"


class KeysNeededError(LeadError):
    """Other leads are concerned than a moment ago: their keys must be fetched, and all tried again."""

    code = "keys_needed"


class IdentityConflictError(LeadError):
    """The identifiers belong to two leads; nobody is merged on a contradiction."""

    code = "identity_conflict"


class SuppressedAfterErasureError(LeadError):
    """An identifier belongs to somebody who was erased, and stays away."""

    code = "suppressed_after_erasure"


class RestoredError(VaultError):
    """A database is older than what is known outside it; erased people would be back."""

    code = "restored"
