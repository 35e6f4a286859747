"""The migrations: their order, their reversal, and a PostgreSQL without Supabase's schemas."""

from pathlib import Path

import pytest
from django.db.migrations.loader import MigrationLoader

from accounts.services.staff_groups import GROUPS
from tests.fixtures.migrations import migrate, production, rows

NAMES = [
    "0001_user",
    "0002_teacher",
    "0003_gig",
    "0004_chat",
    "0005_message",
    "0006_row_level_security",
    "0007_voiceconversation",
    "0008_directory_and_search",
    "0009_fill_search_text",
    "0010_staff_permissions",
    "0011_user_email_as_of",
    "0012_chat_events",
    "0013_conversation_scores",
    "0014_voice_session",
    "0015_feedback_jobs",
    "0016_feedback_events",
    "0017_validators",
    "0018_language_codes",
    "0019_search_fold",
    "0020_digests_of_deleted_messages",
    "0021_throttles",
    "0022_emptied_profile_fields",
    "0023_short_search",
    "0024_prices_by_currency",
    "0025_search_fold",
    "0026_participant",
    "0027_fill_participants",
    "0028_events_of_participants",
    "0029_practice",
    "0030_practice_totals",
    "0031_count_practice",
    "0032_gig_search",
    "0033_voice_calls",
    "0034_corrections_and_cards",
    "0035_learning_events",
    "0036_fill_corrections",
    "0037_private_text_readings",
    "0038_reports_and_notices",
    "0039_worker_heartbeat",
    "0040_bans",
    "0041_dashboard_indexes",
    "0042_staff_groups",
    "0043_feedback_job",
    "0044_removed_messages",
    "0045_validate_removed_messages",
    "0046_chat_list_events",
    "0047_stored_bytes",
    "0048_count_stored_bytes",
    "0049_shorten_gig_search",
]
# Conversations as before migration 0013, of users that do not exist: foreign keys are not checked.
OLD_ROWS = """
set session_replication_role = replica;
insert into accounts_voiceconversation (user_id, topic, transcription, native_language,
  native_language_code, target_language, target_language_code, conversation_type, ai_feedback,
  feedback_status, feedback_error, creation_digest, search_text, created_at, updated_at)
select gen_random_uuid(), 't', '"x"', '', '', '', '', 'practice', feedback, 'none', '', '', '', now(), now()
from jsonb_array_elements('[{"grammar_score": 80, "pronunciation_score": 61.5}, {"grammar_score": 1e400},
  {"grammar_score": 1e-400, "pronunciation_score": "80"}, {"grammar_score": true}, [], null]') feedback
returning 1"""
# More rows than one batch, with the search texts of another fold.
UNFOLDED_ROWS = """
set session_replication_role = replica;
insert into accounts_voiceconversation (user_id, topic, transcription, native_language,
  native_language_code, target_language, target_language_code, conversation_type, ai_feedback,
  feedback_status, feedback_error, creation_digest, search_text, created_at, updated_at)
select gen_random_uuid(), 'Café ' || n, '{"full_text": "L’eau"}', '', '', '', '', 'practice', '{}', 'none',
  '', '', 'café', now(), '2020-01-01' from generate_series(1, 1001) n;
insert into accounts_gig (teacher_id, title, description, language, language_code, price_per_session,
  currency, session_minutes, tags, tag_keys, what_is_included, search_text, status,
  status_before_suspension, suspension_reason, creation_digest, created_at, updated_at)
select gen_random_uuid(), 'Un e-mail', 'x', 'es', 'es', 1, 'EUR', 60, '{Real-time}', '{real-time}', '', '',
  'active', '', '', '', now(), now()
returning 1"""
# Deleted messages with a digest, more than one batch of the migration, and one that is not deleted.
OLD_MESSAGES = """
set session_replication_role = replica;
insert into accounts_message (chat_id, seq, sender_id, content, creation_digest, created_at, deleted_at)
select gen_random_uuid(), 1, gen_random_uuid(), case number when 1 then 'x' else '' end, repeat('a', 64),
  now(), case when number > 1 then now() end
from generate_series(1, 5003) number
returning 1"""
# Chats, more than one batch of the migration, each with three messages of the second user and a block.
OLD_CHATS = """
insert into accounts_user (id, name, email, role, password, is_superuser, is_active, is_staff, updated_at,
  created_at, profile_picture, phone_number, bio, city, country, native_language, native_language_code,
  learning_languages, learning_language_codes, search_text, timezone, emptied_fields)
select lpad(n::text, 32, '0')::uuid, 'P' || n, '', 'student', '!', false, true, false, now(), now(), '', '',
  '', '', '', '', '', '{}', '{}', '', 'UTC', '{}' from generate_series(0, 1002) n;
insert into accounts_chat (id, first_id, second_id, last_seq, first_read_seq, second_read_seq,
  first_blocked_at, created_at, updated_at)
select lpad(n::text, 32, '0')::uuid, lpad('0', 32, '0')::uuid, lpad(n::text, 32, '0')::uuid, 3, n % 4, 3,
  case when n % 2 = 0 then timestamptz '2026-01-01 00:00Z' end, '2026-01-01 00:00Z', '2026-01-02 00:00Z'
from generate_series(1, 1002) n;
insert into accounts_message (chat_id, seq, sender_id, content, creation_digest, created_at)
select id, seq, second_id, 'x', '', now() from accounts_chat, generate_series(1, 3) seq
returning 1"""
# Users, more than two batches of the migration, with three messages each: their numbers.
PEOPLE_WITH_MESSAGES = """
set session_replication_role = replica;
insert into accounts_user (id, name, email, role, password, is_superuser, is_active, is_staff, updated_at,
  created_at, profile_picture, phone_number, bio, city, country, native_language, native_language_code,
  learning_languages, learning_language_codes, search_text, timezone, emptied_fields)
select lpad(n::text, 32, '0')::uuid, 'P' || n, '', 'student', '!', false, true, false, now(), now(), '', '',
  '', '', '', '', '', '{}', '{}', '', 'UTC', '{}' from generate_series(1, 45) n;
insert into accounts_message (chat_id, seq, sender_id, content, creation_digest, created_at)
select id, seq, id, ltrim(right(id::text, 2), '0'), '', now() from accounts_user, generate_series(1, 3) seq
returning 1"""
CHAT_COLUMNS = """
select count(*), sum(first_read_seq), sum(second_read_seq), count(first_blocked_at), count(second_blocked_at),
  max(updated_at)::text from accounts_chat"""
