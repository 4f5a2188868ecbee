"""All planted faults, by name."""

from __future__ import annotations

from tests.testing.fuzz.planted.auth_faults import AUTH_FAULTS
from tests.testing.fuzz.planted.bdat_faults import BDAT_FAULTS
from tests.testing.fuzz.planted.fault import Fault
from tests.testing.fuzz.planted.framing_faults import FRAMING_FAULTS
from tests.testing.fuzz.planted.limit_faults import LIMIT_FAULTS
from tests.testing.fuzz.planted.lmtp_faults import LMTP_FAULTS
from tests.testing.fuzz.planted.reply_faults import REPLY_FAULTS
from tests.testing.fuzz.planted.session_faults import SESSION_FAULTS
from tests.testing.fuzz.planted.starttls_faults import STARTTLS_FAULTS
from tests.testing.fuzz.planted.state_faults import STATE_FAULTS

FAULTS: dict[str, Fault] = {
    fault.name: fault
    for faults in (
        FRAMING_FAULTS,
        STATE_FAULTS,
        REPLY_FAULTS,
        BDAT_FAULTS,
        LMTP_FAULTS,
        AUTH_FAULTS,
        STARTTLS_FAULTS,
        LIMIT_FAULTS,
        SESSION_FAULTS,
    )
    for fault in faults
}
