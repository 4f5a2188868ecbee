"""The wire layer: SMTP syntax, from octets to values and back."""
