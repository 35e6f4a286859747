"""How much of the disk a row takes: its table with long values, and its indexes.

    python -m benchmarks.speed.storage

A conversation has 16 turns of 240 characters. Prints bytes for each row.
"""

from benchmarks.speed import sizes
from benchmarks.speed.site import running
from benchmarks.speed.sizes import Sizes

STORAGE = Sizes(
    teachers=50, learners=950, conversations=50_000, turns=16, chats=5_000, messages=20, gigs=1_000
)
TABLES = {
    "conversation": "accounts_voiceconversation",
    "message": "accounts_message",
    "chat": "accounts_chat",
    "participant of a chat": "accounts_participant",
    "user": "accounts_user",
    "gig": "accounts_gig",
}
MEASURE = "select (select count(*) from {0}), pg_table_size('{0}'), pg_indexes_size('{0}')"


def main() -> None:
    options = sizes.parser(__doc__).parse_args()
    with running(sizes.SMALL if options.small else STORAGE, options.data):
        from django.db import connection

        print("| row | rows | table, bytes a row | indexes, bytes a row | sum |")
        print("| --- | --- | --- | --- | --- |")
        with connection.cursor() as cursor:
            cursor.execute("vacuum (full, analyze)")  # without the space of the seed's own updates
            for name, table in TABLES.items():
                cursor.execute(MEASURE.format(table))
                rows, data, indexes = cursor.fetchone()
                each = [round(size / rows) for size in (data, indexes, data + indexes)]
                print(f"| {name} | {rows:,} | {each[0]:,} | {each[1]:,} | {each[2]:,} |")


if __name__ == "__main__":
    main()
