"""Demo users, gigs and conversations for an empty database."""

from linguaflex.local.demo.learners import LEARNERS
from linguaflex.local.demo.pictures import add_pictures
from linguaflex.local.demo.seed import PASSWORD, USERS, people, seed_if_empty
from linguaflex.local.demo.shapes import DemoUser
from linguaflex.local.demo.teachers import TEACHERS

__all__ = ["LEARNERS", "PASSWORD", "TEACHERS", "USERS", "DemoUser", "add_pictures", "people", "seed_if_empty"]
