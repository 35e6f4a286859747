"""The requests of the collection, in an order that works from the top."""

from accounts.postman.scenario import end, learning, meeting, people, practice

STEPS = (*people.STEPS, *meeting.STEPS, *practice.STEPS, *learning.STEPS, *end.STEPS)
CLEAN_UP = end.CLEAN_UP
