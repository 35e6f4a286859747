"""Makes corrections and cards of the AI feedback that is stored already.

Each batch is a transaction of its own, so that its locks are short. A conversation that has corrections by the
AI is skipped, so an interrupted run may be repeated. The cards are due at the time of the migration.
"""

from collections.abc import Iterator
from typing import Any

from django.db import migrations, transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from accounts.values import flashcards, search_text, transcripts

BATCH = 500  # conversations


def fill(apps: Any, schema_editor: Any) -> None:
    alias = schema_editor.connection.alias
    rows = apps.get_model("accounts", "VoiceConversation").objects.using(alias).order_by("pk")
    rows = rows.filter(generated_feedback__corrections__0__isnull=False)
    last = 0
    while keys := list(rows.filter(pk__gt=last).values_list("pk", flat=True)[:BATCH]):
        last = keys[-1]
        with transaction.atomic(using=alias):
            made = make_corrections(apps, alias, keys)
            make_cards(apps, alias, made)


def make_corrections(apps: Any, alias: str, keys: list[int]) -> list[Any]:
    """Stores the corrections of these conversations, if they have none. Returns them."""
    conversations = apps.get_model("accounts", "VoiceConversation").objects.using(alias)
    corrections = apps.get_model("accounts", "Correction").objects.using(alias)
    is_filled = Exists(corrections.filter(conversation=OuterRef("pk"), source="ai"))
    locked = conversations.filter(~is_filled, pk__in=keys).select_related("user").order_by("pk")
    made = [
        corrections.model(**columns)
        for conversation in locked.select_for_update(of=("self",))
        for columns in columns_of(conversation)
    ]
    return list(corrections.bulk_create(made))


def make_cards(apps: Any, alias: str, corrections: list[Any]) -> None:
    """Stores the cards of new corrections, and the links between the two."""
    cards = apps.get_model("accounts", "Card").objects.using(alias)
    sources = apps.get_model("accounts", "CardSource").objects.using(alias)
    usable = [each for each in corrections if flashcards.makes_card(each.quote, each.corrected)]
    new = {identity_of(each): card_of(cards.model, each) for each in reversed(usable)}
    # In the order of the keys, so that a feedback job with some of the same keys does not deadlock.
    cards.bulk_create([new[key] for key in sorted(new)], ignore_conflicts=True)
    own = cards.filter(
        learner__in={learner for learner, _, _ in new}, dedupe_key__in={key for _, _, key in new}
    )
    columns = own.values_list("learner", "language_code", "dedupe_key", "pk")
    ids = {tuple(identity): pk for *identity, pk in columns}
    links = [sources.model(card_id=ids[identity_of(each)], correction=each) for each in usable]
    sources.bulk_create(links, ignore_conflicts=True)


def columns_of(conversation: Any) -> Iterator[dict[str, Any]]:
    """The columns of each correction of the conversation's feedback."""
    turns = transcripts.turns_of(conversation.transcription, learner_name=conversation.user.name)
    for each in conversation.generated_feedback["corrections"]:
        yield {
            "learner_id": conversation.user_id,
            "source": "ai",
            "language_code": conversation.target_language_code,
            "conversation": conversation,
            "turn": transcripts.place_of(each["quote"], turns),
            **{name: each[name] for name in ("quote", "corrected", "explanation")},
        }


def identity_of(correction: Any) -> tuple[Any, str, str]:
    """The columns that are unique among cards: the learner, the language and the key of the right form."""
    return correction.learner_id, correction.language_code, flashcards.dedupe_key(correction.corrected)


def card_of(model: Any, correction: Any) -> Any:
    """An unsaved card of the correction."""
    learner, language, key = identity_of(correction)
    now = timezone.now()
    texts = flashcards.texts_of(correction.quote, correction.corrected, correction.explanation)
    return model(
        learner_id=learner,
        language_code=language,
        dedupe_key=key,
        search_text=search_text.searchable(texts.values()),
        created_at=now,
        due_at=now,
        **texts,
    )


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("accounts", "0035_learning_events")]

    # The reversal of 0034 drops the rows with their tables.
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
