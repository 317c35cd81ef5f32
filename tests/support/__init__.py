"""Servers in their own processes and clients for them, shared by ``tests/system`` and ``bench``.

``bench`` imports from ``tests``; nothing in ``tests`` imports from ``bench``.
"""
