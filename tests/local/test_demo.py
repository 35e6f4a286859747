"""The demo data, which are created in an empty database only."""

import json

import pytest
import requests
from django.contrib.staticfiles import finders

from accounts.integrations import supabase_storage
from accounts.models import Gig, Teacher, User, VoiceConversation
from linguaflex.local import demo
from tests.fixtures.people import Person
from tests.fixtures.programs import SUPABASE_JS, need_supabase_js


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


def test_the_pages_have_the_supabase_js_of_the_package() -> None:
    with open(finders.find("local/vendor/supabase.js"), encoding="utf-8") as file:
        vendored = file.read()
    wanted = json.loads((SUPABASE_JS / "package.json").read_text())["dependencies"]["@supabase/supabase-js"]
    assert f"supabase-js/{wanted}" in vendored
    need_supabase_js()
    package = SUPABASE_JS / "node_modules" / "@supabase" / "supabase-js" / "dist" / "umd" / "supabase.js"
    assert vendored == package.read_text(encoding="utf-8")
