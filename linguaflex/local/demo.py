"""Demo people and conversations, so that a new database has something to show."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import User, VoiceConversation
from accounts.services import teachers
from linguaflex.local.supabase import users

PASSWORD = "linguaflex-demo"


@dataclass(frozen=True)
class Practice:
    """One conversation of a demo learner, some days ago."""

    days_ago: int
    topic: str
    target_language: str
    conversation_type: str
    duration_minutes: int
    turns: tuple[tuple[str, str], ...]
    ai_feedback: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class DemoPerson:
    """Somebody to sign in as."""

    email: str
    name: str
    about: str
    profile: dict[str, Any]
    practices: tuple[Practice, ...] = ()
    teaches: bool = False


PEOPLE = (
    DemoPerson(
        "ana@example.com",
        "Ana Lindqvist",
        "a learner of Spanish and Japanese",
        {
            "native_language": "English",
            "learning_languages": ["Spanish", "Japanese"],
            "timezone": "Europe/Stockholm",
            "city": "Stockholm",
            "country": "Sweden",
        },
        (
            Practice(
                9,
                "Introducing yourself",
                "Spanish",
                "practice",
                8,
                (
                    ("user", "Hola, me llamo Ana y soy de Suecia."),
                    ("assistant", "¡Encantado, Ana! ¿A qué te dedicas?"),
                    ("user", "Yo soy enfermera. Trabajo en la noche."),
                ),
                {
                    "grammar_score": 74,
                    "pronunciation_score": 81,
                    "areas_for_improvement": ["por and para", "rolled r"],
                    "suggested_next_topics": ["Your working day"],
                },
            ),
            Practice(
                3,
                "Ordering in a restaurant",
                "español",
                "conversation",
                14,
                (
                    ("user", "Una mesa para dos, por favor."),
                    ("assistant", "Claro. ¿Prefieren dentro o en la terraza?"),
                    ("user", "En la terraza, si hay sitio."),
                ),
                {
                    "grammar_score": 86,
                    "pronunciation_score": 83,
                    "vocabulary_usage": "Natural restaurant vocabulary.",
                    "confidence_level": "Growing",
                    "areas_for_improvement": ["por and para"],
                    "suggested_next_topics": ["Complaining politely", "Paying the bill"],
                },
            ),
            Practice(
                1,
                "駅までの道",
                "Japanese",
                "lesson",
                21,
                (
                    ("assistant", "駅はどこですか。聞いてみましょう。"),
                    ("user", "すみません、駅はどこですか。"),
                    ("assistant", "まっすぐ行って、右に曲がってください。"),
                ),
                {
                    "grammar_score": 69,
                    "areas_for_improvement": ["particles に and で"],
                    "suggested_next_topics": ["Asking for directions again"],
                },
            ),
        ),
    ),
    DemoPerson(
        "kenji@example.com",
        "Kenji Mori",
        "a learner of English and Mandarin",
        {
            "native_language": "Japanese",
            "learning_languages": ["English", "Mandarin"],
            "timezone": "Asia/Tokyo",
        },
        (
            Practice(
                2,
                "天气",
                "Mandarin",
                "vocabulary",
                10,
                (("assistant", "今天天气怎么样？"), ("user", "今天下雨，很冷。")),
                {"grammar_score": 90, "areas_for_improvement": ["tones"]},
            ),
        ),
    ),
    DemoPerson(
        "tomas@example.com",
        "Tomás Rivera",
        "a teacher of Spanish",
        {"native_language": "Spanish", "timezone": "America/Bogota", "country": "Colombia"},
        teaches=True,
    ),
)


@transaction.atomic
def seed_if_empty() -> None:
    """Makes the demo people where nobody is yet: all of them or, on a failure, none."""
    with connection.cursor() as cursor:
        cursor.execute("select exists (select 1 from auth.users)")
        if cursor.fetchone()[0] or User.objects.exists():
            return
        password_hash = make_password(PASSWORD)  # one for all: hashing is slow on purpose
        for person in PEOPLE:
            account = users.create_user(
                cursor,
                email=person.email,
                password_hash=password_hash,
                user_metadata={"name": person.name},
            )
            make_person(account.id, person)


def make_person(user_id: Any, person: DemoPerson) -> None:
    """The row, the teaching profile and the conversations of one of them."""
    user = User.objects.create(pk=user_id, email=person.email, name=person.name, **person.profile)
    if person.teaches:
        teachers.make_teacher(user=user)
    for practice in person.practices:
        made = VoiceConversation.objects.create(
            user=user,
            topic=practice.topic,
            transcription={"messages": [{"role": role, "text": text} for role, text in practice.turns]},
            native_language=user.native_language,
            target_language=practice.target_language,
            conversation_type=practice.conversation_type,
            duration_minutes=practice.duration_minutes,
            ai_feedback=practice.ai_feedback,
        )
        # The model stamps the present; these took place earlier.
        at = timezone.now() - timedelta(days=practice.days_ago)
        VoiceConversation.objects.filter(pk=made.pk).update(created_at=at, updated_at=at)
