"""The database tables. Each model and its QuerySet are in one file."""

from accounts.models.card_reviews import CardReview
from accounts.models.cards import Card, CardSource
from accounts.models.chats import Chat, Message
from accounts.models.comments import Comment
from accounts.models.corrections import Correction
from accounts.models.feedback_jobs import FeedbackJob
from accounts.models.gigs import Gig
from accounts.models.heartbeats import WorkerHeartbeat
from accounts.models.notices import Notice
from accounts.models.participants import Participant
from accounts.models.practice import PracticeHour, PracticeKind
from accounts.models.private_text import PrivateTextReading
from accounts.models.reports import Report
from accounts.models.revocations import Revocation
from accounts.models.shares import DeclinedLearner, Share
from accounts.models.stored_bytes import StoredBytes
from accounts.models.teachers import Teacher
from accounts.models.users import User
from accounts.models.voice_conversations import VoiceConversation
from accounts.models.voice_sessions import VoiceEvent, VoiceSession

__all__ = [
    "Card",
    "CardReview",
    "CardSource",
    "Chat",
    "Comment",
    "Correction",
    "DeclinedLearner",
    "FeedbackJob",
    "Gig",
    "Message",
    "Notice",
    "Participant",
    "PracticeHour",
    "PracticeKind",
    "PrivateTextReading",
    "Report",
    "Revocation",
    "Share",
    "StoredBytes",
    "Teacher",
    "User",
    "VoiceConversation",
    "VoiceEvent",
    "VoiceSession",
    "WorkerHeartbeat",
]
