from smtpsession.testing.model_checks import Check, Finding


def test_a_check_is_binding_unless_it_says_otherwise() -> None:
    check = Check("form of a reply", "RFC 5321 4.2")
    assert check.level == "MUST"
    assert Finding(check, "a reply", "none").check is check
