"""The rows of privacy requests. History is added to, never rewritten."""

from datetime import datetime

from sqlalchemy import Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from audit.columns import Instant
from governance.tables import Base

ID = String(36)
WORD = String(40)


class RequestRow(Base):
    """A privacy request; who it is about stands sealed under the request's own key."""

    __tablename__ = "privacy_request"
    __table_args__ = (Index("ix_privacy_request_work", "status", "due_at"),)

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    type: Mapped[str] = mapped_column(WORD)
    regime: Mapped[str] = mapped_column(WORD)
    status: Mapped[str] = mapped_column(WORD, index=True)
    reason: Mapped[str | None] = mapped_column(WORD)
    submitted_by: Mapped[str] = mapped_column(WORD)
    received_at: Mapped[datetime] = mapped_column(Instant)
    time_zone: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(Instant, index=True)
    failed_verifications: Mapped[int] = mapped_column(default=0)
    verified_at: Mapped[datetime | None] = mapped_column(Instant)
    approved_at: Mapped[datetime | None] = mapped_column(Instant)
    extended_at: Mapped[datetime | None] = mapped_column(Instant)
    finished_at: Mapped[datetime | None] = mapped_column(Instant)
    deadlines: Mapped[str] = mapped_column(Text, default="{}")
    safe_by: Mapped[str | None] = mapped_column(String(32), index=True)
    identities: Mapped[bytes | None] = mapped_column(LargeBinary)
    sealed_version: Mapped[int] = mapped_column(default=1)
    note: Mapped[bytes | None] = mapped_column(LargeBinary)
    explanation: Mapped[bytes | None] = mapped_column(LargeBinary)
    extension_reason: Mapped[bytes | None] = mapped_column(LargeBinary)
    corrections: Mapped[bytes | None] = mapped_column(LargeBinary)
    lift_at: Mapped[datetime | None] = mapped_column(Instant, index=True)
    lift_notice: Mapped[str | None] = mapped_column(ID)
    lifted_at: Mapped[datetime | None] = mapped_column(Instant)
    shred_stage: Mapped[int] = mapped_column(default=0)
    key_until: Mapped[datetime | None] = mapped_column(Instant, index=True)
    lease_owner: Mapped[str | None] = mapped_column(ID)
    lease_until: Mapped[datetime | None] = mapped_column(Instant)
    fence: Mapped[int] = mapped_column(default=0)
    tries: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime | None] = mapped_column(Instant)


class RequestLeadRow(Base):
    """Which leads a request is about; goes when they are erased."""

    __tablename__ = "privacy_request_lead"

    request_id: Mapped[str] = mapped_column(ID, primary_key=True)
    lead_id: Mapped[str] = mapped_column(ID, primary_key=True, index=True)


class PauseRow(Base):
    """More was asked of the person (`asked_at`), and it came (`received_at`)."""

    __tablename__ = "privacy_request_pause"

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    request_id: Mapped[str] = mapped_column(ID, index=True)
    reason: Mapped[str] = mapped_column(WORD)
    asked_at: Mapped[datetime] = mapped_column(Instant)
    received_at: Mapped[datetime | None] = mapped_column(Instant)


class ProofRow(Base):
    """One attempt to show who asks, and its result; of a document nothing but that it was seen.

    `statement` is what an agent's permission says, sealed.
    """

    __tablename__ = "privacy_request_proof"

    request_id: Mapped[str] = mapped_column(ID, primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    method: Mapped[str] = mapped_column(WORD)
    passed: Mapped[bool] = mapped_column()
    at: Mapped[datetime] = mapped_column(Instant)
    actor: Mapped[str] = mapped_column(ID)
    statement: Mapped[bytes | None] = mapped_column(LargeBinary)


class CodeRow(Base):
    """A code that was sent: its keyed hash, and that of the address, to limit how often one is written to.

    `covers` says whether the address alone shows who the whole request is about.
    """

    __tablename__ = "privacy_request_code"

    request_id: Mapped[str] = mapped_column(ID, primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    address: Mapped[bytes] = mapped_column(LargeBinary, index=True)
    covers: Mapped[bool] = mapped_column()
    sent_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant)
    tries: Mapped[int] = mapped_column(default=0)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)


