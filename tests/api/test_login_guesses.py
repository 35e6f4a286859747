"""Wrong passwords and codes delay the next attempt at an account, of the network that they came from."""

from typing import Any

import pytest

from tests.fixtures.accounts import BASE, NEW, login, recovery_mail, register
from tests.fixtures.throttles import pass_seconds

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("clean_auth")]

RIGHT, WRONG = NEW["password"], "wrong horse"


def attempts(anyone: Any, *passwords: str, email: str = NEW["email"], ip: str = "203.0.113.9") -> list[Any]:
    """The status of each attempt, or the seconds in Retry-After if it is a 429."""
    answers = [
        anyone.post(f"{BASE}login/", {"email": email, "password": word}, HTTP_X_FORWARDED_FOR=ip)
        for word in passwords
    ]
    return [answer.get("Retry-After", answer.status_code) for answer in answers]


@pytest.fixture(autouse=True)
def proxy(settings: Any) -> None:
    settings.TRUSTED_PROXY_COUNT = 1


def test_right_password_is_accepted_after_the_wait(anyone: Any) -> None:
    register(anyone)
    assert attempts(anyone, *[WRONG] * 5, RIGHT, WRONG) == [400] * 5 + ["1", "1"]
    pass_seconds(1)
    assert attempts(anyone, RIGHT, *[WRONG] * 5, WRONG) == [200] + [400] * 5 + ["1"]


def test_refusal_is_a_429_with_a_sentence(anyone: Any) -> None:
    attempts(anyone, *[WRONG] * 5, ip="127.0.0.1")
    response = anyone.post(f"{BASE}login/", {"email": NEW["email"], "password": WRONG})
    assert (response.status_code, response.json()["code"]) == (429, "throttled")
    assert response.json()["detail"] == "Too many wrong attempts for this account. Wait 1 s and try again."


def test_registered_and_unknown_addresses_are_delayed_alike(anyone: Any) -> None:
    register(anyone)
    known = attempts(anyone, *[WRONG] * 7)
    assert attempts(anyone, *[WRONG] * 7, email="nobody@example.com") == known == [400] * 5 + ["1"] * 2


def test_spellings_of_an_address_are_counted_together(anyone: Any) -> None:
    spellings = ["IRIS@EXAMPLE.COM", "iris@example.com", "İris@Example.com"]
    for number in range(5):
        assert attempts(anyone, WRONG, email=spellings[number % 3]) == [400]
    assert [attempts(anyone, WRONG, email=email) for email in spellings] == [["1"]] * 3


@pytest.mark.slow
def test_attacker_does_not_lock_the_owner_out(anyone: Any) -> None:
    register(anyone)
    for number in range(50):
        assert attempts(anyone, WRONG, ip=f"198.51.100.{number}") == [400]
    assert attempts(anyone, RIGHT) == attempts(anyone, WRONG, ip="198.51.100.99") == ["1"]
    pass_seconds(1)
    assert attempts(anyone, WRONG, ip="198.51.100.99") == [400]
    assert attempts(anyone, RIGHT, RIGHT) == [200, 200]


def test_one_attacker_delays_the_network_of_the_attack_only(anyone: Any) -> None:
    register(anyone)
    for _ in range(4):
        pass_seconds(60)
        attempts(anyone, *[WRONG] * 6, ip="198.51.100.1")
    assert attempts(anyone, RIGHT, ip="198.51.100.1") == ["8"]
    assert attempts(anyone, RIGHT) == [200]


def test_guesses_at_a_mailed_code_delay_the_next_one(anyone: Any) -> None:
    register(anyone)
    code = recovery_mail(anyone)["code"]
    body = {"email": NEW["email"], "new_password": "an even better horse"}
    wrong = {**body, "otp": f"{(int(code) + 1) % 1_000_000:06}"}
    statuses = [anyone.post(f"{BASE}password-reset/confirm/", wrong).status_code for _ in range(6)]
    assert statuses == [400] * 5 + [429]
    pass_seconds(1)
    assert anyone.post(f"{BASE}password-reset/confirm/", {**body, "otp": code}).status_code == 204
    assert login(anyone, "an even better horse").status_code == 200
