"""Reset scopes: each includes those before it."""

from smtpsession.session.reset_scope import ResetScope


def test_scopes_in_order() -> None:
    assert sorted(ResetScope) == [
        ResetScope.TRANSACTION,
        ResetScope.HELLO,
        ResetScope.TLS,
        ResetScope.PROXY,
    ]
    assert ResetScope.TRANSACTION < ResetScope.HELLO < ResetScope.TLS < ResetScope.PROXY
