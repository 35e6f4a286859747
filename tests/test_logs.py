"""Logs contain no key, no token, no row and no text of a user."""

import logging
import os
import subprocess
import sys
from typing import Any

import pytest
from django.conf import settings
from django.db import IntegrityError, ProgrammingError, connection, transaction

from accounts.models import VoiceConversation
from linguaflex import logs
from tests.fixtures import logs as log_fixtures
from tests.fixtures.people import CONVERSATION, VOICE, Person

logger = logging.getLogger(__name__)


@pytest.mark.django_db
def test_the_log_fixture_detects_a_transcript_a_key_and_a_token(student: Person) -> None:
    student.save_conversation()
    said = "User: Una mesa para dos, por favor."
    for text in (
        said,
        settings.SUPABASE_SECRET_KEY,
        settings.OPENAI_API_KEY,
        student.token,
        "ek_" + "0a" * 16,
    ):
        logger.warning("It was %s", text)
        assert log_fixtures.secrets_in(log_fixtures.LISTENER.texts())
        log_fixtures.LISTENER.clear()
        logger.warning("It was nothing.")
        assert log_fixtures.secrets_in(log_fixtures.LISTENER.texts()) == []


@pytest.mark.django_db
def test_a_row_that_the_database_refuses_is_not_logged(student: Person) -> None:
    pk = student.save_conversation()["id"]
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        VoiceConversation.objects.filter(pk=pk).update(duration_minutes=9999)
    assert CONVERSATION["topic"] in str(refused.value), "PostgreSQL quotes the row"
    logger.error("Unexpected failure.", exc_info=refused.value)
    line = log_fixtures.LISTENER.lines[-1]
    assert "conversation_fits_a_day" in line and logs.LEFT_OUT.strip() in line
    assert CONVERSATION["topic"] not in line and "IntegrityError" in line


@pytest.mark.django_db
def test_a_statement_that_the_database_refuses_is_not_logged(student: Person) -> None:
    statement, values = "update accounts_user set bio = %s, column_of_newer_code = 1", ["my diary"]
    with pytest.raises(ProgrammingError) as refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)
    assert "my diary" in str(refused.value), "PostgreSQL quotes the statement"
    logger.error("Unexpected failure.", exc_info=refused.value)
    line = log_fixtures.LISTENER.lines[-1]
    assert "column_of_newer_code" in line and logs.LEFT_OUT.strip() in line
    assert "my diary" not in line and "ProgrammingError" in line


@pytest.mark.django_db
def test_an_unexpected_error_in_a_request_logs_no_row(
    student: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved = student.save_conversation()
    save = VoiceConversation.save

    def too_long(self: VoiceConversation, **options: Any) -> None:
        self.duration_minutes = 9999
        save(self, update_fields=["duration_minutes"])

    monkeypatch.setattr(VoiceConversation, "save", too_long)
    response = student.client.patch(f"{VOICE}{saved['id']}/", {"topic": "A new topic"})
    assert (response.status_code, response.json()["code"]) == (500, "server_error")
    lines = "\n".join(log_fixtures.LISTENER.lines)
    assert "Unexpected exception." in lines and CONVERSATION["topic"] not in lines


def test_sentry_receives_no_row() -> None:
    message = "refused\nDETAIL:  Failing row contains (1, Hola\n\nmi secreto\nHINT: rojo, null).\n"
    event = {"exception": {"values": [{"type": "IntegrityError", "value": message}, {"value": None}]}}
    sent = logs.without_details_of_rows(event, {})["exception"]["values"][0]["value"]
    assert sent == f"refused\n{logs.LEFT_OUT}"


SENTRY = """
import logging, os, sys, types
import django
os.environ["DJANGO_SETTINGS_MODULE"] = "linguaflex.settings"
django.setup()
import sentry_sdk
from sentry_sdk.transport import Transport
class Recording(Transport):
    def capture_envelope(self, envelope):
        print("sent", [item.payload.json for item in envelope.items])
sentry_sdk.get_client().transport = Recording()
"""
REFUSED_BY_OPENAI = """
from accounts.integrations import openai
try:
    openai.answer(instructions="", text="mi secreto es rojo", schema={}, user_id=1)
except Exception as error:
    print(type(error).__name__)
logging.getLogger("accounts").error("reported")
"""
BROKEN_VIEW = """
from io import BytesIO
from wsgiref.util import setup_testing_defaults
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.urls import path
def view(request):
    text = request.body.decode()
    raise RuntimeError("broken")
urls = sys.modules["urls"] = types.ModuleType("urls")
urls.urlpatterns = [path("broken/", view)]
settings.ROOT_URLCONF = "urls"
body = b'{"topic": "mi secreto es rojo"}'
environ = {
    **{"REQUEST_METHOD": "POST", "PATH_INFO": "/broken/", "CONTENT_TYPE": "application/json"},
    **{"HTTP_HOST": "localhost", "REMOTE_ADDR": "203.0.113.9", "HTTP_AUTHORIZATION": "Bearer secreto"},
    **{"CONTENT_LENGTH": str(len(body)), "wsgi.input": BytesIO(body)},
}
setup_testing_defaults(environ)
list(WSGIHandler()(environ, lambda *_: None))
"""


def printed_by(script: str) -> list[str]:
    """The lines that a process with a Sentry project prints; each report is one."""
    environment = {
        "SENTRY_DSN": "https://key@o1.ingest.sentry.io/2",
        "OPENAI_API_KEY": "sk-for-the-simulator",
        "OPENAI_BASE_URL": settings.OPENAI_BASE_URL,
        "LINGUAFLEX_DATA_DIR": str(settings.LINGUAFLEX_DATA_DIR),
    }
    command = [sys.executable, "-c", SENTRY + script]
    options: dict[str, Any] = {"cwd": settings.BASE_DIR, "capture_output": True, "text": True}
    done = subprocess.run(command, env={**os.environ, **environment}, **options)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@pytest.mark.slow
def test_sentry_receives_no_error_of_openai(served_simulator: Any) -> None:
    printed = printed_by(REFUSED_BY_OPENAI)
    assert printed[:1] == ["OpenAIRejected"]
    assert len(printed) == 2 and "reported" in printed[1] and "BadRequest" not in printed[1], printed


@pytest.mark.slow
def test_sentry_receives_no_body_token_variable_or_address_of_a_request() -> None:
    reports = "\n".join(printed_by(BROKEN_VIEW))
    assert "RuntimeError" in reports and "/broken/" in reports
    assert "secreto" not in reports and "203.0.113.9" not in reports
