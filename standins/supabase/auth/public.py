"""Endpoints without a user: signing keys, settings, health."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

# Supabase docs, "JWT signing keys": clients cache the keys for at most ten minutes.
JWKS_CACHE = "public, max-age=600"


async def jwks(request: Request) -> Response:
    keys = request.app.state.config.keys.jwks()
    return JSONResponse(keys, headers={"Cache-Control": JWKS_CACHE})


async def settings(request: Request) -> Response:
    return JSONResponse(
        {
            "external": {"email": True, "phone": False, "anonymous_users": False},
            "disable_signup": False,
            "mailer_autoconfirm": not request.app.state.config.confirm_email,
            "phone_autoconfirm": False,
            "sms_provider": "",
            "saml_enabled": False,
        }
    )


async def health(request: Request) -> Response:
    description = "The local Supabase stand-in of LinguaFlex"
    return JSONResponse({"version": "v2", "name": "GoTrue", "description": description})
