"""Generated JSON bodies, sent to every endpoint that writes."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fixtures.people import CONVERSATION, GIG, Person, client_of
from tests.fixtures.routes import all_routes

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats()
    | st.text()
    | st.sampled_from(["", "\x00", "practice", "Spanish", "2026-01-01", "x" * 300, "🙂", "\u202e"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
FIELDS = [
    *("topic", "transcription", "native_language", "target_language", "conversation_type"),
    *("duration_minutes", "ai_feedback", "client_id", "email", "password", "name", "role", "confirm"),
    *("learning_languages", "timezone", "date_of_birth", "scope", "refresh_token", "new_password", "bio"),
    *("title", "description", "language", "price_per_session", "currency", "session_minutes", "tags"),
    *("what_is_included", "status", "headline", "about", "experience_years", "certificates"),
    *("token_hash", "otp", "access_token", "phone_number", "city", "country", "level"),
]
SHAPES = st.dictionaries(
    st.sampled_from(["messages", "segments", "full_text", "role", "text", "speaker", "grammar_score"]), JSON
)
BODIES = st.dictionaries(st.sampled_from(FIELDS), JSON | SHAPES, max_size=8) | JSON
GOOD_BODIES = st.builds(
    lambda good, changes: {**good, **changes},
    st.sampled_from([CONVERSATION, GIG]),
    st.dictionaries(st.sampled_from(FIELDS), JSON | SHAPES, max_size=2),
)


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.usefixtures("simulator")
@settings(
    max_examples=settings().max_examples // 5,  # each is sent to some thirty endpoints
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(body=BODIES | GOOD_BODIES)
def test_no_json_body_causes_a_500(teacher: Person, body: object) -> None:
    text = json.dumps(body)
    for route in all_routes():
        if route.method not in ("post", "put", "patch", "delete") or route.path.endswith("/logout/"):
            continue
        client = client_of() if route.is_open else teacher.client
        response = getattr(client, route.method)(route.path, text, content_type="application/json")
        assert response.status_code < 500, (str(route), text, response.content)
