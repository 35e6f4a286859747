"""Bodies: byte order mark, Content-Encoding, chunks, and numbers in place of texts."""

import gzip
import importlib
import json
import pkgutil
from collections.abc import Iterator
from typing import Any

import pytest
from rest_framework import serializers as drf

from accounts import serializers
from tests.api.test_conventions import WRITING, refused
from tests.fixtures.people import CHATS, CONVERSATION, GIG, GIGS, VOICE, Person, client_of
from tests.fixtures.pictures import PICTURE, picture

ME = "/accounts/users/me/"
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def send(person: Person, body: bytes, path: str = VOICE, **headers: str) -> Any:
    """Posts JSON as these bytes."""
    client: Any = person.client
    return client.generic("POST", path, body, content_type="application/json", headers=headers)


def test_byte_order_mark_is_ignored(student: Person) -> None:
    body = json.dumps(CONVERSATION).encode()
    answer = send(student, BYTE_ORDER_MARK + body)
    assert answer.status_code == 201
    assert answer.json()["topic"] == CONVERSATION["topic"]


@pytest.mark.parametrize(
    "body",
    [
        BYTE_ORDER_MARK,
        BYTE_ORDER_MARK * 2 + b"{}",
        b"{}" + BYTE_ORDER_MARK,
        json.dumps(CONVERSATION).encode("utf-16"),
        json.dumps(CONVERSATION).encode("utf-32"),
    ],
)
def test_byte_order_mark_elsewhere_or_of_another_encoding_is_a_400(student: Person, body: bytes) -> None:
    refused(send(student, body), 400, "parse_error")


def test_byte_order_mark_inside_a_text_is_kept(student: Person) -> None:
    answer = send(student, json.dumps(CONVERSATION | {"topic": "a\ufeffb"}, ensure_ascii=False).encode())
    assert answer.json()["topic"] == "a\ufeffb"


@pytest.mark.parametrize(
    "coding", ["gzip", "GZIP", "x-gzip", "br", "deflate", "zstd", "identity, gzip", "made-up"]
)
def test_content_encoding_is_a_415_that_says_what_to_do(student: Person, coding: str) -> None:
    body = gzip.compress(json.dumps(CONVERSATION).encode())
    answer = refused(send(student, body, **{"Content-Encoding": coding}), 415, "unsupported_media_type")
    assert "without compression" in answer["detail"]
    plain = json.dumps(CONVERSATION).encode()
    assert send(student, plain, **{"Content-Encoding": coding}).status_code == 415


@pytest.mark.parametrize("coding", ["", "identity", "Identity", " identity ", "identity, identity"])
def test_identity_is_no_encoding(student: Person, coding: str) -> None:
    body = json.dumps(CONVERSATION).encode()
    assert send(student, body, **{"Content-Encoding": coding}).status_code == 201


def test_every_endpoint_refuses_a_compressed_body(teacher: Person) -> None:
    body, kind = gzip.compress(b"{}"), "application/json"
    for route in WRITING:
        client: Any = client_of() if route.is_open else teacher.client
        headers = {"Content-Encoding": "gzip"}
        answer = client.generic(route.method.upper(), route.path, body, content_type=kind, headers=headers)
        assert answer.status_code in (404, 415), (str(route), answer.content)


def test_compressed_form_is_a_415(student: Person) -> None:
    body = gzip.compress(picture())
    client: Any = student.client
    kind = "multipart/form-data; boundary=x"
    headers = {"Content-Encoding": "gzip"}
    refused(
        client.generic("PUT", PICTURE, body, content_type=kind, headers=headers),
        415,
        "unsupported_media_type",
    )


@pytest.mark.parametrize("path", [ME, PICTURE, "/accounts/nowhere/", "/admin/login/"])
def test_a_chunked_body_is_a_400_that_says_what_to_do(student: Person, path: str) -> None:
    client: Any = student.client
    sent = {"CONTENT_LENGTH": "", "HTTP_TRANSFER_ENCODING": "chunked"}
    answer = client.generic("PATCH", path, b"{}", content_type="application/json", **sent)
    assert "Content-Length" in refused(answer, 400, "bad_request")["detail"]


@pytest.mark.parametrize(
    ("path", "good", "fields"),
    [
        (VOICE, CONVERSATION, ["topic", "transcription", "native_language", "target_language"]),
        (GIGS, GIG, ["title", "description", "language", "currency", "what_is_included"]),
        ("/accounts/register/", {}, ["email", "password", "name", "native_language", "timezone"]),
        ("/accounts/login/", {}, ["password"]),
        ("/accounts/token/refresh/", {}, ["refresh_token"]),
        ("/accounts/password-reset/confirm/", {}, ["otp"]),
        (ME, {}, ["name", "bio", "city", "country", "phone_number", "timezone", "native_language"]),
        ("/accounts/teachers/me/", {}, ["headline", "about", "qualification"]),
    ],
)
def test_number_in_place_of_a_text_is_a_400(teacher: Person, path: str, good: Any, fields: list[str]) -> None:
    send = teacher.client.patch if path.endswith("/me/") else teacher.client.post
    body = refused(send(path, good | dict.fromkeys(fields, 5)), 400, "invalid")
    assert set(fields) <= set(body["errors"])


def test_number_as_a_message_or_in_a_list_or_a_confirmation_is_a_400(
    teacher: Person, student: Person
) -> None:
    chat = teacher.open_chat(student)
    message = teacher.write(chat)
    messages = f"{CHATS}{chat['id']}/messages/"
    assert "content" in refused(teacher.client.post(messages, {"content": 5}), 400, "invalid")["errors"]
    edit = teacher.client.patch(f"{messages}{message['seq']}/", {"content": 5})
    assert "content" in refused(edit, 400, "invalid")["errors"]
    refused(teacher.client.post(GIGS, GIG | {"tags": [5]}), 400, "invalid")
    refused(teacher.client.patch(ME, {"learning_languages": ["Spanish", 5]}), 400, "invalid")
    refused(teacher.client.delete(ME, {"confirm": 5}), 400, "invalid")


def text_fields() -> Iterator[tuple[str, drf.CharField]]:
    """Every writable text field of every serializer, also inside lists."""
    for module in pkgutil.iter_modules(serializers.__path__):
        for name, found in vars(importlib.import_module(f"accounts.serializers.{module.name}")).items():
            if isinstance(found, type) and issubclass(found, drf.Serializer):
                if issubclass(found, drf.ModelSerializer) and not hasattr(found, "Meta"):
                    continue  # a base class
                for field, kind in found().fields.items():
                    inner = getattr(kind, "child", kind)
                    if isinstance(inner, drf.CharField) and not kind.read_only:
                        yield f"{name}.{field}", inner


def test_no_text_field_of_any_serializer_accepts_a_number() -> None:
    fields = dict(text_fields())
    assert {"MessageSerializer.content", "GigSerializer.tags", "LoginSerializer.password"} <= set(fields)
    for name, field in fields.items():
        for number in (5, 0, 1.5, True):
            with pytest.raises(drf.ValidationError):
                pytest.fail(f"{name} is {field.run_validation(number)!r}")
