"""T-WITH-1: the `with` keyword for all 24 combinations (RFC 3848, RFC 6531 4.3)."""

import pytest

from smtpsession.session.transmission_type import transmission_type

# hello, TLS, AUTH, SMTPUTF8, keyword
TABLE = [
    ("HELO", False, False, False, "SMTP"),
    ("HELO", False, False, True, "SMTP"),
    ("HELO", False, True, False, "SMTP"),
    ("HELO", False, True, True, "SMTP"),
    ("HELO", True, False, False, "SMTP"),
    ("HELO", True, False, True, "SMTP"),
    ("HELO", True, True, False, "SMTP"),
    ("HELO", True, True, True, "SMTP"),
    ("EHLO", False, False, False, "ESMTP"),
    ("EHLO", False, False, True, "UTF8SMTP"),
    ("EHLO", False, True, False, "ESMTPA"),
    ("EHLO", False, True, True, "UTF8SMTPA"),
    ("EHLO", True, False, False, "ESMTPS"),
    ("EHLO", True, False, True, "UTF8SMTPS"),
    ("EHLO", True, True, False, "ESMTPSA"),
    ("EHLO", True, True, True, "UTF8SMTPSA"),
    ("LHLO", False, False, False, "LMTP"),
    ("LHLO", False, False, True, "UTF8LMTP"),
    ("LHLO", False, True, False, "LMTPA"),
    ("LHLO", False, True, True, "UTF8LMTPA"),
    ("LHLO", True, False, False, "LMTPS"),
    ("LHLO", True, False, True, "UTF8LMTPS"),
    ("LHLO", True, True, False, "LMTPSA"),
    ("LHLO", True, True, True, "UTF8LMTPSA"),
]


def test_the_table_has_all_combinations() -> None:
    assert len({row[:4] for row in TABLE}) == 24


@pytest.mark.parametrize(
    ("hello", "secure", "authenticated", "smtp_utf8", "keyword"), TABLE
)
def test_t_with_1(
    hello: str, secure: bool, authenticated: bool, smtp_utf8: bool, keyword: str
) -> None:
    for lmtp in {False, hello == "LHLO"}:
        found = transmission_type(
            hello,
            secure=secure,
            authenticated=authenticated,
            smtp_utf8=smtp_utf8,
            lmtp=lmtp,
        )
        assert found == keyword


@pytest.mark.parametrize(("lmtp", "keyword"), [(False, "SMTP"), (True, "LMTP")])
def test_before_a_hello(lmtp: bool, keyword: str) -> None:
    found = transmission_type(
        None, secure=False, authenticated=False, smtp_utf8=False, lmtp=lmtp
    )
    assert found == keyword
