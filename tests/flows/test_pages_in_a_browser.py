"""The pages in a real browser, served by the real program: by keyboard, on a small screen, for everybody."""

import re
import shutil
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Page, ViewportSize, sync_playwright

from api.demo.running import Started, service

ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SCREEN: ViewportSize = {"width": 390, "height": 800}  # a phone's
SCHEMES: tuple[Literal["dark"], Literal["light"]] = ("dark", "light")
SOURCE = {"key": "fair", "kind": "event", "obtained_at": "2026-11-01T10:00:00Z"}


@dataclass(frozen=True, slots=True)
class Visited:
    """A page that is open, and what its browser complained about or asked others for."""

    page: Page
    base: str
    links: dict[str, str]
    complaints: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def open(self, path: str) -> None:
        """Go to a path, or to one of the lead's links."""
        self.page.goto(self.links.get(path) or f"{self.base}{path}")

    def heading(self) -> str:
        """The one heading of the first level."""
        return self.page.locator("h1").inner_text()


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Started]:
    """The program, in the name of a company."""
    home = tmp_path_factory.mktemp("pages") / "home"
    with service(home, {"LEADWARDEN_CONTROLLER": "Example GmbH"}) as running:
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium as the system has it."""
    found = shutil.which("chromium")
    if found is None:
        pytest.skip("NO BROWSER: the pages are not looked at, for there is no chromium on the path")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=found, args=ARGUMENTS)
        yield opened
        opened.close()


@pytest.fixture
def links(started: Started) -> dict[str, str]:
    """A lead of this test's own, and its links as a program gets them."""
    door = started.door("compliance_officer")
    identifiers = [{"type": "email", "value": f"{uuid.uuid4().hex}@example.com"}]
    body = {"identifiers": identifiers, "country": "DE", "source": SOURCE}
    lead = door.call("POST", "/v1/leads", body).body["lead_id"]
    found = door.call("POST", f"/v1/leads/{lead}/links", {}).body
    return {"lead": lead, "preferences": found["preferences_url"], "unsubscribe": found["unsubscribe_url"]}


