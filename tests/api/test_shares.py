"""Shares: given, repeated, limited, taken back and declined."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F
from django.utils import timezone

from accounts.models import Comment, DeclinedLearner, Share, User, VoiceConversation
from accounts.models.bans import FOREVER
from tests.fixtures.people import CHATS, VOICE, Person
from tests.fixtures.shared import SHARED, TRANSCRIPTION, Shared, share, take_back
from tests.fixtures.staff import ban, lift_ban

KEYS = {
    *("id", "topic", "transcription", "native_language", "native_language_code", "target_language"),
    *("target_language_code", "conversation_type"),
    *("conversation_type_display", "duration_minutes", "ai_feedback", "generated_feedback", "created_at"),
    *("shared_at", "learner", "comments_count"),
}


def named(person: Person) -> dict[str, Any]:
    return {"id": str(person.user.pk), "name": person.user.name, "profile_picture": None}


def refusal(response: Any) -> tuple[int, str]:
    return response.status_code, response.json()["code"]


def test_a_share_is_given_once_and_listed(student: Person, teacher: Person) -> None:
    pk = student.save_conversation()["id"]
    first, second = share(student, pk, teacher), share(student, pk, teacher)
    assert (first.status_code, second.status_code) == (201, 200)
    assert (
        first.json() == second.json() == {"teacher": named(teacher), "created_at": first.json()["created_at"]}
    )
    assert student.client.get(f"{VOICE}{pk}/shares/").json() == [first.json()]


def test_the_teacher_reads_the_conversation_and_the_learners_name(shared: Shared) -> None:
    shared.learner.client.patch(f"{shared.own_path}add_feedback/", {"ai_feedback": {"note": 1}})
    own = shared.learner.client.get(shared.own_path).json()
    [listed] = shared.teacher.client.get(SHARED).json()
    assert set(listed) == KEYS
    same = KEYS - {"shared_at", "learner"}
    assert {name: listed[name] for name in same} == {name: own[name] for name in same}
    assert listed["learner"] == named(shared.learner)
    assert shared.teacher.client.get(shared.path).json() == {**listed, "comments": []}


def test_a_share_taken_back_is_gone_at_once_and_can_be_given_again(shared: Shared) -> None:
    learner, teacher = shared.learner, shared.teacher
    assert take_back(learner, shared.pk, teacher).status_code == 204
    assert teacher.client.get(shared.path).status_code == 404
    assert teacher.client.get(SHARED).json() == learner.client.get(f"{shared.own_path}shares/").json() == []
    assert refusal(take_back(learner, shared.pk, teacher)) == (404, "not_found")
    assert share(learner, shared.pk, teacher).status_code == 201
    assert teacher.client.get(shared.path).status_code == 200


def test_only_listed_teachers_get_a_share(student: Person, stranger: Person, teacher: Person) -> None:
    pk = student.save_conversation()["id"]
    assert refusal(share(student, pk, stranger)) == (404, "not_found")
    for change in ({"is_staff": True}, {"banned_until": FOREVER}, {"deleted_at": timezone.now()}):
        User.objects.filter(pk=teacher.user.pk).update(**change)
        assert refusal(share(student, pk, teacher)) == (404, "not_found")
        User.objects.filter(pk=teacher.user.pk).update(is_staff=False, banned_until=None, deleted_at=None)
    assert share(student, pk, teacher).status_code == 201


@pytest.mark.parametrize("body", [{}, {"teacher": None}, {"teacher": 1}, {"teacher": "x"}, []])
def test_a_share_needs_the_id_of_a_teacher(student: Person, body: Any) -> None:
    pk = student.save_conversation()["id"]
    assert refusal(student.client.post(f"{VOICE}{pk}/shares/", body)) == (400, "invalid")


def test_nobody_shares_with_themselves(teacher: Person) -> None:
    answer = share(teacher, teacher.save_conversation()["id"], teacher)
    assert (answer.status_code, set(answer.json()["errors"])) == (400, {"teacher"})


@pytest.mark.parametrize("by_teacher", [True, False])
def test_a_block_in_chat_refuses_a_share(student: Person, teacher: Person, by_teacher: bool) -> None:
    chat = student.open_chat(teacher)
    blocker = teacher if by_teacher else student
    blocker.client.post(f"{CHATS}{chat['id']}/block/")
    pk = student.save_conversation()["id"]
    assert refusal(share(student, pk, teacher)) == (403, "blocked")
    blocker.client.delete(f"{CHATS}{chat['id']}/block/")
    assert share(student, pk, teacher).status_code == 201


def test_a_teacher_declines_a_learner_and_accepts_them_again(shared: Shared) -> None:
    learner, teacher = shared.learner, shared.teacher
    assert teacher.client.delete(shared.path).status_code == 204
    assert (
        teacher.client.get(shared.path).status_code == teacher.client.delete(shared.path).status_code == 404
    )
    assert refusal(share(learner, shared.pk, teacher)) == (403, "share_declined")
    [declined] = teacher.client.get(f"{SHARED}declined/").json()
    assert (set(declined), declined["learner"]) == ({"learner", "created_at"}, named(learner))
    path = f"{SHARED}declined/{learner.user.pk}/"
    assert [teacher.client.delete(path).status_code for _ in "12"] == [204, 404]
    assert share(learner, shared.pk, teacher).status_code == 201


def test_a_decline_keeps_the_other_shares_and_the_other_teachers(
    shared: Shared, make_teacher: Callable[..., Person]
) -> None:
    other = shared.learner.save_conversation()["id"]
    assert share(shared.learner, other, shared.teacher).status_code == 201
    shared.teacher.client.delete(shared.path)
    assert [row["id"] for row in shared.teacher.client.get(SHARED).json()] == [other]
    assert share(shared.learner, shared.pk, make_teacher("Berta")).status_code == 201


def test_three_shares_a_day_with_one_teacher(student: Person, teacher: Person) -> None:
    pk = student.save_conversation()["id"]
    for _ in range(3):
        assert share(student, pk, teacher).status_code == 201
        assert share(student, pk, teacher).status_code == 200, "a repetition is not counted"
        take_back(student, pk, teacher)
    refused = share(student, pk, teacher)
    assert refusal(refused) == (429, "too_many_shares")
    assert 24 * 3600 - 60 < int(refused["Retry-After"]) <= 24 * 3600
    Share.objects.update(created_at=F("created_at") - timedelta(hours=24))
    assert share(student, pk, teacher).status_code == 201


def test_the_deletion_of_a_conversation_ends_its_share_which_still_counts(
    student: Person, teacher: Person
) -> None:
    for _ in range(3):
        pk = student.save_conversation()["id"]
        assert share(student, pk, teacher).status_code == 201
        assert student.client.delete(f"{VOICE}{pk}/").status_code == 204
        assert teacher.client.get(f"{SHARED}{pk}/").status_code == 404
        assert teacher.client.get(SHARED).json() == []
    pk = student.save_conversation()["id"]
    assert refusal(share(student, pk, teacher)) == (429, "too_many_shares")
    assert student.client.get(f"{VOICE}{pk}/shares/").json() == []
    assert not Share.objects.active().exists()
    assert len(student.client.get("/accounts/users/me/export/").json()["shares"]) == 3


def test_twenty_shares_a_day_in_all(
    student: Person, teacher: Person, make_teacher: Callable[..., Person]
) -> None:
    pk, now = student.save_conversation()["id"], timezone.now()
    others = User.objects.bulk_create(User(pk=uuid.uuid4(), role="teacher") for _ in range(19))
    Share.objects.bulk_create(
        Share(conversation_id=pk, learner=student.user, teacher=other, ended_at=now) for other in others
    )
    assert share(student, pk, teacher).status_code == 201
    refused = share(student, pk, make_teacher("Berta"))
    assert (refusal(refused), int(refused["Retry-After"]) > 86_000) == ((429, "too_many_shares"), True)


def test_a_conversation_of_a_banned_learner_is_closed_until_the_ban_is_lifted(shared: Shared) -> None:
    ban(shared.learner.user)
    assert shared.teacher.client.get(shared.path).status_code == 404
    assert shared.teacher.client.get(SHARED).json() == []
    lift_ban(shared.learner.user)
    assert shared.teacher.client.get(shared.path).status_code == 200


def test_only_teachers_have_shared_conversations(stranger: Person) -> None:
    assert refusal(stranger.client.get(SHARED)) == (403, "teachers_only")


def test_the_deletion_of_a_teacher_ends_shares_and_keeps_comments(shared: Shared) -> None:
    made = shared.comment(text="Muy bien.")
    teacher, learner = shared.teacher, shared.learner
    other = learner.save_conversation()["id"]
    share(learner, other, teacher)
    teacher.client.delete(f"{SHARED}{other}/")
    gone = teacher.client.delete("/accounts/users/me/", {"confirm": teacher.user.email})
    assert gone.status_code == 204
    assert not Share.objects.exists() and not DeclinedLearner.objects.exists()
    [kept] = learner.client.get(f"{shared.own_path}comments/").json()
    assert (kept["id"], kept["text"], kept["author"]) == (made["id"], "Muy bien.", None)
    assert shared.count() == 1


def test_the_deletion_of_a_learner_ends_shares(shared: Shared) -> None:
    shared.comment(quote="soy hambre", corrected="tengo hambre")
    learner = shared.learner
    gone = learner.client.delete("/accounts/users/me/", {"confirm": learner.user.email})
    assert gone.status_code == 204
    assert shared.teacher.client.get(shared.path).status_code == 404
    assert shared.teacher.client.get(SHARED).json() == []
    assert not Share.objects.exists() and not VoiceConversation.objects.exists()


# ------------------------------------------------------------------------------------ lists


def fill(shared: Shared, count: int) -> None:
    """Shares as many conversations of the learner with the teacher."""
    learner, teacher = shared.learner.user, shared.teacher.user
    made = VoiceConversation.objects.bulk_create(
        VoiceConversation(
            user=learner, topic=f"T{number}", transcription=TRANSCRIPTION, target_language_code="es"
        )
        for number in range(count)
    )
    Share.objects.bulk_create(Share(conversation=row, learner=learner, teacher=teacher) for row in made)


def test_a_teachers_list_takes_two_queries_for_1_and_200_rows(
    shared: Shared, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(2):  # caller, list
        assert len(shared.teacher.client.get(SHARED).json()) == 1
    fill(shared, 199)
    with django_assert_num_queries(2):
        rows = shared.teacher.client.get(SHARED, {"limit": 200}).json()
    assert len({row["id"] for row in rows}) == 200


def test_pages_of_a_teachers_list_hold_each_row_once_the_newest_first(shared: Shared) -> None:
    fill(shared, 6)
    whole = [row["id"] for row in shared.teacher.client.get(SHARED).json()]
    page, found = shared.teacher.client.get(SHARED, {"limit": 3}), list[int]()
    while True:
        found += [row["id"] for row in page.json()]
        if "Link" not in page:
            break
        page = shared.teacher.client.get(page["Link"].partition("<")[2].partition(">")[0])
    assert found == whole == sorted(whole, reverse=True)
    assert len(whole) == 7


def test_a_detail_takes_three_queries_for_1_and_200_comments(
    shared: Shared, django_assert_num_queries: Any
) -> None:
    for number in (1, 200):
        missing = range(number - Comment.objects.count())
        author = shared.teacher.user
        Comment.objects.bulk_create(
            Comment(conversation_id=shared.pk, author=author, text="x") for _ in missing
        )
        with django_assert_num_queries(3):  # caller, conversation, comments
            assert len(shared.teacher.client.get(shared.path).json()["comments"]) == number


def test_a_learners_list_of_shares_takes_two_queries_for_1_and_200_rows(
    shared: Shared, django_assert_num_queries: Any
) -> None:
    path = f"{shared.own_path}shares/"
    with django_assert_num_queries(2):  # caller, list
        assert len(shared.learner.client.get(path).json()) == 1
    ids = [f"00000000-0000-4000-8000-{number:012}" for number in range(199)]
    others = User.objects.bulk_create(User(pk=pk, name="T", role="teacher") for pk in ids)
    Share.objects.bulk_create(
        Share(conversation_id=shared.pk, learner=shared.learner.user, teacher=other) for other in others
    )
    with django_assert_num_queries(2):
        assert len(shared.learner.client.get(path, {"limit": 200}).json()) == 200


def test_a_list_of_declined_learners_takes_two_queries_for_1_and_200_rows(
    teacher: Person, student: Person, django_assert_num_queries: Any
) -> None:
    DeclinedLearner.objects.create(teacher=teacher.user, learner=student.user)
    path = f"{SHARED}declined/"
    with django_assert_num_queries(2):  # caller, list
        assert len(teacher.client.get(path).json()) == 1
    ids = [f"00000000-0000-4000-8000-{number:012}" for number in range(199)]
    others = User.objects.bulk_create(User(pk=pk, name="L") for pk in ids)
    DeclinedLearner.objects.bulk_create(DeclinedLearner(teacher=teacher.user, learner=one) for one in others)
    with django_assert_num_queries(2):
        rows = teacher.client.get(path, {"limit": 200}).json()
    assert len({row["learner"]["id"] for row in rows}) == 200