CHAT_FUNCTIONS = """
select pg_get_functiondef(p.oid) from pg_proc p where pronamespace = 'private'::regnamespace
union all select pg_get_triggerdef(oid) from pg_trigger where tgname ~ 'announced' order by 1"""
PARTICIPANTS = """
select count(*), sum(p.read_seq), sum(p.unread_count), count(p.blocked_at), count(active_at),
  bool_and(active_at = c.updated_at) from accounts_participant p join accounts_chat c on c.id = chat_id
where p.user_id = c.first_id"""


@pytest.mark.slow
def test_migrate_creates_the_schemas_of_the_stand_in_in_another_database(plain: str, tmp_path: Path) -> None:
    own = {
        "LINGUAFLEX_ENV": "local",
        "LINGUAFLEX_DATA_DIR": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "linguaflex.settings",
        "DATABASE_URL": plain,
        "SUPABASE_URL": "",
    }
    migrate(own, [])
    assert rows("select to_regclass('auth.users')::text") == [("auth.users",)]
    assert rows("select count(*) from accounts_user") == [(0,)]


def test_migrations_are_these_in_this_order() -> None:
    names = sorted(name for app, name in MigrationLoader(None).disk_migrations if app == "accounts")
    assert names == NAMES


@pytest.mark.slow
def test_migrations_are_reversible_on_a_postgresql_without_supabase(plain: str) -> None:
    migrate(production(plain), [], ["accounts", "zero"], [])
    assert rows("select to_regclass('auth.users'), to_regclass('conversation_search')::text") == [
        (None, "conversation_search")
    ]
    assert rows("select count(*) from pg_class where relname ~ '^accounts_' and relrowsecurity") >= [(7,)]


