"""What the row of a deleted account keeps: an id and a name for the messages of its chats."""

from datetime import timedelta

DELETED_NAME = "Deleted user"
# Longer than a picture upload that began before the deletion: one call of supabase_client.TIMEOUT_SECONDS.
# A deletion is complete when its files are removed after this time.
DELETION_GRACE = timedelta(minutes=1)
PERSONAL_FIELDS = {
    "last_login",
    "banned_until",
    "email",
    "role",
    "profile_picture",
    "phone_number",
    "date_of_birth",
    "bio",
    "city",
    "country",
    "native_language",
    "learning_languages",
    "timezone",
    "emptied_fields",
    "auto_cards",
    "desired_retention",
    "reviews_per_day",
}
