"""Events of shares and comments on Realtime: on the topics of the two people, with ids only."""

from collections.abc import Callable
from typing import Any

import pytest

from standins.tests.fixtures.realtime import PRIVATE, OpenSocket, RawSocket
from tests.fixtures.people import Person
from tests.fixtures.shared import COMMENT, TRANSCRIPTION, Shared, share, take_back

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("clean_auth")]


def listen(open_socket: OpenSocket, person: Person) -> RawSocket:
    """A socket that receives the person's own topic."""
    socket = open_socket("1.0.0")
    assert socket.join(f"user:{person.user.pk}", PRIVATE, person.token)["status"] == "ok"
    return socket


def received(socket: RawSocket) -> tuple[str, dict[str, Any]]:
    """The next event and its payload, without the id that Realtime adds."""
    message = socket.receive()["payload"]
    message["payload"].pop("id")
    return message["event"], message["payload"]


def test_a_share_is_announced_to_both_when_it_begins_and_ends(
    student: Person, teacher: Person, stranger: Person, open_socket: OpenSocket
) -> None:
    pk = student.save_conversation()["id"]
    sockets = [listen(open_socket, person) for person in (student, teacher)]
    outside = listen(open_socket, stranger)
    for act, state in ((share, "given"), (take_back, "ended"), (share, "given")):
        act(student, pk, teacher)
        for socket in sockets:
            assert received(socket) == ("share", {"conversation": pk, "state": state})
    share(student, pk, teacher)
    assert all(socket.is_silent() for socket in sockets), "a repetition is no event"
    student.client.delete(f"/accounts/voice-conversations/{pk}/")
    for socket in sockets:
        assert received(socket) == ("share", {"conversation": pk, "state": "ended"})
    assert outside.is_silent()


def test_a_comment_is_announced_to_the_learner_by_its_ids(shared: Shared, open_socket: OpenSocket) -> None:
    learner, teacher = (listen(open_socket, person) for person in (shared.learner, shared.teacher))
    made = shared.comment(**COMMENT)
    event = ("comment", {"conversation": shared.pk, "comment": made["id"]})
    assert received(learner) == event
    shared.patch(made, text="Usa tener.")
    assert received(learner) == event
    shared.patch(made, text="Usa tener.")
    assert learner.is_silent(), "an equal text is no change"
    shared.delete(made)
    assert received(learner) == event
    assert teacher.is_silent() and learner.is_silent(), "neither the count nor the card is announced"


def test_after_a_revocation_the_teachers_topic_is_silent(
    shared: Shared, make_teacher: Callable[..., Person], open_socket: OpenSocket
) -> None:
    made, berta = shared.comment(), make_teacher("Berta")
    share(shared.learner, shared.pk, berta)
    socket, own = listen(open_socket, shared.teacher), listen(open_socket, shared.learner)
    take_back(shared.learner, shared.pk, shared.teacher)
    assert received(socket) == received(own) == ("share", {"conversation": shared.pk, "state": "ended"})
    shared.learner.client.delete(f"{shared.own_path}comments/{made['id']}/")
    shared.learner.client.patch(shared.own_path, {"topic": "x", "transcription": TRANSCRIPTION})
    other = Shared(shared.pk, shared.learner, berta).comment()
    assert shared.post().status_code == 404
    for pk in (made["id"], other["id"]):
        assert received(own) == ("comment", {"conversation": shared.pk, "comment": pk})
    shared.learner.client.delete(shared.own_path)
    assert socket.is_silent()


def test_a_refused_comment_is_not_announced(shared: Shared, open_socket: OpenSocket) -> None:
    socket = listen(open_socket, shared.learner)
    assert shared.post(quote="not said").status_code == 400
    assert socket.is_silent()
