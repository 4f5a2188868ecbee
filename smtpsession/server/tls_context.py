"""Contexts for servers, made from files that can be read again.

Theory of operation: to read a certificate again into a context that is in use would
leave behind what the new files replace: another kind of key, an authority that is
trusted no more, the keys of session tickets. So a context writes down how it was made,
and a new one is made in the same way.
"""

from __future__ import annotations

import os
import ssl
from collections.abc import Callable
from typing import Any, NoReturn

import attrs

Path = str | os.PathLike[str]
Password = str | bytes | bytearray | Callable[[], str | bytes | bytearray]

#: RFC 9325 4.2 for TLS 1.2: forward secrecy and AEAD. Those of TLS 1.3 all have both.
_CIPHERS = "ECDHE+AESGCM:ECDHE+CHACHA20"
#: What is set once and says how a context behaves.
_SETTINGS = (
    *("minimum_version", "maximum_version", "options", "verify_flags", "verify_mode"),
    *("num_tickets", "post_handshake_auth", "keylog_filename", "sni_callback"),
)
#: Calls that need nothing but being made again, if this Python has them.
_PLAIN_CALLS = (
    *("set_ciphers", "set_alpn_protocols", "set_ecdh_curve", "load_dh_params"),
    *("set_default_verify_paths", "set_psk_server_callback"),
)


def tls_context(
    certfile: Path,
    keyfile: Path | None,
    *,
    password: Password | None = None,
    client_ca: Path | None = None,
) -> ssl.SSLContext:
    """Make a context for ``Config.tls`` that ``Server.reload_tls`` can read again.

    It speaks TLS 1.2 with forward secrecy and authenticated encryption only, and
    TLS 1.3 (RFC 8996, RFC 9325), without compression and renegotiation.

    Args:
        certfile: the certificate and those that lead to its authority, PEM.
        keyfile: its private key, PEM; None if it stands in certfile.
        password: of an encrypted key, or what gives it each time the key is read;
            what that raises is raised here.
        client_ca: authorities of client certificates, PEM. A client is then asked for
            a certificate, may have none, and is refused if its is not theirs.

    Raises:
        OSError: a file cannot be read.
        ValueError: a file cannot be used, or they do not belong together.
    """
    context = ReloadableContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_CIPHER_SERVER_PREFERENCE
    context.set_ciphers(_CIPHERS)
    context.load_cert_chain(certfile, keyfile, password)
    if client_ca is not None:
        context.load_verify_locations(client_ca)
        context.verify_mode = ssl.CERT_OPTIONAL
    harden(context)
    return context


def harden(context: ssl.SSLContext) -> None:
    """Switch off in *context* what is never right for a mail server.

    Renegotiation only costs the server, compression gives secrets away, and versions
    before TLS 1.2 must not be used (RFC 8996).
    """
    context.options |= ssl.OP_NO_RENEGOTIATION | ssl.OP_NO_COMPRESSION
    if context.minimum_version == ssl.TLSVersion.MINIMUM_SUPPORTED:
        context.minimum_version = ssl.TLSVersion.TLSv1_2
    if context.verify_mode != ssl.CERT_NONE:
        # A TLS 1.3 ticket that one server name has given is good for all of them, so
        # that a client could take its identity to a name that does not trust it.
        context.num_tickets = 0


@attrs.frozen
class _Call:
    """One call that made a context what it is; it may hold a password."""

    method: str
    arguments: tuple[Any, ...] = attrs.field(repr=False)
    named: dict[str, Any] = attrs.field(repr=False)


class ReloadableContext(ssl.SSLContext):
    """A context that knows how it was made, and can be made once more."""

    def __new__(cls, protocol: int) -> ReloadableContext:
        """Make a context without a certificate."""
        context = super().__new__(cls, protocol)
        context._calls = []
        return context

    _calls: list[_Call]

    def renewed(self) -> ReloadableContext:
        """Make a new context in the same way, from what is in the files now.

        Raises:
            OSError: a file cannot be read.
            ValueError: a file cannot be used, or they do not belong together.
        """
        context = type(self)(self.protocol)
        for call in self._calls:
            getattr(context, call.method)(*call.arguments, **call.named)
        for setting in _SETTINGS:
            setattr(context, setting, getattr(self, setting))
        return context

    def load_cert_chain(
        self, certfile: Any, keyfile: Any = None, password: Any = None
    ) -> None:
        """Load a certificate chain and its key, both PEM.

        Raises:
            OSError: a file cannot be read.
            ValueError: a file cannot be used, or they do not belong together.
        """
        certificate = _readable("certfile", certfile)
        key = certificate if keyfile is None else _readable("keyfile", keyfile)
        # Without a password OpenSSL would ask for one on the terminal.
        given = _no_password if password is None else password
        try:
            super().load_cert_chain(certificate, key, given)
        except _NoPasswordError as error:
            text = f"the key in {key} is encrypted, and there is no password"
            raise ValueError(text) from error
        except ssl.SSLError as error:
            raise ValueError(_pair_text(certificate, key, error)) from error
        self._note("load_cert_chain", _whole(certificate), _whole(key), password)

    def load_verify_locations(
        self, cafile: Any = None, capath: Any = None, cadata: Any = None
    ) -> None:
        """Trust authorities.

        Raises:
            OSError: a file cannot be read.
            ValueError: a file cannot be used.
        """
        if cafile is not None:
            cafile = _readable("client_ca", cafile)
        try:
            super().load_verify_locations(cafile, capath, cadata)
        except ssl.SSLError as error:
            where = "the data" if cafile is None else str(cafile)
            reason = error.reason or "no PEM certificate in it"
            text = f"cannot use the authorities in {where}: {reason}"
            raise ValueError(text) from error
        whole = (None if path is None else _whole(path) for path in (cafile, capath))
        self._note("load_verify_locations", *whole, cadata)

    def _note(self, method: str, *arguments: Any, **named: Any) -> None:
        call = _Call(method, arguments, named)
        if call in self._calls:
            self._calls.remove(call)
        self._calls.append(call)


def _plain_call(name: str) -> Callable[..., None]:
    def call(self: ReloadableContext, *arguments: Any, **named: Any) -> None:
        getattr(super(ReloadableContext, self), name)(*arguments, **named)
        self._note(name, *arguments, **named)  # pyright: ignore[reportPrivateUsage]

    return call


for _name in _PLAIN_CALLS:
    if hasattr(ssl.SSLContext, _name):
        setattr(ReloadableContext, _name, _plain_call(_name))


class _NoPasswordError(Exception):
    """OpenSSL asks for a password."""


def _no_password() -> NoReturn:
    raise _NoPasswordError


def _readable(argument: str, path: Any) -> str:
    """Give the path as text; what OpenSSL says of files it cannot read names none."""
    try:
        text = os.fsdecode(path)
    except TypeError:
        raise TypeError(f"{argument} must be a path, got {path!r}") from None
    with open(text, "rb") as file:
        file.read(1)
    return text


def _whole(path: Any) -> str:
    # A program may have another working directory when it reads its files again.
    return os.path.abspath(os.fsdecode(path))


def _pair_text(certificate: str, key: str, error: ssl.SSLError) -> str:
    if error.reason == "KEY_VALUES_MISMATCH":
        return f"the key in {key} does not belong to the certificate in {certificate}"
    reason = error.reason or "no PEM certificate or key in it"
    return (
        f"cannot use the certificate in {certificate} with the key in {key}: {reason}"
    )
