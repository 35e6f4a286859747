"""Lists of gigs and teachers: filters compared with an oracle, query counts, query plans."""

import hashlib
import itertools
import random
import unicodedata
import uuid
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection

from accounts.models import Gig, Teacher, User
from accounts.models.teachers import TeacherQuerySet
from tests.fixtures.people import GIG, GIGS, Person
from tests.fixtures.plans import many_rows, nodes_of
from tests.fixtures.staff import make_gig

TEACHERS = "/accounts/teachers/"
MANY = 50_000
SPELLINGS = {"es": ["Spanish", "español", "es-MX"], "ja": ["Japanese", "日本語"], "de": ["German", "DEUTSCH"]}
WORDS = ["Conversación", "grammar", "Ærøskøbing", "business", "漢字"]
INSERT = """
insert into accounts_gig (teacher_id, title, description, language, language_code, price_per_session,
  currency, session_minutes, tags, tag_keys, what_is_included, search_text, full_search_text, status,
  status_before_suspension, suspension_reason, creation_digest, created_at, updated_at)
select (%s::uuid[])[1 + n %% %s], 'Gig ' || n, 'x', 'x', (array['es','ja','de','fr','zh'])[1 + n %% 5],
  (n * 7919 %% 20000) / 100.0, 'EUR', 30 + n %% 60, '{}', array['tag' || n %% 5000], '',
  'gig ' || n || ' ' || md5(n::text), 'gig ' || n || ' ' || md5(n::text),
  'active', '', '', '', now() - n * interval '1 minute', now()
from generate_series(1, %s) n"""


def fill(teachers: int, count: int) -> list[User]:
    """Inserts ``count`` gigs by ``teachers`` users who have no account. Returns the users."""
    people = [User(pk=uuid.uuid4(), name=f"T{n}", search_text=f"t{n}") for n in range(teachers)]
    User.objects.bulk_create(people)
    Teacher.objects.bulk_create([Teacher(user=person) for person in people])
    with connection.cursor() as cursor:
        with many_rows(cursor, "accounts_gig"):
            cursor.execute(INSERT, [[person.pk for person in people], teachers, count])
        cursor.execute("analyze accounts_gig, accounts_teacher, accounts_user")
    return people


@pytest.mark.parametrize("count", [1, 25])
def test_lists_cost_a_fixed_number_of_queries(
    make_teacher: Any, student: Person, django_assert_num_queries: Any, count: int
) -> None:
    for number in range(count):
        gig = {name: value for name, value in GIG.items() if name != "price_per_session"}
        person = make_teacher(f"T{number}")
        Gig.objects.create(teacher=person.user.teacher, price_per_session=number, **gig)
    student.client.get(GIGS)  # the first request of a process has one more query
    # The search reads five teachers first; as all of them match, it reads twice the page.
    of_teachers = 4 if count < TeacherQuerySet.near_rows else 6
    for ordering, queries in itertools.product(("newest", "price"), ((GIGS, 3), (TEACHERS, of_teachers))):
        path, number = queries
        with django_assert_num_queries(number):
            query = {"ordering": ordering, "search": "spanish", "currency": "EUR"}
            found = student.client.get(path, query)
        assert len(found.json()) == count
    with django_assert_num_queries(2):
        assert len(student.client.get("/accounts/users/?role=teacher").json()) == count


@pytest.mark.slow
def test_filters_of_many_gigs_use_an_index(db: None) -> None:
    people = fill(1000, MANY)
    active = Gig.objects.active().with_teacher()
    euros = active.in_currency("EUR")
    spanish = euros.in_language("Spanish").order_by("price_per_session", "id")
    for rows in (
        spanish.priced_from(Decimal(10)).priced_up_to(Decimal(12)),
        euros.priced_from(Decimal(10)).priced_up_to(Decimal("10.5")),
        spanish[:51],
        euros.order_by("-price_per_session", "-id")[:51],
        active.in_currency("ISK").order_by("price_per_session", "id")[:51],
        active.newest_first()[:51],
        active.tagged("TAG77").newest_first()[:51],
        active.mentioning(hashlib.md5(b"4711").hexdigest()[4:16]).newest_first()[:51],
        active.mentioning("zzz-nothing").newest_first()[:51],
        Gig.objects.for_user(people[0]).newest_first()[:51],
    ):
        used = nodes_of(rows)
        scans = [node for node in used if node["Node Type"] == "Seq Scan" and "gig" in node["Relation Name"]]
        assert not scans, (str(rows.query)[-400:], scans)


