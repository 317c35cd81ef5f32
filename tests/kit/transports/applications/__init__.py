"""One small service, written with five frameworks; clients see no difference.

``/rooms/{room}`` is a WebSocket. It accepts with the header ``x-room`` and, if it is offered, the subprotocol
``v2``. ``who`` is answered with the request of the client as JSON. ``bye`` closes with 4321 ``enough``, and
``crash`` raises an exception. Every other message is echoed. ``/closed`` is refused. ``POST /say?text=…``
sends a text to every client and returns the number of clients.
"""
