"""The fixtures, for ``-p smtpsession.testing.pytest_plugin``.

pytest finds them by itself where smtpsession is installed.
"""

from _smtpsession_pytest_plugin import smtp_catcher as smtp_catcher
from _smtpsession_pytest_plugin import smtp_catcher_module as smtp_catcher_module
from _smtpsession_pytest_plugin import smtp_catcher_session as smtp_catcher_session
from _smtpsession_pytest_plugin import smtp_client as smtp_client
from _smtpsession_pytest_plugin import smtp_server as smtp_server
