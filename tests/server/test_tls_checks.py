"""Contexts that cannot serve, or not together, are refused with what to do."""

import re
import ssl
import warnings
from collections.abc import Callable

import pytest

from smtpsession import Config
from smtpsession.server.server_names import ServerNames
from smtpsession.server.tls_checks import check_contexts

V = ssl.TLSVersion


def a_context(**attributes: object) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        for name, value in attributes.items():
            setattr(context, name, value)
    return context


def of_protocol(name: str) -> ssl.SSLContext:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return ssl.SSLContext(getattr(ssl, name))


def refusal(tls: ssl.SSLContext | None, **sni: ssl.SSLContext) -> str:
    with pytest.raises(ValueError) as raised:
        check_contexts(tls, ServerNames(sni), strict_sni=False)
    return str(raised.value)


@pytest.mark.parametrize(
    "make",
    [
        a_context,
        lambda: ssl.create_default_context(ssl.Purpose.CLIENT_AUTH),
        lambda: of_protocol("PROTOCOL_TLS"),
        lambda: a_context(minimum_version=V.TLSv1_2),
        lambda: a_context(minimum_version=V.TLSv1_3),
        lambda: a_context(maximum_version=V.TLSv1_2),
    ],
)
def test_contexts_for_servers_are_taken(make: Callable[[], ssl.SSLContext]) -> None:
    check_contexts(make(), ServerNames({}), strict_sni=False)


@pytest.mark.parametrize("attribute", ["minimum_version", "maximum_version"])
@pytest.mark.parametrize("version", [V.TLSv1, V.TLSv1_1])
def test_versions_before_tls_1_2_are_refused(
    attribute: str, version: ssl.TLSVersion
) -> None:
    old = a_context(**{attribute: version})
    says = f"must have TLS 1.2 or newer: set its {attribute} to ssl.TLSVersion.TLSv1_2"
    assert refusal(old).startswith(f"tls {says}")
    assert refusal(a_context(), one=old).startswith(f"sni['one'] {says}")


@pytest.mark.parametrize(
    ("protocol", "got"),
    [
        ("PROTOCOL_TLS_CLIENT", "one for clients"),
        ("PROTOCOL_TLSv1_2", "one for <_SSLMethod.PROTOCOL_TLSv1_2: 5>"),
    ],
)
def test_contexts_for_something_else_are_refused(protocol: str, got: str) -> None:
    other = of_protocol(protocol)
    for refused in (refusal(other), refusal(a_context(), one=other)):
        assert "must be a context for servers, for example smtpsession.tls_con" in (
            refused
        )
        assert refused.endswith(f", got {got}")


@pytest.mark.parametrize(
    ("attribute", "value"),
    [
        ("verify_mode", ssl.CERT_REQUIRED),
        ("minimum_version", V.TLSv1_3),
        ("maximum_version", V.TLSv1_2),
    ],
)
def test_what_the_context_for_a_name_would_not_decide_must_be_the_same(
    attribute: str, value: object
) -> None:
    ours, theirs = a_context(), a_context(**{attribute: value})
    says = f"sni['one'] must have the {attribute} of tls, which is used for all names"
    assert refusal(ours, one=theirs).startswith(says)
    assert refusal(theirs, one=ours).startswith(says)
    check_contexts(theirs, ServerNames({"one": theirs}), strict_sni=False)


def test_versions_that_are_the_same_by_another_name_go_together() -> None:
    unset = a_context(
        minimum_version=V.MINIMUM_SUPPORTED, maximum_version=V.MAXIMUM_SUPPORTED
    )
    named = a_context(minimum_version=V.TLSv1_2, maximum_version=V.TLSv1_3)
    for tls, other in ((unset, named), (named, unset)):
        check_contexts(tls, ServerNames({"one": other}), strict_sni=True)


def test_sni_needs_tls() -> None:
    says = "sni needs tls, the context for all other names"
    assert refusal(None, one=a_context()) == says


def test_strict_sni_needs_sni() -> None:
    says = "strict_sni needs sni, or it would refuse every name"
    with pytest.raises(ValueError, match=re.escape(says)):
        check_contexts(a_context(), ServerNames({}), strict_sni=True)


def test_config_makes_these_checks() -> None:
    with pytest.raises(ValueError, match="sni needs tls"):
        Config(sni={"mx.example": a_context()})
    with pytest.raises(ValueError, match="strict_sni needs sni"):
        Config(tls=a_context(), strict_sni=True)
