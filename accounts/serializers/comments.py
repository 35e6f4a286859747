"""Serializers of teachers' comments."""

from typing import Any

from rest_framework import serializers

from accounts.models import Comment
from accounts.models.comments import MAX_COMMENT_CHARACTERS
from accounts.serializers.fields import ModelSerializer, TextField, UUIDTextField
from accounts.serializers.users import NestedUserSerializer

MAX_TURN = 2**31 - 1  # of the column


class CommentSerializer(ModelSerializer[Comment]):
    """A comment on a conversation, as its learner reads it.

    `turn` is the index of the turn in `messages`, and then in `segments`; 0 for a text; null for a comment
    on the whole conversation. `correction` is the id of its correction, or null. `author` is null after the
    account of the teacher is deleted.
    """

    author = NestedUserSerializer(read_only=True, allow_null=True)
    turn = serializers.IntegerField(min_value=0, max_value=MAX_TURN, required=False, allow_null=True)
    quote = TextField(max_length=MAX_COMMENT_CHARACTERS, required=False, allow_blank=True)
    corrected = TextField(max_length=MAX_COMMENT_CHARACTERS, required=False, allow_blank=True)
    text = TextField(max_length=MAX_COMMENT_CHARACTERS)
    correction = serializers.IntegerField(source="correction.id", read_only=True, allow_null=True)

    class Meta:
        model = Comment
        fields = [
            "id",
            "conversation",
            "author",
            "turn",
            "quote",
            "corrected",
            "text",
            "correction",
            "created_at",
            "edited_at",
        ]
        read_only_fields = ["conversation", "edited_at"]


class OwnCommentSerializer(CommentSerializer):
    """A comment, as its author reads and writes it.

    The turn must contain `quote`; without `turn`, any turn. With `corrected`, the comment is a
    correction, and the quote is by default the whole text of the turn.
    """

    client_id = UUIDTextField(required=False, allow_null=True)

    class Meta(CommentSerializer.Meta):
        fields = [*CommentSerializer.Meta.fields[:-2], "client_id", "created_at", "edited_at"]
        validators: list[Any] = []  # a repeated client_id is a retry, not an error


class EditCommentSerializer(CommentSerializer):
    """The new texts and place of a comment. Fields that are absent keep their values."""

    class Meta(CommentSerializer.Meta):
        fields = ["turn", "quote", "corrected", "text"]
        read_only_fields: list[str] = []
