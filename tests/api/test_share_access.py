"""Who reads a shared conversation: every route, before and after each event that closes it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from accounts.models import Comment, User
from tests.fixtures.people import VOICE, Person
from tests.fixtures.person_matrix import rolled_back
from tests.fixtures.routes import all_routes
from tests.fixtures.shared import SHARED, TRANSCRIPTION, Shared, share, take_back
from tests.fixtures.staff import ban

SECRETS = (
    "secret topic",
    "soy hambre",
    "secret advice",
    "secret comment",
    "ana.",
)  # ana.: the e-mail address
HIDDEN = {"user_email", "session", "reported_usage", "feedback_status", "updated_at", "search_text"}
# The requests of a teacher about one conversation, with the status while it is open to them.
OPEN = {
    ("get", "shared/{pk}/"): 200,
    ("get", "shared/{pk}/comments/"): 200,
    ("post", "shared/{pk}/comments/"): 201,
    ("patch", "shared/{pk}/comments/{comment}/"): 200,
    ("delete", "shared/{pk}/comments/{comment}/"): 204,
    ("delete", "shared/{pk}/"): 204,
}
# The requests of the learner about the same, with the learner's status.
OWN = {
    ("get", "{pk}/"): 200,
    ("get", "{pk}/shares/"): 200,
    ("post", "{pk}/shares/"): 200,
    ("delete", "{pk}/shares/{teacher}/"): 204,
    ("get", "{pk}/comments/"): 200,
    ("delete", "{pk}/comments/{comment}/"): 204,
}


class Case:
    """A shared conversation with a comment of its teacher, and one of another teacher."""

    def __init__(self, learner: Person, teacher: Person, other: Person) -> None:
        advice = {"suggested_next_topics": ["secret advice"]}
        fields = {"topic": "secret topic", "transcription": TRANSCRIPTION, "ai_feedback": advice}
        self.pk = learner.save_conversation(**fields)["id"]
        self.learner, self.teacher, self.other = learner, teacher, other
        for person in (teacher, other):
            assert share(learner, self.pk, person).status_code == 201
        self.comment = Shared(self.pk, learner, teacher).comment(text="secret comment")["id"]
        self.comment_of_other = Shared(self.pk, learner, other).comment(text="unseen comment")["id"]

    def send(self, person: Person, method: str, template: str, **ids: Any) -> Any:
        """The response to a request. Its effects are undone."""
        places = {"pk": self.pk, "comment": self.comment, "teacher": self.teacher.user.pk, **ids}
        body = {"text": "Bien."} if "comments" in template else {"teacher": str(self.teacher.user.pk)}
        with rolled_back():
            return getattr(person.client, method)(VOICE + template.format(**places), body)

    def statuses(self, person: Person, requests: Any) -> Iterator[int]:
        """The statuses of a person's requests. Checks that a refusal has no text of the conversation."""
        for method, template in requests:
            answer = self.send(person, method, template)
            text = answer.content.decode()
            assert answer.status_code < 400 or not [each for each in SECRETS if each in text]
            yield answer.status_code


@pytest.fixture
def case(student: Person, teacher: Person, make_teacher: Callable[..., Person]) -> Case:
    return Case(student, teacher, make_teacher("Berta"))


def end_learner(case: Case) -> None:
    body = {"confirm": case.learner.user.email}
    assert case.learner.client.delete("/accounts/users/me/", body).status_code == 204


def end_teacher(case: Case) -> None:
    body = {"confirm": case.teacher.user.email}
    assert case.teacher.client.delete("/accounts/users/me/", body).status_code == 204


# Events, and the status of each later request of the teacher.
CLOSING: dict[str, tuple[Callable[[Case], Any], int]] = {
    "share taken back": (lambda case: take_back(case.learner, case.pk, case.teacher), 404),
    "declined": (lambda case: case.teacher.client.delete(f"{SHARED}{case.pk}/"), 404),
    "conversation deleted": (lambda case: case.learner.client.delete(f"{VOICE}{case.pk}/"), 404),
    "learner deleted": (end_learner, 404),
    "learner banned": (lambda case: ban(case.learner.user), 404),
    "teacher deleted": (end_teacher, 401),
    "teacher banned": (lambda case: ban(case.teacher.user), 401),
    "teacher no more": (
        lambda case: User.objects.filter(pk=case.teacher.user.pk).update(role="student"),
        403,
    ),
}


