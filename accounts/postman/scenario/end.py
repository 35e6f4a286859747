"""Reports, the state of the server, and the removal of what the run has created."""

from accounts.postman.step import Step, Unless, done, known, refused

REPORT = {"kind": "gig", "id": "{{gig_id}}", "reason": "spam", "text": "A report of the Postman collection."}
STEPS: tuple[Step, ...] = (
    known("reports_create", "The report is open", "answer.state", "open", status=201, body=REPORT),
    known(
        "reports_create",
        "The report is open",
        "answer.state",
        "open",
        name="Repeat the report",
        body=REPORT,
    ),
    refused("reports_create", 404, "not_found", "Report an unknown gig", body={**REPORT, "id": 999999999999}),
    known(
        "reports_list",
        "The newest report is of the gig",
        "answer[0].reported",
        "{{gig_id}}",
        query={"limit": "20"},
    ),
    known("users_me_notices_list", "The answer is a list", "Array.isArray(answer)"),
    refused("users_me_notices_read", 404, "not_found", "Read an unknown notice", path={"id": 999999999999}),
    known("health", "The process runs", "answer.status", "ok", by=""),
    known(
        "health_worker",
        "A worker runs",
        "answer.status",
        "ok",
        by="",
        unless=Unless(503, "worker_not_seen", "no worker runs"),
    ),
    known("ready", "Database and keys are available", "answer.status", "ready", by=""),
)

CLEAN_UP: tuple[Step, ...] = (
    done("cards_delete", path={"id": "{{card_id}}"}),
    done("voice_conversations_delete", path={"id": "{{conversation_id}}"}),
    done(
        "voice_conversations_delete",
        "Delete the conversation of the voice session",
        path={"id": "{{voice_conversation_id}}"},
        needs="voice_conversation_id",
    ),
    done("gigs_delete", by="teacher", path={"id": "{{gig_id}}"}),
    refused("gigs_get", 404, "not_found", "Get the deleted gig", by="teacher", path={"id": "{{gig_id}}"}),
    refused(
        "users_me_delete",
        400,
        "invalid",
        "Delete the own account without its address",
    ),
    done(
        "users_me_delete", "Delete the learner", body={"confirm": "{{learner_email}}"}, needs="new_accounts"
    ),
    refused("users_me", 401, "invalid_token", "Get the own profile after the deletion", needs="new_accounts"),
    done(
        "users_me_delete",
        "Delete the teacher",
        by="teacher",
        body={"confirm": "{{teacher_email}}"},
        needs="new_accounts",
    ),
)
