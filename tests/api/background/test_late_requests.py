"""The duty that warns."""

from datetime import timedelta

from api.background import late_requests
from api.context import Service
from api.gauges import exposition
from governance.messages import queue
from tests.api.test_metrics import counted
from tests.conftest import Clock
from tests.governance.requests.desk import a_request


def test_the_duty_queues_a_notice_and_the_metrics_say_it(service: Service, clock: Clock) -> None:
    """Once, however often it turns."""
    a_request(service, "anna@example.com")
    late_requests.step(service, clock.now)
    clock.now += timedelta(days=90)
    for _ in range(3):
        late_requests.step(service, clock.now)
    with service.main.read() as session:
        found = queue.listed(session, limit=9)

    assert [each["topic"] for each in found] == ["requests.late"]
    assert counted(exposition(service).decode(), "leadwarden_requests_late") == {
        ("due_soon",): 0,
        ("late",): 1,
    }