def test_the_tables_have_every_route() -> None:
    found = {
        (route.method, route.pattern.removeprefix(VOICE))
        for route in all_routes()
        if "shared/<" in route.pattern or "/shares/" in route.pattern or "/comments/" in route.pattern
    }
    names = {"pk": "<number:pk>", "comment": "<number:comment>", "teacher": "<any_uuid:teacher>"}
    listed = {(method, template.format(**names)) for method, template in (*OPEN, *OWN)}
    assert listed - {("get", "<number:pk>/")} == found


def test_the_learner_and_the_teacher_have_their_own_routes(case: Case) -> None:
    assert list(case.statuses(case.teacher, OPEN)) == list(OPEN.values())
    assert list(case.statuses(case.learner, OWN)) == list(OWN.values())
    assert set(case.statuses(case.teacher, OWN)) == {404}
    assert set(case.statuses(case.learner, OPEN)) == {403}


def test_strangers_and_other_teachers_have_none(
    case: Case, stranger: Person, make_teacher: Callable[..., Person]
) -> None:
    assert set(case.statuses(stranger, OPEN)) == {403}
    assert set(case.statuses(stranger, OWN)) == {404}
    another = make_teacher("Carl")
    assert set(case.statuses(another, OPEN)) == set(case.statuses(another, OWN)) == {404}
    assert another.client.get(SHARED).json() == []


@pytest.mark.slow
@pytest.mark.parametrize("event", CLOSING)
def test_a_closed_conversation_is_absent_at_the_next_request(case: Case, event: str) -> None:
    assert "secret topic" in case.send(case.teacher, "get", "shared/{pk}/").content.decode()
    close, status = CLOSING[event]
    close(case)
    assert set(case.statuses(case.teacher, OPEN)) == {status}
    listed = case.teacher.client.get(SHARED)
    assert listed.status_code == (200 if status == 404 else status)
    if status == 404:
        assert listed.json() == []
        for method, template in OPEN:
            absent = case.send(case.teacher, method, template, pk=999_999)
            assert case.send(case.teacher, method, template).content == absent.content


def test_a_closed_conversation_stays_open_to_the_other_teacher(case: Case) -> None:
    take_back(case.learner, case.pk, case.teacher)
    assert case.other.client.get(f"{SHARED}{case.pk}/").status_code == 200


def test_a_teacher_reads_neither_hidden_fields_nor_comments_of_others(case: Case) -> None:
    for path in (f"{SHARED}{case.pk}/", SHARED, f"{SHARED}{case.pk}/comments/"):
        text = case.teacher.client.get(path).content.decode()
        assert "unseen comment" not in text and "ana." not in text, path
    found = case.teacher.client.get(f"{SHARED}{case.pk}/").json()
    assert not HIDDEN & set(found) and "client_id" not in found
    assert set(found["learner"]) == {"id", "name", "profile_picture"}
    for method in ("patch", "delete"):
        ids = {"comment": case.comment_of_other}
        answer = case.send(case.teacher, method, "shared/{pk}/comments/{comment}/", **ids)
        assert answer.status_code == 404
    assert Comment.objects.count() == 2


def test_a_teacher_reads_no_other_conversation_of_the_learner(case: Case) -> None:
    other = case.learner.save_conversation(topic="secret topic")["id"]
    assert case.teacher.client.get(f"{SHARED}{other}/").status_code == 404
    assert [row["id"] for row in case.teacher.client.get(SHARED).json()] == [case.pk]


def test_a_comment_is_not_changed_through_another_conversation(case: Case) -> None:
    other = case.learner.save_conversation()["id"]
    assert share(case.learner, other, case.teacher).status_code == 201
    for person, prefix in ((case.teacher, "shared/"), (case.learner, "")):
        path = prefix + "{pk}/comments/{comment}/"
        assert case.send(person, "delete", path, pk=other).status_code == 404
        assert case.send(person, "delete", path).status_code == 204
