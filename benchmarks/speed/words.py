"""Words that the seeds put into conversations, and that the growth table searches."""

RARE_WORD = "quetzal"  # in one conversation of 100 of each learner
ONLY_WORD = "xylophone"  # in one conversation of each learner
# The first is in every conversation, each of the others in half of them: no conversation has both.
COMMON_WORDS = ("gracias", "mañana", "invierno")
