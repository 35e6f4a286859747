"""Every route and method of the API, requested by each kind of person: tests/cases/person_matrix.txt."""

from collections import Counter
from typing import Any

import pytest

from tests.fixtures.person_matrix import (
    ABSENT,
    FILE,
    NOBODY,
    PEOPLE,
    SECRETS,
    Line,
    MakePerson,
    Sender,
    lines,
)
from tests.fixtures.routes import all_routes


def test_table_has_every_route_and_method_and_no_others() -> None:
    routes = {str(route) for route in all_routes()}
    listed = {str(line): line.route for line in lines()}
    missing = ", ".join(sorted(routes - set(listed.values())))
    assert not missing, f"Add to tests/cases/{FILE}, with the status for each person: {missing}"
    surplus = ", ".join(line for line, route in listed.items() if route not in routes)
    assert not surplus, (
        f"Remove from tests/cases/{FILE}, because no route has this method and path: {surplus}"
    )


def test_no_request_is_twice_in_the_table() -> None:
    counts = Counter(map(str, lines()))
    assert [request for request, count in counts.items() if count > 1] == []


@pytest.mark.slow
@pytest.mark.parametrize("person", PEOPLE)
@pytest.mark.usefixtures("simulator", "bucket")
def test_each_person_gets_the_status_of_the_table_and_reads_no_secret(
    person: str, make_person: MakePerson, make_teacher: MakePerson, settings: Any
) -> None:
    settings.PUBLIC_MARKETPLACE = person == "visitor"
    sender = Sender(person, make_person, make_teacher)
    faults, read = list[str](), set[str]()
    for line in lines():
        answer, expected = sender.send(line), line.expected[person]
        if answer.status_code != expected:
            faults.append(f"{line}: {answer.status_code}, expected {expected}")
        if answer.status_code >= 400 and sender.written:
            faults.append(f"{line}: an error, but it changed rows: {sender.written}")
        if answer.status_code == 401:
            faults += faults_of_refusal(answer, line, person)
        if expected == 404 and answer.content != sender.send(line, ids=ABSENT).content:
            faults.append(f"{line}: the answer for a row that does not exist is another")
        read |= {secret for secret in SECRETS if secret in b"".join(answer).decode()}
    assert not faults, "\n".join(faults)
    assert read == {secret for secret, people in SECRETS.items() if person in people}


def faults_of_refusal(answer: Any, line: Line, person: str) -> list[str]:
    """What is wrong with a 401: its code, or a missing challenge (RFC 6750)."""
    code = "not_authenticated" if person in NOBODY else "invalid_token"
    found = answer.json().get("code"), answer.get("WWW-Authenticate", "")[:6]
    return [] if found == (code, "Bearer") else [f"{line}: {found}"]
