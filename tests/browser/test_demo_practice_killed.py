"""A tab that is killed during a practice: the server saves the turns that it has received."""

from __future__ import annotations

import re
import time
from datetime import timedelta
from functools import partial
from itertools import count
from typing import Any, NoReturn

import pytest

from accounts.models import VoiceConversation, VoiceSession
from linguaflex.local import demo
from tests.fixtures.browser import PATIENCE, chromium
from tests.fixtures.demo_app import CALL_FLAGS
from tests.fixtures.jobs import pass_time, run_jobs
from tests.fixtures.voice_page import EVENTS, open_window

pytestmark = pytest.mark.django_db(transaction=True)

POINTS = 10


class Killed(Exception):
    """The tab is gone."""


class Tab:
    """A tab that dies with the answer number ``last`` to a report of events."""

    def __init__(self, page: Any, last: int) -> None:
        self.page = page
        self.last = last
        self.session = 0
        self.answers: list[list[dict[str, Any]]] = []  # the turns of each
        page.route(EVENTS, self.answer)

    def answer(self, route: Any) -> None:
        response = route.fetch()
        assert response.status == 200
        (self.session,) = map(int, re.findall(r"/session/(\d+)/", route.request.url))
        self.answers.append(response.json()["turns"])
        if len(self.answers) < self.last:
            route.fulfill(response=response)

    def wait(self, condition: Any) -> None:
        """Waits for the condition. Raises Killed at the tab's end."""
        deadline = time.monotonic() + PATIENCE
        while not condition():
            if len(self.answers) >= self.last:
                raise Killed
            assert time.monotonic() < deadline, self.page.inner_text(".room")
            self.page.wait_for_timeout(10)

    def kill(self) -> None:
        """Every other tab crashes, without any event; the others are closed."""
        if self.last % 2:
            self.page.close()
        else:
            with pytest.raises(Exception, match=r"crash|ERR_ABORTED"):
                self.page.goto("chrome://crash")


def practise(tab: Tab, simulator: Any) -> NoReturn:
    """A practice whose learner types and speaks in turn, until the tab dies. Raises Killed."""
    page = tab.page

    def tutor_has_said(number: int) -> bool:
        said = page.locator(".room .turns li:not(.mine) .text").all_inner_texts()
        return len(said) == number and said[-1].endswith("?")

    page.click(".beginning [type=submit]")
    tab.wait(lambda: tutor_has_said(1))
    for number in count(1):
        if number % 2:
            simulator.calls.open()[-1].hear(f"Turno {number}")
        else:
            page.fill(".composer input", f"Turno {number}")
            page.press(".composer input", "Enter")
        tab.wait(partial(tutor_has_said, number + 1))


def messages_of(session: int) -> list[dict[str, Any]]:
    """The turns of the session's conversation; none if nobody spoke."""
    found = VoiceConversation.objects.filter(session=session).first()
    assert (found is not None) == (VoiceSession.objects.get(pk=session).state == "saved")
    return list(found.transcription["messages"]) if found else []


def test_a_killed_tab_loses_no_turn_that_the_server_has_answered(
    demo_url: str, simulator: Any, settings: Any
) -> None:
    settings.VOICE_MINUTES_PER_DAY = 10_000
    tabs = []
    with chromium(*CALL_FLAGS) as browser:
        for point in range(1, POINTS + 1):
            email = demo.LEARNERS[point % len(demo.LEARNERS)].email
            tab = Tab(open_window(browser, f"{demo_url}/demo/", email).page, point)
            with pytest.raises(Killed):
                practise(tab, simulator)
            tab.kill()
            tabs.append(tab)
            simulator.calls.clear()
    pass_time(timedelta(minutes=40))
    assert run_jobs() == []
    lengths = []
    for tab in tabs:
        saved = messages_of(tab.session)
        ids = [turn["item_id"] for turn in saved]
        assert len(set(ids)) == len(ids)
        answered = [turn["item_id"] for turn in tab.answers[-1]]
        spoke = any(turn["role"] == "user" for turn in tab.answers[-1])
        assert [each for each in ids if each in answered] == (answered if spoke or saved else [])
        lengths.append(len(saved))
    assert sum(length > 0 for length in lengths) >= POINTS - 2  # the first points precede the learner's turn
    assert lengths[-1] >= 5