class Oracle:
    """The filters of the contract in plain Python, applied to gigs that the API returned."""

    def __init__(self, gigs: list[dict[str, Any]]) -> None:
        self.gigs = gigs

    def found(self, query: dict[str, str]) -> list[Any]:
        rows = [gig for gig in self.gigs if all(self.fits(gig, *item) for item in query.items())]
        rows.sort(key=lambda gig: (gig["created_at"], gig["id"]), reverse=True)
        if (order := query.get("ordering", "newest")).endswith("price"):
            rows.sort(key=lambda gig: (Decimal(gig["price_per_session"]), gig["id"]), reverse=order[0] == "-")
        return [gig["id"] for gig in rows]

    def fits(self, gig: dict[str, Any], name: str, value: str) -> bool:
        price, minutes = Decimal(gig["price_per_session"]), gig["session_minutes"]
        match name:
            case "language":
                return value in SPELLINGS[gig["language_code"]]
            case "min_price":
                return price >= Decimal(value)
            case "max_price":
                return price <= Decimal(value)
            case "currency":
                return gig["currency"] == value.upper()
            case "min_minutes":
                return minutes >= int(value)
            case "max_minutes":
                return minutes <= int(value)
            case "teacher":
                return gig["teacher"]["id"] == value
            case "tag":
                return bare(value) in map(bare, gig["tags"])
            case "search":
                texts = [
                    gig["title"],
                    gig["description"],
                    gig["language"],
                    gig["teacher"]["name"],
                    *gig["tags"],
                ]
                return all(any(word in bare(text) for text in texts) for word in bare(value).split())
        return True


def bare(text: str) -> str:
    """``text`` without case and accents, computed in another way than by the product."""
    marks = unicodedata.normalize("NFKD", text.casefold())
    return (
        "".join(mark for mark in marks if not unicodedata.combining(mark))
        .replace("ø", "o")
        .replace("æ", "ae")
    )


def offers(people: list[Person], count: int) -> None:
    """Inserts active gigs. Several of each currency have the same price."""
    chance = random.Random(7)
    for number in range(count):
        Gig.objects.create(
            teacher=chance.choice(people).user.teacher,
            title=f"{chance.choice(WORDS)} {number}",
            description="x",
            language=chance.choice(SPELLINGS[chance.choice(list(SPELLINGS))]),
            price_per_session=Decimal(chance.randrange(0, 20)) * Decimal("2.05"),
            currency=chance.choice(["EUR", "USD"]),
            session_minutes=chance.choice([30, 45, 60, 90]),
            tags=chance.sample(WORDS, 2),
        )


QUESTIONS: list[dict[str, str]] = [
    {},
    {"language": "Spanish"},
    {"language": "español", "ordering": "price", "currency": "EUR"},
    {"language": "日本語", "max_price": "25", "currency": "USD"},
    {"min_price": "10", "currency": "EUR"},
    {"min_price": "10", "max_price": "20", "currency": "USD"},
    {"min_price": "20.5", "max_price": "20.5", "currency": "EUR"},
    {"max_price": "30", "currency": "eur"},
    {"currency": "USD", "ordering": "-price"},
    {"currency": "eur", "ordering": "price"},
    {"currency": "ISK", "ordering": "price"},
    {"ordering": "newest"},
    {"min_minutes": "45"},
    {"max_minutes": "45"},
    {"min_minutes": "45", "max_minutes": "60", "language": "DEUTSCH"},
    {"tag": "conversacion"},
    {"tag": "GRAMMAR", "currency": "EUR"},
    {"tag": "gram"},
    {"search": "CONVERSACION"},
    {"search": "aeroskobing"},
    {"search": "漢字", "language": "Japanese"},
    {"search": "joao business"},
    {"search": "grammar 1", "min_price": "5", "currency": "EUR"},
    {"search": "字"},
    {"search": "b"},
    {"search": "João"},
    {"search": "nothing like it"},
    {"search": "español", "max_minutes": "30", "ordering": "price", "currency": "USD"},
    {"language": "German", "min_price": "1", "max_price": "49", "currency": "USD", "tag": "business"},
]


