"""The admin's login form: e-mail address, password and, if the account has one, the second factor."""

from typing import Any

from django import forms
from django.contrib.auth import authenticate
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from unfold.forms import AuthenticationForm
from unfold.widgets import BASE_INPUT_CLASSES

from accounts.errors import LinguaFlexError
from accounts.integrations.supabase_mfa import CODE_REQUIRED, CODE_WRONG
from accounts.rest import throttles


class StaffLoginForm(AuthenticationForm):
    """Shows the field for the code only if the account has a second factor and the password is right.

    ``failure`` is the error of this login, if it failed.
    """

    username = forms.EmailField(label="E-mail address", max_length=255)
    code = forms.CharField(label="Code of your authenticator app", required=False, max_length=10)
    error_messages = {
        "invalid_login": "These are not the e-mail address and password of a member of staff.",
        "inactive": "These are not the e-mail address and password of a member of staff.",
    }
    failure: LinguaFlexError | None = None

    def __init__(self, request: HttpRequest | None = None, *args: Any, **kwargs: Any) -> None:
        super().__init__(request, *args, **kwargs)
        self.fields["username"].widget.attrs |= {"autocomplete": "username"}
        self.fields["code"].widget.attrs |= {
            "class": " ".join(BASE_INPUT_CLASSES),
            "inputmode": "numeric",
            "autocomplete": "one-time-code",
        }

    @property
    def asks_for_code(self) -> bool:
        """Whether the password is right, but the code of the second factor is missing or wrong."""
        return self.failure is not None and self.failure.code in (CODE_REQUIRED, CODE_WRONG)

    def clean(self) -> dict[str, Any]:
        """Authenticates. Raises ValidationError with a sentence for the page on every failure."""
        try:
            throttles.count_login(self.request)
            if {"username", "password"} <= set(self.cleaned_data):
                self._sign_in()
        except LinguaFlexError as error:
            self.failure = error
            raise ValidationError(error.detail, code=error.code) from None
        fields: dict[str, Any] = self.cleaned_data
        return fields

    def _sign_in(self) -> None:
        self.user_cache = authenticate(self.request, **self.cleaned_data)
        if self.user_cache is None:
            raise self.get_invalid_login_error()
        self.confirm_login_allowed(self.user_cache)
