"""Which certificates new handshakes use."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

import attrs

from smtpsession.server.server_names import ServerNames
from smtpsession.server.tls_context import ReloadableContext, harden

if TYPE_CHECKING:
    from smtpsession.server.config import Config


@attrs.frozen(kw_only=True)
class TLSChoice:
    """The contexts of a server, replaced whole when they are read again."""

    #: For names that are not listed, and for clients that ask for none.
    context: ssl.SSLContext
    names: ServerNames = attrs.field(factory=lambda: ServerNames({}))
    #: A name that is not listed is refused.
    strict: bool = False

    def __attrs_post_init__(self) -> None:
        for context in {self.context, *self.names.values()}:
            harden(context)

    @classmethod
    def of(cls, config: Config) -> TLSChoice | None:
        """Give what a server begins with; None without TLS."""
        if config.tls is None:
            return None
        return cls(context=config.tls, names=config.sni, strict=config.strict_sni)

    @property
    def is_reloadable(self) -> bool:
        """All contexts were made by ``tls_context``."""
        contexts = [self.context, *self.names.values()]
        return all(isinstance(context, ReloadableContext) for context in contexts)

    def for_name(self, name: str | None) -> ssl.SSLContext | None:
        """Give the context for what the client asked for; None refuses the name."""
        found = None if name is None else self.names.find(name)
        if found is None and (name is None or not self.strict):
            return self.context
        return found

    def renewed(self) -> TLSChoice:
        """Read all files again.

        Raises:
            OSError: a file cannot be read.
            ValueError: a file cannot be used, files do not belong together, or a
                context was not made by ``tls_context``.
        """
        options = {"tls": self.context}
        options |= {f"sni[{name!r}]": context for name, context in self.names.items()}
        # A context that serves several names is read once.
        fresh: dict[ssl.SSLContext, ssl.SSLContext] = {}
        for option, context in options.items():
            if context not in fresh:
                fresh[context] = _renewed(option, context)
        names = {name: fresh[context] for name, context in self.names.items()}
        return TLSChoice(
            context=fresh[self.context], names=ServerNames(names), strict=self.strict
        )


def _renewed(option: str, context: ssl.SSLContext) -> ssl.SSLContext:
    if not isinstance(context, ReloadableContext):
        raise ValueError(
            f"{option} cannot be read again, since smtpsession.tls_context did not"
            " make it: make it with that, or give reload_tls a new one"
        )
    return context.renewed()
