"""A person fetches their package in a real browser, by keyboard on a phone's screen, and reads it there."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests import three_stores
from tests.flows.living import NDJSON, Living, living, ndjson
from tests.flows.people import request_of
from tests.flows.test_pages_in_a_browser import SCHEMES, SCREEN, browser, tab_to
from tests.governance.vault import winzip
from tests.three_stores import Somebody

__all__ = ["browser"]

PATIENCE_SECONDS = 60.0
PAUSE_SECONDS = 0.05
SOMEBODY = Somebody(8)


@pytest.fixture(scope="module")
def link(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The link to the package of somebody who stands in three stores, and its passphrase."""
    folder = tmp_path_factory.mktemp("package")
    variables = three_stores.build(folder, 20)
    with living(folder / "home", LEADWARDEN_CONTROLLER="Example GmbH", **variables) as service:
        for document in three_stores.documents():
            assert service.call("PUT", f"/v1/stores/{document['store']}", document).status == 201
        lines = b"".join(ndjson([three_stores.lead_line(SOMEBODY)]))
        assert service.call("POST", "/v1/leads/import", lines, kind=NDJSON).status == 200
        made = service.ask("POST", "/v1/privacy-requests", request_of(SOMEBODY.email, type="access"))
        path = f"/v1/privacy-requests/{made['id']}"
        service.ask("POST", f"{path}/verify", {"method": "document_seen", "result": "verified"})
        service.ask("POST", f"{path}/approve", {})
        wait(service, path)
        yield service.ask("POST", f"{path}/package/link", {}) | {"port": str(service.port)}


def wait(service: Living, path: str) -> None:
    """Until the request is completed."""
    until = time.monotonic() + PATIENCE_SECONDS
    while service.ask("GET", path)["status"] != "completed":
        assert time.monotonic() < until
        time.sleep(PAUSE_SECONDS)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A browser on a phone's screen."""
    context = browser.new_context(viewport=SCREEN, accept_downloads=True)
    yield context.new_page()
    context.close()


def look(page: Page) -> None:
    """For everybody, in light and in dark, and not wider than the screen."""
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") == SCREEN["width"]
    assert page.locator("h1").count() == 1


def test_the_package_is_fetched_opened_and_read(page: Page, link: dict[str, str], tmp_path: Path) -> None:
    """One button, reached by Tab; the file opens with the passphrase; its page can be read and printed."""
    page.goto(f"http://127.0.0.1:{link['port']}/privacy" + link["url"].split("/privacy", 1)[1])
    look(page)
    tab_to(page, "button[type=submit]")
    with page.expect_download() as fetching:
        page.keyboard.press("Enter")
    files = winzip.read(fetching.value.path().read_bytes(), link["passphrase"])
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    page.goto((tmp_path / "index.html").as_uri())
    shown = page.locator("main").inner_text()

    look(page)
    assert fetching.value.suggested_filename == "your-data.zip"
    assert set(files) == {"index.html", "data.json", "article-15.json"} | {
        f"{part}.csv" for part in (*three_stores.PARTS, "leadwarden")
    }
    assert [word for word in (SOMEBODY.email, SOMEBODY.private, *SOMEBODY.name) if word not in shown] == []
    assert [letter for letter in "abcdefgh" if f"Article 15(1)({letter})" not in shown] == []
    assert len(page.pdf(format="A4")) > 10_000
    tab_to(page, "nav a[href='#store-1']")


def test_a_link_that_was_used_says_so_on_a_page(page: Page, link: dict[str, str]) -> None:
    """The button is still there, for the page is the same for every link; pressing it explains."""
    page.goto(f"http://127.0.0.1:{link['port']}/privacy/package/was-used-or-never-was")
    page.get_by_role("button").press("Enter")
    page.wait_for_load_state()

    assert page.locator("h1").inner_text() == "This link does not work"
    look(page)
