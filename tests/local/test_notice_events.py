"""The event of a notice on Realtime: it reaches its user alone, also one who is banned at this moment."""

import pytest
from django.utils import timezone

from accounts.models import Notice
from accounts.services import bans
from standins.tests.fixtures.realtime import PRIVATE, OpenSocket, RawSocket
from tests.fixtures.people import Person
from tests.fixtures.reports import warn

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("clean_auth")]


def listen(open_socket: OpenSocket, person: Person) -> RawSocket:
    """A socket that receives the person's own topic."""
    socket = open_socket("1.0.0")
    assert socket.join(f"user:{person.user.pk}", PRIVATE, person.token)["status"] == "ok"
    return socket


def test_notice_is_announced_to_its_user_by_its_id(
    student: Person, stranger: Person, open_socket: OpenSocket
) -> None:
    own, other = listen(open_socket, student), listen(open_socket, stranger)
    notice = warn(student, "secret text")
    message = own.receive()["payload"]
    assert (message["event"], message["payload"]) == ("notice", {"id": notice.pk})
    notice.mark_read(at=timezone.now())
    assert own.is_silent() and other.is_silent()


def test_ban_is_announced_to_a_session_that_still_lives(
    student: Person, staff: Person, open_socket: OpenSocket
) -> None:
    socket = listen(open_socket, student)
    bans.ban_user(user=student.user, by=staff.user, reason="secret reason", at=timezone.now())
    message = socket.receive()["payload"]
    notice = Notice.objects.get(user=student.user)
    assert (message["event"], message["payload"]) == ("notice", {"id": notice.pk})
    assert (notice.kind, notice.text) == ("ban", "Staff have banned your account.")
