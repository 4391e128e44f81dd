"""The one table of differences that have a reason.

cydis follows Valkey 9.1. A row names the peers (labels such as "redis-7.0", or "redis" for all of them)
that differ from it, the command, what to do, and why. With AVOID the command is not sent, since the data
of the two servers would part; with REPLY it is sent and a difference of its replies is expected.
A row is in force when either of the two servers compared is one of its peers.
"""
from collections.abc import Callable
from dataclasses import dataclass

from wire_client import Error

AVOID, REPLY = "avoid", "reply"


@dataclass(frozen=True)
class Row:
    """`when(words, left, right)` narrows a REPLY row, `when(words)` an AVOID row.

    The name of the command, words[0], is given in upper case.
    """

    peers: str
    commands: str
    action: str
    reason: str
    when: Callable = lambda *_: True

    def concerns(self, words):
        return self.commands == "*" or words[0].decode("latin-1") in self.commands.split()


def has(*options):
    """A condition: one of these words stands among the options."""
    return lambda words, *_: any(word.upper() in options for word in words[1:])


def both_errors(words, left, right):
    return isinstance(left, Error) and isinstance(right, Error)


def names_command(*names):
    """A condition: COMMAND is asked about one of these."""
    return lambda words, *_: any(word.lower() in names for word in words[2:])


TABLE = [
    Row("redis", "DELIFEQ MSETEX", AVOID, "Valkey only"),
    Row("redis", "SET", AVOID, "IFEQ is Valkey's", has(b"IFEQ")),
    Row("redis", "COMMAND", REPLY, "facts of the command table differ between products and versions"),
    Row("redis-8.0", "AUTH HELLO", AVOID,
        "a wrong password that is not the first command of a pipeline is never answered",
        lambda words: len(words) > 2 and (words[0] == b"AUTH" or has(b"AUTH")(words))),
]


def rows_between(left, right):
    """Return the rows in force between two servers, given by their labels."""
    return [row for row in TABLE if any(
        label == peer or label.startswith(f"{peer}-") for peer in row.peers.split() for label in (left, right)
    )]


def upper(words):
    return (words[0].upper(), *words[1:])


def avoider(left, right):
    """Return the function that tells whether a command must not be sent."""
    rows = [row for row in rows_between(left, right) if row.action == AVOID]

    def avoid(words):
        words = upper(words)
        return any(row.concerns(words) and row.when(words) for row in rows)
    return avoid


def explainer(left, right):
    """Return the function that gives the reason for a difference, or None."""
    rows = [row for row in rows_between(left, right) if row.action == REPLY]

    def explain(words, left_reply, right_reply):
        words = upper(words)
        for row in rows:
            if row.concerns(words) and row.when(words, left_reply, right_reply):
                return row.reason
        return None
    return explain
