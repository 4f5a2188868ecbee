"""Facts about one connection: pure."""
