"""Voice conversations and voice sessions."""

from typing import Any

from accounts.postman.step import Step, Unless, known, refused

NEW = {"client_id": "{{conversation_client_id}}"}
ONE = {"id": "{{conversation_id}}"}
IS_OURS = "answer.some((each) => each.id === Number(pm.variables.get('conversation_id')))"
NO_OPENAI = Unless(
    503,
    "openai_not_configured",
    "the server has no key of OpenAI. LINGUAFLEX_OPENAI_SIMULATOR=1 starts the local one with a simulator",
)

CONVERSATIONS = (
    known(
        "voice_conversations_create",
        "The language has a code",
        "answer.target_language_code",
        "es",
        status=201,
        changes=NEW,
        keeps={"conversation_id": "answer.id"},
        new_ids=("conversation_client_id",),
    ),
    known(
        "voice_conversations_create",
        "The conversation is the first one",
        "answer.id",
        "{{conversation_id}}",
        name="Repeat the saving of the conversation",
        changes=NEW,
    ),
    refused(
        "voice_conversations_create",
        409,
        "client_id_reused",
        "Save another conversation with the same client_id",
        changes={**NEW, "topic": "At the market"},
    ),
    refused(
        "voice_conversations_create",
        400,
        "invalid",
        "Save a conversation without a topic",
        changes={"topic": " "},
    ),
    known("voice_conversations_get", "The learner is named", "answer.user", "{{learner_id}}", path=ONE),
    refused(
        "voice_conversations_get",
        404,
        "not_found",
        "Get the conversation of another user",
        by="teacher",
        path=ONE,
    ),
    known(
        "voice_conversations_list",
        "The conversation is found",
        IS_OURS,
        query={"target_language": "es", "search": "mesa", "limit": "20"},
    ),
    refused(
        "voice_conversations_list",
        400,
        "invalid",
        "List conversations in an unknown order",
        query={"ordering": "mood"},
    ),
    known(
        "voice_conversations_by_language",
        "The conversation is found",
        IS_OURS,
        path={"language_name": "Spanish"},
        query={"limit": "20"},
    ),
    known(
        "voice_conversations_by_type",
        "The conversation is found",
        IS_OURS,
        path={"type_name": "practice"},
        query={"limit": "20"},
    ),
    refused(
        "voice_conversations_by_type",
        404,
        "unknown_conversation_type",
        "List conversations of an unknown type",
        path={"type_name": "dream"},
    ),
    known(
        "voice_conversations_update",
        "The topic is changed",
        "answer.topic",
        "In a restaurant",
        path=ONE,
    ),
    known(
        "voice_conversations_replace",
        "The topic is the first one",
        "answer.topic",
        "At the restaurant",
        path=ONE,
    ),
    known(
        "voice_conversations_add_feedback",
        "The stored score is kept",
        "answer.conversation.ai_feedback.grammar_score",
        78,
        path=ONE,
    ),
    refused(
        "voice_conversations_add_feedback",
        400,
        "invalid",
        "Add feedback that is not an object",
        path=ONE,
        changes={"ai_feedback": "good"},
    ),
    known("voice_conversations_summary", "A conversation is counted", "answer.total_conversations > 0"),
    known(
        "voice_conversations_progress",
        "The newest period has a conversation",
        "answer.series[answer.series.length - 1].conversations > 0",
        query={"interval": "week"},
    ),
    known(
        "voice_conversations_generate_feedback",
        "The feedback is queued",
        "answer.status",
        "queued",
        status=202,
        path=ONE,
        unless=NO_OPENAI,
    ),
)

OFFER = "\r\n".join(
    (
        "v=0",
        "o=- 4004942881 4004942881 IN IP4 127.0.0.1",
        "s=-",
        "t=0 0",
        "a=group:BUNDLE 0",
        "m=audio 9 UDP/TLS/RTP/SAVPF 96",
        "c=IN IP4 127.0.0.1",
        "a=sendrecv",
        "a=mid:0",
        "a=rtcp-mux",
        "a=rtpmap:96 opus/48000/2",
        "a=ice-ufrag:jfue",
        "a=ice-pwd:ySDdPk6bU0bP9X2MUWJ2NS",
        "a=fingerprint:sha-256 8F:30:C1:A2:9F:C9:56:4A:C3:A4:ED:DC:06:88:64:5A:"
        "72:80:14:C4:5D:AD:C8:82:E5:28:50:7E:23:6D:8C:58",
        "a=setup:actpass",
        "",
    )
)
FINISH = {"client_id": "{{session_client_id}}"}
SESSION: dict[str, Any] = {"path": {"id": "{{voice_session_id}}"}, "needs": "voice_session_id"}

SESSIONS = (
    known(
        "voice_sessions_create",
        "The session has an address for the call",
        'answer.call_url.startsWith("http")',
        keeps={"voice_session_id": "answer.id"},
        unless=NO_OPENAI,
    ),
    known(
        "voice_sessions_call",
        "The answer is SDP",
        'pm.response.text().startsWith("v=0")',
        status=201,
        body=OFFER,
        **SESSION,
    ),
    refused("voice_sessions_call", 409, "call_exists", "Connect a second call", body=OFFER, **SESSION),
    known("voice_sessions_events", "Both turns are stored", "answer.turns.length", 2, **SESSION),
    known("voice_sessions_get", "The session is open", "answer.state", "open", **SESSION),
    known(
        "voice_sessions_finish",
        "The conversation names its session",
        "answer.session",
        "{{voice_session_id}}",
        status=201,
        changes=FINISH,
        keeps={"voice_conversation_id": "answer.id"},
        new_ids=("session_client_id",),
        **SESSION,
    ),
    known(
        "voice_sessions_finish",
        "The conversation is the first one",
        "answer.id",
        "{{voice_conversation_id}}",
        name="Repeat the end of the session",
        changes=FINISH,
        **SESSION,
    ),
    refused("voice_sessions_events", 409, "session_saved", "Report events after the end", **SESSION),
)

STEPS: tuple[Step, ...] = (*CONVERSATIONS, *SESSIONS)
