"""Every rule that the model can report, and why it matters to whoever runs a server."""

from __future__ import annotations

from collections.abc import Iterator

import attrs

from smtpsession.testing.model import SESSION_CHECKS
from smtpsession.testing.model_checks import Check
from smtpsession.testing.model_excess import EXCESS_CHECKS
from smtpsession.testing.model_offers import OFFER_CHECKS
from smtpsession.testing.model_refusals import REFUSAL_CHECKS
from smtpsession.testing.model_rules import OTHER_RULES, RULES, Rule
from smtpsession.testing.model_texts import TEXT_CHECKS
from smtpsession.testing.model_violation import Level


@attrs.frozen
class RuleEntry:
    """A rule as a person reads of it."""

    #: As in ``Violation.rule``.
    name: str
    #: Where it is written, for example ``RFC 5321 4.1.4``.
    section: str
    #: How binding it is. Codes that mean the same are reported as SHOULD in any case.
    level: Level
    #: What is expected and why, in one sentence.
    meaning: str


def every_rule() -> Iterator[Rule | Check]:
    """Give what the model can report; what holds for several verbs comes again."""
    for rules in RULES.values():
        yield from rules
    yield from (*OTHER_RULES, *SESSION_CHECKS, *TEXT_CHECKS)
    yield from (*OFFER_CHECKS, *REFUSAL_CHECKS, *EXCESS_CHECKS)


