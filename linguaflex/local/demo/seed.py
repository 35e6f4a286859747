"""Inserts the demo data into an empty database."""

from datetime import timedelta
from uuid import UUID

from django.contrib.auth.hashers import make_password
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import User, VoiceConversation
from accounts.services import gigs, teachers
from linguaflex.local.demo.learners import LEARNERS
from linguaflex.local.demo.shapes import DemoUser
from linguaflex.local.demo.teachers import TEACHERS
from standins.supabase.auth import users

PASSWORD = "linguaflex-demo"
USERS = (*LEARNERS, *TEACHERS)


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
        for demo_user in USERS:
            account = users.create_user(
                cursor,
                email=demo_user.email,
                password_hash=password_hash,
                user_metadata={"name": demo_user.name},
            )
            insert_user(account.id, demo_user)
    return True


def insert_user(user_id: UUID, demo_user: DemoUser) -> None:
    """Inserts one user with a teaching profile, gigs and conversations."""
    user = User.objects.create(pk=user_id, email=demo_user.email, name=demo_user.name, **demo_user.profile)
    if demo_user.teaching:
        insert_gigs(user, demo_user)
    for practice in demo_user.practices:
        conversation = VoiceConversation.objects.create(
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
        VoiceConversation.objects.filter(pk=conversation.pk).update(created_at=at, updated_at=at)


def insert_gigs(user: User, demo_user: DemoUser) -> None:
    """Inserts the teaching profile and the gigs of one user."""
    teaching = dict(demo_user.teaching)
    currency, verified = teaching.pop("currency"), teaching.pop("is_verified", False)
    teacher, _ = teachers.make_teacher(user=user, fields=teaching)
    teacher.verify(verified=verified)
    for offer in demo_user.gigs:
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
