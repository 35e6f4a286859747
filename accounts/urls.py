"""The URLs of the API, below ``/accounts/``."""

from django.urls import include, path
from rest_framework.routers import SimpleRouter

from accounts.rest import converters
from accounts.views.chats import ChatViewSet
from accounts.views.gigs import GigViewSet
from accounts.views.index import IndexView, SupabaseConfigView
from accounts.views.registration import LogoutViewSet, RegistrationViewSet
from accounts.views.teachers import TeacherViewSet
from accounts.views.users import UserViewSet
from accounts.views.voice_conversations import VoiceConversationViewSet

converters.register()
router = SimpleRouter(use_regex_path=False)
router.register("", RegistrationViewSet, basename="registration")
router.register("", LogoutViewSet, basename="session")
router.register("users", UserViewSet, basename="user")
router.register("teachers", TeacherViewSet, basename="teacher")
router.register("gigs", GigViewSet, basename="gig")
router.register("supabase/chats", ChatViewSet, basename="chat")
router.register("voice-conversations", VoiceConversationViewSet, basename="voice-conversation")

urlpatterns = [
    path("", IndexView.as_view(), name="index"),
    path("supabase/config/", SupabaseConfigView.as_view(), name="supabase-config"),
    path("", include(router.urls)),
]
