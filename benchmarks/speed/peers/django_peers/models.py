"""The product's tables, with the columns that the six requests need."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from benchmarks.speed.peers.shapes import TYPES


class User(models.Model):
    id = models.UUIDField(primary_key=True)
    name = models.TextField()
    email = models.TextField()
    role = models.TextField()
    profile_picture = models.TextField()
    timezone = models.TextField()
    banned_until = models.DateTimeField(null=True)
    is_staff = models.BooleanField()
    deleted_at = models.DateTimeField(null=True)
    is_authenticated = True

    class Meta:
        managed = False
        db_table = "accounts_user"


class Teacher(models.Model):
    user = models.OneToOneField(User, models.CASCADE, primary_key=True)
    headline = models.TextField()
    experience_years = models.IntegerField()
    is_verified = models.BooleanField()

    class Meta:
        managed = False
        db_table = "accounts_teacher"


class Gig(models.Model):
    teacher = models.ForeignKey(Teacher, models.CASCADE)
    title = models.TextField()
    description = models.TextField()
    language = models.TextField()
    language_code = models.TextField()
    price_per_session = models.DecimalField(max_digits=10, decimal_places=2)
    currency = models.TextField()
    session_minutes = models.IntegerField()
    tags = ArrayField(models.TextField())
    what_is_included = models.TextField()
    status = models.TextField()
    suspension_reason = models.TextField()
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        managed = False
        db_table = "accounts_gig"


class Conversation(models.Model):
    user = models.ForeignKey(User, models.CASCADE)
    topic = models.CharField(max_length=200)
    transcription = models.JSONField()
    native_language = models.CharField(max_length=50)
    native_language_code = models.TextField()
    target_language = models.CharField(max_length=50)
    target_language_code = models.TextField()
    conversation_type = models.CharField(max_length=20, choices=list(TYPES.items()), default="practice")
    duration_minutes = models.PositiveSmallIntegerField(null=True, blank=True)
    ai_feedback = models.JSONField(default=dict, blank=True)
    generated_feedback = models.JSONField(null=True)
    feedback_status = models.TextField(default="none")
    feedback_error = models.TextField(default="")
    client_id = models.UUIDField(null=True, blank=True)
    session = models.BigIntegerField(db_column="session_id", null=True)
    reported_usage = models.JSONField(null=True)
    comments_count = models.PositiveIntegerField(default=0)
    creation_digest = models.TextField()
    search_text = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        managed = False
        db_table = "accounts_voiceconversation"


class ScoredConversation(models.Model):
    """The columns that the summary reads; PostgreSQL computes the scores."""

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    target_language = models.TextField()
    target_language_code = models.TextField()
    conversation_type = models.TextField()
    duration_minutes = models.PositiveSmallIntegerField(null=True)
    ai_feedback = models.JSONField()
    grammar_score = models.FloatField(null=True)
    pronunciation_score = models.FloatField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        managed = False
        db_table = "accounts_voiceconversation"


class Chat(models.Model):
    id = models.UUIDField(primary_key=True)
    first = models.ForeignKey(User, models.CASCADE, related_name="+")
    second = models.ForeignKey(User, models.CASCADE, related_name="+")
    last_seq = models.BigIntegerField()
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        managed = False
        db_table = "accounts_chat"


class Participant(models.Model):
    chat = models.ForeignKey(Chat, models.CASCADE, related_name="participants")
    user = models.ForeignKey(User, models.CASCADE, related_name="participations")
    read_seq = models.BigIntegerField()
    unread_count = models.BigIntegerField()
    blocked_at = models.DateTimeField(null=True)
    active_at = models.DateTimeField(null=True)

    class Meta:
        managed = False
        db_table = "accounts_participant"


class Message(models.Model):
    chat = models.ForeignKey(Chat, models.CASCADE, related_name="messages")
    seq = models.BigIntegerField()
    sender = models.ForeignKey(User, models.CASCADE, related_name="+")
    content = models.TextField(max_length=10_000)
    client_id = models.UUIDField(null=True, blank=True)
    creation_digest = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)
    edited_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)
    removed_by_staff = models.BooleanField(default=False)

    class Meta:
        managed = False
        db_table = "accounts_message"