class LoginRow(Base):
    """A login hand-over that was used: the SHA-256 of its id, kept until it would have expired anyway."""

    __tablename__ = "privacy_request_login"

    token: Mapped[str] = mapped_column(String(64), primary_key=True)
    until: Mapped[datetime] = mapped_column(Instant, index=True)


class ApprovalRow(Base):
    """Who approved; where two persons must, the first waits here for the second."""

    __tablename__ = "privacy_request_approval"

    request_id: Mapped[str] = mapped_column(ID, primary_key=True)
    actor: Mapped[str] = mapped_column(ID, primary_key=True)
    at: Mapped[datetime] = mapped_column(Instant)


class AppealRow(Base):
    """An appeal against a refusal, with a clock of its own; what either side said is sealed."""

    __tablename__ = "privacy_request_appeal"

    request_id: Mapped[str] = mapped_column(ID, primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    received_at: Mapped[datetime] = mapped_column(Instant)
    respond_by: Mapped[str] = mapped_column(String(32), index=True)
    said: Mapped[bytes | None] = mapped_column(LargeBinary)
    result: Mapped[str | None] = mapped_column(WORD)
    decided_at: Mapped[datetime | None] = mapped_column(Instant)
    decided_by: Mapped[str | None] = mapped_column(ID)
    explanation: Mapped[bytes | None] = mapped_column(LargeBinary)


class WarningRow(Base):
    """That the operator was told of a request's date: once for each stage and date."""

    __tablename__ = "privacy_request_warning"

    request_id: Mapped[str] = mapped_column(ID, primary_key=True)
    stage: Mapped[str] = mapped_column(WORD, primary_key=True)
    due: Mapped[str] = mapped_column(String(10), primary_key=True)
    warned_at: Mapped[datetime] = mapped_column(Instant)


class LetterDueRow(Base):
    """A letter that the person is owed because of an entry; goes when it is written and queued."""

    __tablename__ = "privacy_request_letter_due"

    entry_id: Mapped[str] = mapped_column(ID, primary_key=True)
    request_id: Mapped[str] = mapped_column(ID, index=True)
    action: Mapped[str] = mapped_column(WORD)
    at: Mapped[datetime] = mapped_column(Instant)


class RecipientRow(Base):
    """The recipient behind a store: the mail that they were sent, and what they answered."""

    __tablename__ = "privacy_request_recipient"

    request_id: Mapped[str] = mapped_column(ID, primary_key=True)
    store: Mapped[str] = mapped_column(String(64), primary_key=True)
    message_id: Mapped[str | None] = mapped_column(ID)
    answer: Mapped[str | None] = mapped_column(WORD)
    answered_at: Mapped[datetime | None] = mapped_column(Instant)


class StepRow(Base):
    """What one store has to do for one request, and the lease of the worker that is doing it.

    `known` is the number of identities the store was searched with: less than the request's means that the
    store must be searched again. `fence` grows with every claim; only the holder of the newest may finish.
    """

    __tablename__ = "privacy_request_step"
    __table_args__ = (Index("ix_privacy_request_step_work", "status", "due_at"),)

    request_id: Mapped[str] = mapped_column(ID, primary_key=True)
    store: Mapped[str] = mapped_column(String(64), primary_key=True)
    action: Mapped[str] = mapped_column(WORD, primary_key=True)
    status: Mapped[str] = mapped_column(WORD)
    known: Mapped[int] = mapped_column(default=0)
    found: Mapped[int | None] = mapped_column()
    kept: Mapped[int | None] = mapped_column()
    changed: Mapped[int | None] = mapped_column()
    remaining: Mapped[int | None] = mapped_column()
    attempts: Mapped[int] = mapped_column(default=0)
    tries: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str | None] = mapped_column(WORD)
    reason: Mapped[str | None] = mapped_column(String(120))
    done_by: Mapped[str | None] = mapped_column(ID)
    lease_owner: Mapped[str | None] = mapped_column(ID)
    lease_until: Mapped[datetime | None] = mapped_column(Instant)
    fence: Mapped[int] = mapped_column(default=0)
    changes: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime] = mapped_column(Instant)


