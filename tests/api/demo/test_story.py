"""The story's steps stop where the service does not do what they tell."""

import io
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from rich.console import Console

from api.demo import story
from api.demo.crm import build, import_lines
from api.demo.door import Door
from api.demo.running import Started
from api.demo.story import STEPS, DemoFailedError, Stage, tell
from tests.api.serving import serving
from tests.conftest import KeyOf


@pytest.fixture
def stage(app: Flask, key_of: KeyOf, tmp_path: Path) -> Iterator[Stage]:
    """A small CRM, and a service without stores, loops or the scopes of an officer."""
    star = build(tmp_path / "crm.db", leads=12)
    token = key_of("leads:write", "consents:write", "decisions:create")["Authorization"].split()[1]
    with serving(app) as port:
        console = Console(file=io.StringIO(), width=200)
        yield Stage(console, tmp_path, tmp_path / "crm.db", star, Door("127.0.0.1", port, token))


def told(stage: Stage) -> str:
    """What stands on the console."""
    assert isinstance(stage.console.file, io.StringIO)
    return stage.console.file.getvalue()


def test_every_step_has_a_sentence_and_there_are_nine() -> None:
    """It is its headline."""
    assert [step.__name__ for step in STEPS if not (step.__doc__ or "").split("\n")[0].endswith(".")] == []
    assert len(set(STEPS)) == 9


def test_leads_consents_and_the_campaign_are_told_as_the_service_answers(
    stage: Stage, demo_service: Started
) -> None:
    """Some of the steps by themselves; nobody was erased, so the last of them ends the story."""
    stage = replace(stage, door=demo_service.door("compliance_officer"))
    for step in (story.import_leads, story.record_consents, story.check_campaign):
        step(stage)
    with pytest.raises(DemoFailedError, match="came back"):
        story.import_again(stage)
    lines = list(import_lines(stage.crm))
    people = {one["identifiers"][0]["value"].lower() for one in lines}
    taken = f"{len(people)} created, {len(lines) - len(people)} merged, 0 refused"

    assert f"{len(lines)} lines: {taken}" in told(stage)
    assert "deny (OBJECTION_DIRECT_MARKETING)" in told(stage)
    assert f"{len(people)} leads: " in told(stage)


def test_a_refused_call_ends_the_story_and_names_the_call(stage: Stage) -> None:
    """After the headline of the step; nothing further is told."""
    with pytest.raises(DemoFailedError, match=r"PUT /v1/stores/crm was answered with 403: scope_missing"):
        tell(stage)

    assert "1. A small CRM is made" in told(stage)
    assert "2. " not in told(stage)


@pytest.mark.parametrize("step", [story.erase, story.verify_trail])
def test_a_step_that_needs_more_than_it_may_fails(stage: Stage, step: Callable[[Stage], None]) -> None:
    """Rather than skipping what it can not show."""
    with pytest.raises(DemoFailedError):
        step(stage)


def test_a_person_who_is_still_there_ends_the_story(stage: Stage) -> None:
    """The CRM is read, whatever a certificate says."""
    with pytest.raises(DemoFailedError, match="still in the CRM"):
        story.read_back(stage)
