"""FastAPI with asyncpg and SQL written by hand."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

import asyncpg
import orjson
from fastapi import Depends, FastAPI, HTTPException, Request, Response
from pydantic import BaseModel, Field

from benchmarks.speed.peers import settings, shapes, sql, tokens


async def prepare_connection(connection: asyncpg.Connection) -> None:
    """Stored JSON passes through as text."""
    await connection.set_type_codec(
        "jsonb",
        schema="pg_catalog",
        format="text",
        encoder=lambda value: orjson.dumps(value).decode(),
        decoder=orjson.Fragment,
    )


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    async with asyncpg.create_pool(
        settings.DATABASE_URL, min_size=4, max_size=8, init=prepare_connection
    ) as app.state.pool:
        yield


app = FastAPI(lifespan=lifespan, docs_url=None, openapi_url=None)


def answer(data: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    body = orjson.dumps(data, default=str, option=orjson.OPT_UTC_Z)
    return Response(body, status, headers, media_type="application/json")


async def authenticated(request: Request) -> asyncpg.Record:
    try:
        claims = tokens.verify(request.headers.get("authorization", "").removeprefix("Bearer "))
    except tokens.REFUSED:
        raise HTTPException(401) from None
    user = await app.state.pool.fetchrow(sql.USER, claims.sub, claims.session_id)
    is_present = user and user["session_is_live"] and not user["banned"] and not user["deleted_at"]
    if not is_present or user["email"] != claims.email:
        raise HTTPException(401)
    return user


Caller = Annotated[Any, Depends(authenticated)]


async def page(
    request: Request,
    query: str,
    *parameters: Any,
    limit: int,
    shape: Callable[[Any], Any],
    order: tuple[str, str] = ("created_at", "id"),
) -> Response:
    rows = await app.state.pool.fetch(query, *parameters, limit + 1)
    headers = None
    if len(rows) > limit:
        rows = rows[:limit]
        cursor = shapes.cursor(*(rows[-1][name] for name in order))
        headers = {"Link": f'<{request.url.include_query_params(cursor=cursor, limit=limit)}>; rel="next"'}
    return answer([shape(row) for row in rows], headers=headers)


@app.get("/accounts/voice-conversations/")
async def conversations(request: Request, user: Caller, limit: int = 50) -> Response:
    def shape(row: Any) -> dict[str, Any]:
        return shapes.conversation(row, user)

    return await page(request, sql.CONVERSATIONS, user["id"], limit=limit, shape=shape)


class ConversationInput(BaseModel):
    topic: str = Field(min_length=1, max_length=200)
    transcription: Any
    native_language: str = Field(min_length=1, max_length=50)
    target_language: str = Field(min_length=1, max_length=50)
    conversation_type: Literal[*shapes.TYPES] = "practice"  # type: ignore[valid-type]
    duration_minutes: int | None = Field(None, ge=0, le=1440)
    ai_feedback: dict[str, Any] = {}
    client_id: UUID | None = None


@app.post("/accounts/voice-conversations/")
async def create_conversation(data: ConversationInput, user: Caller) -> Response:
    try:
        search_text = shapes.searched(data.topic, data.transcription)
    except (ValueError, KeyError, TypeError):
        raise HTTPException(400) from None
    async with app.state.pool.acquire() as connection, connection.transaction():
        if not await connection.fetchval(sql.LOCK_USER, user["id"]):
            raise HTTPException(401)
        row = await connection.fetchrow(
            sql.CREATE_CONVERSATION,
            user["id"],
            data.topic,
            data.transcription,
            data.native_language,
            shapes.code_of(data.native_language),
            data.target_language,
            shapes.code_of(data.target_language),
            data.conversation_type,
            data.duration_minutes,
            data.ai_feedback,
            data.client_id,
            shapes.digest(data.model_dump()),
            search_text,
            datetime.now(UTC),
        )
    return answer(shapes.conversation(row, user), 201)


@app.get("/accounts/voice-conversations/summary/")
async def summary(user: Caller) -> Response:
    now = datetime.now(UTC)
    async with app.state.pool.acquire() as connection:
        rows = await connection.fetch(sql.SUMMARY, user["id"], user["timezone"], now - timedelta(days=7))
        feedback = await connection.fetch(sql.FEEDBACK, user["id"])
    pairs = [(parsed(row["areas"]), parsed(row["topics"])) for row in feedback]
    today = now.astimezone(ZoneInfo(user["timezone"])).date()
    return answer(shapes.summary(rows, pairs, today))


def parsed(fragment: Any) -> Any:
    return None if fragment is None else orjson.loads(orjson.dumps(fragment))


@app.get("/accounts/supabase/chats/")
async def chats(request: Request, user: Caller, limit: int = 50) -> Response:
    def shape(row: Any) -> dict[str, Any]:
        return shapes.chat(row, user)

    order = ("active_at", "id")
    return await page(request, sql.CHATS, user["id"], limit=limit, shape=shape, order=order)


class MessageInput(BaseModel):
    content: str = Field(min_length=1, max_length=10_000)
    client_id: UUID | None = None


@app.post("/accounts/supabase/chats/{chat_id}/messages/")
async def create_message(chat_id: UUID, data: MessageInput, user: Caller) -> Response:
    now, me = datetime.now(UTC), user["id"]
    async with app.state.pool.acquire() as connection, connection.transaction():
        if not await connection.fetchval(sql.LOCK_USER, me):
            raise HTTPException(401)
        chat = await connection.fetchrow(sql.LOCK_CHAT, chat_id, me)
        if chat is None:
            raise HTTPException(404)
        if chat["blocked_at"] or chat["blocked_by_peer_at"] or chat["deleted_at"]:
            raise HTTPException(403)
        digest, seq = shapes.digest(data.model_dump()), chat["last_seq"] + 1
        values = (chat_id, seq, me, data.content, data.client_id, digest, now)
        row = await connection.fetchrow(sql.CREATE_MESSAGE, *values)
        await connection.execute(sql.RECORD_MESSAGE, chat_id, me, seq, now)
    return answer({**row, "corrections": []}, 201)


@app.get("/accounts/gigs/")
async def gigs(
    request: Request,
    user: Caller,
    language: str,
    currency: str,
    min_price: Decimal = Decimal(0),
    limit: int = 50,
) -> Response:
    parameters = (shapes.code_of(language), currency, min_price)
    return await page(request, sql.GIGS, *parameters, limit=limit, shape=shapes.gig)
