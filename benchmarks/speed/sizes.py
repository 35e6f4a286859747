"""How many rows the benchmarks seed."""

import argparse
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Sizes:
    """The rows of a database.

    ``histories`` are the lengths of the histories of learners of their own, besides the ``conversations``,
    which are spread over all learners. A conversation has ``turns`` of 240 characters. ``chat_lists`` are
    numbers of chats of one user, and ``long_chat`` is the number of messages of one chat. Every other chat
    has ``messages`` messages.
    """

    teachers: int
    learners: int
    conversations: int
    turns: int
    chats: int
    messages: int
    gigs: int
    histories: tuple[int, ...] = ()
    chat_lists: tuple[int, ...] = ()
    long_chat: int = 0

    @property
    def longest_history(self) -> int:
        return max(self.histories)


TABLE = Sizes(
    teachers=200, learners=800, conversations=500_000, turns=16, chats=20_000, messages=20, gigs=2_000
)
GROWTH = Sizes(
    teachers=5_000,
    learners=100,
    conversations=10_000,
    turns=6,
    chats=1_000,
    messages=20,
    gigs=50_000,
    histories=(100, 10_000, 100_000),
    chat_lists=(10, 25, 5_000),
    long_chat=150_000,  # two thirds by the peer
)
SMALL = Sizes(
    teachers=20,
    learners=40,
    conversations=2_000,
    turns=16,
    chats=200,
    messages=20,
    gigs=300,
    histories=(100, 600),
    chat_lists=(10, 25, 100),
    long_chat=500,
)


def parser(description: str | None) -> argparse.ArgumentParser:
    """The options that the commands share."""
    found = argparse.ArgumentParser(description=description)
    found.add_argument("--small", action="store_true", help="few rows: a check of the command in a minute")
    found.add_argument(
        "--data",
        type=Path,
        help="keep the database in this folder, and use it again; by default it is temporary",
    )
    return found
