"""Options are checked when they are given, and become the dialogue's settings."""

import functools
import math
import re
import socket
import ssl
from typing import Any

import attrs
import pytest

from smtpsession import Config, Extension, Limits, Mechanism, Session, Timeouts
from smtpsession.server.auth_methods import default_mechanisms
from smtpsession.wire.trusted_networks import TrustedNetworks

TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
SWITCHES = [
    "lmtp",
    "auth_required",
    "allow_insecure_auth",
    "strict_sni",
    "implicit_tls",
    "require_tls",
    "reverse_lookup",
    "strict_pipelining",
    "lenient_addresses",
]


async def resolver(address: str) -> str | None:
    return None


def keywords(config: Config) -> list[str]:
    return [e.keyword for e in config.dialogue_settings().extensions]


def test_defaults() -> None:
    assert attrs.asdict(Config(hostname="mx.example"), recurse=False) == {
        "hostname": "mx.example",
        "banner": "",
        "lmtp": False,
        "tls": None,
        "sni": {},
        "strict_sni": False,
        "implicit_tls": False,
        "require_tls": False,
        "auth_methods": default_mechanisms(),
        "auth_required": False,
        "allow_insecure_auth": False,
        "xclient": TrustedNetworks(),
        "xforward": TrustedNetworks(),
        "disabled_commands": frozenset(),
        "extensions": (),
        "hidden_extensions": frozenset(),
        "proxy_protocol": TrustedNetworks(),
        "proxy_unknown": "refuse",
        "reverse_lookup": True,
        "resolver": None,
        "greeting_delay": None,
        "strict_pipelining": False,
        "bare_newline": "reject",
        "nul": "reject",
        "lenient_addresses": False,
        "limits": Limits(),
        "timeouts": Timeouts(),
    }


@pytest.mark.parametrize(
    ("own", "hostname"),
    [
        ("box", "box"),
        ("box.example.org", "box.example.org"),
        ("", "localhost"),
        ("böx", "localhost"),
        ("two words", "localhost"),
        (".".join(["d" * 63] * 5), "localhost"),
    ],
)
def test_the_default_hostname_is_the_machines_if_it_can_be_said(
    own: str, hostname: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "gethostname", lambda: own)
    assert Config().hostname == hostname


def test_an_unknown_option_is_refused() -> None:
    with pytest.raises(TypeError, match="hostnam"):
        Config(hostnam="mx.example")  # type: ignore[call-arg]


def test_options_have_to_be_named() -> None:
    with pytest.raises(TypeError, match="positional"):
        Config("mx.example")  # type: ignore[call-arg]


def test_options_do_not_change() -> None:
    config = Config(hostname="mx.example")
    for name in attrs.fields_dict(Config):
        with pytest.raises(attrs.exceptions.FrozenInstanceError):
            setattr(config, name, None)
    assert attrs.evolve(config, banner="hi").hostname == "mx.example"


# Each option's wrong type is a TypeError, and its wrong value a ValueError.

