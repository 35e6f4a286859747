"""Registration, login and password reset: open and throttled; logout: guarded."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.integrations import supabase_auth
from accounts.rest.authentication import bearer_token
from accounts.rest.client_address import proxied_ip
from accounts.rest.viewsets import BaseViewSet, PublicEndpoint
from accounts.serializers.registration import (
    EmailSerializer,
    LoginSerializer,
    LogoutSerializer,
    PasswordResetSerializer,
    RefreshSerializer,
    RegisteredSerializer,
    RegistrationSerializer,
    SessionSerializer,
)
from accounts.services import registration, users

ACCEPTED = OpenApiResponse(description="A mail goes out if the address is known.")


class RegistrationViewSet(PublicEndpoint, BaseViewSet[Any]):
    """The ways into an account."""

    throttle_scopes = {
        "register": "registration",
        "login": "login",
        "refresh": "login",
        "password_reset": "mail",
        "password_reset_confirm": "login",
        "resend_verification": "mail",
    }
    pagination_class = None
    filter_backends = []

    @property
    def client_ip(self) -> str | None:
        """The client's address behind trusted proxies. Supabase limits attempts by it."""
        return proxied_ip(self.request._request)

    @extend_schema(auth=[], responses={201: RegisteredSerializer})
    @action(
        ["post"],
        detail=False,
        serializer_class=RegistrationSerializer,
    )
    def register(self, request: Request) -> Response:
        """Makes an account."""
        user, session = registration.register(fields=self.validated_data(), client_ip=self.client_ip)
        answer = {
            "user": user,
            "session": registration.as_answer(user, session) if user and session else None,
        }
        return Response(RegisteredSerializer(answer).data, status=201)

    @extend_schema(auth=[], responses=SessionSerializer)
    @action(["post"], detail=False, serializer_class=LoginSerializer)
    def login(self, request: Request) -> Response:
        """A session for an address and its password."""
        user, session = registration.login(**self.validated_data(), client_ip=self.client_ip)
        return Response(SessionSerializer(registration.as_answer(user, session)).data)

    @extend_schema(auth=[], responses=SessionSerializer)
    @action(
        ["post"],
        detail=False,
        url_path="token/refresh",
        serializer_class=RefreshSerializer,
    )
    def refresh(self, request: Request) -> Response:
        """The next session of a refresh token."""
        user, session = registration.refresh(**self.validated_data(), client_ip=self.client_ip)
        return Response(SessionSerializer(registration.as_answer(user, session)).data)

    @extend_schema(auth=[], responses={202: ACCEPTED})
    @action(
        ["post"],
        detail=False,
        url_path="password-reset",
        serializer_class=EmailSerializer,
    )
    def password_reset(self, request: Request) -> Response:
        """Mails a recovery code and link."""
        supabase_auth.send_recovery(**self.validated_data(), client_ip=self.client_ip)
        return Response(status=202)

    @extend_schema(auth=[], responses={204: None})
    @action(
        ["post"],
        detail=False,
        url_path="password-reset/confirm",
        serializer_class=PasswordResetSerializer,
    )
    def password_reset_confirm(self, request: Request) -> Response:
        """Sets a new password with a proof of the mail."""
        registration.reset_password(fields=self.validated_data(), client_ip=self.client_ip, at=timezone.now())
        return Response(status=204)

    @extend_schema(auth=[], responses={202: ACCEPTED})
    @action(
        ["post"],
        detail=False,
        url_path="resend-verification",
        serializer_class=EmailSerializer,
    )
    def resend_verification(self, request: Request) -> Response:
        """Mails the sign-up confirmation again."""
        supabase_auth.resend_verification(**self.validated_data(), client_ip=self.client_ip)
        return Response(status=202)


class LogoutViewSet(BaseViewSet[Any]):
    """The way out."""

    serializer_class = LogoutSerializer
    pagination_class = None
    filter_backends = []

    @extend_schema(responses={204: None})
    @action(["post"], detail=False)
    def logout(self, request: Request) -> Response:
        """Ends this session, all, or all others; the tokens are refused from now on."""
        users.sign_out(
            claims=self.claims,
            access_token=bearer_token(request) or "",
            scope=self.validated_data()["scope"],
            at=timezone.now(),
        )
        return Response(status=204)