@pytest.mark.slow
def test_0042_creates_groups_whose_permissions_follow_each_migrate(plain: str) -> None:
    permissions = """
    select g.name, array_agg(p.codename::text order by p.codename) from auth_group g
    join auth_group_permissions a on a.group_id = g.id join auth_permission p on p.id = a.permission_id
    group by g.name"""
    migrate(production(plain), ["accounts", "0042"])
    assert set(dict(rows(permissions))) == set(GROUPS)
    assert "view_feedbackjob" not in dict(rows(permissions))["support"]
    migrate(production(plain), [])
    assert {name: set(found) for name, found in rows(permissions)} == {
        name: set(wanted) for name, wanted in GROUPS.items()
    }
    migrate(production(plain), ["accounts", "0041"])
    assert rows("select name from auth_group") == []


@pytest.mark.slow
def test_0013_fills_the_scores_of_old_conversations_and_its_reversal_drops_them(plain: str) -> None:
    migrate(production(plain), ["accounts", "0012"])
    assert len(rows(OLD_ROWS)) == 6
    migrate(production(plain), ["accounts", "0013"])
    scores = "select grammar_score, pronunciation_score from accounts_voiceconversation order by id"
    none = (None, None)
    assert rows(scores) == [(80, 61.5), none, (0, None), none, none, none]
    migrate(production(plain), ["accounts", "0012"])
    columns = "select 1 from information_schema.columns where column_name like '%_score'"
    index = "select indexdef from pg_indexes where indexname = 'conversation_of_user'"
    assert rows(columns) == []
    [[definition]] = rows(index)
    assert "INCLUDE" not in definition


@pytest.mark.slow
def test_0019_and_0025_compute_the_search_columns_of_all_rows(plain: str) -> None:
    migrate(production(plain), ["accounts", "0017"])
    assert rows(UNFOLDED_ROWS) == [(1,)]
    migrate(production(plain), ["accounts", "0019"], ["accounts", "0018"], ["accounts", "0019"])
    texts = "select search_text, updated_at::date::text from accounts_voiceconversation order by id"
    assert rows(texts) == [(f"cafe {n}\nl'eau", "2020-01-01") for n in range(1, 1002)]
    gigs = "select tag_keys, search_text from accounts_gig"
    assert rows(gigs) == [(["realtime"], "un e mail\nx\nes\nreal time\nemail realtime")]
    assert rows("update accounts_gig set tag_keys = '{old}', search_text = 'old' returning 1") == [(1,)]
    migrate(production(plain), ["accounts", "0025"])
    assert rows(gigs) == [(["realtime"], "un e mail\nx\nes\nreal time\nemail realtime")]


@pytest.mark.slow
def test_0031_counts_the_conversations_of_each_user(plain: str) -> None:
    migrate(production(plain), ["accounts", "0025"])
    assert rows(UNFOLDED_ROWS) == [(1,)]  # by 1,001 users, more than one batch
    migrate(production(plain), ["accounts", "0032"])
    for table in ("hour", "kind"):
        assert rows(f"select count(*), sum(conversations) from accounts_practice{table}") == [(1001, 1001)]
    migrate(production(plain), ["accounts", "0025"])


@pytest.mark.slow
def test_digests_of_deleted_messages_are_emptied_in_batches(plain: str) -> None:
    migrate(production(plain), ["accounts", "0019"])
    assert len(rows(OLD_MESSAGES)) == 5003
    migrate(production(plain), ["accounts", "0020"])
    left = rows("select content, deleted_at from accounts_message where creation_digest <> ''")
    assert left == [("x", None)]
    migrate(production(plain), ["accounts", "0019"])