@pytest.mark.slow
def test_filters_find_the_same_gigs_as_the_oracle(make_teacher: Any, student: Person) -> None:
    people = [make_teacher(name) for name in ("João", "Eva", "Zoë")]
    offers(people, 120)
    oracle = Oracle(student.client.get(GIGS, {"limit": 200}).json())
    assert len(oracle.gigs) == 120
    questions = [*QUESTIONS, {"teacher": str(people[0].user.pk), "language": "es-MX"}]
    assert len(questions) >= 25
    answered = 0
    for query in questions:
        gigs = student.client.get(GIGS, {"limit": 200, **query}).json()
        assert [gig["id"] for gig in gigs] == oracle.found(query), query
        answered += bool(gigs)
    assert answered >= 20, "most questions find gigs"


def test_a_teacher_is_found_if_one_gig_matches_all_filters(make_teacher: Any, student: Person) -> None:
    people = [make_teacher(f"T{number}") for number in range(12)]
    offers(people, 40)
    oracle = Oracle(student.client.get(GIGS).json())
    names = {"language", "min_price", "max_price", "currency"}
    for query in [question for question in QUESTIONS if set(question) <= names]:
        wanted = set(oracle.found(query))
        found = student.client.get(TEACHERS, query).json()
        offered: dict[str, list[Decimal]] = {}
        for gig in oracle.gigs:
            if gig["id"] in wanted:
                offered.setdefault(gig["teacher"]["id"], []).append(Decimal(gig["price_per_session"]))
        if "currency" not in query:
            assert {teacher["id"]: teacher["lowest_price"] for teacher in found} == dict.fromkeys(offered)
            continue
        lowest = {teacher["id"]: Decimal(teacher["lowest_price"]) for teacher in found}
        assert lowest == {pk: min(prices) for pk, prices in offered.items()}, query


def test_pages_of_gigs_and_teachers_repeat_and_omit_nothing(make_teacher: Any, student: Person) -> None:
    for number in range(6):
        person = make_teacher(f"T{number}")
        Teacher.objects.filter(pk=person.user.pk).update(experience_years=number % 2)
        for price, currency in ((number % 2, "EUR"), (5, "EUR"), (number, "JPY")):
            make_gig(person.user, price_per_session=price, currency=currency)
    pages = [(TEACHERS, order, 6) for order in ("newest", "price", "-price", "experience", "-experience")]
    for path, order, count in [*pages, (GIGS, "price", 12), (GIGS, "-price", 12)]:
        query = {"ordering": order, "currency": "EUR"}
        whole = [found["id"] for found in student.client.get(path, query).json()]
        seen, url = [], f"{path}?limit={count // 2 - 1}&ordering={order}&currency=EUR"
        while url:
            page = student.client.get(url)
            seen += [found["id"] for found in page.json()]
            url = page.headers.get("Link", "").partition(">")[0].lstrip("<")
        assert seen == whole and len(set(seen)) == count, (path, order)


def test_people_gigs_and_tags_are_found_by_one_fold(make_teacher: Any, student: Person) -> None:
    teacher = make_teacher("Aïcha O’Neill")
    gig = teacher.offer(title="L’arabe كريم", tags=["Real-time"])["id"]
    for search in ("o'neill aicha", "L'ARABE", "کریم", "realtime", "real time l'arabe"):
        assert [found["id"] for found in student.client.get(GIGS, {"search": search}).json()] == [gig], search
    for tag in ("real time", "REALTIME", "real\u2011time"):
        assert [found["id"] for found in student.client.get(GIGS, {"tag": tag}).json()] == [gig], tag
    people = student.client.get("/accounts/users/", {"search": "o`neill"}).json()
    assert [found["id"] for found in people] == [str(teacher.user.pk)]


def test_teachers_are_found_by_name_profile_and_gigs(make_teacher: Any, student: Person) -> None:
    eva, zoe = make_teacher("Éva"), make_teacher("Zoë")
    for person in (eva, zoe):
        person.offer(title=f"Of {person.user.name}", tags=["Körner"])
    zoe.client.patch(f"{TEACHERS}me/", {"headline": "Straße und Fluß"})
    found = {
        "eva": {"Éva"},
        "strasse": {"Zoë"},
        "korner": {"Éva", "Zoë"},
        "korner zoe": {"Zoë"},
        "of eva": {"Éva"},
        "fluss eva": set(),
    }
    for search, names in found.items():
        answer = student.client.get(TEACHERS, {"search": search}).json()
        assert {teacher["name"] for teacher in answer} == names, search
