"""The export of cards: Anki's text file and CSV."""

import csv
import io
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Card
from accounts.rest import pages
from accounts.services import card_export
from tests.fixtures.people import CARDS, Person

pytestmark = pytest.mark.django_db
EXPORT = f"{CARDS}export/"
# Texts of cards, with the fields that Anki has afterwards.
TEXTS = [
    (("Yo **soy** cansado", "Yo estoy cansado", ""), ["Yo <b>soy</b> cansado", "Yo estoy cansado"]),
    (("a\tb", '"q" <i>&amp;', "why"), ["a\tb", '"q" &lt;i&gt;&amp;amp;<br><br>why']),
    (("#separator:comma", "two\nlines\r\nmore", ""), ["#separator:comma", "two<br>lines<br>more"]),
    (
        ("日本語を**勉強**する", "=1+1; \\ ' 😀", "\u00a0x"),
        ["日本語を<b>勉強</b>する", "=1+1; \\ ' 😀<br><br>x"],
    ),
]


def export(person: Person, **query: Any) -> str:
    """The text of an export."""
    response: Any = person.client.get(EXPORT, query)
    assert response.status_code == 200, response.content
    return b"".join(response.streaming_content).decode()


def fronts(text: str) -> list[str]:
    """The fronts in a CSV file."""
    return [row["front"] for row in csv.DictReader(io.StringIO(text, newline=""), strict=True)]


def test_the_file_of_anki_has_its_header_lines(student: Person) -> None:
    student.make_card()
    text = export(student)
    assert text == export(student, format="anki") == export(student, format="")
    *header, line = text.splitlines()
    assert header == ["#separator:tab", "#html:true", "#guid column:1", "#tags column:4"]
    expected = [
        "Yo <b>soy</b> cansado",
        "Yo estoy cansado<br><br>A state, not a quality.",
        "linguaflex linguaflex::es",
    ]
    assert line.split("\t")[1:] == expected


def test_csv_has_a_header_row_and_the_stored_texts(student: Person) -> None:
    made = student.make_card(front="a,\r\n**b**", note="=1")
    rows = list(csv.DictReader(io.StringIO(export(student, format="csv"), newline=""), strict=True))
    assert rows == [
        {
            "front": "a,\r\n**b**",
            "back": made["back"],
            "note": "'=1",
            "language_code": "es",
            "state": "new",
            "due_at": made["due_at"],
        }
    ]


@pytest.mark.parametrize(
    ("name", "kind", "file"),
    [
        ("anki", "text/plain; charset=utf-8", "linguaflex-cards.txt"),
        ("csv", "text/csv; charset=utf-8; header=present", "linguaflex-cards.csv"),
    ],
)
def test_an_export_is_a_file(student: Person, name: str, kind: str, file: str) -> None:
    for accepted in ("*/*", "text/csv", "text/plain"):
        response = student.client.get(EXPORT, {"format": name}, HTTP_ACCEPT=accepted)
        assert response.streaming
        assert response["Content-Type"] == kind
        assert response["Content-Disposition"] == f'attachment; filename="{file}"'


@pytest.mark.parametrize("name", ["pdf", "ANKI", "json"])
def test_an_unknown_format_is_a_400(student: Person, name: str) -> None:
    response = student.client.get(EXPORT, {"format": name})
    assert (response.status_code, list(response.json()["errors"])) == (400, ["format"])


