"""An imitation of the OpenAI API for development and tests without an account.

It serves the calls that LinguaFlex makes, validated by the types of the official ``openai`` package:

* ``POST /v1/realtime/client_secrets`` creates client secrets for Realtime sessions.
* ``/v1/realtime`` is a WebSocket for practice by typing. It accepts ``conversation.item.create`` and
  ``response.create``; other client events are errors, and WebRTC calls too.
* ``POST /v1/responses`` returns feedback on a conversation; it requires a strict JSON schema.

No model is involved: each text is derived from the learner's words and labelled as simulated. Tests add
``faults``, which make the next requests fail.
"""
