"""Settings of the OpenAPI document (drf-spectacular.readthedocs.io/en/latest/settings.html)."""

from pathlib import Path
from typing import Any

INTRODUCTION = Path(__file__).resolve().parent.parent / "accounts" / "rest" / "openapi_introduction.md"

SPECTACULAR: dict[str, Any] = {
    "TITLE": "LinguaFlex",
    "DESCRIPTION": INTRODUCTION.read_text(encoding="utf-8"),
    "SERVERS": [
        {"url": "http://127.0.0.1:8000", "description": "The local default"},
        {
            "url": "https://{host}",
            "description": "A hosted server",
            "variables": {"host": {"default": "api.example.com", "description": "The server's name"}},
        },
    ],
    "VERSION": "1.0.0",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_AUTHENTICATION": [],
    "SERVE_PERMISSIONS": [],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "/static/accounts/icon.svg",
    "REDOC_DIST": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "PATH_CONVERTER_OVERRIDES": {  # accounts/rest/converters.py
        "any_uuid": {"type": "string", "format": "uuid"},
        "number": {"type": "integer", "minimum": 0},
    },
    "SCHEMA_PATH_PREFIX": "/accounts/",
    "ENUM_NAME_OVERRIDES": {
        "CardStateEnum": "accounts.serializers.cards.SHOWN_STATES",
        "ConversationTypeEnum": "accounts.models.voice_conversations.VoiceConversation.Type",
        "LevelEnum": "accounts.models.feedback.Level",
        "GigStatusEnum": "accounts.models.gigs.Gig.Status",
        "ReportKindEnum": "accounts.models.reports.Report.Kind",
        "NoticeKindEnum": "accounts.models.notices.Notice.Kind",
        "VoiceSessionStateEnum": "accounts.models.voice_sessions.VoiceSession.State",
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "accounts.rest.openapi_types.tidy_components",
        "accounts.rest.openapi.finish",
    ],
    "SWAGGER_UI_SETTINGS": {"persistAuthorization": False},
}
