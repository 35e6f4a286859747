"""The SQL of the statistics in ``histories.py``. ``History`` fills the places in braces."""

from accounts.models.voice_conversations import Interval

MAX_TEXTS = 20  # the first ones of each list of a feedback
FIGURES = """1 as conversations, (r.duration_minutes is not null)::int as timed,
  coalesce(r.duration_minutes, 0) as minutes,
  private.exact_score(r.grammar_score) as grammar_sum,
  (r.grammar_score is not null)::int as grammar_count,
  private.exact_score(r.pronunciation_score) as pronunciation_sum,
  (r.pronunciation_score is not null)::int as pronunciation_count"""
# The offset from UTC in seconds, of a row and of an hour. Computed here by the zone data of Python.
SHIFT_OF_ROW = "(%(offsets)s::int[])[width_bucket(r.created_at, %(begins)s::timestamptz[])]"
SHIFT_OF_HOUR = "(%(offsets)s::int[])[width_bucket(h.hour, %(first_hours)s::int[])]"
DAY = f"((r.created_at at time zone 'UTC') + {SHIFT_OF_ROW} * interval '1 second')::date - date '1970-01-01'"
MOMENTS_OF_ROWS = f"select r.created_at as at, {DAY} as day, {FIGURES} from ({{rows}}) r"
# An hour is split into its conversations if midnight, a change of the offset or one of "cut_hours" is in it.
HOURS = f"""
select h.*, h.hour * 3600::bigint + {SHIFT_OF_HOUR} as local
from accounts_practicehour h where h.user_id = %(user)s"""
IS_WHOLE, IS_SPLIT = "h.hour <> all (%(cut_hours)s::int[])", "h.hour = any (%(cut_hours)s::int[])"
MIDNIGHT_WITHIN = "h.local %% 86400 > 82800"  # possible only if an offset is not a whole number of hours
MOMENTS_OF_HOURS = f"""
select to_timestamp(h.hour * 3600::float8) as at, (h.local / 86400)::int as day, h.conversations, h.timed,
  h.minutes, h.grammar_sum, h.grammar_count, h.pronunciation_sum, h.pronunciation_count
from ({HOURS}) h where {{whole}}"""
MOMENTS_OF_SPLIT_HOURS = f"""
select r.created_at as at, {DAY} as day, {FIGURES}
from ({HOURS}) h join accounts_voiceconversation r on r.user_id = h.user_id
  and r.created_at >= to_timestamp(h.hour * 3600::float8)
  and r.created_at < to_timestamp((h.hour + 1) * 3600::float8)
where {{split}}"""
SUMMED = (
    "conversations",
    "timed",
    "minutes",
    "grammar_sum",
    "grammar_count",
    "pronunciation_sum",
    "pronunciation_count",
)
SUMS = ", ".join(f"coalesce(sum({column}), 0) as {column}" for column in SUMMED)

ALL = "select * from accounts_voiceconversation where user_id = %(user)s"
# "last" orders by the last use: the place of the latest conversation, or its instant and id.
NUMBERED = """select target_language_code as code, target_language as spelling, conversation_type,
  row_number() over (order by created_at, id) as place from ({rows}) r"""
LANGUAGES_OF_ROWS = f"""
select code, (array_agg(spelling order by conversations desc, last desc))[1] as label,
  sum(conversations) as conversations, max(last) as last
from (
  select code, spelling, count(*) as conversations, max(place) as last
  from ({NUMBERED}) n group by 1, 2) spellings
group by 1 order by 3 desc, 4 desc limit %(languages)s"""
TYPES_OF_ROWS = f"""
select conversation_type, count(*) as conversations, max(place) as last from ({NUMBERED}) n group by 1"""
# Reads the conversations only if two spellings of a language are the most frequent ones, or if there are more
# languages than are listed.
LANGUAGES_OF_ALL = f"""
with totals as materialized (
  select code, array_agg(spelling order by conversations desc) as spellings,
    array_agg(conversations order by conversations desc) as counts, sum(conversations) as conversations
  from (
    select target_language_code as code, target_language as spelling, sum(conversations) as conversations
    from accounts_practicekind where user_id = %(user)s group by 1, 2) spellings group by 1),
doubtful as (
  select count(*) > %(languages)s or coalesce(bool_or(counts[1] = counts[2]), false) from totals)
select code, label, conversations, (
  select (r.created_at, r.id) from accounts_voiceconversation r
  where r.user_id = %(user)s and r.target_language_code = code
  order by r.created_at desc, r.id desc limit 1) as last
from (
  select code, spellings[1] as label, conversations from totals where not (table doubtful)
  union all
  select code, label, conversations from ({LANGUAGES_OF_ROWS.format(rows=ALL)}) r
  where (table doubtful)) listed"""
TYPES_OF_ALL = """
select conversation_type, sum(conversations) as conversations, (
    select (r.created_at, r.id) from accounts_voiceconversation r
    where r.user_id = %(user)s and r.conversation_type = k.conversation_type
    order by r.created_at desc, r.id desc limit 1) as last
from accounts_practicekind k where user_id = %(user)s group by 1"""
FIRST_TEXTS = f"jsonb_path_query_array(ai_feedback, '$.{{key}}[0 to {MAX_TEXTS - 1}]')"
SUMMARY = f"""
with moments as ({{moments}})
select sums.*,
  (select json_agg(json_build_array(code, label, conversations) order by last desc)
    from ({{languages}}) languages),
  (select json_agg(json_build_array(conversation_type, conversations) order by last desc)
    from ({{types}}) types),
  newest.feedback, (select created_at from ({{rows}}) r order by created_at, id limit 1), newest.last_at
from (
  select {SUMS}, coalesce(sum(conversations) filter (where at >= %(recent)s), 0),
    coalesce(array_agg(distinct day), '{{{{}}}}')
  from moments) sums, (
  select json_agg(json_build_array(areas, topics) order by created_at desc, id desc) as feedback,
    max(created_at) as last_at
  from (
    select created_at, id, {FIRST_TEXTS.format(key="areas_for_improvement")} as areas,
      {FIRST_TEXTS.format(key="suggested_next_topics")} as topics
    from ({{rows}}) r order by created_at desc, id desc limit %(newest)s) documents) newest"""
# 0 before both instants, 1 from the first one on, 2 from the second one on.
PERIODS = f"""
select first_day, part, {SUMS} from ({{periods}}) periods group by 1, 2 order by 1"""
# Each part of the moments is summed before they are united: PostgreSQL unites rows slowly.
PERIODS_OF_MOMENTS = f"""
select {{first_day}} as first_day, (at >= %(earlier)s)::int + (at >= %(recent)s)::int as part, {SUMS}
from ({{moments}}) moments group by 1, 2"""
FIRST_DAYS = {
    Interval.DAY: "day",
    Interval.WEEK: "day - (day + 3) %% 7",  # the day 0 is a Thursday
    Interval.MONTH: "date_trunc('month', date '1970-01-01' + day)::date - date '1970-01-01'",
}
