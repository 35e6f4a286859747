"""The demo data, which are created in an empty database only."""

import pytest
import requests

from accounts.integrations import supabase_storage
from accounts.models import Gig, Teacher, User, VoiceConversation
from linguaflex.local import demo
from tests.fixtures.people import Person


def test_a_new_database_gets_learners_teachers_and_gigs(db: None, supabase: object) -> None:
    for _ in range(2):
        demo.seed_if_empty()
        assert User.objects.filter(role="student").count() == len(demo.LEARNERS) == 3
        assert Teacher.objects.offering(Gig.objects.active()).count() == len(demo.TEACHERS) == 8
        assert Gig.objects.active().count() == 20
        assert len(set(Gig.objects.values_list("language_code", flat=True))) == 6
        assert VoiceConversation.objects.count() == 4


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
