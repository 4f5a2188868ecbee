"""Listeners, streams, TLS and time: the Trio side."""
