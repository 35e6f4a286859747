"""The serializer of notices."""

from accounts.models import Notice
from accounts.serializers.fields import ModelSerializer


class NoticeSerializer(ModelSerializer[Notice]):
    """A notice of staff. `report` is the id of the caller's report that was handled, or null."""

    class Meta:
        model = Notice
        fields = ["id", "kind", "text", "report", "created_at", "read_at"]
        read_only_fields = fields
