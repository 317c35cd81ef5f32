"""The reference service: a WebSocket echo that says who may come in and keeps its promises."""
