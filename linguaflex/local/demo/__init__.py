"""Demo people, gigs and conversations, so that a new database has something to show."""

from linguaflex.local.demo.learners import LEARNERS
from linguaflex.local.demo.seed import PASSWORD, PEOPLE, seed_if_empty
from linguaflex.local.demo.teachers import TEACHERS

__all__ = ["LEARNERS", "PASSWORD", "PEOPLE", "TEACHERS", "seed_if_empty"]
