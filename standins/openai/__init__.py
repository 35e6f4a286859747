"""An imitation of the OpenAI API for development and tests without an account.

It serves the calls that LinguaFlex makes, validated by the types of the official ``openai`` package:

* ``POST /v1/realtime/client_secrets`` creates client secrets for Realtime sessions.
* ``POST /v1/realtime/calls`` answers a WebRTC offer, ``POST /v1/realtime/calls/{id}/hangup`` ends the call.
* ``/v1/realtime`` is a WebSocket for practice by typing. Here and in calls, ``conversation.item.create`` and
  ``response.create`` are accepted; other client events are errors.
* ``POST /v1/responses`` returns feedback on a conversation; it requires a strict JSON schema.

No model is involved: each text is derived from the learner's words and labelled as simulated. Tests add
``faults``, which make the next requests fail, and ``plans``, which disturb the next turns of sessions.
"""
