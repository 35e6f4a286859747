"""The SQL of the two backends without an ORM on their hot paths. Parameters are $1, $2, as in asyncpg."""

USER = """
select u.id, u.name, u.email, u.role, u.timezone, u.profile_picture, u.deleted_at,
  coalesce(u.banned_until > now(), false) as banned, exists (
  select from auth.sessions s join auth.users a on a.id = s.user_id
  where s.id = $2 and s.user_id = $1 and (s.not_after is null or s.not_after > now())
    and a.deleted_at is null and (a.banned_until is null or a.banned_until <= now())) as session_is_live
from accounts_user u where u.id = $1"""

CONVERSATION_COLUMNS = """v.id, v.user_id as "user", v.topic, v.transcription, v.native_language,
  v.native_language_code, v.target_language, v.target_language_code, v.conversation_type,
  v.duration_minutes, v.ai_feedback, v.generated_feedback, v.feedback_status, v.feedback_error,
  v.client_id, v.session_id as session, v.reported_usage, v.comments_count, v.created_at, v.updated_at"""
CONVERSATIONS = f"""
select {CONVERSATION_COLUMNS} from accounts_voiceconversation v
where v.user_id = $1 order by v.created_at desc, v.id desc limit $2"""

# ``grouping`` is a bit mask of the columns that a row does not group by: see shapes.summary.
SUMMARY = """
select grouping(v.target_language_code, v.target_language, v.conversation_type,
    (v.created_at at time zone $2)::date) as grouping,
  v.target_language_code as code, v.target_language as language, v.conversation_type as type,
  (v.created_at at time zone $2)::date as day, count(*) as count, sum(v.duration_minutes) as minutes,
  avg(v.duration_minutes)::float8 as mean_minutes, avg(v.grammar_score) as grammar,
  avg(v.pronunciation_score) as pronunciation, count(*) filter (where v.created_at >= $3) as recent,
  min(v.created_at) as first_at, max(v.created_at) as last_at
from accounts_voiceconversation v where v.user_id = $1
group by grouping sets ((), (v.target_language_code, v.target_language), (v.conversation_type),
  ((v.created_at at time zone $2)::date))"""
FEEDBACK = """
select v.ai_feedback -> 'areas_for_improvement' as areas, v.ai_feedback -> 'suggested_next_topics' as topics
from accounts_voiceconversation v
where v.user_id = $1 order by v.created_at desc, v.id desc limit 100"""

CHATS = """
select c.id, c.last_seq, c.created_at, c.updated_at, own.read_seq, own.unread_count, own.blocked_at,
  own.active_at, peer.read_seq as peer_read_seq, u.id as peer_id, u.name as peer_name, u.email as peer_email,
  u.role as peer_role, u.profile_picture as peer_picture, m.id as message_id, m.seq, m.sender_id, m.content,
  m.client_id, m.created_at as sent_at, m.edited_at, m.deleted_at, m.removed_by_staff,
  exists (select from accounts_message x where x.chat_id = c.id and x.sender_id = u.id) as peer_has_written
from (select * from accounts_participant where user_id = $1 and active_at is not null
      order by active_at desc, chat_id desc limit $2) own
join accounts_chat c on c.id = own.chat_id
join accounts_participant peer on peer.chat_id = own.chat_id and peer.id <> own.id
join accounts_user u on u.id = peer.user_id
left join accounts_message m on m.chat_id = c.id and m.seq = c.last_seq
order by own.active_at desc, own.chat_id desc"""

GIGS = """
select g.id, g.title, g.description, g.language, g.language_code,
  g.price_per_session::text as price_per_session, g.currency, g.session_minutes, g.tags, g.what_is_included,
  g.status, nullif(g.suspension_reason, '') as suspension_reason, g.created_at, g.updated_at,
  t.user_id as teacher_id, u.name as teacher_name, u.profile_picture as teacher_picture, t.headline,
  t.experience_years, t.is_verified
from accounts_gig g
join accounts_teacher t on t.user_id = g.teacher_id
join accounts_user u on u.id = t.user_id
where g.status = 'active' and u.deleted_at is null and (u.banned_until is null or u.banned_until <= now())
  and not u.is_staff
  and g.language_code = $1 and g.currency = $2 and g.price_per_session >= $3
order by g.created_at desc, g.id desc limit $4"""

LOCK_USER = "select 1 from accounts_user where id = $1 and deleted_at is null for no key update"
CREATE_CONVERSATION = f"""
insert into accounts_voiceconversation as v (user_id, topic, transcription, native_language,
  native_language_code, target_language, target_language_code, conversation_type, duration_minutes,
  ai_feedback, feedback_status, feedback_error, client_id, creation_digest, search_text, created_at,
  updated_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'none', '', $11, $12, $13, $14, $14)
returning {CONVERSATION_COLUMNS}"""

LOCK_CHAT = """
select c.last_seq, own.blocked_at, peer.blocked_at as blocked_by_peer_at, u.deleted_at
from accounts_chat c
join accounts_participant own on own.chat_id = c.id and own.user_id = $2
join accounts_participant peer on peer.chat_id = c.id and peer.id <> own.id
join accounts_user u on u.id = peer.user_id
where c.id = $1 for update of c, own, peer"""
CREATE_MESSAGE = """
insert into accounts_message as m (chat_id, seq, sender_id, content, client_id, creation_digest, created_at)
values ($1, $2, $3, $4, $5, $6, $7)
returning m.id, m.seq, m.sender_id as sender, m.content, m.client_id, m.created_at, m.edited_at,
  m.deleted_at, m.removed_by_staff"""
RECORD_MESSAGE = "select private.record_message($1, $2, $3, $4)"  # chat, sender, seq, time
