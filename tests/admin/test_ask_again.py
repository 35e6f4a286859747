"""The button "Ask again" on the pages of conversations and feedback jobs."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.utils import timezone

from accounts.models import User, VoiceConversation
from tests.fixtures.jobs import run_jobs
from tests.fixtures.private_rows import CANARY, make_conversation
from tests.fixtures.staff import page_messages

pytestmark = pytest.mark.django_db(transaction=True)

PAGES = ("voiceconversation", "feedbackjob")


def path_of(name: str, row: VoiceConversation) -> str:
    return f"/admin/accounts/{name}/{row.pk}/feedback/"


@pytest.mark.parametrize("name", PAGES)
def test_a_confirmed_request_queues_the_feedback_and_is_logged(
    boss: Client, anna: User, simulator: Any, name: str
) -> None:
    row = make_conversation(anna)
    assert path_of(name, row) in boss.get(f"/admin/accounts/{name}/{row.pk}/change/").content.decode()
    assert "OpenAI charges" in boss.get(path_of(name, row)).content.decode()
    row.refresh_from_db()
    assert row.feedback_status == "failed"
    answer = boss.post(path_of(name, row), follow=True)
    assert page_messages(answer).startswith("Feedback requested again (1 ")
    [entry] = LogEntry.objects.all()
    assert CANARY not in f"{entry.object_repr} {entry.change_message}" and str(row.pk) in entry.object_repr
    row.refresh_from_db()
    assert row.feedback_status == "queued"
    assert run_jobs() == []
    row.refresh_from_db()
    assert row.feedback_status == "done"


def test_a_refusal_is_a_message_and_not_logged(boss: Client, anna: User, simulator: Any) -> None:
    row = make_conversation(anna, transcription="")
    answer = boss.post(path_of("feedbackjob", row), follow=True)
    assert "no text of the learner" in page_messages(answer)
    assert not LogEntry.objects.exists()


def test_a_queued_job_shows_its_age_and_a_link_to_the_conversation(boss: Client, anna: User) -> None:
    row = make_conversation(anna)
    row.queue_feedback(at=timezone.now())
    make_conversation(anna, feedback_status="none")
    answer = boss.get("/admin/accounts/feedbackjob/")
    assert [job.pk for job in answer.context["cl"].result_list] == [row.pk]
    html = answer.content.decode()
    assert f"/admin/accounts/voiceconversation/{row.pk}/change/" in html and "0:00:0" in html
    assert CANARY not in html
