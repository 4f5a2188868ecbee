"""``python -m smtpsession`` is the command ``smtpsession``."""

import sys

from smtpsession.cli import main

sys.exit(main())
