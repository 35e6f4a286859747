"""Inserts the demo data into an empty database."""

from datetime import timedelta
from uuid import UUID

from django.contrib.auth.hashers import make_password
from django.db import connection, transaction
from django.utils import timezone

from accounts.management import progress
from accounts.models import User
from accounts.services import gigs, teachers
from linguaflex.local.demo import learning, practising
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
        for demo_user in progress.shown(USERS, "Demo users"):
            account = users.create_user(
                cursor,
                email=demo_user.email,
                password_hash=password_hash,
                user_metadata={"name": demo_user.name},
            )
            insert_user(account.id, demo_user)
        learning.insert_learning(at=timezone.now())
    return True


def people() -> list[DemoUser]:
    """The demo users in the database."""
    emails = [user.email for user in USERS]
    present = set(User.objects.present().filter(email__in=emails).values_list("email", flat=True))
    return [user for user in USERS if user.email in present]


def insert_user(user_id: UUID, demo_user: DemoUser) -> None:
    """Inserts one user with a teaching profile, gigs, conversations and flashcards."""
    user = User.objects.create(pk=user_id, email=demo_user.email, name=demo_user.name, **demo_user.profile)
    if demo_user.teaching:
        insert_gigs(user, demo_user)
    for practice in demo_user.practices:
        practising.insert_practice(user, practice, at=timezone.now() - timedelta(days=practice.days_ago))


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
