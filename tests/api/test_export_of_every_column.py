"""The export of one's data has every column of every model, except those that are listed here."""

from fnmatch import fnmatch

from tests.fixtures.exported_columns import exported_columns, stored_columns

# Columns that the export does not have, by the reason; * is any text.
LEFT_OUT = {
    "of the software, not of a person": """
        contenttype.* group.* group_permissions.* permission.* session.* workerheartbeat.*
        dbtaskresult.*""",
    "of the work of staff, which is not given to the people it concerns": """
        logentry.* privatetextreading.* user_groups.* user_user_permissions.* user.is_superuser
        user.banned_until report.action report.handled_by report.handling_reason""",
    "names another person, whose data it is too": """
        report.copied_text report.reported_user""",
    "the peer's as much as the caller's: messages name their chat, and GET supabase/chats/ shows it": """
        chat.* participant.*""",
    "the caller, whose profile has the id": """
        card.learner cardreview.learner correction.learner declinedlearner.teacher gig.teacher notice.user
        report.reporter teacher.user voicesession.user""",
    "computed from exported columns": """
        *.search_text gig.full_search_text gig.tag_keys card.dedupe_key practicehour.* practicekind.*
        storedbytes.*
        user.native_language_code user.learning_language_codes voiceconversation.grammar_score
        voiceconversation.pronunciation_score""",
    "digests of exported columns, for retries": "*.creation_digest",
    "keys of rows that are exported inside another row, or that nothing refers to": """
        cardreview.card cardreview.id cardsource.* correction.comment declinedlearner.id share.id
        voiceevent.event_id voiceevent.id voiceevent.session voicesession.id""",
    "state of access: passwords and sessions are Supabase's, and a deleted user exports nothing": """
        user.password user.last_login user.is_active user.email_as_of user.emptied_fields user.deleted_at
        user.deletion_finished_at revocation.*""",
    "state of a job, or of a call that runs": """
        voiceconversation.feedback_attempts voiceconversation.feedback_due_at voiceconversation.generated_keys
        voicesession.call_id voicesession.call_started_at voicesession.call_taken_at voicesession.event_bytes
        voicesession.hang_up_due_at voicesession.hung_up_at voicesession.last_event_at voicesession.options
        voicesession.reported_tokens voicesession.save_due_at voicesession.transport""",
    "of staff, who tell the owner the reason of a suspension": """
        gig.status_before_suspension gig.suspended_at""",
}


def test_every_column_is_exported_or_left_out_for_a_reason() -> None:
    patterns = [pattern for columns in LEFT_OUT.values() for pattern in columns.split()]
    stored, exported = stored_columns(), exported_columns()
    missing = {
        column for column in stored - exported if not any(fnmatch(column, pattern) for pattern in patterns)
    }
    assert not missing, f"Export these columns, or list them in LEFT_OUT with the reason: {sorted(missing)}"


def test_no_column_is_listed_that_is_exported_or_does_not_exist() -> None:
    left_out, exported = stored_columns() - exported_columns(), exported_columns()
    patterns = [pattern for columns in LEFT_OUT.values() for pattern in columns.split()]
    wrong = [
        pattern
        for pattern in patterns
        if not any(fnmatch(column, pattern) for column in left_out)
        or any(fnmatch(column, pattern) for column in exported)
    ]
    assert not wrong
