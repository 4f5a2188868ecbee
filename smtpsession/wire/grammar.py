r"""Regular expressions for addresses and parameters, each under its ABNF.

Use every pattern with ``fullmatch``: ``$`` would let a final newline pass.
No pattern holds ``\d``, ``\s`` or ``\w``, which go beyond ASCII on ``str``.
No pattern holds possessive quantifiers: CPython 3.11.0 to 3.11.4 match them wrongly.
None needs them, because what may follow a repetition never begins what it repeats.
Patterns for ``str`` take text that was decoded as UTF-8; sizes are checked by the
callers, in octets.
"""

from __future__ import annotations

import re
from typing import Final

# RFC 6532 3.1:
#
#   UTF8-non-ascii = UTF8-2 / UTF8-3 / UTF8-4
#
# Departure: U+0080 to U+009F, U+2028 and U+2029 are left out.
# They are controls and line separators, and an address is always one line of text.
#: For use inside a character class.
UTF8_NON_ASCII: Final = "\u00a0-\u2027\u202a-\U0010ffff"

# RFC 5322 3.2.3:
#
#   atext = ALPHA / DIGIT / "!" / "#" / "$" / "%" / "&" / "'" / "*" / "+" / "-" /
#           "/" / "=" / "?" / "^" / "_" / "`" / "{" / "|" / "}" / "~"
_ASCII_ATEXT: Final = r"A-Za-z0-9!#$%&'*+\-/=?^_`{|}~"

# RFC 6531 3.3:
#
#   atext =/ UTF8-non-ascii
_ATEXT: Final = _ASCII_ATEXT + UTF8_NON_ASCII

# RFC 5321 4.1.2:
#
#   Dot-string = Atom *("." Atom)
#   Atom       = 1*atext
_DOT_STRING: Final = rf"[{_ATEXT}]+(?:\.[{_ATEXT}]+)*"
_ASCII_DOT_STRING: Final = rf"[{_ASCII_ATEXT}]+(?:\.[{_ASCII_ATEXT}]+)*"
DOT_STRING: Final = re.compile(_DOT_STRING)

# Lenient: atoms and dots in any order, as some providers once handed out.
_LENIENT_DOT_STRING: Final = rf"[{_ATEXT}.]+"

# RFC 5321 4.1.2 and RFC 6531 3.3:
#
#   Quoted-string   = DQUOTE *QcontentSMTP DQUOTE
#   QcontentSMTP    = qtextSMTP / quoted-pairSMTP
#   quoted-pairSMTP = %d92 %d32-126
#   qtextSMTP       = %d32-33 / %d35-91 / %d93-126
#   qtextSMTP       =/ UTF8-non-ascii
_QUOTED_STRING: Final = rf'"(?:[ !#-\[\]-~{UTF8_NON_ASCII}]|\\[ -~])*"'
QUOTED_PAIR: Final = re.compile(r"\\([ -~])")
#: What stands in a Quoted-string only behind a backslash.
NEEDS_QUOTED_PAIR: Final = re.compile(r'["\\]')

# RFC 5321 4.1.2:
#
#   Mailbox     = Local-part "@" ( Domain / address-literal )
#   Local-part  = Dot-string / Quoted-string
#   A-d-l       = At-domain *( "," At-domain )
#   At-domain   = "@" Domain
#   Path        = "<" [ A-d-l ":" ] Mailbox ">"
#
# Groups: source route, Local-part, everything behind the "@".
# The domains are cut out here and checked by smtpsession.wire.domains.
_ROUTE: Final = r"(?:(@[^:]*):)?"
ROUTED_MAILBOX: Final = re.compile(
    rf"{_ROUTE}({_DOT_STRING}|{_QUOTED_STRING})@(.*)", re.DOTALL
)
LENIENT_ROUTED_MAILBOX: Final = re.compile(
    rf"{_ROUTE}({_LENIENT_DOT_STRING}|{_QUOTED_STRING})@(.*)", re.DOTALL
)