def test_an_export_has_the_filters_of_the_list(student: Person, stranger: Person) -> None:
    stranger.make_card(front="stranger")
    student.make_card(front="uno")
    later = student.make_card(front="zwei", language="German")
    Card.objects.filter(pk=later["id"]).update(due_at=timezone.now() + timedelta(days=1))
    student.client.post(f"{CARDS}{student.make_card(front='tres')['id']}/suspend/")
    queries: dict[str, dict[str, str]] = {
        "uno zwei tres": {},
        "uno": {"due": "now"},
        "zwei": {"language": "de"},
        "tres": {"state": "suspended"},
        "uno tres": {"search": "estoy", "language": "es"},
        "": {"source": "ai"},
    }
    found = {names: fronts(export(student, format="csv", **query)) for names, query in queries.items()}
    assert found == {names: names.split() for names in queries}
    response = student.client.get(EXPORT, {"due": "later"})
    assert (response.status_code, list(response.json()["errors"])) == (400, ["due"])


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three cards are read at a time."""
    monkeypatch.setattr(card_export, "PAGE", 3)


@pytest.mark.usefixtures("small_pages")
@pytest.mark.parametrize("query", [{}, {"search": "estoy"}])
@pytest.mark.parametrize("count", [0, 1, 2, 3, 4, 6, 7])
def test_cards_are_read_page_by_page(student: Person, count: int, query: dict[str, str]) -> None:
    names = [f"card {number}" for number in range(count)]
    for name in names:
        student.make_card(front=name)
    assert fronts(export(student, format="csv", **query)) == names


@pytest.mark.usefixtures("small_pages")
def test_each_page_of_a_long_file_costs_one_query_when_it_is_read(
    student: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "MAX_SHORT", 10)
    for _ in range(7):
        student.make_card()
    with CaptureQueriesContext(connection) as queries:
        response: Any = student.client.get(EXPORT)
        parts: Iterator[bytes] = iter(response.streaming_content)
        before = len(queries)
        next(parts), next(parts)
        assert len(queries) == before
        list(parts)
    assert len(queries) == before + 2


@pytest.mark.slow
def test_anki_imports_the_file_twice_without_duplicates(student: Person, tmp_path: Path) -> None:
    reason = "Anki's importer needs the package anki, of requirements/dev.txt"
    collection = pytest.importorskip("anki.collection", reason=reason)
    for (front, back, note), _ in TEXTS:
        student.make_card(front=front, back=back, note=note, language="Old Norse")
    path = tmp_path / "cards.txt"
    path.write_bytes(export(student).encode())
    opened = collection.Collection(str(tmp_path / "collection.anki2"))
    try:
        rename_fields(opened)
        assert imported(opened, path) == notes_of(opened) == len(TEXTS)
        assert fields_of(opened) == sorted(fields for _, fields in TEXTS)
        assert imported(opened, path) == 0
        assert notes_of(opened) == len(TEXTS)
        [card] = student.client.get(CARDS, {"search": "separator"}).json()
        student.client.patch(f"{CARDS}{card['id']}/", {"front": "edited"})
        path.write_bytes(export(student).encode())
        assert imported(opened, path) == 0
        assert "edited" in [front for front, _ in fields_of(opened)]
        assert notes_of(opened) == len(TEXTS)
    finally:
        opened.close()


def rename_fields(collection: Any) -> None:
    """Gives the fields of the note type their German names, as in an Anki in German."""
    kind = collection.models.by_name("Basic")
    for field, name in zip(kind["flds"], ("Vorderseite", "Rückseite"), strict=True):
        field["name"] = name
    collection.models.update_dict(kind)


def imported(collection: Any, path: Path) -> int:
    """Imports a file with the settings that Anki proposes. Returns the number of new notes."""
    from anki.import_export_pb2 import ImportCsvRequest

    proposed = collection.get_csv_metadata(str(path), None)
    return len(collection.import_csv(ImportCsvRequest(path=str(path), metadata=proposed)).log.new)


def notes_of(collection: Any) -> int:
    """The number of notes."""
    return len(collection.find_notes(""))


def fields_of(collection: Any) -> list[list[str]]:
    """The fields of all notes. Asserts their tags."""
    notes = [collection.get_note(pk) for pk in collection.find_notes("")]
    for note in notes:
        assert {tag.split("::")[0] for tag in note.tags} == {"linguaflex"}
    return sorted(note.fields for note in notes)
