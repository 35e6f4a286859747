"""Makes corrections and cards of the AI feedback that is stored already.

Each batch is a transaction of its own, so that no lock lasts. Conversations with corrections are left out, so
a run that was interrupted may be repeated. The cards are due at the time of the migration.
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
    while batch := list(rows.filter(pk__gt=last).select_related("user")[:BATCH]):
        last = batch[-1].pk
        with transaction.atomic(using=alias):
            fill_batch(apps, alias, [conversation.pk for conversation in batch])


def fill_batch(apps: Any, alias: str, keys: list[int]) -> None:
    models = (
        apps.get_model("accounts", name) for name in ("VoiceConversation", "Correction", "Card", "CardSource")
    )
    conversations, corrections, cards, sources = (model.objects.using(alias) for model in models)
    is_filled = Exists(corrections.filter(conversation=OuterRef("pk"), source="ai"))
    locked = conversations.filter(~is_filled, pk__in=keys).select_related("user").order_by("pk")
    made = [
        corrections.model(**columns)
        for conversation in locked.select_for_update(of=("self",))
        for columns in columns_of(conversation)
    ]
    corrections.bulk_create(made)
    usable = [each for each in made if each.quote.strip() and each.corrected.strip()]
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
        quote = each["quote"]
        places = (turn.place for turn in turns if turn.speaker == "learner" and quote in turn.text)
        yield {
            "learner_id": conversation.user_id,
            "source": "ai",
            "language_code": conversation.target_language_code,
            "conversation": conversation,
            "turn": next(places, None),
            **{name: each[name] for name in ("quote", "corrected", "explanation")},
        }


def identity_of(correction: Any) -> tuple[Any, str, str]:
    return correction.learner_id, correction.language_code, flashcards.dedupe_key(correction.corrected)


def card_of(model: Any, correction: Any) -> Any:
    learner, language, key = identity_of(correction)
    now = timezone.now()
    texts = {
        "front": flashcards.marked(correction.quote, correction.corrected),
        "back": correction.corrected,
        "note": correction.explanation,
    }
    searched = search_text.searchable(texts.values())
    return model(
        learner_id=learner,
        language_code=language,
        dedupe_key=key,
        search_text=searched,
        created_at=now,
        due_at=now,
        **texts,
    )


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("accounts", "0035_learning_events")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
