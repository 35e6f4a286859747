"""What the doctor finds in the database, each fault beside a sound database."""

import pytest
from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.migrations.recorder import MigrationRecorder

from accounts import checks as system_checks
from accounts.doctor import database, realtime
from tests.fixtures.doctor import findings, sentences

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("supabase")]

_, POOLER, MIGRATIONS, ROW_LEVEL_SECURITY = ([check] for check in database.checks())
POLICIES, CHANNELS = ([check] for check in realtime.checks())


def sql(*statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def test_a_sound_database_has_no_findings() -> None:
    assert findings([*database.checks(), *realtime.checks()]) == []
    assert system_checks.database_is_protected(databases=["default"]) == []


def test_an_unreachable_database_is_one_error_and_the_others_are_not_run(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    parameters = {"host": "127.0.0.1", "port": 9, "user": "u", "password": "hidden", "dbname": "d"}
    own = connections[DEFAULT_DB_ALIAS]
    connections[DEFAULT_DB_ALIAS] = unreachable = own.copy()
    monkeypatch.setattr(unreachable, "get_connection_params", lambda: parameters)
    try:
        found = sentences([*database.checks(), *realtime.checks()])
    finally:
        connections[DEFAULT_DB_ALIAS] = own
    assert found.startswith("The database cannot be reached: connection to server at")
    assert found.count("the check 'database: connection' has failed") == 5
    assert "hidden" not in found


def test_unapplied_migrations_are_found() -> None:
    MigrationRecorder.Migration.objects.filter(app="accounts", name__startswith="003").delete()
    found = sentences(MIGRATIONS)
    assert "migrations have not been applied, the first is accounts.0030_practice_totals" in found


# --------------------------------------------------------------------------- row level security


def test_a_table_without_row_level_security_is_found() -> None:
    sql("alter table accounts_message disable row level security")
    assert findings(ROW_LEVEL_SECURITY) == ["row_level_security_off"]
    assert "off for accounts_message:" in sentences(ROW_LEVEL_SECURITY)
    (message,) = system_checks.database_is_protected(databases=["default"])
    assert message.id == "accounts.row_level_security_off"


def test_a_table_of_another_owner_is_found_if_it_is_one_of_ours() -> None:
    sql("create role another", "create table newcomer ()", "alter table newcomer owner to another")
    sql("create role app", "grant usage on schema public to app", "set local role app")
    assert findings(ROW_LEVEL_SECURITY) == []
    sql("reset role", "alter table accounts_gig disable row level security", "set local role app")
    assert "off for accounts_gig:" in sentences(ROW_LEVEL_SECURITY)


@pytest.mark.parametrize(
    ("statement", "name"),
    [
        ("grant select on accounts_user to anon", "accounts_user"),
        ("grant update (title) on accounts_gig to authenticated", "accounts_gig"),
        ("create function everybodys() returns int language sql as 'select 1'", "everybodys()"),
    ],
)
def test_privileges_of_the_api_roles_are_found(statement: str, name: str) -> None:
    sql(statement)
    assert findings(ROW_LEVEL_SECURITY) == ["api_roles_have_privileges"]
    assert f"privileges on {name}." in sentences(ROW_LEVEL_SECURITY)


# ------------------------------------------------------------------------------------ Realtime


@pytest.mark.parametrize("name", realtime.POLICIES)
def test_a_missing_policy_is_found(name: str) -> None:
    sql(f'drop policy "{name}" on realtime.messages')
    assert f"are missing: {name}." in sentences(POLICIES)
    assert "realtime_policies_missing" in findings(POLICIES)
    found = [each.id for each in system_checks.database_is_protected(databases=["default"])]
    assert found == ["accounts.realtime_policies_missing"]


def test_a_database_without_realtime_is_found() -> None:
    sql("alter function realtime.send(jsonb, text, text, boolean) rename to send_away")
    assert findings(realtime.checks()) == ["realtime_missing"]


@pytest.mark.parametrize(
    ("statement", "names"),
    [
        ('drop policy "chat members listen" on realtime.messages', "chat: channels"),
        ('drop policy "people hear their own news" on realtime.messages', "user: channels"),
        (
            "revoke execute on function private.is_chat_member(text) from authenticated",
            "user: channels and chat: channels",
        ),
        ("revoke select on realtime.messages from authenticated", "user: channels and chat: channels"),
        (
            "create policy no on realtime.messages as restrictive to authenticated using (false)",
            "user: channels and chat: channels",
        ),
    ],
)
def test_members_who_cannot_listen_are_found(statement: str, names: str) -> None:
    sql(statement)
    assert findings(CHANNELS) == ["realtime_refuses_members"]
    assert f"let users listen to {names}:" in sentences(CHANNELS)


@pytest.mark.parametrize(
    "statement",
    [
        "alter table realtime.messages disable row level security",
        "create policy open on realtime.messages for select to authenticated using (true)",
        "create policy open on realtime.messages for select to anon using (true)",
    ],
)
def test_strangers_who_can_listen_are_found(statement: str) -> None:
    sql(statement)
    assert findings(CHANNELS) == ["realtime_admits_strangers"]
    assert "everybody listen to user: channels and chat: channels," in sentences(CHANNELS)


def test_the_check_of_the_channels_leaves_nothing_behind() -> None:
    counts = "select (select count(*) from accounts_user), (select count(*) from realtime.messages), role"
    with connection.cursor() as cursor:
        cursor.execute(f"{counts} from current_user role")
        before = cursor.fetchone()
        assert findings(CHANNELS) == []
        cursor.execute(f"{counts} from current_user role")
        assert cursor.fetchone() == before


# -------------------------------------------------------------------------------------- pooler


def test_port_6543_without_a_pooler_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(connection.settings_dict, "DISABLE_SERVER_SIDE_CURSORS", True)
    assert findings(POOLER) == ["pooler_session_mode"]