WRONG_TYPES: list[tuple[str, object, str]] = [
    ("hostname", None, "hostname must be a str, got None"),
    ("hostname", b"mx", "hostname must be a str, got b'mx'"),
    ("banner", None, "banner must be a str, got None"),
    ("banner", 5, "banner must be a str, got 5"),
    ("tls", "cert.pem", "tls must be a SSLContext, got 'cert.pem'"),
    ("sni", None, "sni must map names to contexts, got None"),
    ("sni", {"mx.example": "cert.pem"}, "sni must have a SSLContext for 'mx.example'"),
    *((name, 1, f"{name} must be a bool, got 1") for name in SWITCHES),
    *((name, None, f"{name} must be a bool, got None") for name in SWITCHES),
    ("auth_methods", "PLAIN", "auth_methods must be several str or Mechanism classes"),
    ("auth_methods", [5], "auth_methods must be several str or Mechanism classes, got"),
    ("xclient", "10.0.0.1", "xclient must be a sequence of networks such as"),
    ("xforward", [5], "xforward must hold networks as str, got 5"),
    ("disabled_commands", "VRFY", "disabled_commands must be several str, got 'VRFY'"),
    ("disabled_commands", 5, "disabled_commands must be several str, got 5"),
    ("disabled_commands", None, "disabled_commands must be several str, got None"),
    ("disabled_commands", [b"VRFY"], "disabled_commands must be several str, got [b'"),
    ("extensions", "RRVS", "extensions must be several str or Extension objects, "),
    ("extensions", [5], "extensions must be several str or Extension objects, got"),
    ("hidden_extensions", "SIZE", "hidden_extensions must be several str, got 'SIZE'"),
    ("hidden_extensions", 5, "hidden_extensions must be several str, got 5"),
    ("hidden_extensions", None, "hidden_extensions must be several str, got None"),
    ("hidden_extensions", b"SIZE", "hidden_extensions must be several str, got b'SI"),
    ("hidden_extensions", ["SIZE", 1], "hidden_extensions must be several str, got ["),
    (
        *("proxy_protocol", "10.0.0.0/8"),
        "proxy_protocol must be a sequence of networks such as ['10.0.0.0/8'], got '10",
    ),
    ("proxy_protocol", None, "proxy_protocol must be a sequence of networks such as "),
    ("proxy_protocol", True, "proxy_protocol must be a sequence of networks such as "),
    ("proxy_protocol", [5], "proxy_protocol must hold networks as str, got 5"),
    ("proxy_unknown", None, "proxy_unknown must be a str, got None"),
    ("proxy_unknown", True, "proxy_unknown must be a str, got True"),
    ("resolver", "9.9.9.9", "'resolver' must be callable (got '9.9.9.9'"),
    ("greeting_delay", "5", "greeting_delay must be seconds as a number or None, got"),
    ("greeting_delay", True, "greeting_delay must be seconds as a number or None, got"),
    ("bare_newline", None, "bare_newline must be a str, got None"),
    ("bare_newline", True, "bare_newline must be a str, got True"),
    ("nul", None, "nul must be a str, got None"),
    ("limits", None, "limits must be a Limits, got None"),
    ("limits", {"recipients": 100}, "limits must be a Limits, got {'recipients'"),
    ("timeouts", None, "timeouts must be a Timeouts, got None"),
    ("timeouts", 30, "timeouts must be a Timeouts, got 30"),
]

WRONG_VALUES: list[tuple[str, object, str]] = [
    *(
        ("hostname", value, f"hostname must be a domain name in ASCII, got {value!r}")
        for value in (
            *("", ".", "mx.", ".mx", "a..b", "two words", "mx.exämple", "a\r\nb"),
            *(
                "mx.example\n",
                "[192.0.2.1]",
                "d" * 64,
                ".".join(["d" * 63] * 4 + ["x"]),
            ),
        )
    ),
    *(
        ("banner", value, "banner must be at most 200 printable ASCII characters, got")
        for value in ("grüß", "a\r\nb", "a\nb", "\t", "\x7f", "x" * 201)
    ),
    ("disabled_commands", ["VRFX"], "disabled_commands may name AUTH, BDAT, DATA, "),
    ("disabled_commands", ["VRFY", "B", "A"], "; got A, B"),
    ("disabled_commands", ["QUIT"], "; got QUIT"),
    ("disabled_commands", ["RSET", "NOOP"], "; got NOOP, RSET"),
    ("hidden_extensions", ["SIZ"], "hidden_extensions may name 8BITMIME, AUTH, BIN"),
    ("extensions", ["SIZE"], "extensions may name BINARYMIME, DELIVERBY, FUTURERELE"),
    ("auth_methods", ["PLAN"], "auth_methods may name "),
    ("xclient", ["lan"], "or \"unix\", got 'lan'"),
    ("xforward", ["10.0.0.1/8"], "xforward: 10.0.0.1/8 has host bits set"),
    ("hidden_extensions", ["SIZE", "HELP"], "; got HELP"),
    *(
        ("greeting_delay", value, "greeting_delay must be more than 0 seconds, got")
        for value in (0, -1, math.nan)
    ),
    *(
        ("greeting_delay", value, "must be less than timeouts.command (300.0), got 3")
        for value in (300, 301.5)
    ),
    ("greeting_delay", math.inf, "must be less than timeouts.command (300.0), got inf"),
    ("bare_newline", "accept", "bare_newline must be in ('reject', 'normalize'), got "),
    ("proxy_protocol", ["10.0.0.1/8"], "proxy_protocol: 10.0.0.1/8 has host bits set"),
    ("proxy_protocol", ["::1", "lan"], "or \"unix\", got 'lan'"),
    ("proxy_unknown", "drop", "proxy_unknown must be in ('refuse', 'accept'), got 'd"),
    ("nul", "normalize", "nul must be in ('reject', 'accept'), got 'normalize'"),
    ("sni", {"a b": TLS}, "sni must have names like mx.example.org or *.example.org"),
    ("sni", {"mx.example": TLS}, "sni needs tls, the context for all other names"),
    ("strict_sni", True, "strict_sni needs sni, or it would refuse every name"),
    ("implicit_tls", True, "implicit_tls needs tls, an ssl.SSLContext"),
    ("require_tls", True, "require_tls needs tls, an ssl.SSLContext"),
]


