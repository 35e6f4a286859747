"""The variables of the collection and of its environments."""

from typing import Any, NamedTuple


class Variable(NamedTuple):
    """A variable with its type, for Postman: ``string``, ``number`` or ``secret``."""

    name: str
    description: str
    type: str = "string"
    value: Any = ""


PASSWORD = "correct-horse-battery"
# What a person chooses. The collection has the values of the local default, so it runs without environment.
SETTINGS = (
    Variable(
        "base_url", "The address of the server, without a slash at the end.", value="http://127.0.0.1:8000"
    ),
    Variable(
        "new_accounts",
        "`yes`: the run registers two accounts, and deletes them at its end. Empty: it uses accounts that"
        " exist, and deletes only what it has created.",
        value="yes",
    ),
    Variable("learner_email", "The address of the learner.", value="learner-{{run}}@example.com"),
    Variable("learner_password", "The password of the learner.", "secret", PASSWORD),
    Variable("teacher_email", "The address of the teacher.", value="teacher-{{run}}@example.com"),
    Variable("teacher_password", "The password of the teacher.", "secret", PASSWORD),
)
HOSTED = {
    "base_url": "https://api.example.com",
    "new_accounts": "",
    "learner_email": "",
    "learner_password": "",
    "teacher_email": "",
    "teacher_password": "",
}
# What requests set.
KEPT = (
    Variable("run", "A text that differs between runs. The first request sets it.", value="first"),
    Variable(
        "learner_token", "The access token of the learner. Log in sets it; valid for an hour.", "secret"
    ),
    Variable("learner_refresh_token", "Exchanged by Refresh the session for new tokens.", "secret"),
    Variable("learner_id", "The id of the learner, a user."),
    Variable("teacher_token", "The access token of the teacher.", "secret"),
    Variable("teacher_id", "The id of the teacher, a user."),
    Variable("second_token", "The access token of another session of the learner, which logs out.", "secret"),
    Variable("gig_id", "The id of the teacher's gig.", "number"),
    Variable("gig_client_id", "The `client_id` of the gig, new in each run."),
    Variable("chat_id", "The id of the chat of both."),
    Variable("message_seq", "The number of the learner's first message in the chat.", "number"),
    Variable("message_client_id", "The `client_id` of that message, new in each run."),
    Variable("deleted_seq", "The number of the message that is deleted.", "number"),
    Variable("conversation_id", "The id of the voice conversation.", "number"),
    Variable("conversation_client_id", "The `client_id` of that conversation, new in each run."),
    Variable("voice_session_id", "The id of the voice session; empty without OpenAI.", "number"),
    Variable("voice_conversation_id", "The id of the conversation that the session saved.", "number"),
    Variable("session_client_id", "The `client_id` of that conversation, new in each run."),
    Variable("card_id", "The id of the card.", "number"),
    Variable("card_client_id", "The `client_id` of the card, new in each run."),
    Variable("review_client_id", "The `client_id` of the review, new in each run."),
    Variable("comment_id", "The id of the newest comment of the teacher.", "number"),
    Variable("comment_client_id", "The `client_id` of the comment, new in each run."),
)
