"""Shapes of registration, login and password reset."""

from typing import Any

from rest_framework import serializers

from accounts.models import User
from accounts.models.users import MOST_LEARNING_LANGUAGES
from accounts.serializers.fields import TextListField, TimeZoneField
from accounts.serializers.users import OwnProfileSerializer

SHORTEST_PASSWORD = 6  # Supabase's least; a project may ask for more, and then says so itself
LONGEST_PASSWORD_BYTES = 72  # bcrypt, in Supabase Auth, reads no further


class PasswordField(serializers.CharField):
    """A new password, blanks and all."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(write_only=True, trim_whitespace=False, **kwargs)

    def run_validation(self, data: Any = serializers.empty) -> Any:
        """The password, within what Supabase Auth can hold."""
        password = super().run_validation(data)
        if isinstance(password, str):
            self._check_length(password)
        return password

    def _check_length(self, password: str) -> None:
        if len(password) < SHORTEST_PASSWORD:
            message = f"A password has at least {SHORTEST_PASSWORD} characters."
            raise serializers.ValidationError(message, code="weak_password")
        if len(password.encode()) > LONGEST_PASSWORD_BYTES:
            raise serializers.ValidationError(f"A password has at most {LONGEST_PASSWORD_BYTES} bytes.")


class RegistrationSerializer(serializers.Serializer[Any]):
    """A new account with the beginnings of its profile."""

    email = serializers.EmailField(max_length=255)
    password = PasswordField()
    name = serializers.CharField(max_length=150)
    role = serializers.ChoiceField(choices=User.Role.choices, default=User.Role.STUDENT)
    native_language = serializers.CharField(max_length=50, required=False, allow_blank=True)
    learning_languages = TextListField(longest=50, max_length=MOST_LEARNING_LANGUAGES, required=False)
    timezone = TimeZoneField(max_length=64, required=False)


class LoginSerializer(serializers.Serializer[Any]):
    """Address and password."""

    email = serializers.EmailField(max_length=255)
    password = serializers.CharField(max_length=1000, trim_whitespace=False, write_only=True)


class RefreshSerializer(serializers.Serializer[Any]):
    """The refresh token of a session."""

    refresh_token = serializers.CharField(max_length=4096)


class LogoutSerializer(serializers.Serializer[Any]):
    """Which sessions to end."""

    scope = serializers.ChoiceField(choices=["local", "global", "others"], default="local")


class EmailSerializer(serializers.Serializer[Any]):
    """An address to write to."""

    email = serializers.EmailField(max_length=255)


class PasswordResetSerializer(serializers.Serializer[Any]):
    """A new password with one proof: a link's hash, a mailed code, or a recovery session."""

    new_password = PasswordField()
    token_hash = serializers.CharField(max_length=255, required=False)
    email = serializers.EmailField(max_length=255, required=False)
    otp = serializers.CharField(max_length=20, required=False)
    access_token = serializers.CharField(max_length=8192, required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Exactly one proof."""
        given = set(attrs) - {"new_password"}
        if given not in ({"token_hash"}, {"email", "otp"}, {"access_token"}):
            raise serializers.ValidationError(
                "Send new_password with token_hash, or with email and otp, or with access_token."
            )
        return attrs


class SessionSerializer(serializers.Serializer[Any]):
    """A signed-in session with its person."""

    access_token = serializers.CharField()
    refresh_token = serializers.CharField()
    token_type = serializers.CharField()
    expires_in = serializers.IntegerField(help_text="Seconds.")
    expires_at = serializers.IntegerField(help_text="Unix seconds.")
    user = OwnProfileSerializer()


class RegisteredSerializer(serializers.Serializer[Any]):
    """A registration's outcome; both are null while the address waits for confirmation."""

    user = OwnProfileSerializer(allow_null=True)
    session = SessionSerializer(allow_null=True)
