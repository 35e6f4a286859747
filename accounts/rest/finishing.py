"""The parts of a streamed response, whose end is noticed."""

from collections.abc import Callable, Iterator
from typing import Generic, Self, TypeVar

Part = TypeVar("Part")


class Finishing(Generic[Part]):
    """An iterator that calls ``finish`` once: after its last part, at an exception, or when it is closed."""

    _finish: Callable[[], None] | None = None

    def __init__(self, parts: Iterator[Part], finish: Callable[[], None] | None) -> None:
        self._parts = parts
        self._finish = finish

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Part:
        try:
            return next(self._parts)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Called by Django too, when the server closes the response."""
        finish, self._finish = self._finish, None
        if finish is not None:
            finish()
