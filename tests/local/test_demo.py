"""The demo data, which are created in an empty database only."""

from typing import Any

import pytest
import requests
from django.conf import settings
from django.db import connection
from django.utils import timezone

from accounts.integrations import supabase_storage
from accounts.models import (
    Card,
    CardReview,
    Comment,
    Correction,
    Gig,
    Share,
    Teacher,
    User,
    VoiceConversation,
)
from accounts.services import card_reviews
from linguaflex.local import demo
from standins.supabase.auth import sessions, users
from tests.fixtures.people import Person, client_of
from tests.fixtures.supabase import Supabase

pytestmark = pytest.mark.slow


def test_a_new_database_gets_learners_teachers_and_gigs(db: None, supabase: object) -> None:
    for _ in range(2):
        demo.seed_if_empty()
        assert User.objects.filter(role="student").count() == len(demo.LEARNERS) == 3
        assert Teacher.objects.offering(Gig.objects.active()).count() == len(demo.TEACHERS) == 8
        assert Gig.objects.active().count() == 20
        assert len(set(Gig.objects.values_list("language_code", flat=True))) == 6
        assert VoiceConversation.objects.count() == 21
        assert Share.objects.active().count() == 1
        assert CardReview.objects.count() > 120


def test_a_database_with_users_is_not_changed(student: Person) -> None:
    demo.seed_if_empty()
    assert User.objects.get().pk == student.user.pk


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("clean_auth")
def test_each_demo_teacher_has_another_picture(supabase: object) -> None:
    demo.seed_if_empty()
    for _ in range(2):
        demo.add_pictures()
    urls = [supabase_storage.public_url(user.profile_picture) for user in User.objects.filter(role="teacher")]
    answers = [requests.get(url, timeout=10) for url in urls]
    assert [answer.headers["Content-Type"] for answer in answers] == ["image/webp"] * 8
    assert len({answer.content for answer in answers}) == 8


# --------------------------------------------------------------------------- eight weeks of practice


@pytest.fixture
def seeded(db: None, supabase: object) -> User:
    """The demo learner who has practised for eight weeks."""
    demo.seed_if_empty()
    return User.objects.get(email="kenji@example.com")


@pytest.fixture
def seen(seeded: User, supabase: Supabase) -> Any:
    """The answer to a GET request of that learner, below /accounts/."""
    at = timezone.now()
    with connection.cursor() as cursor:
        account = users.find(cursor, seeded.pk)
        assert account
        session = sessions.create_session(cursor, seeded.pk, at=at)
    issuer = settings.SUPABASE_JWT_ISSUER
    client = client_of(sessions.access_token(supabase.keys, issuer, account, session, at=at, lifetime=3600))
    return lambda path: client.get(f"/accounts/{path}").json()


def test_every_correction_stands_in_its_turn(seeded: User) -> None:
    placed = Correction.objects.for_user(seeded).exclude(conversation=None)
    assert len(placed) > 20
    assert placed.filter(turn=None).count() == 0


def test_the_states_of_the_cards_are_those_of_their_reviews(seeded: User) -> None:
    """A replay by the service of reviews gives the stored states."""
    reviewed, new = (Card.objects.for_user(seeded).filter(reviews__isnull=each) for each in (False, True))
    assert {card.state for card in new} == {"new"}
    for card in reviewed.distinct():
        stored = [getattr(card, name) for name in card_reviews.SCHEDULED]
        card_reviews.replay(card)
        assert [getattr(card, name) for name in card_reviews.SCHEDULED] == stored


def test_the_demo_has_no_future(seeded: User) -> None:
    now = timezone.now()
    assert not CardReview.objects.filter(reviewed_at__gt=now).exists()
    early = [review for review in CardReview.objects.select_related("card") if is_early(review)]
    assert early == [], "reviews before the creation of their cards"
    for rows in (VoiceConversation, Card, Correction, Comment, Share):
        assert not rows.objects.filter(created_at__gt=now).exists()


def is_early(review: CardReview) -> bool:
    return review.reviewed_at < review.card.created_at


def test_the_charts_of_progress_have_no_empty_week(seen: Any) -> None:
    progress = seen("voice-conversations/progress/?interval=week&language=English")
    assert len(progress["series"]) in (8, 9)
    assert all(week["conversations"] for week in progress["series"])
    trend = progress["trend"]
    assert trend["grammar_score"]["change"] > 5 and trend["pronunciation_score"]["change"] > 5


def test_the_charts_of_cards_have_something_to_show(seen: Any) -> None:
    summary = seen("cards/summary/")
    assert summary["due_now"] > 0
    assert summary["reviews_last_30_days"] > 50
    assert 0.7 < summary["retention_last_30_days"] < 0.95
    assert summary["streak"] >= 7
    assert len([day for day in summary["forecast"] if day["due"]]) > 5
    states = {card["state"] for card in seen("cards/?limit=200")}
    assert states >= {"new", "review", "suspended"}
    for source, least in (("ai", 20), ("teacher", 1), ("peer", 1)):
        assert len(seen(f"cards/?source={source}")) >= least


def test_a_conversation_has_the_comments_of_its_teacher(seen: Any) -> None:
    (commented,) = (row for row in seen("voice-conversations/") if row["comments_count"])
    comments = seen(f"voice-conversations/{commented['id']}/comments/")
    assert [bool(comment["correction"]) for comment in comments] == [True, False]
    assert {comment["author"]["name"] for comment in comments} == {"Grace Okafor"}


def test_two_learners_correct_each_other_in_a_chat(seen: Any) -> None:
    (chat,) = seen("supabase/chats/")
    messages = seen(f"supabase/chats/{chat['id']}/messages/")
    assert [len(message["corrections"]) for message in messages] == [1, 1, 0]
