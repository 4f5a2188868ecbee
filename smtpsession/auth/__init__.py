"""SASL mechanisms (RFC 4422), one per file, without I/O."""
