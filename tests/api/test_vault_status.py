"""`api.vault_status`: the horizon with everything that it depends on, and what is kept beyond it."""

from datetime import timedelta

from sqlalchemy.orm import Session

from api import legal_holds, rotation
from api.context import Service
from api.vault_status import described
from governance.requests.tables import RequestRow
from governance.vault.key_directory import KeyDirectory
from governance.vault.tables import Role
from tests.conftest import Clock
from tests.governance.requests.desk import ACTOR, a_known_lead, a_request


class Slow(KeyDirectory):
    """A provider that keeps what it was told to destroy."""

    def __init__(self, directory: KeyDirectory, delay: timedelta | None) -> None:
        super().__init__(directory.path)
        self.delay = delay

    @property
    def destruction_delay(self) -> timedelta | None:  # type: ignore[override]  # the directory's is a constant
        """As set."""
        return self.delay


def line(service: Service, begins: str) -> str:
    """The line of the status that begins so; empty where there is none."""
    return next((each for each in described(service) if each.startswith(begins)), "")


def kept_at_the_provider(service: Service, delay: timedelta | None) -> Service:
    """The service over a provider with that delay."""
    service.keyring.root = Slow(KeyDirectory(service.settings.key_dir), delay)
    return service


def test_a_providers_delay_is_part_of_the_horizon(service: Service) -> None:
    """Seven days of epoch, seven of waiting, a minute of memory."""
    kept_at_the_provider(service, timedelta(days=7))

    assert line(service, "erasure horizon") == "erasure horizon: 14 d 0 h 1 min"


def test_unknown_snapshots_of_the_provider_leave_it_unbounded(service: Service) -> None:
    """And the line says what to do."""
    said = line(kept_at_the_provider(service, None), "erasure horizon")

    assert said.startswith("erasure horizon: unbounded (snapshots of the key provider")
    assert "?snapshots=DAYS" in said


def test_a_destroyed_epoch_key_is_not_final_before_its_provider_says_so(
    service: Service, clock: Clock
) -> None:
    """The status names how many, and the day."""
    kept_at_the_provider(service, timedelta(days=7))
    rotation.rotate(service, Role.EPOCH, "tester")
    waits = line(service, "destroyed")
    clock.now += timedelta(days=7)

    assert waits == "destroyed epoch keys not yet final: 1, the last on 2026-12-01 10:00 UTC"
    assert line(service, "destroyed") == ""


def test_what_is_kept_on_purpose_is_told_with_its_end(service: Service, clock: Clock) -> None:
    """Request keys until the look-back, keys of holds until the hold ends, or for ever."""
    anna = {"email": "anna@example.com"}
    a_known_lead(service, anna["email"])
    until = clock.now + timedelta(days=90)
    for name, end in (("dated", until), ("endless", None)):
        legal_holds.place(service, name, {"reason": "a claim", "lead": anna, "until": end}, actor=ACTOR)
    assert line(service, "held").endswith(
        "0 request, 2 case (the last dated one until 2027-02-22 10:00 UTC; 1 without an end: unbounded)"
    )


def test_the_last_look_back_is_told(service: Service, clock: Clock) -> None:
    """The latest of all requests'."""
    request_id = a_request(service, "anna@example.com")
    ends = clock.now + timedelta(days=30)

    def end(session: Session) -> None:
        session.get_one(RequestRow, request_id).key_until = ends

    service.main.write(end)
    assert "1 request (the last look-back on 2026-12-24 10:00 UTC)" in line(service, "held")
