"""One small service, written with five frameworks; a client cannot tell which.

``/rooms/{room}`` is a WebSocket. It accepts with the header ``x-room`` and, if it is offered, the subprotocol
``v2``. ``who`` is answered with what the client asked for, as JSON; ``bye`` with a close, 4321 ``enough``;
``crash`` with an exception; anything else comes back as it was. ``/closed`` is refused. ``POST /say?text=…``
sends a text to every client and answers with how many there are.
"""
