"""Users with their Supabase accounts and sessions, teachers and gigs."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from accounts.models import Gig, Teacher, User
from benchmarks.speed import tokens
from benchmarks.speed.seed.rows import copy, copy_lines, text_of
from benchmarks.speed.seed.texts import CHANCE, LANGUAGES, days_ago, texts, vocabulary
from benchmarks.speed.sizes import Sizes

TAGS = ("travel", "business", "grammar", "kids", "exam", "music")
TIME_ZONES = ("UTC", "Europe/Berlin", "America/New_York")
ACCOUNT = ("id", "aud", "role", "email", "email_confirmed_at", "raw_app_meta_data", "raw_user_meta_data")
SESSION = ("id", "user_id", "created_at", "updated_at", "aal")


def fill(cursor: Any, sizes: Sizes) -> None:
    phrases = texts(vocabulary(6_000), 60, 3_000)
    teachers = [f"teacher {number}" for number in range(sizes.teachers)]
    everyone = [*teachers, *learners(sizes)]
    users = {person: user(person, phrases) for person in everyone}
    copy(cursor, User, users.values())
    copy_lines(cursor, "auth.users", ACCOUNT, map(account, everyone))
    copy_lines(cursor, "auth.sessions", SESSION, map(session, everyone))
    profiles = [teacher(users[person], phrases) for person in teachers]
    copy(cursor, Teacher, profiles)
    copy(cursor, Gig, gigs(profiles, phrases, sizes.gigs))


def learners(sizes: Sizes) -> Iterator[str]:
    """Everybody except the teachers."""
    yield from (f"learner {number}" for number in range(sizes.learners))
    yield from (f"history {length}" for length in sizes.histories)
    yield from (f"chats {count}" for count in sizes.chat_lists)
    yield from (f"friend {number}" for number in range(max(sizes.chat_lists, default=0)))
    yield "long chat"


def user(person: str, phrases: list[str]) -> User:
    found = User(
        id=tokens.user_id(person),
        password="!",
        email=tokens.email(person),
        name=f"{person.title()} Ñame",
        role="teacher" if person.startswith("teacher") else "student",
        profile_picture="picture.webp" if CHANCE.random() < 0.67 else "",
        bio=" ".join(CHANCE.sample(phrases, 3)),
        city="Berlin",
        country="Germany",
        native_language=CHANCE.choice(LANGUAGES),
        learning_languages=CHANCE.sample(LANGUAGES, 2),
        timezone=CHANCE.choice(TIME_ZONES),
        created_at=days_ago(700),
        updated_at=days_ago(30),
    )
    found.derive()
    return found


def account(person: str) -> str:
    values = [tokens.user_id(person), "authenticated", "authenticated", tokens.email(person), days_ago(700)]
    return "\t".join(map(text_of, [*values, '{"provider": "email"}', "{}"]))


def session(person: str) -> str:
    values = [tokens.session_id(person), tokens.user_id(person), days_ago(5), days_ago(1), "aal1"]
    return "\t".join(map(text_of, values))


def teacher(user: User, phrases: list[str]) -> Teacher:
    found = Teacher(
        user=user,
        headline=CHANCE.choice(phrases),
        about=" ".join(CHANCE.sample(phrases, 4)),
        qualification="MA",
        experience_years=CHANCE.randint(0, 30),
        certificates=["DELE"],
        is_verified=CHANCE.random() < 0.5,
        created_at=days_ago(700),
        updated_at=days_ago(30),
    )
    found.derive()
    return found


def gigs(teachers: list[Teacher], phrases: list[str], count: int) -> Iterator[Gig]:
    for _ in range(count):
        gig = Gig(
            teacher=CHANCE.choice(teachers),
            title=CHANCE.choice(phrases),
            description=" ".join(CHANCE.sample(phrases, 5)),
            language=CHANCE.choice(LANGUAGES),
            price_per_session=Decimal(CHANCE.randint(500, 9000)) / 100,
            currency=CHANCE.choice(("USD", "EUR")),
            session_minutes=CHANCE.choice((30, 45, 60)),
            tags=CHANCE.sample(TAGS, 2),
            what_is_included=CHANCE.choice(phrases),
            status="active" if CHANCE.random() < 0.95 else "paused",
            created_at=days_ago(400),
            updated_at=days_ago(30),
        )
        gig.derive()
        yield gig
