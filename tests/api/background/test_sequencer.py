"""`api.background.sequencer`: what is pending is sequenced and published; nothing over a restored log."""

import shutil
from datetime import datetime

import pytest

from api.background import sequencer
from api.context import Service
from audit import keys, stored_tree
from audit.actions import Action
from audit.entry import Entry
from audit.errors import LogRolledBackError, NoteUnverifiedError
from audit.log import append_many
from audit.sequencer import pending


def append(service: Service, now: datetime, count: int) -> None:
    """Entries about nobody."""
    made = [Entry(Action.HOLD_PLACED, "key", now)] * count
    service.main.write(lambda session: append_many(session, made))


def test_everything_pending_is_sequenced_and_published(service: Service, now: datetime) -> None:
    """More than one write's worth; what is published is the head of the database."""
    append(service, now, 2 * sequencer.ENTRIES_A_WRITE + 1)

    sequencer.step(service, now)

    with service.main.read() as session:
        assert (pending(session), stored_tree.size(session)) == (0, 2 * sequencer.ENTRIES_A_WRITE + 1)
        assert stored_tree.head_note(session) == sequencer.publication(service).newest()
        assert [key.vkey for key in keys.listed(session)] == [service.log_signer.vkey]


def test_a_quiet_second_publishes_nothing(service: Service, now: datetime) -> None:
    """A step without entries leaves the file as it is; before the first entry there is none."""
    sequencer.step(service, now)
    assert sequencer.publication(service).newest() is None
    append(service, now, 1)
    sequencer.step(service, now)
    file = next(service.settings.checkpoints.iterdir())
    before = file.read_bytes()

    sequencer.step(service, now)

    assert before == file.read_bytes()


def test_a_head_that_was_not_published_is_published_by_the_next_step(service: Service, now: datetime) -> None:
    """A crash between the commit and the publication loses nothing."""
    append(service, now, 1)
    sequencer.step(service, now)
    file = next(service.settings.checkpoints.iterdir())
    file.unlink()

    sequencer.step(service, now)

    with service.main.read() as session:
        assert stored_tree.head_note(session) == sequencer.publication(service).newest()


def test_nothing_is_signed_over_a_log_that_was_rolled_back(service: Service, now: datetime) -> None:
    """Published by a longer log, or by another one altogether: the step stops and the entry stays pending."""
    append(service, now, 1)
    sequencer.step(service, now)
    longer = service.log_signer.sign_note(f"{service.log_signer.name}\n9\n{'A' * 43}=\n")
    sequencer.publication(service).publish(longer)
    append(service, now, 1)

    with pytest.raises(LogRolledBackError):
        sequencer.step(service, now)

    with service.main.read() as session:
        assert pending(session) == 1
    shutil.rmtree(service.settings.checkpoints)
    sequencer.publication(service).publish(longer.replace("\u2014 leadwarden", "\u2014 another"))
    with pytest.raises(NoteUnverifiedError):
        sequencer.compare(service, sequencer.publication(service))
