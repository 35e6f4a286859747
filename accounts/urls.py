"""The URLs of the API, below ``/accounts/``."""

from django.urls import path
from rest_framework.routers import SimpleRouter

from accounts.rest import converters
from accounts.views.cards import CardViewSet
from accounts.views.chats import ChatViewSet
from accounts.views.gigs import GigViewSet
from accounts.views.index import IndexView, SupabaseConfigView
from accounts.views.message_corrections import MessageCorrectionViewSet
from accounts.views.notices import NoticeViewSet
from accounts.views.registration import LogoutViewSet, RegistrationViewSet
from accounts.views.reports import ReportViewSet
from accounts.views.shared_conversations import SharedConversationViewSet
from accounts.views.teachers import TeacherViewSet
from accounts.views.users import UserViewSet
from accounts.views.voice_conversations import VoiceConversationViewSet
from accounts.views.voice_sessions import VoiceSessionViewSet

converters.register()
router = SimpleRouter(use_regex_path=False)
# Django tries the URLs in this order: the most requested first.
router.register("gigs", GigViewSet, basename="gig")
router.register("supabase/chats", ChatViewSet, basename="chat")
router.register(
    "supabase/chats/<any_uuid:chat>/messages/<number:seq>/corrections",
    MessageCorrectionViewSet,
    basename="message-correction",
)
router.register("voice-conversations", VoiceConversationViewSet, basename="voice-conversation")
router.register("voice-conversations/session", VoiceSessionViewSet, basename="voice-session")
router.register("voice-conversations/shared", SharedConversationViewSet, basename="shared-conversation")
router.register("cards", CardViewSet, basename="card")
router.register("teachers", TeacherViewSet, basename="teacher")
router.register("users/me/notices", NoticeViewSet, basename="notice")
router.register("users", UserViewSet, basename="user")
router.register("reports", ReportViewSet, basename="report")
router.register("", RegistrationViewSet, basename="registration")
router.register("", LogoutViewSet, basename="session")

urlpatterns = [
    *router.urls,
    path("", IndexView.as_view(), name="index"),
    path("supabase/config/", SupabaseConfigView.as_view(), name="supabase-config"),
]
