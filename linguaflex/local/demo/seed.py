"""Inserts the demo data into an empty database."""

from datetime import timedelta
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import User, VoiceConversation
from accounts.services import gigs, teachers
from linguaflex.local.demo.learners import LEARNERS
from linguaflex.local.demo.shapes import DemoPerson
from linguaflex.local.demo.teachers import TEACHERS
from standins.supabase.auth import users

PASSWORD = "linguaflex-demo"
PEOPLE = (*LEARNERS, *TEACHERS)


@transaction.atomic
def seed_if_empty() -> bool:
    """Inserts the demo data in one transaction if the database has neither an account nor a user.

    Returns whether it inserted the data.
    """
    with connection.cursor() as cursor:
        cursor.execute("select exists (select 1 from auth.users)")
        if cursor.fetchone()[0] or User.objects.exists():
            return False
        password_hash = make_password(PASSWORD)  # the same for all users, because hashing is slow by design
        for person in PEOPLE:
            account = users.create_user(
                cursor,
                email=person.email,
                password_hash=password_hash,
                user_metadata={"name": person.name},
            )
            make_person(account.id, person)
    return True


def make_person(user_id: Any, person: DemoPerson) -> None:
    """Inserts one user with gigs and conversations."""
    user = User.objects.create(pk=user_id, email=person.email, name=person.name, **person.profile)
    if person.teaching:
        make_offers(user, person)
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
        # The model sets created_at to now.
        at = timezone.now() - timedelta(days=practice.days_ago)
        VoiceConversation.objects.filter(pk=made.pk).update(created_at=at, updated_at=at)


def make_offers(user: User, person: DemoPerson) -> None:
    """Inserts the teaching profile and the gigs of one user."""
    teaching = dict(person.teaching)
    currency, verified = teaching.pop("currency"), teaching.pop("is_verified", False)
    teacher, _ = teachers.make_teacher(user=user, fields=teaching)
    teacher.verify(verified=verified)
    for offer in person.gigs:
        fields = {
            "title": offer.title,
            "description": offer.description,
            "language": offer.language,
            "price_per_session": offer.price,
            "currency": currency,
            "session_minutes": offer.minutes,
            "tags": list(offer.tags),
        }
        gigs.create_gig(user=user, fields=fields)
