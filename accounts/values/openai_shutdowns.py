"""The days on which OpenAI shuts models down, as announced by 2026-11-28.

Only models that LinguaFlex may be configured to use: speech, transcription, and text with a JSON schema.
OpenAI's list of models states such days too, for every model (``integrations/openai_models.py``).
Source: developers.openai.com/api/docs/deprecations
"""

from datetime import date

MODELS_BY_DAY = {
    date(2026, 5, 7): "gpt-4o-realtime-preview gpt-4o-mini-realtime-preview",
    date(2026, 10, 23): "gpt-4 gpt-4-turbo gpt-4.1-nano o1 o1-pro o3-mini o4-mini",
    date(2026, 12, 11): "gpt-5 gpt-5-mini gpt-5-nano gpt-5-pro o3 o3-pro",
    date(2027, 1, 14): "gpt-4o gpt-4o-mini gpt-4.1 gpt-4.1-mini",
    date(2027, 1, 20): "gpt-realtime gpt-realtime-mini",
    date(2027, 2, 26): "whisper-1 gpt-4o-transcribe gpt-4o-mini-transcribe gpt-4o-transcribe-diarize",
    date(2027, 4, 1): "gpt-5.1 gpt-5.3-codex gpt-5.4-nano",
}
SHUTDOWNS = {model: day for day, models in MODELS_BY_DAY.items() for model in models.split()}