@pytest.mark.parametrize(("option", "value", "says"), WRONG_TYPES)
def test_a_wrong_type_is_a_type_error_that_says_what_was_wanted(
    option: str, value: Any, says: str
) -> None:
    with pytest.raises(TypeError, match=re.escape(says)):
        Config(**{option: value})


@pytest.mark.parametrize(("option", "value", "says"), WRONG_VALUES)
def test_a_wrong_value_is_a_value_error_that_says_what_was_wanted(
    option: str, value: Any, says: str
) -> None:
    with pytest.raises(ValueError, match=re.escape(says)):
        Config(**{option: value})


def test_every_option_is_checked() -> None:
    assert {option for option, *_ in WRONG_TYPES} == set(attrs.fields_dict(Config))


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("hostname", "localhost"),
        ("hostname", "my_box-1.Example.ORG"),
        ("hostname", ".".join(["d" * 63] * 4)),
        ("banner", ""),
        ("banner", "~ no SPAM, please ~"),
        ("banner", "x" * 200),
        ("tls", TLS),
        ("resolver", resolver),
        ("greeting_delay", 0.2),
        ("greeting_delay", 299),
        ("bare_newline", "normalize"),
        ("nul", "accept"),
        ("limits", Limits(recipients=None)),
        ("timeouts", Timeouts(hook=None)),
        ("lmtp", True),
        ("auth_required", True),
        ("allow_insecure_auth", True),
        ("strict_pipelining", True),
        ("lenient_addresses", True),
        ("reverse_lookup", False),
        ("proxy_unknown", "accept"),
    ],
)
def test_a_good_value_is_kept(option: str, value: Any) -> None:
    assert getattr(Config(**{option: value}), option) == value


@pytest.mark.parametrize(
    "values", [["vrfy", "Expn"], ("EXPN", "VRFY"), {"vrfy", "expn"}]
)
def test_verbs_and_keywords_may_be_written_in_any_case(values: Any) -> None:
    assert Config(disabled_commands=values).disabled_commands == {"VRFY", "EXPN"}
    hidden = Config(hidden_extensions=(word for word in ["size", "Pipelining"]))
    assert hidden.hidden_extensions == {"SIZE", "PIPELINING"}


def test_proxies_are_networks() -> None:
    config = Config(proxy_protocol=["10.0.0.0/8", "unix"])
    assert [*map(config.proxy_protocol.trusts, ("10.1.2.3", "", "11.1.2.3"))] == (
        [True, True, False]
    )
    assert attrs.evolve(config, banner="hi").proxy_protocol == config.proxy_protocol
    assert not Config(proxy_protocol=()).proxy_protocol


@pytest.mark.parametrize("option", ["implicit_tls", "require_tls"])
def test_options_of_tls_are_taken_together_with_tls(option: str) -> None:
    options: dict[str, Any] = {"tls": TLS, option: True}
    assert getattr(Config(**options), option) is True


