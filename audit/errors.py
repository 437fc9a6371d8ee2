"""What can go wrong in `audit`; no error knows HTTP, no message holds personal data."""

from typing import ClassVar


class AuditError(Exception):
    """Base of this package's errors; `code` is stable and read by programs."""

    code: ClassVar[str] = "audit_error"


class EntryRefusedError(AuditError):
    """An entry holds what no entry may hold: an unknown action, a float, too many bytes."""

    code = "entry_refused"


class NoteMalformedError(AuditError):
    """Bytes that are not a signed note, or a key that is not a key."""

    code = "note_malformed"


class NoteUnverifiedError(AuditError):
    """No trusted key signed the note, or a trusted key's signature is wrong."""

    code = "note_unverified"


class CheckpointMalformedError(AuditError):
    """A note's text is not a checkpoint."""

    code = "checkpoint_malformed"


class ProofInvalidError(AuditError):
    """A Merkle proof does not prove what it claims."""

    code = "proof_invalid"


class ProofMalformedError(AuditError):
    """Text that is not a tlog-proof, or hashes of the wrong length."""

    code = "proof_malformed"


class TileMalformedError(AuditError):
    """A tile path or a tile's bytes are not of the tlog-tiles form."""

    code = "tile_malformed"


class ReceiptMalformedError(AuditError):
    """A note's text is not a receipt."""

    code = "receipt_malformed"


class ReceiptUnverifiedError(AuditError):
    """A receipt that no trusted key signed: forged, changed, or of another service."""

    code = "receipt_unverified"


class JwksMalformedError(AuditError):
    """Text that is not a JWK Set with Ed25519 keys."""

    code = "jwks_malformed"


class SizeUnknownError(AuditError):
    """A proof or a tile was asked for that the log, at its present size, does not have."""

    code = "size_unknown"


class LogBrokenError(AuditError):
    """The stored tree contradicts its own signed head: somebody changed the database."""

    code = "log_broken"


class HeadMovedError(AuditError):
    """Another sequencer extended the log first; nothing was written, try again."""

    code = "head_moved"


class LogRolledBackError(AuditError):
    """The database knows fewer entries than a checkpoint published before."""

    code = "log_rolled_back"


class LogForkedError(AuditError):
    """The database's log is not an extension of a checkpoint published before."""

    code = "log_forked"


class PublicationError(AuditError):
    """A checkpoint could not be published, or what was published can not be read."""

    code = "publication_failed"


class CheckpointRefusedError(PublicationError):
    """Somebody outside did not take a checkpoint; `reason` is a closed code."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"the checkpoint was not taken: {reason}")
        self.reason = reason


class TranscriptMalformedError(AuditError):
    """An exported log can not be read: not the format, or a line in it is not."""

    code = "transcript_malformed"


class VerificationFailedError(AuditError):
    """A numbered step of the auditor's verification failed; the message says which and what it means."""

    code = "verification_failed"


class EntryOmittedError(AuditError):
    """The log promised an entry by a receipt, and does not hold it."""

    code = "entry_omitted"
