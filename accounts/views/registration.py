"""Registration, login and password reset without a token, and logout with one."""

from functools import partial
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.integrations import supabase_auth
from accounts.rest import throttles
from accounts.rest.authentication import bearer_token
from accounts.rest.client_address import proxied_ip
from accounts.rest.error_codes import error_codes
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
from accounts.services import auth_sessions, password_resets, registration

# Of every call of Supabase Auth.
SUPABASE_CODES = (
    "account_refused",
    "invalid_token",
    "over_request_rate_limit",
    "supabase_rejected",
    "supabase_unavailable",
)
ACCEPTED = OpenApiResponse(description="A mail is sent if the address is registered.")


class RegistrationViewSet(PublicEndpoint, BaseViewSet[Any]):
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
        """The client's address, if a trusted proxy reports it. Supabase's rate limits count by it."""
        return proxied_ip(self.request._request)

    @error_codes(
        "email_address_invalid",
        "user_already_exists",
        "weak_password",
        "keys_unavailable",
        "token_too_large",
        "over_email_send_rate_limit",
        *SUPABASE_CODES,
    )
    @extend_schema(auth=[], responses={201: RegisteredSerializer})
    @action(["post"], detail=False, serializer_class=RegistrationSerializer)
    def register(self, request: Request) -> Response:
        """Register. Creates a student's account, or with `role` a teacher's.

        `user` and `session` are null if the address has to be confirmed first.
        """
        session = registration.register(fields=self.validated_data(), client_ip=self.client_ip)
        registered = {"user": session.user if session else None, "session": session}
        return Response(RegisteredSerializer(registered).data, status=201)

    @error_codes(
        "email_not_confirmed",
        "invalid_credentials",
        "keys_unavailable",
        "token_too_large",
        "user_banned",
        *SUPABASE_CODES,
    )
    @extend_schema(auth=[], responses=SessionSerializer)
    @action(["post"], detail=False, serializer_class=LoginSerializer)
    def login(self, request: Request) -> Response:
        """Log in. A wrong password is a 400 `invalid_credentials`, a banned address a 400 `user_banned`.

        After several wrong passwords for an address, registered or not, the next attempts are a 429
        `throttled` for a second, then for longer, at most for a minute.
        """
        account = self.validated_data()
        with throttles.guess(self.request._request, account["email"]):
            session = registration.login(**account, client_ip=self.client_ip)
        return Response(SessionSerializer(session).data)

    @error_codes(
        "invalid_credentials",
        "refresh_token_already_used",
        "refresh_token_not_found",
        "session_expired",
        "keys_unavailable",
        "token_too_large",
        "user_banned",
        *SUPABASE_CODES,
    )
    @extend_schema(operation_id="token_refresh", auth=[], responses=SessionSerializer)
    @action(["post"], detail=False, url_path="token/refresh", serializer_class=RefreshSerializer)
    def refresh(self, request: Request) -> Response:
        """Refresh the session. Returns new tokens, which replace the old ones.

        An unknown or malformed token is a 400 `refresh_token_not_found`: sign in again.
        """
        session = registration.refresh(**self.validated_data(), client_ip=self.client_ip)
        return Response(SessionSerializer(session).data)

    @error_codes("over_email_send_rate_limit", *SUPABASE_CODES)
    @extend_schema(auth=[], responses={202: ACCEPTED})
    @action(["post"], detail=False, url_path="password-reset", serializer_class=EmailSerializer)
    def password_reset(self, request: Request) -> Response:
        """Request a password reset. Mails a recovery code and a link, if the address is registered.

        The answer is the same for an unknown address.
        """
        supabase_auth.send_recovery(**self.validated_data(), client_ip=self.client_ip)
        return Response(status=202)

    @error_codes(
        "mfa_factor_unsupported",
        "otp_expired",
        "same_password",
        "weak_password",
        "invalid_token",
        "token_expired",
        "mfa_required",
        "keys_unavailable",
        "recovery_required",
        *SUPABASE_CODES,
    )
    @extend_schema(auth=[], responses={204: None})
    @action(
        ["post"], detail=False, url_path="password-reset/confirm", serializer_class=PasswordResetSerializer
    )
    def password_reset_confirm(self, request: Request) -> Response:
        """Set a new password. Requires the code or link of the mail, or a session begun with it.

        The code or link is valid once. For an account with an authenticator app, a missing or wrong
        `totp_code` is a 403 `mfa_required` with an `access_token`: repeat the request within an hour
        with `access_token`, `totp_code` and `new_password`, without the code or link of the mail.
        """
        password_resets.reset_password(
            fields=self.validated_data(),
            client_ip=self.client_ip,
            guess=partial(throttles.guess, self.request._request),
            at=timezone.now(),
        )
        return Response(status=204)

    @error_codes("over_email_send_rate_limit", *SUPABASE_CODES)
    @extend_schema(auth=[], responses={202: ACCEPTED})
    @action(["post"], detail=False, url_path="resend-verification", serializer_class=EmailSerializer)
    def resend_verification(self, request: Request) -> Response:
        """Resend the verification mail. The answer is the same for an unknown address."""
        supabase_auth.resend_verification(**self.validated_data(), client_ip=self.client_ip)
        return Response(status=202)


class LogoutViewSet(BaseViewSet[Any]):
    serializer_class = LogoutSerializer
    pagination_class = None
    filter_backends = []

    @error_codes(*SUPABASE_CODES)
    @extend_schema(responses={204: None})
    @action(["post"], detail=False)
    def logout(self, request: Request) -> Response:
        """Log out. Ends this session, all sessions or all others; their tokens are refused at once."""
        auth_sessions.sign_out(
            claims=self.claims,
            access_token=bearer_token(request) or "",
            scope=self.validated_data()["scope"],
            at=timezone.now(),
        )
        return Response(status=204)
