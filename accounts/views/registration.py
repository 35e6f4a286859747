"""Registration, login and password reset: open and throttled; logout: guarded."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import ScopedRateThrottle
from rest_framework.viewsets import GenericViewSet

from accounts.integrations import supabase_auth
from accounts.rest.authentication import bearer_token, claims_of
from accounts.rest.client_address import proxied_ip
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
from accounts.views.open import OpenEndpoint

ACCEPTED = OpenApiResponse(description="A mail goes out if the address is known.")


class RegistrationViewSet(OpenEndpoint, GenericViewSet[Any]):
    """The ways into an account."""

    throttle_classes = [ScopedRateThrottle]
    throttle_scope: str | None = None
    pagination_class = None
    filter_backends = []

    @extend_schema(auth=[], responses={201: RegisteredSerializer})
    @action(
        ["post"],
        detail=False,
        throttle_scope="registration",
        serializer_class=RegistrationSerializer,
    )
    def register(self, request: Request) -> Response:
        """Makes an account."""
        user, session = registration.register(fields=self.fields(), client_ip=proxied_ip(request._request))
        answer = {
            "user": user,
            "session": registration.as_answer(user, session) if user and session else None,
        }
        return Response(RegisteredSerializer(answer).data, status=201)

    @extend_schema(auth=[], responses=SessionSerializer)
    @action(["post"], detail=False, throttle_scope="login", serializer_class=LoginSerializer)
    def login(self, request: Request) -> Response:
        """A session for an address and its password."""
        user, session = registration.login(**self.fields(), client_ip=proxied_ip(request._request))
        return Response(SessionSerializer(registration.as_answer(user, session)).data)

    @extend_schema(auth=[], responses=SessionSerializer)
    @action(
        ["post"],
        detail=False,
        url_path="token/refresh",
        throttle_scope="login",
        serializer_class=RefreshSerializer,
    )
    def refresh(self, request: Request) -> Response:
        """The next session of a refresh token."""
        user, session = registration.refresh(**self.fields(), client_ip=proxied_ip(request._request))
        return Response(SessionSerializer(registration.as_answer(user, session)).data)

    @extend_schema(auth=[], responses={202: ACCEPTED})
    @action(
        ["post"],
        detail=False,
        url_path="password-reset",
        throttle_scope="mail",
        serializer_class=EmailSerializer,
    )
    def password_reset(self, request: Request) -> Response:
        """Mails a recovery code and link."""
        client_ip = proxied_ip(request._request)
        supabase_auth.send_recovery(**self.fields(), client_ip=client_ip)
        return Response(status=202)

    @extend_schema(auth=[], responses={204: None})
    @action(
        ["post"],
        detail=False,
        url_path="password-reset/confirm",
        throttle_scope="login",
        serializer_class=PasswordResetSerializer,
    )
    def password_reset_confirm(self, request: Request) -> Response:
        """Sets a new password with a proof of the mail."""
        client_ip = proxied_ip(request._request)
        registration.reset_password(fields=self.fields(), client_ip=client_ip, at=timezone.now())
        return Response(status=204)

    @extend_schema(auth=[], responses={202: ACCEPTED})
    @action(
        ["post"],
        detail=False,
        url_path="resend-verification",
        throttle_scope="mail",
        serializer_class=EmailSerializer,
    )
    def resend_verification(self, request: Request) -> Response:
        """Mails the sign-up confirmation again."""
        client_ip = proxied_ip(request._request)
        supabase_auth.resend_verification(**self.fields(), client_ip=client_ip)
        return Response(status=202)

    def fields(self) -> dict[str, Any]:
        """The validated body."""
        serializer = self.get_serializer(data=self.request.data)
        serializer.is_valid(raise_exception=True)
        return dict(serializer.validated_data)


class LogoutViewSet(GenericViewSet[Any]):
    """The way out."""

    serializer_class = LogoutSerializer
    pagination_class = None
    filter_backends = []

    @extend_schema(responses={204: None})
    @action(["post"], detail=False)
    def logout(self, request: Request) -> Response:
        """Ends this session, all, or all others; the tokens are refused from now on."""
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        users.sign_out(
            claims=claims_of(request),
            access_token=bearer_token(request) or "",
            scope=serializer.validated_data["scope"],
            at=timezone.now(),
        )
        return Response(status=204)