# RFC 5321 4.1.1.2 and 4.1.1.3, behind the colon:
#
#   mail = "MAIL FROM:" Reverse-path [ SP Mail-parameters ] CRLF
#   rcpt = "RCPT TO:" ( "<Postmaster@" Domain ">" / "<Postmaster>" / Forward-path )
#          [ SP Rcpt-parameters ] CRLF
#
# Departure: spaces in front of the path are let through.
# Groups: path, parameters; a space within quotes belongs to the path.
PATH_AND_PARAMETERS: Final = re.compile(
    r' *((?:[^ "]|"(?:[^"\\]|\\.)*")+)(?: (.*))?', re.DOTALL
)

# "<Postmaster>" without a domain, in any case (RFC 5321 4.1.1.3).
# The "a" keeps U+017F, which is an "s" when case is ignored, out.
POSTMASTER: Final = re.compile(r"(?ai:postmaster)")

# RFC 5321 4.1.2, with the 63 octets of RFC 1035 2.3.4 for one label:
#
#   sub-domain = Let-dig [Ldh-str]
#   Let-dig    = ALPHA / DIGIT
#   Ldh-str    = *( ALPHA / DIGIT / "-" ) Let-dig
_LABEL: Final = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
LABEL: Final = re.compile(_LABEL)

# Lenient: "_" is one more letter.
LENIENT_LABEL: Final = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?")

# RFC 5321 4.1.3:
#
#   address-literal      = "[" ( IPv4-address-literal / IPv6-address-literal /
#                          General-address-literal ) "]"
#   IPv4-address-literal = Snum 3("." Snum)
#   IPv6-address-literal = "IPv6:" IPv6-addr
#
# Departure: General-address-literal is left out, since "IPv6" is the only tag that
# was ever registered.
# Groups: IPv4 address, IPv6 address; their values are left to the ipaddress module.
ADDRESS_LITERAL: Final = re.compile(
    r"\[(?:([0-9]+(?:\.[0-9]+){3})|(?ai:IPv6):([0-9A-Fa-f:.]+))\]"
)

# The shape of nearly every path that is ever sent, in one step from the octets:
#
#   "<" Dot-string "@" sub-domain *("." sub-domain) ">" [ SP parameters ]
#
# Groups: local part, domain, parameters.
PLAIN_PATH: Final = re.compile(
    rf" *<({_ASCII_DOT_STRING})@({_LABEL}(?:\.{_LABEL})*)>(?: (.*))?".encode(),
    re.DOTALL,
)

# RFC 5321 4.1.2 and RFC 6531 3.3:
#
#   esmtp-param   = esmtp-keyword ["=" esmtp-value]
#   esmtp-keyword = (ALPHA / DIGIT) *(ALPHA / DIGIT / "-")
#   esmtp-value   = 1*(%d33-60 / %d62-126)
#   esmtp-value   =/ UTF8-non-ascii
#
# The second definition of esmtp-value is read as one more kind of character.
# Groups: keyword, value.
ESMTP_PARAMETER: Final = re.compile(
    rf"([A-Za-z0-9][A-Za-z0-9-]*)(?:=([!-<>-~{UTF8_NON_ASCII}]+))?"
)

# RFC 3461 4:
#
#   xtext   = *( xchar / hexchar )
#   xchar   = any ASCII CHAR between "!" (33) and "~" (126) inclusive,
#             except for "+" and "="
#   hexchar = ASCII "+" immediately followed by two upper case hexadecimal digits
XTEXT: Final = re.compile(r"(?:[!-*,-<>-~]|\+[0-9A-F]{2})*")
HEXCHAR: Final = re.compile(r"\+([0-9A-F]{2})")
#: What xtext carries only as a hexchar.
NEEDS_HEXCHAR: Final = re.compile(r"[\t +=]")
#: What the decoded text may hold: no control but HTAB (RFC 3461 4.2 and 4.4).
PRINTABLE_TEXT: Final = re.compile(r"[\t -~]*")