def test_the_delay_is_compared_with_the_deadline_for_commands() -> None:
    endless = Timeouts(command=None)
    assert Config(greeting_delay=1000, timeouts=endless).greeting_delay == 1000
    with pytest.raises(ValueError, match="less than"):
        Config(greeting_delay=math.inf, timeouts=endless)
    with pytest.raises(ValueError, match="less than"):
        Config(greeting_delay=5, timeouts=Timeouts(command=5))


def test_names_are_taken_in_any_case_and_evolve() -> None:
    config = Config(tls=TLS, sni={"MX.example": TLS}, strict_sni=True)
    assert config.sni == {"mx.example": TLS}
    assert attrs.evolve(config, banner="hi").sni == config.sni
    assert hash(config) == hash(attrs.evolve(config))


# What the dialogue is told.


def test_the_settings_of_the_dialogue_are_the_options() -> None:
    limits = Limits(recipients=100)
    settings = Config(
        hostname="mx.example",
        banner="hi",
        tls=TLS,
        require_tls=True,
        strict_pipelining=True,
        bare_newline="normalize",
        nul="accept",
        lenient_addresses=True,
        limits=limits,
    ).dialogue_settings()
    assert (settings.hostname, settings.banner) == ("mx.example", "hi")
    assert settings.limits is limits
    assert (settings.bare_newline, settings.nul) == ("normalize", "accept")
    assert settings.require_tls
    assert settings.strict_pipelining
    assert settings.lenient_addresses
    plain = Config().dialogue_settings()
    assert (plain.bare_newline, plain.nul) == ("reject", "reject")
    assert not plain.require_tls
    assert not plain.strict_pipelining
    assert not plain.lenient_addresses


def test_extensions_are_offered_in_their_order() -> None:
    usual = [
        *("PIPELINING", "SIZE", "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES"),
        *("CHUNKING", "DSN", "LIMITS"),
    ]
    assert keywords(Config()) == usual
    assert keywords(Config(tls=TLS)) == [*usual, "STARTTLS"]


def test_a_hidden_extension_is_gone() -> None:
    for keyword in [
        "PIPELINING",
        "SIZE",
        "SMTPUTF8",
        "ENHANCEDSTATUSCODES",
        "STARTTLS",
        "CHUNKING",
        "DSN",
        "LIMITS",
    ]:
        config = Config(tls=TLS, hidden_extensions=[keyword])
        assert set(keywords(Config(tls=TLS))) - set(keywords(config)) == {keyword}


def test_smtputf8_goes_with_8bitmime() -> None:
    """RFC 6531 3.1: a server that offers SMTPUTF8 offers 8BITMIME."""
    config = Config(hidden_extensions=["8bitmime"])
    assert keywords(config) == [
        *("PIPELINING", "SIZE", "ENHANCEDSTATUSCODES", "CHUNKING", "DSN", "LIMITS")
    ]


def test_chosen_extensions_are_offered_and_can_be_hidden() -> None:
    class Own(Extension):
        """An extension of one's own."""

        keyword = "X-Own"

    chosen: list[str | Extension] = ["rrvs", Own()]
    assert keywords(Config(extensions=chosen))[-2:] == ["RRVS", "X-Own"]
    config = Config(extensions=chosen, hidden_extensions=["Rrvs", "x-own"])
    assert keywords(config) == keywords(Config())
    with pytest.raises(ValueError, match="X-OWN"):
        Config(hidden_extensions=["X-OWN"])
    assert keywords(attrs.evolve(Config(extensions=chosen), banner="hi"))[-2:] == (
        ["RRVS", "X-Own"]
    )


def test_limits_offers_the_limits_that_there_are() -> None:
    def offered(limits: Limits) -> str | None:
        settings = Config(limits=limits).dialogue_settings()
        (extension,) = (e for e in settings.extensions if e.keyword == "LIMITS")
        return extension.offer(Session(id="1"))

    assert offered(Limits()) == "LIMITS RCPTMAX=1000"
    assert offered(Limits(recipients=100, transactions=7)) == (
        "LIMITS RCPTMAX=100 MAILMAX=7"
    )
    assert offered(Limits(recipients=None)) is None


