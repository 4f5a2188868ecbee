"""The script of each planted fault."""

from __future__ import annotations

from tests.testing.fuzz.planted.auth_scripts import AUTH_SCRIPTS
from tests.testing.fuzz.planted.bdat_scripts import BDAT_SCRIPTS
from tests.testing.fuzz.planted.framing_scripts import FRAMING_SCRIPTS
from tests.testing.fuzz.planted.limit_scripts import LIMIT_SCRIPTS
from tests.testing.fuzz.planted.lmtp_scripts import LMTP_SCRIPTS
from tests.testing.fuzz.planted.reply_scripts import REPLY_SCRIPTS
from tests.testing.fuzz.planted.script import Scripts
from tests.testing.fuzz.planted.session_scripts import SESSION_SCRIPTS
from tests.testing.fuzz.planted.starttls_scripts import STARTTLS_SCRIPTS
from tests.testing.fuzz.planted.state_scripts import STATE_SCRIPTS

SCRIPTS: Scripts = {
    **FRAMING_SCRIPTS,
    **STATE_SCRIPTS,
    **REPLY_SCRIPTS,
    **BDAT_SCRIPTS,
    **LMTP_SCRIPTS,
    **AUTH_SCRIPTS,
    **STARTTLS_SCRIPTS,
    **LIMIT_SCRIPTS,
    **SESSION_SCRIPTS,
}
