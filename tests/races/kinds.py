"""The races, by name: the actions of each, and what else is wrong afterwards."""

from __future__ import annotations

from typing import Any

from accounts.models import Card, CardReview
from accounts.services import card_reviews
from tests.fixtures.accounts import BASE
from tests.fixtures.people import client_of
from tests.races.account_kinds import BecomingATeacher, Pictures, Registration
from tests.races.actions import ACTIONS
from tests.races.harness import kind_of
from tests.races.invariants import rows_of
from tests.races.scenes import Scene

EVERY_KIND = tuple(name for name in ACTIONS if not name.startswith("delete the account"))


class DeletionOfALearner(Scene):
    kinds, always = EVERY_KIND, ("delete the account",)
    more_refusals = frozenset({503})  # of a call, beyond those that may begin at once

    def more_faults(self, results: dict[str, Any]) -> list[str]:
        """The token of a deleted account is refused."""
        status = client_of(self.learner.token).get(f"{BASE}users/me/").status_code
        return [] if status == 401 else [f"the deleted learner gets {status}"]


class DeletionOfATeacher(Scene):
    kinds, always = EVERY_KIND, ("delete the teacher",)
    more_refusals = DeletionOfALearner.more_refusals


class DeletionOfBoth(Scene):
    kinds, always = EVERY_KIND, ("delete the teacher", "delete the account")
    more_refusals = DeletionOfALearner.more_refusals


class OpenedChats(Scene):
    parts = ("chat",)
    kinds = ("open a chat", "open a chat from the other side", "open the chat", "write", "write as the peer")
    always = ("open a chat", "open a chat from the other side")

    def more_faults(self, results: dict[str, Any]) -> list[str]:
        """There is one new chat, which one request created."""
        opening = [status for name, status in results.items() if kind_of(name) in self.always]
        return [] if opening.count(201) == 1 else [f"the openings were answered with {opening}"]


class ReadMarks(Scene):
    parts = ("chat",)
    kinds = (
        *("read", "read as the peer", "write", "write once", "write as the peer", "delete the message"),
        *("delete the answer", "edit", "block", "lift the block"),
    )
    always = ("read", "read as the peer")


class Messages(Scene):
    parts = ("chat",)
    kinds = (
        *("edit", "edit as the peer", "correct", "correct the peer", "delete the message", "block"),
        *("delete the answer", "read", "write", "delete the teacher", "delete the account"),
    )
    always = ("edit", "correct")


class Feedback(Scene):
    parts = ("learning", "chat")
    kinds = (
        *(
            "ask for feedback",
            "run the feedback job",
            "add feedback",
            "change the turns",
            "restore the turns",
        ),
        *("comment", "change the comment", "delete the comment", "remove the comment", "change the topic"),
        *("delete the conversation", "make a card of the form", "correct", "delete the account"),
    )
    always = ("run the feedback job", "run the feedback job", "change the comment")

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        ACTIONS["ask for feedback"](self)()


class Reviews(Scene):
    parts = ("learning",)
    kinds = (
        *("review", "review late", "review once", "suspend the card", "resume the card", "change the card"),
        *("change the card's language", "delete the card", "delete the account"),
    )
    always = ("review", "review late", "review once")

    def more_faults(self, results: dict[str, Any]) -> list[str]:
        """The state of the card is that of a replay of its reviews, which are those that were accepted."""
        card = Card.objects.filter(pk=self.ids["card"]).first()
        if card is None:
            return []
        stored = [getattr(card, name) for name in card_reviews.SCHEDULED]
        made = [name for name, status in results.items() if status == 201 and name.startswith("review")]
        if len(made) != CardReview.objects.of_card(card.pk).count():
            return [f"the accepted reviews are {made}, others are stored"]
        card_reviews.replay(card)
        replayed = [getattr(card, name) for name in card_reviews.SCHEDULED]
        return [] if stored == replayed else [f"the card has {stored}, a replay gives {replayed}"]