class StepHistoryRow(Base):
    """One change of a step, counted from 1. Only ever inserted."""

    __tablename__ = "privacy_request_step_history"

    request_id: Mapped[str] = mapped_column(ID, primary_key=True)
    store: Mapped[str] = mapped_column(String(64), primary_key=True)
    action: Mapped[str] = mapped_column(WORD, primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(Instant)
    status: Mapped[str] = mapped_column(WORD)
    attempt: Mapped[int] = mapped_column()
    error: Mapped[str | None] = mapped_column(WORD)
    found: Mapped[int | None] = mapped_column()
    remaining: Mapped[int | None] = mapped_column()
    actor: Mapped[str] = mapped_column(ID)


class FoundRow(Base):
    """What a search of a store found: counts in clear, row keys sealed. Committed before a row is touched.

    `round` counts the searches of the step; the newest holds the union of all.
    """

    __tablename__ = "privacy_request_found"

    request_id: Mapped[str] = mapped_column(ID, primary_key=True)
    store: Mapped[str] = mapped_column(String(64), primary_key=True)
    round: Mapped[int] = mapped_column(primary_key=True)
    counts: Mapped[str] = mapped_column(Text)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    at: Mapped[datetime] = mapped_column(Instant)


class ErrandRow(Base):
    """Work that a store took on for a request and finishes later; the store may call about it.

    Sealed: which row it is about, the token of the address that the store may call, and what the store calls
    the work. `answer` is how the store said that it ended; `ended_at` is when nobody waited for it any more.
    """

    __tablename__ = "privacy_request_errand"

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    request_id: Mapped[str] = mapped_column(ID, index=True)
    store: Mapped[str] = mapped_column(String(64))
    table_name: Mapped[str] = mapped_column(String(120))
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    sealed_version: Mapped[int] = mapped_column()
    digest: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    taken_at: Mapped[datetime | None] = mapped_column(Instant)
    answer: Mapped[str | None] = mapped_column(WORD)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)


class CandidateRow(Base):
    """A row that may be the person's; a person says whether it is."""

    __tablename__ = "privacy_request_candidate"

    request_id: Mapped[str] = mapped_column(ID, primary_key=True)
    store: Mapped[str] = mapped_column(String(64), primary_key=True)
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    table_name: Mapped[str] = mapped_column(String(120))
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    same_person: Mapped[bool | None] = mapped_column()
    decided_by: Mapped[str | None] = mapped_column(ID)


class RequestEntryRow(Base):
    """Which entries of the trail belong to the request; the certificate lists them."""

    __tablename__ = "privacy_request_entry"

    entry_id: Mapped[str] = mapped_column(ID, primary_key=True)
    request_id: Mapped[str] = mapped_column(ID, index=True)
    action: Mapped[str] = mapped_column(WORD)
    leaf_hash: Mapped[bytes] = mapped_column(LargeBinary)


class CertificateRow(Base):
    """A certificate, as the exact text that was signed. A reopened request gets a further one."""

    __tablename__ = "privacy_request_certificate"

    request_id: Mapped[str] = mapped_column(ID, primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    issued_at: Mapped[datetime] = mapped_column(Instant)
    jws: Mapped[str] = mapped_column(Text)


class PackageLinkRow(Base):
    """The link by which a package is fetched once: the digest of its token, and the passphrase, sealed."""

    __tablename__ = "privacy_request_package_link"

    request_id: Mapped[str] = mapped_column(ID, primary_key=True)
    digest: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    good_until: Mapped[datetime] = mapped_column(Instant)


class PackageChunkRow(Base):
    """A piece of what one store holds on the person, sealed under the request's key."""

    __tablename__ = "privacy_request_package_chunk"

    request_id: Mapped[str] = mapped_column(ID, primary_key=True)
    store: Mapped[str] = mapped_column(String(64), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)


class HoldRow(Base):
    """A legal hold: what must not be erased. Query and reason are sealed under the hold's own key."""

    __tablename__ = "legal_hold"

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    key: Mapped[str] = mapped_column(String(64), index=True)
    lead_id: Mapped[str | None] = mapped_column(ID, index=True)
    store: Mapped[str | None] = mapped_column(String(64), index=True)
    query: Mapped[bytes | None] = mapped_column(LargeBinary)
    reason: Mapped[bytes] = mapped_column(LargeBinary)
    until: Mapped[datetime | None] = mapped_column(Instant)
    created_at: Mapped[datetime] = mapped_column(Instant)
    lifted_at: Mapped[datetime | None] = mapped_column(Instant)
