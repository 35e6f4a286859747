"""The rate of logins, counted outside of DRF's views: by address for the admin, by account for guesses."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest
from rest_framework.throttling import SimpleRateThrottle

from accounts.errors import TooManyRequests


class AccountThrottle(SimpleRateThrottle):
    """The rate of logins, counted by account. A guess from another address counts too."""

    scope = "login"

    def __init__(self, account_id: UUID) -> None:
        super().__init__()
        self.account_id = account_id

    def get_cache_key(self, request: Any, view: Any) -> str:
        return self.cache_format % {"scope": self.scope, "ident": self.account_id}


class AddressThrottle(SimpleRateThrottle):
    """The rate of logins, counted by address. Logins to the admin and to the API count together."""

    scope = "login"

    def get_cache_key(self, request: Any, view: Any) -> str:
        """The cache key of the client's address, the same as in ``ScopedRateThrottle``."""
        return self.cache_format % {"scope": self.scope, "ident": self.get_ident(request)}


def count_login(request: HttpRequest) -> None:
    """Counts a login from the address of this request. Raises TooManyRequests."""
    _count(AddressThrottle(), request, TooManyRequests("Too many sign-ins. Wait a minute and try again."))


def count_guess(account_id: UUID) -> None:
    """Counts a guess at the second factor of this account. Raises TooManyRequests."""
    sentence = "Too many codes were tried. Wait a minute and enter the current one."
    _count(AccountThrottle(account_id), None, TooManyRequests(sentence, code="throttled"))


def _count(throttle: SimpleRateThrottle, request: Any, error: TooManyRequests) -> None:
    """Counts one request. Raises ``error``, with the seconds to wait, if the rate is exceeded."""
    view: Any = None  # SimpleRateThrottle does not use it
    if not throttle.allow_request(request, view):
        error.retry_after = int(throttle.wait() or error.retry_after) + 1
        raise error
