"""Corrections, cards and shared conversations."""

from accounts.postman.step import Step, done, known, refused

MESSAGE = {"chat": "{{chat_id}}", "seq": "{{message_seq}}"}
NEW_CARD = {"client_id": "{{card_client_id}}"}
ONE_CARD = {"id": "{{card_id}}"}
REVIEW = {"client_id": "{{review_client_id}}"}

CARDS = (
    known(
        "message_corrections_create",
        "The correction is of the teacher",
        "answer.author",
        "{{teacher_id}}",
        status=201,
        by="teacher",
        path=MESSAGE,
        changes={"corrected": "Yo tengo muchísima hambre."},
    ),
    refused(
        "message_corrections_create",
        403,
        "own_message",
        "Correct the own message",
        path=MESSAGE,
    ),
    known(
        "cards_list",
        "The correction has become a card",
        "answer.some((card) => card.back === 'Yo tengo muchísima hambre.')",
        query={"due": "now", "language": "es"},
    ),
    known(
        "cards_create",
        "The card is new",
        "answer.state",
        "new",
        status=201,
        changes=NEW_CARD,
        keeps={"card_id": "answer.id"},
        new_ids=("card_client_id",),
    ),
    known(
        "cards_create",
        "The card is the first one",
        "answer.id",
        "{{card_id}}",
        name="Repeat the creation of the card",
        changes=NEW_CARD,
    ),
    refused(
        "cards_create",
        409,
        "client_id_reused",
        "Create another card with the same client_id",
        changes={**NEW_CARD, "back": "Tengo sed."},
    ),
    known("cards_get", "The answer is stored", "answer.back", "Yo tengo hambre.", path=ONE_CARD),
    refused("cards_get", 404, "not_found", "Get the card of another user", by="teacher", path=ONE_CARD),
    known(
        "cards_update",
        "The note is changed",
        "answer.note",
        "tener hambre: to be hungry",
        path=ONE_CARD,
    ),
    known(
        "cards_review",
        "The card is due later",
        "new Date(answer.due_at) > new Date(answer.last_reviewed_at)",
        status=201,
        path=ONE_CARD,
        changes=REVIEW,
        new_ids=("review_client_id",),
    ),
    known(
        "cards_review",
        "The card is the reviewed one",
        "answer.id",
        "{{card_id}}",
        name="Repeat the review",
        path=ONE_CARD,
        changes=REVIEW,
    ),
    refused(
        "cards_review",
        400,
        "invalid",
        "Review with an unknown rating",
        path=ONE_CARD,
        changes={**REVIEW, "rating": "perfect"},
    ),
    known("cards_suspend", "The card is suspended", "answer.state", "suspended", path=ONE_CARD),
    known("cards_resume", "The card is back", 'answer.state !== "suspended"', path=ONE_CARD),
    known("cards_summary", "A review is counted", "answer.reviews_last_30_days > 0"),
    known(
        "cards_export",
        "The card is in the file",
        'pm.response.text().includes("Yo tengo hambre.")',
        query={"format": "anki"},
    ),
)

ONE = {"id": "{{conversation_id}}"}
COMMENT = {"client_id": "{{comment_client_id}}"}
ONE_COMMENT = {"id": "{{conversation_id}}", "comment": "{{comment_id}}"}
TO_TEACHER = {"teacher": "{{teacher_id}}"}

SHARED = (
    known(
        "voice_conversations_share",
        "The share names the teacher",
        "answer.teacher.id",
        "{{teacher_id}}",
        status=201,
        path=ONE,
        changes=TO_TEACHER,
    ),
    known("voice_conversations_shares", "There is one share", "answer.length", 1, path=ONE),
    known(
        "shared_conversations_list",
        "The newest is this conversation",
        "answer[0].id",
        "{{conversation_id}}",
        by="teacher",
        query={"limit": "20"},
    ),
    refused("shared_conversations_list", 403, "teachers_only", "List shared conversations as a learner"),
    known(
        "shared_conversations_get",
        "The learner is named",
        "answer.learner.id",
        "{{learner_id}}",
        by="teacher",
        path=ONE,
    ),
    known(
        "shared_conversations_add_comment",
        "The comment has a correction",
        "answer.corrected",
        "Yo tengo hambre.",
        status=201,
        by="teacher",
        path=ONE,
        changes=COMMENT,
        keeps={"comment_id": "answer.id"},
        new_ids=("comment_client_id",),
    ),
    known(
        "shared_conversations_add_comment",
        "The comment is the first one",
        "answer.id",
        "{{comment_id}}",
        name="Repeat the comment",
        by="teacher",
        path=ONE,
        changes=COMMENT,
    ),
    known(
        "shared_conversations_edit_comment",
        "The text is changed",
        "answer.text",
        "Hunger, thirst and age: tener.",
        by="teacher",
        path=ONE_COMMENT,
    ),
    known(
        "shared_conversations_comments", "There is one comment", "answer.length", 1, by="teacher", path=ONE
    ),
    known("voice_conversations_comments", "The learner reads it", "answer.length", 1, path=ONE),
    done("shared_conversations_delete_comment", by="teacher", path=ONE_COMMENT),
    known(
        "shared_conversations_add_comment",
        "The comment has no correction",
        "answer.corrected",
        "",
        name="Add a second comment",
        status=201,
        by="teacher",
        path=ONE,
        body={"text": "Well done."},
        keeps={"comment_id": "answer.id"},
    ),
    done("voice_conversations_remove_comment", path=ONE_COMMENT),
    done("voice_conversations_end_share", path={**ONE, **TO_TEACHER}),
    refused(
        "shared_conversations_get",
        404,
        "not_found",
        "Get the conversation after the end of its share",
        by="teacher",
        path=ONE,
    ),
    known(
        "voice_conversations_share",
        "The share names the teacher",
        "answer.teacher.id",
        "{{teacher_id}}",
        name="Share the conversation again",
        status=201,
        path=ONE,
        changes=TO_TEACHER,
    ),
    done("shared_conversations_decline", by="teacher", path=ONE),
    refused(
        "voice_conversations_share",
        403,
        "share_declined",
        "Share with a teacher who declines",
        path=ONE,
        changes=TO_TEACHER,
    ),
    known(
        "shared_conversations_declined",
        "The learner is listed",
        "answer.some((row) => row.learner.id === pm.variables.get('learner_id'))",
        by="teacher",
    ),
    done("shared_conversations_accept", by="teacher", path={"learner": "{{learner_id}}"}),
)

STEPS: tuple[Step, ...] = (*CARDS, *SHARED)
