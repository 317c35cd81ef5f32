"""The reference service: a WebSocket echo and a chat, for clients with a known token."""
