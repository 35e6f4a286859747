"""The actions of the races: every write of the API on the rows of a scene, jobs, and what staff do."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from accounts.models import Report, VoiceSession
from accounts.services import bans, feedback, report_handling, voice_saving
from accounts.services.report_handling import Decision
from tests.fixtures.people import CARD, CONVERSATION, GIG, Person, client_of
from tests.fixtures.pictures import picture
from tests.fixtures.shared import COMMENT, TRANSCRIPTION, TURNS
from tests.fixtures.voice_events import TALK
from tests.fixtures.voice_sessions import OFFER, WISH
from tests.races.harness import Action
from tests.races.scenes import Scene

Body = dict[str, Any] | Callable[[Scene], dict[str, Any]]
PICTURE = picture(size=(8, 8))
OTHER_FORMS = ("Yo tengo hambre", "Tengo hambre", "Tengo sed", "")
OTHER_TURNS = {"messages": [{"role": "user", "text": text} for text in (*TURNS, "Adiós.")]}


def fresh(**fields: Any) -> Body:
    """A body with a new ``client_id``."""
    return lambda scene: {**fields, "client_id": str(uuid.uuid4())}


def repeated(**fields: Any) -> Body:
    """A body with the ``client_id`` of the scene."""
    return lambda scene: {**fields, "client_id": scene.ids["client_id"]}


def reports(kind: str, name: str) -> Body:
    """A report of a row of the scene."""
    return lambda scene: {"kind": kind, "id": scene.ids[name], "reason": "spam", "text": "secret"}


def comment_with_another_form(scene: Scene) -> dict[str, Any]:
    return {"text": str(scene.chance.random()), "corrected": scene.chance.choice(OTHER_FORMS)}


VOICE = "voice-conversations"
OWN, SHARED, SESSION = (
    f"{VOICE}/{place}" for place in ("{conversation}", "shared/{conversation}", "session")
)
CHAT, CARDS = "supabase/chats/{chat}", "cards/{card}"
# Name -> person, method, path below /accounts/, body.
REQUESTS: dict[str, tuple[str, str, str, Body]] = {
    "save a conversation": ("learner", "POST", f"{VOICE}/", fresh(**CONVERSATION)),
    "save a conversation once": ("learner", "POST", f"{VOICE}/", repeated(**CONVERSATION)),
    "change the topic": ("learner", "PATCH", f"{OWN}/", {"topic": "Another"}),
    "replace the conversation": ("learner", "PUT", f"{OWN}/", CONVERSATION),
    "change the turns": ("learner", "PATCH", f"{OWN}/", {"transcription": OTHER_TURNS}),
    "restore the turns": ("learner", "PATCH", f"{OWN}/", {"transcription": TRANSCRIPTION}),
    "add feedback": ("learner", "PATCH", f"{OWN}/add_feedback/", {"ai_feedback": {"grammar_score": 9}}),
    "ask for feedback": ("learner", "POST", f"{OWN}/generate_feedback/", {}),
    "delete the conversation": ("learner", "DELETE", f"{OWN}/", {}),
    "delete the conversation and cards": ("learner", "DELETE", f"{OWN}/?cards=delete", {}),
    "share": ("learner", "POST", f"{OWN}/shares/", lambda scene: {"teacher": scene.ids["teacher"]}),
    "take back": ("learner", "DELETE", f"{OWN}/shares/{{teacher}}/", {}),
    "remove the comment": ("learner", "DELETE", f"{OWN}/comments/{{comment}}/", {}),
    "decline": ("teacher", "DELETE", f"{SHARED}/", {}),
    "accept": ("teacher", "DELETE", f"{VOICE}/shared/declined/{{learner}}/", {}),
    "comment": ("teacher", "POST", f"{SHARED}/comments/", fresh(**COMMENT)),
    "comment once": ("teacher", "POST", f"{SHARED}/comments/", repeated(**COMMENT)),
    "change the comment": (
        *("teacher", "PATCH", f"{SHARED}/comments/{{comment}}/"),
        comment_with_another_form,
    ),
    "delete the comment": ("teacher", "DELETE", f"{SHARED}/comments/{{comment}}/", {}),
    "make a card": ("learner", "POST", "cards/", fresh(**CARD)),
    "make a card once": ("learner", "POST", "cards/", repeated(**CARD)),
    "make a card of the form": ("learner", "POST", "cards/", fresh(**CARD | {"back": OTHER_FORMS[0]})),
    "change the card": ("learner", "PATCH", f"{CARDS}/", {"back": "Yo estaba"}),
    "change the card's language": ("learner", "PATCH", f"{CARDS}/", {"language": "German"}),
    "review": ("learner", "POST", f"{CARDS}/review/", fresh(rating="good")),
    "review late": (
        *("learner", "POST", f"{CARDS}/review/"),
        lambda scene: {
            "rating": scene.chance.choice(["again", "hard", "easy"]),
            "client_id": str(uuid.uuid4()),
            "reviewed_at": (timezone.now() - timedelta(days=scene.chance.randrange(1, 8))).isoformat(),
        },
    ),
    "review once": ("learner", "POST", f"{CARDS}/review/", repeated(rating="easy")),
    "suspend the card": ("learner", "POST", f"{CARDS}/suspend/", {}),
    "resume the card": ("learner", "POST", f"{CARDS}/resume/", {}),
    "delete the card": ("learner", "DELETE", f"{CARDS}/", {}),
    "open the chat": (
        "learner",
        "POST",
        "supabase/chats/",
        lambda scene: {"participant": scene.ids["teacher"]},
    ),
    "open a chat": ("learner", "POST", "supabase/chats/", lambda scene: {"participant": scene.ids["other"]}),
    "open a chat from the other side": (
        *("other", "POST", "supabase/chats/"),
        lambda scene: {"participant": scene.ids["learner"]},
    ),
    "write": ("learner", "POST", f"{CHAT}/messages/", fresh(content="Hola")),
    "write once": ("learner", "POST", f"{CHAT}/messages/", repeated(content="Hola")),
    "write as the peer": ("teacher", "POST", f"{CHAT}/messages/", fresh(content="Buenas")),
    "edit": ("learner", "PATCH", f"{CHAT}/messages/{{message}}/", {"content": "Yo estoy bien"}),
    "edit as the peer": ("teacher", "PATCH", f"{CHAT}/messages/{{answer}}/", {"content": "Muy, muy bien"}),
    "delete the message": ("learner", "DELETE", f"{CHAT}/messages/{{message}}/", {}),
    "delete the answer": ("teacher", "DELETE", f"{CHAT}/messages/{{answer}}/", {}),
    "correct": (
        "teacher",
        "POST",
        f"{CHAT}/messages/{{message}}/corrections/",
        fresh(corrected="Tengo hambre"),
    ),
    "correct the peer": (
        "learner",
        "POST",
        f"{CHAT}/messages/{{answer}}/corrections/",
        fresh(corrected="Bien"),
    ),
    "read": ("learner", "POST", f"{CHAT}/read/", lambda scene: {"seq": scene.chance.randrange(1, 6)}),
    "read as the peer": (
        "teacher",
        "POST",
        f"{CHAT}/read/",
        lambda scene: {"seq": scene.chance.randrange(1, 6)},
    ),
    "block": ("learner", "POST", f"{CHAT}/block/", {}),
    "lift the block": ("learner", "DELETE", f"{CHAT}/block/", {}),
    "report the user": ("other", "POST", "reports/", reports("user", "teacher")),
    "report the learner": ("teacher", "POST", "reports/", reports("user", "learner")),
    "report the gig": ("learner", "POST", "reports/", reports("gig", "gig")),
    "report the message": ("learner", "POST", "reports/", reports("message", "answer_id")),
    "report the comment": ("learner", "POST", "reports/", reports("comment", "comment")),
    "read the notice": ("learner", "POST", "users/me/notices/{notice}/read/", {}),
    "change the profile": ("learner", "PATCH", "users/me/", {"bio": "secret", "city": "Lund"}),
    "become a teacher": ("learner", "POST", "teachers/", {"headline": "secret"}),
    "change the teaching profile": ("learner", "PATCH", "teachers/me/", {"about": "secret"}),
    "offer a gig": ("learner", "POST", "gigs/", fresh(**GIG)),
    "change the gig": ("teacher", "PATCH", "gigs/{gig}/", {"title": "Another"}),
    "replace the gig": ("teacher", "PUT", "gigs/{gig}/", GIG),
    "pause the gig": ("teacher", "POST", "gigs/{gig}/pause/", {}),
    "activate the gig": ("teacher", "POST", "gigs/{gig}/activate/", {}),
    "delete the gig": ("teacher", "DELETE", "gigs/{gig}/", {}),
    "remove the picture": ("learner", "DELETE", "users/me/profile-picture/", {}),
    "begin a session": ("learner", "POST", f"{SESSION}/", WISH),
    "report events": ("learner", "POST", f"{SESSION}/{{session}}/events/", {"events": TALK[4:]}),
    "finish the session": ("learner", "POST", f"{SESSION}/{{session}}/finish/", {}),
    "finish the session as a conversation": ("learner", "POST", f"{SESSION}/{{session}}/finish/", repeated()),
    "log out": ("learner", "POST", "logout/", {"scope": "others"}),
    "delete the account": ("learner", "DELETE", "users/me/", lambda scene: {"confirm": scene.ids["learner"]}),
    "delete the teacher": ("teacher", "DELETE", "users/me/", lambda scene: {"confirm": scene.ids["teacher"]}),
    "read oneself": ("learner", "GET", "users/me/", {}),
}


def request(person: str, method: str, path: str, body: Body) -> Callable[[Scene], Action]:
    """A request with a client of its own."""

    def prepare(scene: Scene) -> Action:
        sender: Person = getattr(scene, person)
        client, fields = client_of(sender.token), body(scene) if callable(body) else body
        address = f"/accounts/{path.format_map(scene.ids)}"
        return lambda: getattr(client, method.lower())(address, fields, format="json")

    return prepare


def upload(scene: Scene) -> Action:
    """A new profile picture of the learner."""
    client = client_of(scene.learner.token)
    file = SimpleUploadedFile("me.png", PICTURE)
    return lambda: client.put(
        "/accounts/users/me/profile-picture/", {"profile_picture": file}, format="multipart"
    )


def call(scene: Scene) -> Action:
    """The offer of a call."""
    client, path = client_of(scene.learner.token), f"/accounts/{SESSION}/{scene.ids['session']}/call/"
    return lambda: client.post(path, OFFER, content_type="application/sdp")


def run_feedback(scene: Scene) -> Action:
    """A run of the job that gets feedback."""
    return lambda: feedback.generate_feedback.call(scene.ids["conversation"])


def save_unfinished(scene: Scene) -> Action:
    """A run of the job that saves a session that nobody finishes, when it is due."""

    def act() -> None:
        past = timezone.now() - timedelta(hours=1)
        rows = VoiceSession.objects.open().filter(pk=scene.ids["session"])
        rows.update(ends_at=past, save_due_at=past, last_event_at=past)
        voice_saving.save_unfinished.call(scene.ids["session"])

    return act


def ban(scene: Scene) -> Action:
    user, by = scene.learner.user, scene.staff
    return lambda: bans.ban_user(user=user, by=by, reason="Spam.", at=timezone.now())


def ban_the_teacher(scene: Scene) -> Action:
    user, by = scene.teacher.user, scene.staff
    return lambda: bans.ban_user(user=user, by=by, reason="Spam.", at=timezone.now())


def lift_ban(scene: Scene) -> Action:
    return lambda: bans.unban_user(user=scene.learner.user, by=scene.staff, at=timezone.now())


def handle(action: Report.Action, kind: str = "user") -> Callable[[Scene], Action]:
    """A decision of staff about the first open report of the teacher of this kind."""

    def prepare(scene: Scene) -> Action:
        decision = Decision(action=action, by=scene.staff, reason="Because.", warning="Please.")

        def act() -> Any:
            waiting = Report.objects.open().filter(kind=kind, reporter=scene.learner.user)
            pk = waiting.values_list("pk", flat=True).first() or 0
            return report_handling.handle_report(pk=pk, decision=decision, at=timezone.now()) and None

        return act

    return prepare


ACTIONS: Mapping[str, Callable[[Scene], Action]] = {
    **{name: request(*parts) for name, parts in REQUESTS.items()},
    "upload a picture": upload,
    "begin the call": call,
    "run the feedback job": run_feedback,
    "save the unfinished session": save_unfinished,
    "ban": ban,
    "ban the teacher": ban_the_teacher,
    "lift the ban": lift_ban,
    "dismiss the report": handle(Report.Action.DISMISS),
    "warn the teacher": handle(Report.Action.WARN),
    "ban the reported teacher": handle(Report.Action.BAN),
    "suspend the gig": handle(Report.Action.SUSPEND_GIG, "gig"),
    "remove the reported message": handle(Report.Action.REMOVE_MESSAGE, "message"),
    "remove the reported comment": handle(Report.Action.REMOVE_COMMENT, "comment"),
}
# Writes of the API that are in races by other functions, or that change nothing of a person's rows.
ROUTES_OF_OTHERS = {
    "PUT /accounts/users/me/profile-picture/": "upload",
    "POST /accounts/voice-conversations/session/<number:pk>/call/": "call",
}
