"""Measures searches of words without a trigram, such as two Chinese characters, and the cost of their index.

Inserts users and active gigs (200,000 each by default) into PostgreSQL in a temporary folder. Prints the
milliseconds of lists, the size of the index, and the milliseconds of a saved gig with it and without. Run as:

    python benchmarks/short_search.py [rows]
"""

import random
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

from local_default import configure

# 课 is in every row, 世界 in one of 1,009, 龘龘 in none.
WORDS = ("世界", "界", "龘龘", "c++", "课")
SIZES = """
select relname, pg_relation_size(oid) / 1e6 from pg_class
where relname ~ '^accounts_(gig|user)$' or relname ~ '^(gig|user)_(full_)?(short_)?search$' order by 1"""


def main(rows: int) -> None:
    configure()
    from django.db import connection

    from linguaflex.local import services
    from tests.fixtures.marketplace import fill_marketplace

    services.prepare_database()
    with connection.cursor() as cursor:
        cursor.execute("begin")
        fill_marketplace(cursor, rows)
        cursor.execute("commit")
        cursor.execute(SIZES)
        print(
            f"{rows:,} users and gigs:",
            ", ".join(f"{name} {size:.0f} MB" for name, size in cursor.fetchall()),
        )
        for name, run in lists().items():
            print(f"{name}: {median_ms(run, 5):.1f} ms")
        with_index = saved_gigs()
        cursor.execute("drop index gig_full_short_search")
        for (name, milliseconds), other in zip(with_index.items(), saved_gigs().values(), strict=True):
            print(f"{name}: {milliseconds:.1f} ms, without the index {other:.1f} ms")


def lists() -> dict[str, Callable[[], Any]]:
    """The first page of each searched list, by name; and of a scan with LIKE, for comparison."""
    from accounts.models import Gig, User

    gigs, people = Gig.objects.active().with_teacher(), User.objects.listed()
    found: dict[str, Callable[[], Any]] = {}
    for word in WORDS:
        for name, rows in (("gigs", gigs), ("people", people)):
            pages = {"": rows.mentioning(word), " by LIKE": rows.filter(search_text__contains=word)}
            for how, page in pages.items():
                found[f"{name} with {word}{how}"] = lambda page=page: list(page.newest_first()[:51])
    return found


def saved_gigs() -> dict[str, float]:
    """The milliseconds of a saved gig with a description of 300 and of 10,000 characters."""
    from accounts.models import Gig

    chance, gig = random.Random(1), Gig.objects.earliest("pk")

    def save(letters: str, length: int) -> None:
        gig.description = "".join(chance.choices(letters, k=length))
        gig.save()

    alphabets = {"Latin": "etaoin shrdlu cmfwypvbgk", "Chinese": "".join(map(chr, range(20000, 22500)))}
    return {
        f"saved gig of {length:,} {script} characters": median_ms(lambda a=a, n=length: save(a, n), 20)
        for script, a in alphabets.items()
        for length in (300, 10_000)
    }


def median_ms(run: Callable[[], Any], times: int) -> float:
    """The median duration in milliseconds."""
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        run()
        taken.append((time.perf_counter() - began) * 1000)
    return statistics.median(taken)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200_000)
