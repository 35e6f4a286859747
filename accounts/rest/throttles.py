"""The limit on guesses at an account's second factor."""

from typing import Any
from uuid import UUID

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


def count_guess(account_id: UUID) -> None:
    """Counts a guess at the second factor of this account. Raises TooManyRequests."""
    throttle = AccountThrottle(account_id)
    if not throttle.allow_request(None, None):  # type: ignore[arg-type]
        sentence = "Too many codes were tried. Wait a minute and enter the current one."
        raise TooManyRequests(sentence, code="throttled", retry_after=int(throttle.wait() or 60) + 1)
