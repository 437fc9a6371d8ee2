"""Counters for Prometheus: routes as they are declared, never what was asked."""

import re

from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families

from api.metrics import BUCKETS, Metrics


def counted(text: str, name: str) -> dict[tuple[str, ...], float]:
    """The samples of that name by their labels' values, in the labels' order."""
    return {
        tuple(sample.labels[label] for label in sorted(sample.labels)): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == name
    }


def test_every_answer_is_counted_under_its_route(client: FlaskClient) -> None:
    """By method, route as declared, and status; the refused ones too."""
    for path in ("/healthz", "/healthz", "/v1/consents/sentinel-1", "/v1/consents/sentinel-2"):
        client.get(path)
    found = counted(client.get("/metrics").text, "leadwarden_requests_total")

    assert found == {
        ("GET", "/healthz", "200"): 2,
        ("GET", "/v1/consents/<consent_id>", "401"): 2,
    }


def test_no_path_query_or_method_of_a_callers_own_gets_in(client: FlaskClient) -> None:
    """They could name a person, and each would be a series for ever."""
    for number in range(20):
        client.open(f"/sentinel-{number}?email=jane@example.com", method=f"SENTINEL{number}")
    text = client.get("/metrics").text

    assert re.findall(r"sentinel|jane", text, re.IGNORECASE) == []
    assert counted(text, "leadwarden_requests_total") == {("(any)", "(none)", "404"): 20}


def test_times_are_counted_in_buckets() -> None:
    """Each answer once, at its place; the sum is the time of all."""
    metrics = Metrics()
    for seconds in (0.0005, 0.03, 0.03, 60.0):
        metrics.count("GET", "/x", 200, seconds)
    found = counted(metrics.text().decode(), "leadwarden_request_seconds_bucket")

    assert found[("0.001", "/x")] == 1
    assert found[("0.05", "/x")] == 3
    assert found[("+Inf", "/x")] == 4
    assert len(found) == len(BUCKETS) + 1
    assert counted(metrics.text().decode(), "leadwarden_request_seconds_sum") == {("/x",): 60.0605}


def test_two_apps_count_apart() -> None:
    """No counter is the process's."""
    first, second = Metrics(), Metrics()
    first.count("GET", "/x", 200, 0.1)

    assert counted(second.text().decode(), "leadwarden_requests_total") == {}
