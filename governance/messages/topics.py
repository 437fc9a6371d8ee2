"""What a message can be about: a closed list, so that whoever receives them knows what may come. Pure."""

from enum import StrEnum


class Topic(StrEnum):
    """`noun.state`, the `type` of a webhook; add yours here, with its line in `HEADLINES`."""

    CHECKPOINT_PUBLISHED = "checkpoint.published"
    KEYS_CLOSED = "keys.closed"
    KEYS_OPENED = "keys.opened"
    CHECKPOINT_REFUSED = "checkpoint.refused"
    SEAL_BROKEN = "seal.broken"
    CANARY_OPENED = "canary.opened"
    OPENINGS_REFUSED = "openings.refused"
    CODE_SENT = "code.sent"
    RESTRICTION_ENDS = "restriction.ends"
    APPEAL_DECIDED = "appeal.decided"
    PERSON_CAME_BACK = "person.came_back"
    LETTER_RECEIVED = "letter.received"
    LETTER_EXTENDED = "letter.extended"
    LETTER_REFUSED = "letter.refused"
    LETTER_COMPLETED = "letter.completed"
    RECIPIENT_TOLD = "recipient.told"
    REQUESTS_DUE_SOON = "requests.due_soon"
    REQUESTS_LATE = "requests.late"


HEADLINES: dict[Topic, str] = {
    Topic.CHECKPOINT_PUBLISHED: "Checkpoint of the log",
    Topic.KEYS_CLOSED: "The key provider refuses or does not answer: leads stay closed",
    Topic.KEYS_OPENED: "The key provider answers again",
    Topic.CHECKPOINT_REFUSED: "A checkpoint of the log is not taken outside",
    Topic.SEAL_BROKEN: "A sealed field does not open: it was changed, moved or put back",
    Topic.CANARY_OPENED: "A canary lead was opened",
    Topic.OPENINGS_REFUSED: "A key tried to open more people than it may",
    Topic.CODE_SENT: "A code to show who asks",
    Topic.RESTRICTION_ENDS: "A restriction will end",
    Topic.APPEAL_DECIDED: "An appeal is decided",
    Topic.PERSON_CAME_BACK: "Somebody who was erased is back in a store",
    Topic.LETTER_RECEIVED: "A request was received",
    Topic.LETTER_EXTENDED: "A request takes longer",
    Topic.LETTER_REFUSED: "A request was refused",
    Topic.LETTER_COMPLETED: "A request was completed",
    Topic.RECIPIENT_TOLD: "A recipient is asked to follow",
    Topic.REQUESTS_DUE_SOON: "Privacy requests should be answered within days",
    Topic.REQUESTS_LATE: "Privacy requests are past their legal date",
}
"""The subject of a mail to the operator about each topic."""
