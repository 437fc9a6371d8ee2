"""Every action that the trail knows: a closed set, so that a reader can know what to look for."""

from enum import StrEnum


class Action(StrEnum):
    """`noun.verb`; what each says stands behind it. Add yours here before you append it."""

    LEAD_CREATED = "lead.created"  # a person became known, from a source
    LEAD_MERGED = "lead.merged"  # a known person was taken in again; fields and sources were added
    LEAD_REFUSED = "lead.refused"  # somebody was turned away: erased before, or the identifiers of two leads
    LEAD_UPDATED = "lead.updated"  # fields were corrected
    LEAD_LOOKED_UP = "lead.looked_up"  # fields were opened: which, for which purpose; written before opening
    LEAD_OPENED = "lead.opened"  # the service itself opens fields, shown to nobody; written before opening
    LEAD_LOOKUP_MISSED = "lead.lookup_missed"  # somebody asked for a person who is not here
    OPENING_REFUSED = "opening.refused"  # somebody asked to open more people than they may
    CANARY_MARKED = "canary.marked"  # a lead that nobody has a reason to open, from now on
    CANARY_LIFTED = "canary.lifted"
    CANARY_OPENED = "canary.opened"  # an alarm: somebody opens a canary; written before opening
    ERASURE_LISTED = "erasure.listed"  # unknown people of a deletion list are kept out: their number
    LEAD_LOCKED = "lead.locked"  # openings are refused from now on
    LEAD_SHREDDED = "lead.shredded"  # data key and links are gone

    CONSENT_GIVEN = "consent.given"
    CONSENT_REFUSED = "consent.refused"
    CONSENT_WITHDRAWN = "consent.withdrawn"
    CONSENT_RENEWED = "consent.renewed"
    OBJECTION_RECEIVED = "objection.received"  # by any way in: call, preference page, one click
    EVENT_RECORDED = "event.recorded"  # a fact that decisions may rest on

    DECISION_MADE = "decision.made"  # may this person be contacted: the answer and its reasons
    DECISION_BATCH_MADE = "decision.batch_made"  # a chunk of answers under one root of salted answers
    DECISION_OUTCOME = "decision.outcome"  # what the asker then did

    REQUEST_CREATED = "request.created"
    REQUEST_VERIFIED = "request.verified"
    REQUEST_VERIFICATION_FAILED = "request.verification_failed"
    REQUEST_CODE_SENT = "request.code_sent"  # a code to show who asks went to an address
    REQUEST_FILE_OPENED = "request.file_opened"  # what was said and who is asked for; before opening
    REQUEST_PLAN_SHOWN = "request.plan_shown"  # the stores were searched: what would be erased and kept
    REQUEST_APPROVED = "request.approved"
    REQUEST_APPROVED_ONCE = "request.approved_once"  # by the first of two persons
    REQUEST_REFUSED = "request.refused"
    REQUEST_APPEALED = "request.appealed"  # against a refusal; a clock of its own runs
    REQUEST_APPEAL_DECIDED = "request.appeal_decided"
    REQUEST_EXTENDED = "request.extended"
    REQUEST_PAUSED = "request.paused"
    REQUEST_RESUMED = "request.resumed"
    REQUEST_CANCELLED = "request.cancelled"
    REQUEST_RETRIED = "request.retried"
    REQUEST_CORRECTIONS_SET = "request.corrections_set"  # what is to be corrected to what: their number
    REQUEST_LIFT_ANNOUNCED = "request.lift_announced"  # the person is told that the restriction will end
    REQUEST_LIFTED = "request.lifted"  # the restriction has ended; the stores take their marks away
    REQUEST_LIFT_COMPLETED = "request.lift_completed"  # they have
    REQUEST_STEP_STARTED = "request.step_started"  # intent, committed before a store is touched
    REQUEST_STEP_CALLED = "request.step_called"  # a store called back: how it says that its work ended
    REQUEST_STEP_FINISHED = "request.step_finished"  # outcome: found, changed, remaining
    REQUEST_CANDIDATES_OPENED = "request.candidates_opened"  # rows that may be the person's; before opening
    REQUEST_STEP_DECIDED = "request.step_decided"  # a person said which candidates are the same person
    REQUEST_COMPLETED = "request.completed"
    REQUEST_LETTER_OPENED = "request.letter_opened"  # an officer read what somebody was told; before opening
    REQUEST_PACKAGE_OPENED = "request.package_opened"  # the answer to an access request was fetched
    REQUEST_PACKAGE_LINKED = "request.package_linked"  # a link to fetch it once was made, and its passphrase
    REQUEST_CERTIFIED = "request.certified"
    REQUEST_REOPENED = "request.reopened"  # the look-back found the person again in a store
    REQUEST_FORGOTTEN = "request.forgotten"  # the request's own key is gone, and the identities with it
    REQUEST_FILE_DELETED = "request.file_deleted"  # its legal time is over

    MESSAGE_QUEUED = "message.queued"  # intent, committed with what it is about: its topic, never its text
    MESSAGE_SENT = "message.sent"  # every way that is set took it
    MESSAGE_FAILED = "message.failed"  # given up, with a closed code

    HOLD_PLACED = "hold.placed"  # erasure is stopped for legal claims
    HOLD_LIFTED = "hold.lifted"

    STORE_CHANGED = "store.changed"
    STORE_ACTIVATED = "store.activated"
    STORE_TESTED = "store.tested"
    STORE_DELETED = "store.deleted"

    KEY_CREATED = "key.created"
    KEY_CONFIRMED = "key.confirmed"
    KEY_LIMITED = "key.limited"  # how many people it may open in an hour and in a day
    KEY_REVOKED = "key.revoked"
    USER_CREATED = "user.created"
    USER_CONFIRMED = "user.confirmed"
    USER_CHANGED = "user.changed"
    USER_REMOVED = "user.removed"
    USER_SIGNED_IN = "user.signed_in"
    USER_SIGN_IN_FAILED = "user.sign_in_failed"
    USER_PASSWORD_CHANGED = "user.password_changed"  # noqa: S105 - an action's name
    ACCESS_DENIED = "access.denied"  # a key or a person without the scope

    RULEBOOK_PUBLISHED = "rulebook.published"
    RULEBOOK_CONFIRMED = "rulebook.confirmed"

    VAULT_ROTATED = "vault.rotated"  # living keys re-wrapped, the old epoch key destroyed
    VAULT_REINDEXED = "vault.reindexed"  # identifiers are opened to be hashed anew; before opening
    VAULT_SEAL_BROKEN = "vault.seal_broken"  # a sealed field did not open: changed, moved or put back by hand
    VAULT_RECONCILED = "vault.reconciled"  # the erasure journal replayed after a restore

    IMPORT_FINISHED = "import.finished"

    LOG_KEY_ROTATED = "log.key_rotated"  # checkpoints are signed by another key from now on
    AUDIT_READ = "audit.read"  # somebody asked the trail about a lead, a key or a time
    AUDIT_EXPORTED = "audit.exported"


ACTIONS = frozenset(Action)