@pytest.mark.slow
def test_participants_are_those_of_the_chats_and_copied_back(plain: str) -> None:
    migrate(production(plain), ["accounts", "0025"])
    assert len(rows(OLD_CHATS)) == 3006
    functions, columns = rows(CHAT_FUNCTIONS), rows(CHAT_COLUMNS)
    migrate(production(plain), ["accounts", "0027"])
    unread, read = 3 * 1002 - int(columns[0][1]), int(columns[0][1])
    assert rows(PARTICIPANTS) == [(1002, read, unread, 501, 1002, True)]
    # The previous code runs until the restart: a read mark, a block, the deletion of an unread message.
    chat = "id = lpad('4', 32, '0')::uuid returning 1"
    assert rows(f"update accounts_chat set first_read_seq = 1, second_blocked_at = now() where {chat}")
    deleted = "update accounts_message set content = '', deleted_at = now() where seq = 3"
    assert rows(f"{deleted} and chat_{chat}")
    migrate(production(plain), ["accounts", "0028"])
    assert rows(PARTICIPANTS) == [(1002, read + 1, unread - 2, 501, 1002, True)]
    migrate(production(plain), ["accounts", "0026"], ["accounts", "0028"])
    assert rows(PARTICIPANTS) == [(1002, read + 1, unread - 2, 501, 1002, True)]
    assert rows("update accounts_participant set read_seq = 2 where read_seq = 1 returning 1")
    migrate(production(plain), ["accounts", "0025"])
    [[_, *after]] = rows(CHAT_COLUMNS)
    [[_, *before]] = columns
    marks = rows("select first_read_seq, count(*) from accounts_chat group by 1 order by 1")
    assert [mark for mark, _ in marks] == [0, 2, 3]
    assert (after[1], after[2], after[3], after[4]) == (before[1], before[2], 1, before[4])
    assert rows(CHAT_FUNCTIONS) == functions
    migrate(production(plain), ["accounts", "0028"])


@pytest.mark.slow
def test_0046_is_undone_with_its_functions_and_triggers(plain: str) -> None:
    migrate(production(plain), ["accounts", "0045"])
    before = rows(CHAT_FUNCTIONS)
    migrate(production(plain), ["accounts", "0046"])
    added = set(rows(CHAT_FUNCTIONS)) - set(before)
    assert len(added) == 6
    migrate(production(plain), ["accounts", "0045"])
    assert rows(CHAT_FUNCTIONS) == before


@pytest.mark.slow
def test_0048_counts_the_rows_from_before(plain: str) -> None:
    functions = "select proname from pg_proc where pronamespace = 'private'::regnamespace order by 1"
    migrate(production(plain), ["accounts", "0046"])
    before = rows(functions)
    assert rows(PEOPLE_WITH_MESSAGES) == [(1,)] * 135
    migrate(production(plain), ["accounts", "0047"])
    assert rows("delete from accounts_message where seq = 3 and content = '7' returning 1") == [(1,)]
    assert rows("select bytes from accounts_storedbytes") == [(-201,)]
    migrate(production(plain), ["accounts", "0048"])
    sums = "select sum(bytes), count(*) from accounts_storedbytes group by user_id"
    counted = rows(f"select *, count(*) from ({sums}) people group by 1, 2 order by 1")
    assert counted == [(402, 1, 1), (603, 1, 8), (606, 1, 36)]  # numbers of one and of two digits
    migrate(production(plain), ["accounts", "0046"])
    assert rows(functions) == before
    assert rows("select 1 from pg_trigger where tgname ~ '^stored_bytes'") == []


@pytest.mark.slow
def test_0044_is_undone_with_the_old_event_of_a_message(plain: str) -> None:
    function = "select pg_get_functiondef('private.announce_message'::regproc)"
    migrate(production(plain), ["accounts", "0043"])
    before = rows(function)
    migrate(production(plain), ["accounts", "0044"])
    [[after]] = rows(function)
    assert "removed_by_staff" in after
    migrate(production(plain), ["accounts", "0043"])
    assert rows(function) == before
    valid = "select convalidated from pg_constraint where conname = 'message_removed_by_staff_is_deleted'"
    migrate(production(plain), ["accounts", "0044"])
    assert rows(valid) == [(False,)]
    migrate(production(plain), ["accounts", "0045"])
    assert rows(valid) == [(True,)]
