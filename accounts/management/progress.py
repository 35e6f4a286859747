"""Progress of long commands: a bar on standard error, if that is a terminal. Otherwise nothing is written."""

from collections.abc import Iterable
from typing import Never, TypeVar

from tqdm import tqdm

DELAY_SECONDS = 1  # before a count appears
Item = TypeVar("Item")


def shown(items: Iterable[Item], label: str) -> Iterable[Item]:
    """The items. The bar counts them, and disappears at the end."""
    return tqdm(items, desc=label, disable=None, leave=False)


def counter(label: str, unit: str) -> "tqdm[Never]":
    """A count without a known end, to be updated and closed by the caller. It appears after DELAY_SECONDS."""
    return tqdm(desc=label, unit=f" {unit}", disable=None, leave=False, delay=DELAY_SECONDS)
