"""Accounts, sessions and access tokens like those of a Supabase project, and the project's key set."""

import http.server
import json
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

KEY_ID = "benchmark"
KEY = ec.generate_private_key(ec.SECP256R1())
TOKEN_SECONDS = 24 * 3600


def user_id(person: str) -> uuid.UUID:
    """The id of the account of ``person``, such as "learner 7"."""
    return uuid.uuid5(uuid.NAMESPACE_URL, f"benchmark user {person}")


def session_id(person: str) -> uuid.UUID:
    """The id of the one session of ``person``."""
    return uuid.uuid5(uuid.NAMESPACE_URL, f"benchmark session {person}")


def email(person: str) -> str:
    return f"{person.replace(' ', '-')}@example.com"


def token(person: str, issuer: str) -> str:
    """An access token of ``person`` with the claims of hosted Supabase, valid for a day."""
    now = int(time.time())
    claims = {
        "iss": issuer,
        "sub": str(user_id(person)),
        "aud": "authenticated",
        "exp": now + TOKEN_SECONDS,
        "iat": now,
        "email": email(person),
        "phone": "",
        "app_metadata": {"provider": "email", "providers": ["email"]},
        "user_metadata": {"email_verified": True, "name": person},
        "role": "authenticated",
        "aal": "aal1",
        "amr": [{"method": "password", "timestamp": now}],
        "session_id": str(session_id(person)),
        "is_anonymous": False,
    }
    return jwt.encode(claims, KEY, "ES256", headers={"kid": KEY_ID})


def public_key() -> str:
    """The public key as PEM."""
    return KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def key_set() -> str:
    """The public key as the project's JSON Web Key Set."""
    key = json.loads(jwt.algorithms.ECAlgorithm.to_jwk(KEY.public_key()))
    key |= {"kid": KEY_ID, "use": "sig", "alg": "ES256", "key_ops": ["verify"]}
    return json.dumps({"keys": [key]})


@contextmanager
def supabase_running() -> Iterator[str]:
    """Serves the key set, the only part of Supabase that the requests need. Yields the project's URL."""
    body = key_set().encode()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: Any) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
