"""A list without filters is not passed to its FilterSet, and equals one whose filters are empty."""

from typing import Any

import pytest

from accounts.filters.gigs import GigFilters
from accounts.filters.teachers import TeacherFilters
from tests.fixtures.people import GIGS, VOICE, Person

TEACHERS = "/accounts/teachers/"
LISTS = [GIGS, VOICE, "/accounts/users/", TEACHERS]


@pytest.mark.django_db
@pytest.mark.parametrize("path", LISTS)
def test_empty_filters_change_nothing(path: str, student: Person, teacher: Person) -> None:
    teacher.offer()
    teacher.offer(title="Another")
    student.save_conversation()
    student.save_conversation(topic="Another")
    plain = student.client.get(path)
    assert plain.json()
    assert student.client.get(path, {"search": "", "language": "", "ordering": ""}).json() == plain.json()


@pytest.mark.django_db
def test_only_named_filters_are_run(student: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    run: list[str] = []
    for filters in (GigFilters, TeacherFilters):

        def noted(self: Any, rows: Any, original: Any = filters.filter_queryset) -> Any:
            run.append(type(self).__name__)
            return original(self, rows)

        monkeypatch.setattr(filters, "filter_queryset", noted)
    for path in (GIGS, f"{GIGS}?limit=1&unknown=1", f"{GIGS}?language=es", TEACHERS, f"{TEACHERS}?search="):
        assert student.client.get(path).status_code == 200
    assert run == ["GigFilters", "TeacherFilters"]


@pytest.mark.django_db
def test_a_blank_day_is_refused(student: Person) -> None:
    response = student.client.get("/accounts/voice-conversations/?since=%20")
    assert (response.status_code, list(response.json()["errors"])) == (400, ["since"])
