"""After the deletion of an account, no table, file or log line has a mark of the person.

The marks are a word in each text that the person or staff wrote about the person, the address and the id.
"""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone

from accounts.integrations import access_tokens
from accounts.models import Report, User, VoiceSession
from accounts.models.deleted_users import DELETION_GRACE
from accounts.services import (
    admin_log,
    chats,
    comments,
    gigs,
    message_corrections,
    notices,
    private_text,
    report_handling,
    reports,
    shares,
    teachers,
)
from accounts.services.report_handling import Decision
from tests.fixtures.accounts import BASE, register
from tests.fixtures.dumps import dump, marked, unmarked_columns
from tests.fixtures.jobs import pass_time, run_jobs
from tests.fixtures.logs import LISTENER
from tests.fixtures.people import GIG, Person, client_of
from tests.fixtures.pictures import Bucket, picture, put
from tests.fixtures.private_rows import CANARY, make_private_rows
from tests.fixtures.shared import TRANSCRIPTION
from tests.fixtures.staff import moderator

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("clean_auth")]

FOR_OTHERS = "Wegweiser"  # in texts that the person wrote for another learner
EMAIL = f"{CANARY}@example.com"
PHONE = "+46701234567"
REVOCATIONS, JOBS = "public.accounts_revocation", "public.django_tasks_database_dbtaskresult"
# Where the id of the deleted user remains, and why.
ID_REMAINS = {
    "public.accounts_user": "the anonymous row: an old token must not create the user again",
    "public.accounts_chat": "the peer keeps the chat",
    "public.accounts_participant": "the peer keeps the chat",
    "public.accounts_message": "the peer keeps the numbers of the messages, without texts",
    "public.accounts_storedbytes": "the number of bytes of the messages that remain",
    REVOCATIONS: "refuses the tokens until they have expired",
    "public.accounts_privatetextreading": "the log of staff: whose texts were read",
    "public.django_admin_log": "the log of staff: which row was changed",
    JOBS: "the finished job of the deletion, until jobs are pruned",
    "realtime.messages": "events that were sent, for three days",
}
# Where words of the person remain for a time, because they were sent.
SENT = {
    "realtime.messages": "events of messages, for three days",
    "standin.mails": "the mailboxes of the stand-in",
}
# Where texts remain that the person wrote for another learner, without the author.
TEXTS_REMAIN = {
    "public.accounts_comment": "a comment on the learner's conversation",
    "public.accounts_correction": "a correction of the learner's words",
    "public.accounts_card": "the learner's card of a correction",
}
# Columns of text that can have no words of the person or about the person, by what they have.
COLUMNS_WITHOUT_WORDS = {
    "digests and keys": """
        accounts_card.creation_digest accounts_card.dedupe_key accounts_comment.creation_digest
        accounts_correction.creation_digest accounts_gig.creation_digest accounts_message.creation_digest
        accounts_throttle.counted accounts_throttle.key accounts_user.password
        accounts_voiceconversation.creation_digest""",
    "one of a few values": """
        accounts_card.state accounts_correction.source accounts_gig.status
        accounts_gig.status_before_suspension accounts_notice.kind accounts_practicekind.conversation_type
        accounts_privatetextreading.model accounts_report.action accounts_report.kind accounts_report.reason
        accounts_user.role accounts_voiceconversation.conversation_type
        accounts_voiceconversation.feedback_status accounts_voicesession.conversation_type
        accounts_voicesession.state accounts_voicesession.transport
        django_tasks_database_dbtaskresult.status""",
    "codes of languages and currencies": """
        accounts_card.language_code accounts_correction.language_code accounts_gig.currency""",
    "names and ids that our code or other services make": """
        accounts_privatetextreading.object_id accounts_user.emptied_fields accounts_user.timezone
        accounts_voiceconversation.generated_keys accounts_voiceconversation.reported_usage
        accounts_report.reported_id accounts_user.profile_picture
        accounts_voiceevent.event_id accounts_voicesession.call_id accounts_workerheartbeat.queue
        django_admin_log.object_id django_tasks_database_dbtaskresult.args_kwargs
        django_tasks_database_dbtaskresult.backend_name
        django_tasks_database_dbtaskresult.exception_class_path
        django_tasks_database_dbtaskresult.queue_name django_tasks_database_dbtaskresult.return_value
        django_tasks_database_dbtaskresult.task_path django_tasks_database_dbtaskresult.traceback
        django_tasks_database_dbtaskresult.worker_ids""",
    "only rows of staff, or none of a person": """
        auth_group.name auth_permission.codename auth_permission.name django_content_type.app_label
        django_content_type.model django_migrations.app django_migrations.name django_session.session_data
        django_session.session_key""",
}
WITHOUT_WORDS = {column for columns in COLUMNS_WITHOUT_WORDS.values() for column in columns.split()}


@pytest.fixture
def person(supabase: Any) -> Person:
    """A person who has registered with marked texts, and is a teacher."""
    anyone = client_of()
    answer = register(anyone, email=EMAIL, name=f"{CANARY} name", native_language=f"{CANARY} native")
    assert anyone.post(f"{BASE}password-reset/", {"email": EMAIL}).status_code == 202
    token = answer["session"]["access_token"]
    user = User.objects.get(pk=answer["user"]["id"])
    made = Person(user, access_tokens.verify(token).session_id, token, client_of(token))
    profile = {name: f"{CANARY} {name}" for name in ("bio", "city", "country")}
    profile |= {"learning_languages": [f"{CANARY} learned"], "phone_number": PHONE}
    assert made.client.patch(f"{BASE}users/me/", profile).status_code == 200
    teaching = {name: f"{CANARY} {name}" for name in ("headline", "about", "qualification")}
    teachers.make_teacher(user=user, fields={**teaching, "certificates": [f"{CANARY} certificate"]})
    user.refresh_from_db()
    return made


