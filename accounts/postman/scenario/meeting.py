"""Gigs and chats."""

from accounts.postman.scenario.people import NOBODY
from accounts.postman.step import Step, done, known, refused

NEW_GIG = {"client_id": "{{gig_client_id}}"}
ONE_GIG = {"id": "{{gig_id}}"}
MESSAGE = {"client_id": "{{message_client_id}}"}
CHAT = {"id": "{{chat_id}}"}

GIGS = (
    known(
        "gigs_create",
        "The gig is on offer",
        "answer.status",
        "active",
        status=201,
        by="teacher",
        changes=NEW_GIG,
        keeps={"gig_id": "answer.id"},
        new_ids=("gig_client_id",),
    ),
    known(
        "gigs_create",
        "The gig is the first one",
        "answer.id",
        "{{gig_id}}",
        name="Repeat the creation of the gig",
        by="teacher",
        changes=NEW_GIG,
    ),
    refused(
        "gigs_create",
        409,
        "client_id_reused",
        "Create another gig with the same client_id",
        by="teacher",
        changes={**NEW_GIG, "title": "Another title"},
    ),
    refused(
        "gigs_create",
        400,
        "invalid",
        "Create a gig with a negative price",
        by="teacher",
        changes={"price_per_session": "-1"},
    ),
    refused("gigs_create", 403, "teachers_only", "Create a gig as a learner"),
    known(
        "gigs_mine",
        "The newest gig is the new one",
        "answer[0].id",
        "{{gig_id}}",
        by="teacher",
        query={"limit": "20"},
    ),
    known("gigs_get", "The teacher is named", "answer.teacher.id", "{{teacher_id}}", path=ONE_GIG),
    known(
        "gigs_list",
        "The teacher's gig is found",
        "answer.some((gig) => gig.id === Number(pm.variables.get('gig_id')))",
        query={"language": "es", "max_price": "20", "currency": "EUR", "teacher": "{{teacher_id}}"},
    ),
    known(
        "gigs_update",
        "The price is changed",
        "answer.price_per_session",
        "18.00",
        by="teacher",
        path=ONE_GIG,
    ),
    known(
        "gigs_replace",
        "The price is the first one",
        "answer.price_per_session",
        "15.00",
        by="teacher",
        path=ONE_GIG,
    ),
    refused(
        "gigs_update",
        404,
        "not_found",
        "Update a gig of another teacher",
        path=ONE_GIG,
        body={"title": "Mine"},
    ),
    known("gigs_pause", "The gig is paused", "answer.status", "paused", by="teacher", path=ONE_GIG),
    refused("gigs_get", 404, "not_found", "Get a paused gig as a learner", path=ONE_GIG),
    known("gigs_activate", "The gig is on offer", "answer.status", "active", by="teacher", path=ONE_GIG),
    known(
        "teachers_get",
        "The gig is listed",
        "answer.gigs.some((gig) => gig.id === Number(pm.variables.get('gig_id')))",
        name="Get the teacher of the gig",
        path={"user": "{{teacher_id}}"},
        folder="Gigs",
    ),
)

CHATS = (
    known(
        "supabase_config",
        "supabase-js gets an address",
        'answer.url.startsWith("http")',
        by="",
    ),
    known(
        "chats_create",
        "The chat has two participants",
        "answer.participants.length",
        2,
        status=201,
        also=200,
        changes={"participant": "{{teacher_id}}"},
        keeps={"chat_id": "answer.id"},
    ),
    known(
        "chats_create",
        "The chat is the first one",
        "answer.id",
        "{{chat_id}}",
        name="Open the chat from the other side",
        by="teacher",
        changes={"participant": "{{learner_id}}"},
    ),
    refused(
        "chats_create", 400, "invalid", "Open a chat with oneself", changes={"participant": "{{learner_id}}"}
    ),
    refused("chats_create", 404, "not_found", "Open a chat with nobody", changes={"participant": NOBODY}),
    known(
        "chats_send",
        "The sender is the learner",
        "answer.sender",
        "{{learner_id}}",
        status=201,
        path=CHAT,
        changes=MESSAGE,
        keeps={"message_seq": "answer.seq"},
        new_ids=("message_client_id",),
    ),
    known(
        "chats_send",
        "The message is the first one",
        "answer.seq",
        "{{message_seq}}",
        name="Repeat the message",
        path=CHAT,
        changes=MESSAGE,
    ),
    refused(
        "chats_send",
        409,
        "client_id_reused",
        "Send another message with the same client_id",
        path=CHAT,
        changes={**MESSAGE, "content": "Tengo sed."},
    ),
    known("chats_unread", "A message is unread", "answer.messages > 0", by="teacher"),
    known(
        "chats_list",
        "The newest chat is this one",
        "answer[0].id",
        "{{chat_id}}",
        by="teacher",
        query={"limit": "20"},
    ),
    known(
        "chats_messages",
        "The newest message is the last one",
        "answer[answer.length - 1].seq",
        "{{message_seq}}",
        by="teacher",
        path=CHAT,
    ),
    known(
        "chats_read",
        "The chat is read up to the message",
        "answer.my_read_seq",
        "{{message_seq}}",
        by="teacher",
        path=CHAT,
        changes={"seq": "{{message_seq}}"},
    ),
    known(
        "chats_get",
        "The teacher has read the message",
        "answer.peer_read_seq",
        "{{message_seq}}",
        path=CHAT,
    ),
    refused("chats_get", 404, "not_found", "Get an unknown chat", path={"id": NOBODY}),
    known(
        "chats_edit_message",
        "The message is changed",
        "answer.content",
        "Yo tengo mucha hambre.",
        path={**CHAT, "seq": "{{message_seq}}"},
    ),
    known(
        "chats_send",
        "The message has the next number",
        'answer.seq === Number(pm.variables.get("message_seq")) + 1',
        name="Send a second message",
        status=201,
        path=CHAT,
        body={"content": "Perdón."},
        keeps={"deleted_seq": "answer.seq"},
    ),
    done("chats_delete_message", "Delete the second message", path={**CHAT, "seq": "{{deleted_seq}}"}),
    done("chats_block", by="teacher", path=CHAT),
    refused(
        "chats_send", 403, "blocked", "Send a message in a blocked chat", path=CHAT, body={"content": "Hola"}
    ),
    done("chats_unblock", by="teacher", path=CHAT),
)

STEPS: tuple[Step, ...] = (*GIGS, *CHATS)
