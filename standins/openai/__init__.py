"""An imitation of the OpenAI API for development and tests without an account.

It serves the calls that LinguaFlex makes, validated by the types of the official ``openai`` package:

* ``POST /v1/realtime/client_secrets`` creates client secrets for Realtime sessions.
* ``/v1/realtime`` is a WebSocket for practice by typing. It accepts ``conversation.item.create`` and
  ``response.create``; other client events are errors, and so are calls with audio.
* ``POST /v1/responses`` computes feedback on a conversation by a strict JSON schema.

There is no model: each text depends only on the learner's words and is labelled as simulated. Tests add
``faults`` to make the next requests fail.
"""