def fill(person: Person, other: Person) -> None:
    """Rows of every kind with marked texts: by the person, about the person, and for another learner."""
    user, staff, now = person.user, moderator(), timezone.now()
    made = make_private_rows(user, other.user)
    made["chat"].delete()  # it has no participants
    Report.objects.filter(pk=made["report"].pk).update(copied_text="Words of the reported person.")
    languages = {"native_language": f"{CANARY} native", "target_language": f"{CANARY} target"}
    VoiceSession.objects.update(**languages)
    conversation = made["voiceconversation"]
    for name, value in {**languages, "feedback_error": f"{CANARY} error"}.items():
        setattr(conversation, name, value)
    conversation.save()
    assert put(person, picture()).status_code == 200
    texts = {name: f"{CANARY} {name}" for name in ("title", "description", "what_is_included", "language")}
    gig = person.offer(**{**GIG, **texts, "tags": [f"{CANARY} tag"]})["id"]
    chat = chats.open_chat(user=user, participant=other.user.pk, at=now)[0].pk
    message, _ = chats.send_message(user=user, chat_id=chat, content=f"{CANARY} message")
    notices.send_warning(user=user, text=f"{CANARY} warning")
    private_text.record_reading(by=staff, row=message, owner=user, why=f"{CANARY} why")
    reported = {"user": other.user, "reason": "spam", "at": now}
    for kind, pk in (("user", user.pk), ("gig", gig), ("message", message.pk)):
        reports.file_report(**reported, kind=kind, reported_id=str(pk), text="")
    decision = Decision(Report.Action.SUSPEND_GIG, by=staff, reason=f"{CANARY} reason")
    pk = Report.objects.get(kind="gig").pk
    report_handling.handle_report(pk=pk, decision=decision, at=now)
    admin_log.record_change(row=user, by=staff, note=f"Banned: {CANARY} note")  # a ban ends the session
    gigs.suspend_gig(pk=gig, reason=f"{CANARY} suspended", at=now)
    write_for(other, person)


def write_for(learner: Person, person: Person) -> None:
    """Texts that the person writes for another learner."""
    now = timezone.now()
    conversation = learner.save_conversation(transcription=TRANSCRIPTION)["id"]
    shares.share_conversation(user=learner.user, pk=conversation, teacher=person.user.pk, at=now)
    fields = {"text": f"{FOR_OTHERS} text", "quote": "Yo soy hambre", "corrected": f"{FOR_OTHERS} right"}
    comments.add_comment(user=person.user, pk=conversation, fields=fields, at=now)
    chat = chats.open_chat(user=learner.user, participant=person.user.pk, at=now)[0].pk
    message, _ = chats.send_message(user=learner.user, chat_id=chat, content="Yo soy bien")
    message_corrections.correct_message(
        user=person.user,
        chat_id=chat,
        seq=message.seq,
        fields={"corrected": f"{FOR_OTHERS} bien", "explanation": f"{FOR_OTHERS} why"},
        at=now,
    )


def delete(person: Person) -> None:
    """Deletes the account, and completes the deletion by its jobs."""
    assert person.client.delete(f"{BASE}users/me/", {"confirm": EMAIL}).status_code == 204
    for _ in range(3):
        assert run_jobs() == []
        pass_time(DELETION_GRACE)
    assert User.objects.get(pk=person.user.pk).deletion_finished_at


def handle_the_rest() -> None:
    """Staff handle the reports that are open: they keep their copies until then."""
    for report in Report.objects.open():
        decision = Decision(Report.Action.DISMISS, by=moderator(), reason="Deleted.")
        if Report.objects.open().filter(pk=report.pk).exists():
            report_handling.handle_report(pk=report.pk, decision=decision, at=timezone.now())


def files() -> set[str]:
    """The paths of the files of Storage. They have random names, and pictures have no text."""
    folder = settings.LINGUAFLEX_DATA_DIR / "storage"
    return {str(path) for path in folder.rglob("*") if path.is_file()}


def test_no_table_file_or_log_line_has_a_mark_of_a_deleted_user(
    person: Person, stranger: Person, bucket: Bucket
) -> None:
    earlier = files()  # of other tests, which delete rows only
    fill(person, stranger)
    assert unmarked_columns(CANARY, FOR_OTHERS, PHONE[1:]) == WITHOUT_WORDS
    pk, before = str(person.user.pk), dump()
    places = {"auth.users", "storage.objects", "realtime.messages", "standin.mails"}
    assert places | ID_REMAINS.keys() - {JOBS} <= marked(before, [pk, EMAIL]).keys() | {REVOCATIONS}
    assert len(files() - earlier) == 1
    delete(person)
    handle_the_rest()
    after = dump()
    assert marked(after, [CANARY, EMAIL, PHONE]).keys() == SENT.keys()
    assert marked(after, [FOR_OTHERS]).keys() == TEXTS_REMAIN.keys()
    assert marked(after, [pk]).keys() == ID_REMAINS.keys()
    assert files() <= earlier
    assert marked({"log": LISTENER.texts()}, [CANARY, EMAIL, PHONE]) == {}
