"""Options that do not exist."""

from smtpsession import Config, Limits, Timeouts

Config(host_name="mx.example.org")  # error
Config(limits=Limits(message_bytes=1_000))  # error
Config(timeouts=Timeouts(commands=60))  # error
Config(limits={"recipients": 50})  # error