class Shares(Scene):
    parts = ("learning", "chat")
    kinds = (
        *("share", "share", "take back", "decline", "accept", "comment", "change the comment"),
        *("ban the teacher", "block", "delete the conversation", "delete the teacher", "delete the account"),
    )
    always = ("take back", "comment")

    def more_faults(self, results: dict[str, Any]) -> list[str]:
        """The teacher reads the conversation if and only if a share is open."""
        path = f"{BASE}voice-conversations/shared/{self.ids['conversation']}/"
        status = client_of(self.teacher.token).get(path).status_code
        is_open = rows_of(
            "select 1 from accounts_share s join accounts_user t on t.id = s.teacher_id"
            " where conversation_id = %s and ended_at is null and banned_until is null",
            self.ids["conversation"],
        )
        return [] if (status == 200) == bool(is_open) else [f"the teacher gets {status}, shares: {is_open}"]


class Sessions(Scene):
    parts = ("session",)
    kinds = (
        *("finish the session", "finish the session as a conversation", "report events", "begin the call"),
        *("save the unfinished session", "save a conversation once", "begin a session", "ban"),
        *("delete the account",),
    )
    always = ("finish the session", "save the unfinished session")
    more_refusals = DeletionOfALearner.more_refusals

    def more_faults(self, results: dict[str, Any]) -> list[str]:
        """The session is saved or ended, unless the learner had no access."""
        rows = rows_of("select state from accounts_voicesession where id = %s", self.ids["session"])
        finished = any(status in (200, 201) for name, status in results.items() if name.startswith("finish"))
        return [f"the finished session is {rows}"] if finished and rows not in ([], [("saved",)]) else []


class Comments(Scene):
    parts = ("learning",)
    kinds = (
        *("comment", "comment once", "change the comment", "delete the comment", "remove the comment"),
        *("change the turns", "change the card", "make a card of the form", "delete the conversation"),
        *(
            "delete the conversation and cards",
            "take back",
            "report the comment",
            "remove the reported comment",
        ),
    )
    always = ("change the comment", "comment once")


class Reports(Scene):
    parts = ("learning", "chat", "gig", "report")
    kinds = (
        *("report the gig", "report the message", "report the comment", "suspend the gig"),
        *("remove the reported message", "remove the reported comment", "dismiss the report"),
        *("warn the teacher", "ban the reported teacher", "delete the gig", "delete the answer"),
        *("delete the comment", "report the user", "delete the teacher", "delete the account"),
    )
    always = ("dismiss the report", "warn the teacher")

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        for kind in self.chance.sample(("gig", "message", "comment"), 2):
            assert ACTIONS[f"report the {kind}"](self)().status_code == 201


class Bans(Scene):
    parts = ("learning", "chat", "session")
    kinds = (
        *(
            "ban",
            "ban",
            "lift the ban",
            "read oneself",
            "write",
            "share",
            "begin a session",
            "begin the call",
        ),
        *("change the profile", "log out", "open a chat", "delete the account"),
    )
    always = ("ban",)
    more_refusals = DeletionOfALearner.more_refusals

    def more_faults(self, results: dict[str, Any]) -> list[str]:
        """Each ban has a notice, the token of before the ban is refused, and no call goes on."""
        made = [status for name, status in results.items() if kind_of(name) == "ban"].count(200)
        [(notices, is_deleted)] = rows_of(
            "select (select count(*) from accounts_notice where user_id = u.id and kind = 'ban'),"
            " deleted_at is not null from accounts_user u where id = %s",
            self.learner.user.pk,
        )
        status = client_of(self.learner.token).get(f"{BASE}users/me/").status_code
        expected = 0 if is_deleted else made
        if (notices, status) != (expected, 401):
            return [f"{made} bans, {notices} notices; the token gets {status}"]
        return []


RACES: dict[str, type[Scene]] = {
    "registration": Registration,
    "becoming a teacher": BecomingATeacher,
    "pictures": Pictures,
    "deletion of a learner": DeletionOfALearner,
    "deletion of a teacher": DeletionOfATeacher,
    "deletion of both": DeletionOfBoth,
    "opened chats": OpenedChats,
    "read marks": ReadMarks,
    "messages": Messages,
    "feedback": Feedback,
    "reviews of cards": Reviews,
    "shares": Shares,
    "voice sessions": Sessions,
    "comments": Comments,
    "reports": Reports,
    "bans": Bans,
}
