"""Duties: each in its thread, late at worst, never fatal."""

import threading
from datetime import datetime

from api.context import Service
from api.loops import LOOPS, Loop, Running


def test_a_failing_duty_goes_on_and_disturbs_nobody(service: Service) -> None:
    """It is tried again, with longer pauses; its neighbour keeps its pace."""
    failed, done = threading.Semaphore(0), threading.Semaphore(0)

    def fail(_service: Service, _now: datetime) -> None:
        failed.release()
        raise RuntimeError("canary")

    def work(_service: Service, _now: datetime) -> None:
        done.release()

    running = Running(service, (Loop("fails", 0.0, fail), Loop("works", 0.001, work)))
    for semaphore, times in ((done, 3), (failed, 2)):
        for _ in range(times):
            assert semaphore.acquire(timeout=10)
    running.stop()


def test_a_duty_gets_the_service_and_its_clock(service: Service) -> None:
    """`now` comes from the one clock."""
    seen: list[tuple[Service, datetime]] = []
    called = threading.Event()

    def look(given: Service, now: datetime) -> None:
        seen.append((given, now))
        called.set()

    running = Running(service, (Loop("looks", 0.001, look),))
    assert called.wait(10)
    running.stop()

    assert seen[0] == (service, service.clock())


def test_stopping_waits_for_the_step_under_way(service: Service) -> None:
    """A step is never cut in the middle."""
    entered, leave, left = threading.Event(), threading.Event(), threading.Event()

    def slow(_service: Service, _now: datetime) -> None:
        entered.set()
        leave.wait(10)
        left.set()

    running = Running(service, (Loop("slow", 0.0, slow),))
    assert entered.wait(10)
    threading.Timer(0.05, leave.set).start()
    running.stop()

    assert left.is_set()


def test_asking_to_stop_ends_the_wait(service: Service) -> None:
    """What a signal's handler does."""
    running = Running(service, ())
    running.ask_to_stop()
    running.wait()


def test_the_duties_of_the_design_run() -> None:
    """What must happen without being asked, the most urgent first."""
    expected = [
        "sequencer",
        "request_steps",
        "request_letters",
        "publications",
        "deliveries",
        "late_requests",
        "key_duties",
        "hold_ends",
        "request_files",
        "expired_answers",
    ]

    assert [loop.name for loop in LOOPS] == expected
    assert all(loop.every > 0 for loop in LOOPS)