@pytest.fixture
def visited(browser: Browser, started: Started, links: dict[str, str]) -> Iterator[Visited]:
    """A browser on a phone's screen."""
    context = browser.new_context(viewport=SCREEN)
    page = context.new_page()
    seen = Visited(page, f"http://127.0.0.1:{started.port}", links)

    def complain(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and "favicon" not in message.text:
            seen.complaints.append(message.text)

    page.on("console", complain)
    page.on("request", lambda request: seen.asked.append(request.url))
    yield seen
    context.close()


def look(visited: Visited) -> None:
    """Hold the page that is open against the rules for every page, in light and in dark."""
    page = visited.page
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") == SCREEN["width"]
    assert page.locator("h1").count() == 1
    small = page.evaluate(
        "[...document.querySelectorAll('button')].filter(b => b.getBoundingClientRect().height < 44).length"
    )
    assert small == 0


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until the element has the focus, which must be visible on it."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("s => document.activeElement.matches(s)", selector):
            assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
            return
    pytest.fail(f"{selector} can not be reached by the keyboard")


@pytest.mark.parametrize(
    "path", ["/", "/privacy", "/privacy/confirm", "preferences", "unsubscribe", "/p/forged", "/u/forged"]
)
def test_every_page_can_be_read_by_everybody(visited: Visited, path: str) -> None:
    """No violation that axe finds, no scrolling sideways at 390 px, buttons that a thumb hits."""
    visited.open(path)

    look(visited)


def test_nothing_is_fetched_from_elsewhere_or_refused_by_the_policy(visited: Visited) -> None:
    """Neither a font nor a counter; and the browser has nothing to complain about."""
    for path in ("/", "/privacy", "preferences", "unsubscribe"):
        visited.open(path)

    assert [url for url in visited.asked if not url.startswith(f"{visited.base}/")] == []
    assert visited.complaints == []


def test_a_request_is_made_by_keyboard_alone(visited: Visited, started: Started) -> None:
    """First wrong, with the focus on what is wrong; then right, with a number and a date."""
    page = visited.page
    visited.open("/privacy")
    tab_to(page, "#phone")
    page.keyboard.type("12")
    page.keyboard.press("Enter")
    page.wait_for_selector(".errors")

    assert page.title().startswith("Error: ")
    assert page.evaluate("document.activeElement.className") == "errors"
    look(visited)

    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("location.hash") == "#type"
    tab_to(page, "input[name=type]")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Space")
    tab_to(page, "#email")
    page.keyboard.type("jane.doe@example.com")
    tab_to(page, "#phone")
    page.keyboard.press("Control+A")
    page.keyboard.press("Delete")
    tab_to(page, "#agent")
    page.keyboard.press("Space")
    tab_to(page, "button")
    page.keyboard.press("Enter")
    page.wait_for_selector(".number")

    assert visited.heading() == "We have your request"
    assert re.fullmatch(r"[0-9a-f-]{36}", page.locator(".number").inner_text())
    assert page.url == f"{visited.base}/privacy"
    assert "jane.doe" not in started.log.read_text()
    look(visited)


def test_a_code_is_entered_by_keyboard_alone(visited: Visited, started: Started) -> None:
    """What is wrong is said at its field, with the focus on the summary; what was typed stays."""
    page = visited.page
    visited.open(f"/privacy/confirm/{uuid.uuid4()}")
    tab_to(page, "#code")
    page.keyboard.type("1234")
    page.keyboard.press("Enter")
    page.wait_for_selector(".errors")

    assert page.title().startswith("Error: ")
    assert page.evaluate("document.activeElement.className") == "errors"
    look(visited)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("location.hash") == "#code"
    tab_to(page, "#code")
    page.keyboard.type("12345678")
    page.keyboard.press("Enter")
    page.wait_for_selector("#code-fault:has-text('do not belong together')")
    assert page.input_value("#code") == "12345678"
    assert "12345678" not in started.log.read_text()
    look(visited)


def test_preferences_are_kept(visited: Visited, started: Started) -> None:
    """Chosen in the browser, shown again, and asked for by the next decision."""
    page = visited.page
    visited.open("preferences")
    page.check("#email-yes")
    page.check("#phone-no")
    page.click("button[value=save]")
    assert page.locator("[role=status]").inner_text() == "Saved. This holds from now on."
    look(visited)

    visited.open("preferences")
    assert page.is_checked("#email-yes")
    assert page.is_checked("#phone-no")
    page.click("button[value=stop]")
    assert page.is_checked("#email-no")
    look(visited)
    assert reasons(started, visited)[0] == "CONSENT_WITHDRAWN"


def test_unsubscribing_takes_one_button(visited: Visited, started: Started) -> None:
    """Nothing happens before it is pressed."""
    visited.open("unsubscribe")
    assert "UNSUBSCRIBED" not in reasons(started, visited)
    tab_to(visited.page, "button")
    visited.page.keyboard.press("Enter")
    visited.page.wait_for_selector("text=You are unsubscribed")

    look(visited)
    assert "UNSUBSCRIBED" in reasons(started, visited)


def test_the_signal_of_the_browser_is_answered_on_the_page(browser: Browser, links: dict[str, str]) -> None:
    """Global Privacy Control, as a header of every request."""
    context = browser.new_context(viewport=SCREEN, extra_http_headers={"Sec-GPC": "1"})
    page = context.new_page()
    page.goto(links["preferences"])
    assert page.is_checked("#do_not_sell_or_share")
    page.click("button[value=save]")

    assert page.locator("#do_not_sell_or_share").count() == 0
    assert "You have said no, and we keep to it." in page.locator("main").inner_text()
    context.close()


def test_the_page_stands_without_its_style(browser: Browser, started: Started) -> None:
    """The order and the words carry it, as for a reader of the page's text."""
    context = browser.new_context(viewport=SCREEN)
    page = context.new_page()
    page.route("**/*.css", lambda route: route.abort())
    page.goto(f"http://127.0.0.1:{started.port}/privacy")
    tree = page.locator("main").aria_snapshot()

    assert '- group "What do you want?"' in tree
    assert '- textbox "Your e-mail address"' in tree
    assert '- button "Send the request"' in tree
    context.close()


def reasons(started: Started, visited: Visited) -> list[str]:
    """Why the lead may not be written to, or may."""
    lead = {"lead_id": visited.links["lead"]}
    question = {"lead": lead, "channel": "email", "purpose": "direct_marketing"}
    answer = started.door("compliance_officer").call("POST", "/v1/decisions", question)
    found: list[str] = answer.body["reasons"]
    return found
