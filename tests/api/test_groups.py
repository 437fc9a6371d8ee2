"""Callers in groups: who leads, who waits, and for whom."""

import threading
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import pytest
from sqlalchemy import Connection

from api.errors import DatabaseClosedError
from api.groups import Groups
from api.jobs import Job, SharedJob

HOLD = "hold"


def name(_connection: Connection, items: Sequence[str]) -> list[str]:
    """What jobs of these tests do together; it is never run here."""
    return list(items)


class Notes:
    """Where groups are committed: the items of each, and the group's size as the result of each job."""

    def __init__(self) -> None:
        self.groups: list[list[str]] = []
        self.holding = threading.Event()
        self.go_on = threading.Event()

    def commit(self, jobs: Sequence[Job]) -> None:
        """A group that holds `HOLD` ends when it is told to."""
        shared = [job for job in jobs if isinstance(job, SharedJob)]
        self.groups.append([job.item for job in shared])
        if HOLD in self.groups[-1]:
            self.holding.set()
            self.go_on.wait()
        for job in shared:
            job.result = len(shared)


@pytest.fixture
def notes() -> Notes:
    """Nothing was committed yet."""
    return Notes()


@pytest.fixture
def groups(notes: Notes) -> Groups:
    """Nobody leads."""
    return Groups(notes.commit)


def ask(groups: Groups, item: str) -> int:
    """The size of the group that an item was committed in."""
    return int(groups.done(SharedJob(name, item)))


def together(groups: Groups, notes: Notes, items: Sequence[str]) -> list[Future[int]]:
    """Callers who come while another group is held back, so that they make one."""
    with ThreadPoolExecutor(len(items) + 1) as pool:
        held = pool.submit(ask, groups, HOLD)
        notes.holding.wait()
        asked = [pool.submit(ask, groups, item) for item in items]
        while len(groups._waiting) < len(items):  # noqa: SLF001 - all of them are there
            pass
        notes.go_on.set()
        held.result()
    return asked


def test_who_comes_while_a_group_is_committed_makes_the_next_one(groups: Groups, notes: Notes) -> None:
    """Three callers wait for the one before them and share a commit."""
    assert [one.result() for one in together(groups, notes, ["a", "b", "c"])] == [3, 3, 3]
    assert [len(group) for group in notes.groups] == [1, 3]


def test_who_came_together_is_waited_for(
    groups: Groups, notes: Notes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a group of two, the first who comes again leads for both."""
    together(groups, notes, ["a", "b"])
    monkeypatch.setattr("api.groups.PATIENCE_SECONDS", 30.0)
    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(lambda item: ask(groups, item), ["c", "d"])) == [2, 2]


def test_who_does_not_come_again_is_waited_for_no_longer_than_a_moment(groups: Groups, notes: Notes) -> None:
    """A caller who is left alone is committed alone, and waits for nobody the next time."""
    together(groups, notes, ["a", "b"])
    assert ask(groups, "c") == 1
    assert groups._last == 1  # noqa: SLF001 - by which the next one knows


def test_who_is_alone_waits_for_nobody(groups: Groups, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second job of a single caller begins at once: waiting would raise here."""
    monkeypatch.setattr("api.groups.PATIENCE_SECONDS", "any time is an error")
    assert [ask(groups, item) for item in ("a", "b")] == [1, 1]


def test_a_job_that_can_not_be_shared_waits_for_nobody(
    groups: Groups, notes: Notes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A closure gains nothing from company."""
    together(groups, notes, ["a", "b"])
    monkeypatch.setattr("api.groups.PATIENCE_SECONDS", "any time is an error")
    assert groups.done(Job(lambda _connection: None)) is None


def test_an_interrupted_leader_who_waits_hands_the_lead_on(
    groups: Groups, notes: Notes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C while it waits for others: its job is not run, and that of who waits behind it is."""
    together(groups, notes, ["a", "b"])
    behind: list[Future[int]] = []

    def ctrl_c(_seconds: float | None) -> bool:
        groups._gate.release()  # noqa: SLF001 - as waiting does
        behind.append(pool.submit(groups.done, Job(lambda _connection: None)))
        while len(groups._waiting) < 2:  # noqa: SLF001 - it waits behind this one
            pass
        groups._gate.acquire()  # noqa: SLF001
        raise KeyboardInterrupt

    with ThreadPoolExecutor(1) as pool:
        with monkeypatch.context() as patched:
            patched.setattr(groups._gate, "wait", ctrl_c)  # noqa: SLF001 - where it waits
            with pytest.raises(KeyboardInterrupt):
                ask(groups, "never")
        assert behind[0].result() is None

    assert ask(groups, "later") == 1
    assert ["never"] not in notes.groups


def test_an_error_of_the_commit_is_that_of_all_its_callers() -> None:
    """None of them is told that it was written, and the next group goes on."""

    def broken(_jobs: Sequence[Job]) -> None:
        raise KeyError("disk")

    groups = Groups(broken)
    for _ in range(2):
        with pytest.raises(KeyError):
            ask(groups, "a")


def test_closed_groups_take_no_job(groups: Groups, notes: Notes) -> None:
    """It would be lost."""
    groups.close()
    with pytest.raises(DatabaseClosedError):
        ask(groups, "late")
    assert notes.groups == []
