"""Limits of requests by scope, and a growing delay after wrong guesses at an account's password or code."""

import math
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.utils.crypto import salted_hmac
from rest_framework.throttling import ScopedRateThrottle

from accounts.errors import TooManyRequests
from accounts.models import throttles
from accounts.rest import client_address
from accounts.rest.shared_counts import SharedCounts

# Scopes of frequent requests, which must not cost a statement. The workers of one gunicorn count together.
IN_MEMORY = {scope: SharedCounts() for scope in ("messages", "marketplace", "reviews")}


class ScopedThrottle(ScopedRateThrottle):
    """The rate of the view's ``throttle_scope``, by account, or by network if nobody is authenticated.

    A view without a scope is not throttled. Except for IN_MEMORY, all processes count together: one
    statement, before the view runs. It is in no transaction, so a request that fails has been counted.
    """

    def allow_request(self, request: Any, view: Any) -> bool:
        """Counts the request. Returns False if the rate is exceeded; ``wait`` then has the seconds."""
        scope = getattr(view, self.scope_attr, None)
        caller = request.user.pk if request.user else client_address.network(request)
        self.seconds = self.count(scope, caller) if scope else 0.0
        return not self.seconds

    def count(self, scope: str, caller: str | UUID) -> float:
        """Counts a request, or returns the seconds until the next one is allowed. 0.0 if it was counted."""
        self.scope = scope
        maximum, seconds = self.parse_rate(self.get_rate())
        assert maximum and seconds  # a rate of the settings is never None
        count = IN_MEMORY[scope].count if scope in IN_MEMORY else throttles.count_request
        return count(key=_key(scope, caller), maximum=maximum, seconds=seconds)

    def wait(self) -> float:
        """The seconds until the next request is allowed."""
        return self.seconds


def count_login(request: HttpRequest) -> None:
    """Counts a login from this network, together with those of the API. Raises TooManyRequests."""
    if seconds := ScopedThrottle().count("login", client_address.network(request)):
        sentence = "Too many sign-ins. Wait a minute and try again."
        raise TooManyRequests(sentence, retry_after=math.ceil(seconds))


@contextmanager
def guess(request: HttpRequest, account: str | UUID) -> Iterator[None]:
    """Counts a guess at the password or a code of an account. The body checks it, and raises if it is wrong.

    ``account`` is the address that was entered, whether it is registered or not, or the account's id.
    Raises TooManyRequests before the body runs, if this network has to wait.

    After five wrong guesses within an hour, a network waits 1 s before the next, then 2 s, 4 s ... at most
    a minute. Ten guesses of other networks weigh as much as one of its own, so that an attack from many
    networks is slowed down too. The guesses of other networks do not extend a wait that has begun: during an
    attack from elsewhere, whoever knows the password waits a minute at most. A right guess ends the count
    of its network and of the account.

    A guess is counted before it is checked, so that parallel guesses do not escape the delay. It counts too
    if Supabase fails to check it.
    """
    keys = {
        "account_key": _key("guess", _account(account)),
        "source_key": _key(f"guess from {client_address.network(request)}", _account(account)),
    }
    if seconds := throttles.count_guess(**keys):
        wait = math.ceil(seconds)
        sentence = f"Too many wrong attempts for this account. Wait {wait} s and try again."
        raise TooManyRequests(sentence, code="throttled", retry_after=wait)
    yield
    throttles.forget_guesses(**keys)


def _account(account: str | UUID) -> str:
    """The text by which guesses are counted: for an address without case and accents.

    Supabase ignores the case of addresses, also of letters such as "İ", whose lower case is "i" there.
    """
    letters = unicodedata.normalize("NFKD", str(account).casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def _key(scope: str, caller: str | UUID) -> str:
    """The key of a row: a hash, because addresses are personal data."""
    return salted_hmac("accounts.throttles", f"{scope}\n{caller}", algorithm="sha256").hexdigest()
