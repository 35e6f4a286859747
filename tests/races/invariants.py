"""What is true of the rows of any people after any requests, in SQL."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.apps import apps
from django.db import connection

from accounts.models import User

# Each query finds the rows that violate a rule, among those of the people %(people)s.
RULES = {
    "the unread count equals a count": """
        select p.id from accounts_participant p where p.user_id = any(%(people)s)
        and p.unread_count <> (select count(*) from accounts_message m where m.chat_id = p.chat_id
          and m.sender_id <> p.user_id and m.seq > p.read_seq and m.deleted_at is null)""",
    "messages have the numbers from 1 to last_seq": """
        select c.id from accounts_chat c
        where c.first_id = any(%(people)s) and c.last_seq <> (
          select count(*) from accounts_message m where m.chat_id = c.id and m.seq between 1 and c.last_seq)
        or c.first_id = any(%(people)s) and exists (
          select from accounts_message m where m.chat_id = c.id and m.seq > c.last_seq)""",
    "a chat has its two participants, once per pair": """
        select c.id from accounts_chat c where c.first_id = any(%(people)s)
        and (select array_agg(user_id order by user_id) from accounts_participant p where p.chat_id = c.id)
          is distinct from array[c.first_id, c.second_id]""",
    "no read mark is beyond the last message": """
        select p.id from accounts_participant p join accounts_chat c on c.id = p.chat_id
        where p.user_id = any(%(people)s) and p.read_seq > c.last_seq""",
    "a deleted message has no text and no correction": """
        select m.id from accounts_message m where m.sender_id = any(%(people)s) and m.deleted_at is not null
        and (m.content <> '' or m.creation_digest <> ''
          or exists (select from accounts_correction c where c.message_id = m.id))""",
    "messages of a deleted user are deleted": """
        select m.id from accounts_message m join accounts_user u on u.id = m.sender_id
        where u.id = any(%(people)s) and u.deleted_at is not null and m.deleted_at is null""",
    "the number of comments equals a count": """
        select v.id from accounts_voiceconversation v where v.user_id = any(%(people)s)
        and v.comments_count <> (select count(*) from accounts_comment c where c.conversation_id = v.id)""",
    "a comment has the correction of its texts": """
        select c.id from accounts_comment c join accounts_voiceconversation v on v.id = c.conversation_id
        left join accounts_correction k on k.comment_id = c.id
        where v.user_id = any(%(people)s) and (c.corrected, c.text, c.quote) is distinct from
          (coalesce(k.corrected, ''), coalesce(k.explanation, c.text), coalesce(k.quote, c.quote))""",
    "the corrections of the AI are those of the stored feedback": """
        select v.id from accounts_voiceconversation v where v.user_id = any(%(people)s)
        and (select count(*) from accounts_correction k where k.conversation_id = v.id and k.source = 'ai')
          <> coalesce(jsonb_array_length(v.generated_feedback -> 'corrections'), 0)""",
    "feedback is queued if and only if a run is due": """
        select v.id from accounts_voiceconversation v where v.user_id = any(%(people)s)
        and (v.feedback_status = 'queued') <> (v.feedback_due_at is not null)""",
    "a share is open to a present teacher, of a present conversation": """
        select s.id from accounts_share s join accounts_user l on l.id = s.learner_id
        join accounts_user t on t.id = s.teacher_id
        where s.learner_id = any(%(people)s) and s.ended_at is null
        and (s.conversation_id is null or l.deleted_at is not null or t.deleted_at is not null)""",
    "a source joins the card and the correction of one learner": """
        select s.id from accounts_cardsource s join accounts_card c on c.id = s.card_id
        join accounts_correction k on k.id = s.correction_id
        where c.learner_id = any(%(people)s) and c.learner_id <> k.learner_id""",
    "the role is that of a teaching profile": """
        select u.id from accounts_user u left join accounts_teacher t on t.user_id = u.id
        where u.id = any(%(people)s) and (u.role = 'teacher') <> (t.user_id is not null)""",
    "the totals of practice equal a count": """
        select u.id from accounts_user u where u.id = any(%(people)s)
        and (select row(count(*), coalesce(sum(duration_minutes), 0))
             from accounts_voiceconversation v where v.user_id = u.id)
          <> (select row(coalesce(sum(conversations), 0), coalesce(sum(minutes), 0))
              from accounts_practicehour h where h.user_id = u.id)""",
    "a session that is not open has neither events nor instructions": """
        select s.id from accounts_voicesession s where s.user_id = any(%(people)s) and s.state <> 'open'
        and (s.options is not null
          or exists (select from accounts_voiceevent e where e.session_id = s.id))""",
    "a session with a conversation is saved": """
        select s.id from accounts_voicesession s join accounts_voiceconversation v on v.session_id = s.id
        where s.user_id = any(%(people)s) and s.state <> 'saved'""",
    "a handled report of a deleted user names nobody": """
        select r.id from accounts_report r join accounts_user u on u.id = r.reported_user_id
        where u.id = any(%(people)s) and u.deleted_at is not null and r.handled_at is not null""",
    "a handled report gives its reporter one notice": """
        select r.id from accounts_report r where r.reporter_id = any(%(people)s)
        and (select count(*) from accounts_notice n where n.report_id = r.id) <>
          (r.handled_at is not null)::int""",
    "a deleted user is anonymous": """
        select u.id from accounts_user u where u.id = any(%(people)s) and u.deleted_at is not null
        and (u.name, u.email, u.bio, u.profile_picture, u.is_active, u.banned_until)
          is distinct from ('Deleted user', '', '', '', false, null)""",
    "a banned user has no session": """
        select s.id from auth.sessions s join accounts_user u on u.id = s.user_id
        where u.id = any(%(people)s) and u.banned_until > now()""",
}
# Rows that name a deleted user, and why they remain.
REMAINING = {
    ("accounts_chat", "first_id"): "the peer keeps the chat",
    ("accounts_chat", "second_id"): "the peer keeps the chat",
    ("accounts_participant", "user_id"): "the peer keeps the chat",
    ("accounts_message", "sender_id"): "the peer keeps the numbers of the messages, without texts",
    ("accounts_storedbytes", "user_id"): "the rows of the messages are counted",
    ("accounts_report", "reported_user_id"): "staff have not handled the report yet",
    ("accounts_report", "handled_by_id"): "the log of staff",
    ("django_admin_log", "user_id"): "the log of staff",
    ("accounts_privatetextreading", "by_id"): "the log of staff",
    ("accounts_privatetextreading", "owner_id"): "the log of staff",
}


@cache
def statement() -> str:
    """One query for all rules: the name of each violated rule, with the id of a row."""
    rules = {**RULES, **dict(_rules_of_deletion())}
    return "\nunion all ".join(
        f"select '{name}', found.id::text from ({sql}) found(id)" for name, sql in rules.items()
    )


def _rules_of_deletion() -> list[tuple[str, str]]:
    """No row names a deleted user: a rule for each foreign key to a user that REMAINING does not have."""
    found = []
    for model in apps.get_models(include_auto_created=True):
        for field in model._meta.local_concrete_fields:
            place = (model._meta.db_table, field.column)
            if field.related_model is User and place not in REMAINING:
                table, column = place
                sql = f"""select u.id from {table} r join accounts_user u on u.id = r.{column}
                    where u.id = any(%(people)s) and u.deleted_at is not null"""
                found.append((f"{table}.{column} names no deleted user", sql))
    return found


def broken_invariants(people: list[Any]) -> list[str]:
    """The rules that the rows of these people violate."""
    with connection.cursor() as cursor:
        cursor.execute(statement(), {"people": people})
        return [f"not true: {name} ({pk})" for name, pk in cursor.fetchall()]


def rows_of(sql: str, *values: Any) -> list[Any]:
    """The rows of a query."""
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall()