_MEANINGS = {
    "greeting": (
        "A server speaks first and says 220, or refuses the session; anything else "
        "leaves clients without a beginning."
    ),
    "behind a refusing greeting": (
        "A session that was refused at its greeting waits for QUIT and accepts "
        "nothing, or clients take it for open."
    ),
    "hello": (
        "A hello is accepted at any time, for it begins anew, or is refused for a "
        "reason other than the order of commands."
    ),
    "hello of the other protocol": (
        "SMTP knows no LHLO and LMTP no EHLO, so that neither is taken for the other "
        "and replies are counted rightly."
    ),
    "hello without a name": (
        "A hello names the client, and one without a name is refused."
    ),
    "keyword of a hello's reply": (
        "Each line of a hello's reply begins with a keyword of letters, digits and "
        "hyphens, or clients overlook what is offered."
    ),
    "STARTTLS is offered inside TLS": (
        "Inside TLS there is nothing to begin; a client that tries all the same loses "
        "its session."
    ),
    "SIZE is no number": (
        "SIZE is followed by a decimal number of octets, which clients compare with "
        "their messages."
    ),
    "BINARYMIME is offered without CHUNKING": (
        "Binary content can be sent in chunks only, so that one is useless without "
        "the other."
    ),
    "LMTP without PIPELINING": "Every LMTP server takes commands in groups.",
    "LMTP without ENHANCEDSTATUSCODES": (
        "Every LMTP server says enhanced status codes, because its replies become the "
        "reports on failures."
    ),
    "MAIL before hello": "A client says who it is before it sends mail.",
    "bad sender": (
        "A sender whose syntax is plainly wrong is refused, or nobody can be told of "
        "a failure."
    ),
    "bad recipient": (
        "A recipient whose syntax is plainly wrong is refused, or its mail is lost."
    ),
    "parameter that is not offered": (
        "A parameter whose service extension was not offered is refused; a client "
        "that hears 250 relies on what the server does not do."
    ),
    "MAIL in a transaction": (
        "A second MAIL should be refused while a mail transaction is open, or the "
        "recipients of two messages are mixed."
    ),
    "MAIL behind a refused chunk": (
        "After a refused chunk the next message is accepted or refused, but content "
        "is not asked for."
    ),
    "MAIL": (
        "MAIL in its place is answered by 250 or refused, and 503 is not said of what "
        "is in order."
    ),
    "RCPT behind a refused chunk": (
        "After a refused chunk a recipient is accepted or refused; the message is "
        "refused in any case."
    ),
    "RCPT before MAIL": (
        "Without a sender there is no recipient, or failures cannot be reported."
    ),
    "RCPT behind a chunk": (
        "Recipients come before content; one that is accepted later gets half a "
        "message."
    ),
    "RCPT": (
        "RCPT in its place is answered by 250, 251 or a refusal, and 503 is not said "
        "of what is in order."
    ),
    "DATA outside of a transaction": (
        "Without a sender and a recipient no content is asked for."
    ),
    "DATA behind a chunk": "One message does not come by DATA and BDAT together.",
    "DATA for binary content": (
        "Binary content holds anything, the end of DATA's content included, and comes "
        "in chunks only."
    ),
    "DATA in LMTP for nobody": (
        "LMTP replies once a recipient, so that to content for nobody there could be "
        "no reply at all."
    ),
    "DATA for nobody": (
        "Where no recipient was accepted, content is refused, now or at its end."
    ),
    "DATA": (
        "DATA in its place is answered by 354 or refused, and 503 is not said of what "
        "is in order."
    ),
    "bad size of a chunk": (
        "A command of a chunk whose size, or what follows it, is plainly wrong is "
        "refused, or one server takes for content what another takes for commands."
    ),
    "BDAT outside of a transaction": (
        "A chunk belongs to a mail transaction, and outside of one it is refused."
    ),
    "chunk for nobody": "A chunk for nobody may be taken, but its message is refused.",
    "BDAT for nobody": (
        "A message for nobody is refused, or a client believes it delivered."
    ),
    "BDAT without CHUNKING": (
        "Where CHUNKING was not offered a chunk is answered by 250 or refused."
    ),
    "BDAT": (
        "A chunk in its place is answered by 250 or refused, and 503 is not said of "
        "what is in order."
    ),
    "end of a message for nobody": (
        "A message that no recipient was accepted for is refused, or a client "
        "believes it delivered."
    ),
    "end of a message": (
        "At its end a message is accepted with 250, or refused for a reason other "
        "than the order of commands."
    ),
    "trailing white space": (
        "Blanks at the end of a command mean nothing and should be tolerated."
    ),
    "RSET with an argument": (
        "RSET takes no argument: it is done all the same, or refused for good."
    ),
    "RSET before hello": "RSET should be understood before any hello.",
    "RSET": "RSET is always accepted, because clients rely on it to begin anew.",
    "NOOP with an argument": "What stands behind NOOP should be ignored.",
    "NOOP with a strange argument": (
        "NOOP is done, or refused for good when its argument is no word."
    ),
    "NOOP before hello": "NOOP should be understood before any hello.",
    "NOOP": (
        "NOOP does nothing and is accepted, because clients ask with it whether the "
        "server is still there."
    ),
    "QUIT with an argument": (
        "QUIT takes no argument: the session ends all the same, or it is refused for "
        "good."
    ),
    "QUIT": (
        "QUIT is always accepted with 221, or clients do not know whether all has "
        "arrived."
    ),
    "VRFY": "VRFY is answered by 250, 251, 252 or a refusal.",
    "EXPN": "EXPN is answered by 250, 252 or a refusal.",
    "HELP": "HELP is answered by 211, 214 or a refusal.",
    "extension of the server's own": (
        "A command that was offered is accepted or refused in one reply."
    ),
    "extended turn": "ETRN is accepted or refused in one reply.",
    "private command": "A private command is accepted or refused in one reply.",
    "unknown command": (
        "What the server does not know it refuses; accepting it hides that nothing "
        "was done."
    ),
    "bare CR or LF in a command": (
        "CR and LF stand only together; a command that holds one alone should be "
        "refused, for the next server may read two commands."
    ),
    "STARTTLS with an argument": "STARTTLS takes no argument and is refused with one.",
    "STARTTLS inside TLS": "Inside TLS there is no TLS to begin.",
    "STARTTLS is not offered": "TLS that is not offered should not be begun.",
    "STARTTLS": "STARTTLS is answered by 220, and TLS follows, or it is refused.",
    "AUTH in a transaction": "A user may not change while a mail transaction is open.",
    "AUTH a second time": "A session has one user; who is in does not log in again.",
    "mechanism that is not offered": (
        "A mechanism that is not offered should be refused: often it is not offered "
        "because it would show the password."
    ),
    "AUTH behind a refused chunk": "After a refused chunk AUTH is taken up or refused.",
    "AUTH behind HELO": (
        "Behind HELO nothing was offered, and AUTH is taken up or refused."
    ),
    "AUTH": (
        "AUTH in its place is answered by 235, 334 or a refusal, and 503 is not said "
        "of what is in order."
    ),
    "AUTH is cancelled": "A client that cancels with * hears 501 and is not logged in.",
    "response that is no base64": (
        "A response that cannot be decoded is refused for good."
    ),
    "response inside AUTH": (
        "A response inside AUTH is answered by 235, 334 or a refusal."
    ),
    "XCLIENT is not offered": (
        "XCLIENT is for trusted clients only; who accepts it from others believes any "
        "address."
    ),
    "XCLIENT in a transaction": (
        "The client may not change while a mail transaction is open."
    ),
    "XCLIENT": "XCLIENT is answered by another greeting or refused.",
    "form of a reply": (
        "A reply is a code, a blank or hyphen, and printable ASCII up to CRLF; with "
        "less, clients lose their place."
    ),
    "octets of the client in a reply": (
        "Control and other odd octets of a client came back in a reply; so a client "
        "can write replies that its server never gave, and confuse logs and proxies."
    ),
    "long line of a reply": (
        "A line of a reply has 512 octets at most, because clients need not read "
        "longer ones; more goes into several lines."
    ),
    "no enhanced status code": (
        "Who offers ENHANCEDSTATUSCODES begins each line of its replies with one, or "
        "failures are not explained to senders."
    ),
    "enhanced status code of another class": (
        "The first digit of an enhanced status code is that of the reply's code, or a "
        "client believes one of two."
    ),
    "two enhanced status codes in a reply": (
        "All lines of a reply have the same enhanced status code."
    ),
    "secret in a reply": (
        "A password, or its base64, came back in a reply, and from there gets into "
        "logs."
    ),
    "required command is unknown": (
        "Every server knows hello, MAIL, RCPT, DATA, RSET, NOOP and QUIT, in capitals "
        "and in small letters."
    ),
    "right syntax is called wrong": (
        "501 is said of an address that everybody understands, and its mail comes "
        "back for no reason."
    ),
    "fewer than 100 recipients": (
        "A message can have 100 recipients at least, or long lists are delivered "
        "slowly or not at all."
    ),
    "message of 64 KiB is refused for its size": (
        "Messages up to 64 KiB are not refused for their size."
    ),
    "no reply": "Every command has a reply; without one a client waits for minutes.",
    "fewer replies than recipients": (
        "To the end of a message LMTP replies once for each accepted recipient, also "
        "for one that was named twice; with less a client waits for minutes, or takes "
        "another's reply for it."
    ),
    "reply to nothing": (
        "A reply came that nobody had asked for, and clients take it for the next "
        "command's."
    ),
    "no close": "After 221 or 421 the server closes the connection.",
    "closed without a word": (
        "A server says 421 before it closes, or the client does not know whether its "
        "message was taken."
    ),
    "content is executed": (
        "What only looks like the end of a message ended it, and its rest ran as "
        "commands; so mail is smuggled in another's name."
    ),
    "chunk is executed": (
        "Octets of a chunk ran as commands; so mail is smuggled in another's name."
    ),
    "reply to a last chunk for nobody": (
        "To the last chunk of a message LMTP replies once for each accepted recipient; "
        "where there is none, a client takes a reply for the next command's."
    ),
    "plain text is executed inside TLS": (
        "What was said before TLS ran inside it; so an attacker on the way puts "
        "commands into a secure session."
    ),
    "bare CR or LF ends a command": (
        "A single CR or LF ended a command; the server in front reads one command "
        "where this one reads two."
    ),
    "part of a long line is executed": (
        "A line that was longer than the server reads was taken for several; so "
        "commands are hidden in the argument of another."
    ),
}
#: By name.
CATALOGUE: dict[str, RuleEntry] = {
    rule.name: RuleEntry(rule.name, rule.section, rule.level, _MEANINGS[rule.name])
    for rule in every_rule()
}
