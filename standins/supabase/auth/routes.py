"""The routes of Auth, and those of the outbox page."""

from starlette.routing import BaseRoute, Route

from standins.supabase.auth import account, admin, mails, mfa, public, sign_in, verify
from standins.supabase.auth.calls import endpoint

ROUTES: list[BaseRoute] = [
    Route("/signup", endpoint(sign_in.sign_up), methods=["POST"]),
    Route("/token", endpoint(sign_in.grant), methods=["POST"]),
    Route("/user", endpoint(account.read), methods=["GET"]),
    Route("/user", endpoint(account.change), methods=["PUT"]),
    Route("/logout", endpoint(account.sign_out), methods=["POST"]),
    Route("/recover", endpoint(verify.recover), methods=["POST"]),
    Route("/resend", endpoint(verify.resend), methods=["POST"]),
    Route("/verify", endpoint(verify.by_code), methods=["POST"]),
    Route("/verify", endpoint(verify.by_link, verify.failed_link), methods=["GET"]),
    Route("/factors", endpoint(mfa.enroll), methods=["POST"]),
    Route("/factors/{id}", endpoint(mfa.unenroll), methods=["DELETE"]),
    Route("/factors/{id}/challenge", endpoint(mfa.challenge), methods=["POST"]),
    Route("/factors/{id}/verify", endpoint(mfa.verify), methods=["POST"]),
    Route("/admin/users", endpoint(admin.create), methods=["POST"]),
    Route("/admin/users/{id}", endpoint(admin.read), methods=["GET"]),
    Route("/admin/users/{id}", endpoint(admin.change), methods=["PUT"]),
    Route("/admin/users/{id}", endpoint(admin.delete), methods=["DELETE"]),
    Route("/.well-known/jwks.json", public.jwks, methods=["GET"]),
    Route("/settings", public.settings, methods=["GET"]),
    Route("/health", public.health, methods=["GET"]),
]
OUTBOX: list[BaseRoute] = [
    Route("/outbox", endpoint(mails.outbox_page), methods=["GET"]),
    Route("/outbox.json", endpoint(mails.outbox_json), methods=["GET"]),
]
