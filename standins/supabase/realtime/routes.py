"""The addresses below /realtime/v1."""

from starlette.routing import BaseRoute, Route, WebSocketRoute

from standins.supabase.realtime import rest, socket

ROUTES: list[BaseRoute] = [
    WebSocketRoute("/websocket", socket.endpoint),
    Route("/api/broadcast", rest.broadcast, methods=["POST"]),
    Route("/api/broadcast/{topic:path}/events/{event:path}", rest.broadcast_event, methods=["POST"]),
]
