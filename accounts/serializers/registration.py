"""Serializers of registration, login and password reset."""

from typing import Any, get_args

from rest_framework import serializers

from accounts.integrations.supabase_auth import Scope
from accounts.models import User
from accounts.models.users import MAX_LEARNING_LANGUAGES
from accounts.models.validators import validate_time_zone
from accounts.serializers.fields import TextField, TextListField
from accounts.serializers.users import OwnProfileSerializer
from accounts.values import passwords


class PasswordField(TextField):
    """A new password. Leading and trailing spaces are part of it."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(write_only=True, trim_whitespace=False, **kwargs)

    def run_validation(self, data: Any = serializers.empty) -> Any:
        """Returns the password. Raises ValidationError for one that Supabase Auth cannot store."""
        password = super().run_validation(data)
        if isinstance(password, str):
            problem = passwords.problem(password)
            if problem:
                code, sentence = problem
                raise serializers.ValidationError(sentence, code=code)
        return password


class RegistrationSerializer(serializers.Serializer[Any]):
    """A new account with the first fields of its profile."""

    email = serializers.EmailField(max_length=255)
    password = PasswordField()
    name = TextField(max_length=150)
    role = serializers.ChoiceField(choices=User.Role.choices, default=User.Role.STUDENT)
    native_language = TextField(max_length=50, required=False, allow_blank=True)
    learning_languages = TextListField(longest=50, max_length=MAX_LEARNING_LANGUAGES, required=False)
    timezone = TextField(max_length=64, required=False, validators=[validate_time_zone])


class LoginSerializer(serializers.Serializer[Any]):
    email = serializers.EmailField(max_length=255)
    password = TextField(max_length=1000, trim_whitespace=False, write_only=True)


class RefreshSerializer(serializers.Serializer[Any]):
    refresh_token = TextField(max_length=4096)


class LogoutSerializer(serializers.Serializer[Any]):
    """The sessions to end: this one (``local``), all (``global``) or all others (``others``)."""

    scope = serializers.ChoiceField(choices=get_args(Scope), default="local")


class EmailSerializer(serializers.Serializer[Any]):
    """The address that a mail is sent to."""

    email = serializers.EmailField(max_length=255)


class PasswordResetSerializer(serializers.Serializer[Any]):
    """A new password with one proof: the hash of a link, a mailed code, or a recovery session."""

    new_password = PasswordField()
    token_hash = TextField(max_length=255, required=False)
    email = serializers.EmailField(max_length=255, required=False)
    otp = TextField(max_length=20, required=False)
    access_token = TextField(max_length=8192, required=False)
    totp_code = TextField(
        max_length=20,
        required=False,
        allow_blank=True,
        write_only=True,
        help_text="The code of the authenticator app, if the account has one.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Raises ValidationError unless there is exactly one proof."""
        given = set(attrs) - {"new_password", "totp_code"}
        if given not in ({"token_hash"}, {"email", "otp"}, {"access_token"}):
            raise serializers.ValidationError(
                "Send new_password with token_hash, or with email and otp, or with access_token."
            )
        return attrs


class SessionSerializer(serializers.Serializer[Any]):
    """A session with its user."""

    access_token = TextField()
    refresh_token = TextField()
    token_type = TextField()
    expires_in = serializers.IntegerField(help_text="Seconds.")
    expires_at = serializers.IntegerField(help_text="Unix seconds.")
    user = OwnProfileSerializer()


class RegisteredSerializer(serializers.Serializer[Any]):
    """The result of a registration. Both are null if the address has to be confirmed first."""

    user = OwnProfileSerializer(allow_null=True)
    session = SessionSerializer(allow_null=True)