def test_the_preset_for_mail_from_the_internet() -> None:
    config = Config.mx(hostname="mx.example")
    assert config.hostname == "mx.example"
    assert config.strict_pipelining
    assert config.limits == Limits(sessions_per_source=50, transactions=1_000)
    assert attrs.evolve(config, strict_pipelining=False, limits=Limits()) == (
        Config(hostname="mx.example")
    )
    own = Config.mx(limits=Limits(recipients=100), strict_pipelining=False)
    assert own.limits == Limits(recipients=100)
    assert not own.strict_pipelining
    with pytest.raises(TypeError, match="hostnam"):
        Config.mx(hostnam="mx.example")


def test_the_preset_for_lmtp() -> None:
    config = Config.for_lmtp(hostname="mx.example")
    assert config.lmtp
    assert not config.reverse_lookup
    assert attrs.evolve(config, lmtp=False, reverse_lookup=True) == (
        Config(hostname="mx.example")
    )
    assert Config.for_lmtp(reverse_lookup=True).reverse_lookup
    with pytest.raises(TypeError, match="hostnam"):
        Config.for_lmtp(hostnam="mx.example")
    assert config.dialogue_settings().lmtp
    assert not Config().dialogue_settings().lmtp


def test_the_preset_for_submission() -> None:
    config = Config.submission(hostname="mx.example", tls=TLS)
    assert config.auth_required
    assert config.require_tls
    assert attrs.evolve(config, auth_required=False, require_tls=False) == (
        Config(hostname="mx.example", tls=TLS)
    )
    settings = config.dialogue_settings(authenticates=True)
    assert settings.auth_required
    assert settings.auth is not None
    assert Config.submission(tls=TLS, implicit_tls=True).implicit_tls
    with pytest.raises(ValueError, match="require_tls needs tls"):
        Config.submission()


def test_who_authenticates_is_known_to_the_dialogue() -> None:
    config = Config(auth_methods=["PLAIN"], xclient=["::1"], xforward=["10.0.0.0/8"])
    settings = config.dialogue_settings(authenticates=True)
    assert settings.auth is not None
    assert list(settings.auth.mechanisms) == ["PLAIN"]
    assert settings.xclient.trusts("::1")
    assert settings.xforward.trusts("10.1.2.3")
    assert Config().dialogue_settings().auth is None


def test_size_offers_the_limit() -> None:
    def offered(limit: int | None) -> str | None:
        settings = Config(limits=Limits(message_octets=limit)).dialogue_settings()
        return settings.mail_parameters["SIZE"].offer(Session(id="1"))

    assert offered(1000) == "SIZE 1000"
    assert offered(None) == "SIZE 0"


def test_a_context_for_clients_is_refused() -> None:
    with pytest.raises(ValueError, match=r"tls must be a context for servers"):
        Config(tls=ssl.create_default_context())


def test_a_resolver_has_to_be_async() -> None:
    class Resolves:
        async def __call__(self, address: str) -> str | None:
            return None

    async def resolve(domain: str, address: str) -> str | None:
        return None

    for resolver in (Resolves(), functools.partial(resolve, "example")):
        assert Config(resolver=resolver).resolver is resolver
    with pytest.raises(TypeError, match=r"resolver must be an async function"):
        Config(resolver=lambda address: None)  # type: ignore[arg-type,return-value]


def test_where_authentication_is_required_there_is_a_way_to_it() -> None:
    with pytest.raises(ValueError, match="auth_required needs auth_methods, or nobody"):
        Config(auth_required=True, auth_methods=[])
    # A trusted proxy says by XCLIENT who its client is.
    assert Config(auth_required=True, auth_methods=[], xclient=["unix"]).auth_required


def test_a_mechanism_of_ones_own_has_steps() -> None:
    class Idle(Mechanism):
        name = "X-IDLE"

    with pytest.raises(ValueError, match="mechanism Idle needs a step method"):
        Config(auth_methods=[Idle])
