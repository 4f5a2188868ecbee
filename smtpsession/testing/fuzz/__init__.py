"""Black-box fuzzing of any SMTP or LMTP server, as ``smtpsession fuzz`` does it."""
