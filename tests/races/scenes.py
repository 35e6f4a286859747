"""The people and rows of one try of a race."""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import Notice, Share, VoiceConversation, VoiceSession
from accounts.services import cards, chats, comments, message_corrections, reports, voice_saving
from tests.fixtures.people import CONVERSATION, Person
from tests.fixtures.shared import COMMENT, TRANSCRIPTION
from tests.fixtures.staff import make_gig, moderator
from tests.fixtures.voice_events import TALK
from tests.races.harness import THREADS, Action
from tests.races.invariants import broken_invariants

MakePerson = Callable[..., Person]


class Scene:
    """A learner, a teacher and another learner, with rows between the learner and the teacher.

    A race chooses THREADS of its ``kinds`` of actions, with each of ``always`` among them. ``parts`` are the
    rows that these need.
    """

    parts: Sequence[str] = ("learning", "chat", "session", "gig", "report")
    kinds: Sequence[str] = ()
    always: Sequence[str] = ()
    more_refusals: frozenset[int] = frozenset()

    def __init__(self, make_person: MakePerson, make_teacher: MakePerson, chance: random.Random) -> None:
        self.chance = chance
        self.learner = make_person("Lea", native_language="English", learning_languages=["Spanish"])
        self.teacher = make_teacher("Tom", native_language="Spanish")
        self.other = make_person("Olga")
        self.staff = moderator()
        self.people = [person.user.pk for person in (self.learner, self.teacher, self.other)]
        self.ids: dict[str, Any] = {
            "learner": str(self.learner.user.pk),
            "teacher": str(self.teacher.user.pk),
            "other": str(self.other.user.pk),
            "client_id": str(uuid.uuid4()),
        }
        with transaction.atomic():
            for part in self.parts:
                getattr(self, f"_make_{part}")(timezone.now())

    def _make_learning(self, now: datetime) -> None:
        fields = {**CONVERSATION, "transcription": TRANSCRIPTION}
        conversation = VoiceConversation.objects.create(user=self.learner.user, **fields)
        Share.objects.create(conversation=conversation, learner=self.learner.user, teacher=self.teacher.user)
        comment, _ = comments.add_comment(
            user=self.teacher.user, pk=conversation.pk, fields=dict(COMMENT), at=now
        )
        card, _ = cards.create_card(
            user=self.learner.user,
            fields={"front": "Yo soy", "back": "Yo estoy", "language_code": "es"},
            at=now - timedelta(days=9),
        )
        self.ids |= {"conversation": conversation.pk, "comment": comment.pk, "card": card.pk}

    def _make_chat(self, now: datetime) -> None:
        learner, teacher = self.learner.user, self.teacher.user
        chat, _ = chats.open_chat(user=learner, participant=teacher.pk, at=now)
        message, _ = chats.send_message(user=learner, chat_id=chat.pk, content="Yo soy bien")
        answer, _ = chats.send_message(user=teacher, chat_id=chat.pk, content="Muy bien")
        fields = {"corrected": "Estoy bien"}
        message_corrections.correct_message(
            user=teacher, chat_id=chat.pk, seq=message.seq, fields=fields, at=now
        )
        self.ids |= {"chat": chat.pk, "message": message.seq, "answer": answer.seq, "answer_id": answer.pk}

    def _make_session(self, now: datetime) -> None:
        session = VoiceSession.objects.create(
            user=self.learner.user,
            created_at=now,
            state=VoiceSession.State.OPEN,
            topic="At the market",
            native_language="English",
            target_language="Spanish",
            conversation_type="practice",
            options={"instructions": "", "target_code": "es", "native_code": "en", "level": None},
            ends_at=now + timedelta(minutes=30),
            reserved_minutes=30,
        )
        voice_saving.add_events(user=self.learner.user, pk=session.pk, events=TALK[:4], size=100)
        self.ids["session"] = session.pk

    def _make_gig(self, now: datetime) -> None:
        self.ids["gig"] = make_gig(self.teacher.user).pk

    def _make_report(self, now: datetime) -> None:
        learner, reported = self.learner.user, {"kind": "user", "reported_id": self.ids["teacher"]}
        reports.file_report(user=learner, **reported, reason="spam", text="secret", at=now)
        notice = Notice.objects.create(user=learner, kind=Notice.Kind.WARNING, text="secret")
        self.ids["notice"] = notice.pk

    def actions(self) -> dict[str, Action]:
        """Actions by name, in random order."""
        from tests.races.actions import ACTIONS

        chosen = [*self.always, *self.chance.choices(self.kinds, k=THREADS - len(self.always))]
        self.chance.shuffle(chosen)
        return {f"{kind} #{number}": ACTIONS[kind](self) for number, kind in enumerate(chosen)}

    def faults(self, results: dict[str, Any]) -> list[str]:
        """What is wrong after the try."""
        return [*broken_invariants(self.people), *self.more_faults(results)]

    def more_faults(self, results: dict[str, Any]) -> list[str]:
        """What is wrong in this race only."""
        return []
