"""Random commands from a seed: templates of families, values that hurt, and mutations.

A template is one line of `families.py`, read by this grammar:

    WORD           stands for itself                 name           a value made by Values.name()
    name+          one to four such values           name*100       a hundred of them
    [a b|c]        nothing, or one alternative       (a b|c)        one alternative
    <[a] [b]>      its parts in any order            ;              the next command of the same template
    5 at the front the weight of the line (default 1)

Equal seeds give equal commands, whatever the servers answer. Commands are tuples of bytes.

Two servers never execute at the same millisecond, and they draw different random elements. `settle`
therefore rewrites what would make equal servers differ: expiry within the duration of a run, equal
relative times under GT or LT, SPOP of a part, patience; and bits so far out that a string of megabytes would hold
them. Keys that do expire have a phase of their own (`short_lived`), after which the driver waits until
both clocks have passed.
"""
import random
import re

from wire.families import FAMILIES, SHORT_LIVED
from wire.values import NASTY, Values

TOKEN = re.compile(r"[\[\]()<>|;]|[^\s\[\]()<>|;]+")
OPTION_PROBABILITY = 0.35
MUTATION_PROBABILITY = 0.07
RELATIVE_TIME = {b"EXPIRE": (2, 1), b"PEXPIRE": (2, 1000), b"SETEX": (2, 1), b"PSETEX": (2, 1000),
                 b"RESTORE": (2, 1000), b"RESTORE-ASKING": (2, 1000)}
WITH_EXPIRY_OPTIONS = {b"SET", b"GETEX", b"MSETEX", b"HGETEX", b"HSETEX"}
RANDOM_COUNT = {b"VRANDMEMBER", b"SRANDMEMBER", b"HRANDFIELD", b"ZRANDMEMBER"}
PATIENCE = {b"BLPOP": -1, b"BRPOP": -1, b"BLMOVE": -1, b"BRPOPLPUSH": -1, b"BLMPOP": 1, b"WAIT": -1, b"WAITAOF": -1}
SHORTEST = {b"WAIT": b"1", b"WAITAOF": b"1"}
BIT_FIELD = re.compile(rb"[iu][0-9]+")
SMALL_BITMAP = 1 << 20                                              # bits
FAR_SECONDS = 1000
WHOLE = 100_000
NOBODY = (b"127.0.0.1", b"0")


def would_wait(text):
    """Whether a server may take this for a time to wait: not below zero, not beyond all times."""
    try:
        return -0.002 < (float.fromhex if b"x" in text.lower() else float)(text.decode("latin-1")) < 1e16
    except (ValueError, OverflowError):
        return False


def strict_integer(text):
    """The integer a server would read, or None."""
    return int(text) if re.fullmatch(rb"0|-?[1-9][0-9]*", text) else None


class Template:
    """One parsed line: `make(values)` returns a list of commands."""

    def __init__(self, line):
        head, _, rest = line.partition(" ")
        self.weight, text = (int(head), rest) if head.isdigit() else (1, line)
        self.text = text.strip()
        self.tokens = TOKEN.findall(text)
        self.commands = [[]]
        while self.tokens:
            if self.tokens[0] == ";":
                self.tokens.pop(0)
                self.commands.append([])
            else:
                self.commands[-1].append(self.part())
        self.name = self.text.split()[0]

    def part(self):
        token = self.tokens.pop(0)
        if token == "[":
            return self.optional(self.alternatives("]"))
        if token == "(":
            return self.one_of(self.alternatives(")"))
        if token == "<":
            return self.any_order(self.sequence(">"))
        if token.isupper():
            word = token.encode()
            return lambda values, out: out.append(word)
        name, _, times = token.partition("*")
        if name.endswith("+"):
            name = name[:-1]
            return self.repeated(name, lambda values: values.random.choice((1, 1, 2, 2, 3, 4)))
        return self.repeated(name, lambda values: int(times or 1)) if times else self.value(name)

    def alternatives(self, end):
        found = [[]]
        while self.tokens[0] != end:
            if self.tokens[0] == "|":
                self.tokens.pop(0)
                found.append([])
            else:
                found[-1].append(self.part())
        self.tokens.pop(0)
        return found

    def sequence(self, end):
        parts = []
        while self.tokens[0] != end:
            parts.append(self.part())
        self.tokens.pop(0)
        return parts

    @staticmethod
    def value(name):
        maker = getattr(Values, name)

        def write(values, out):
            made = maker(values)
            if isinstance(made, bytes):
                out.append(made)
            else:
                out.extend(made)
        return write

    @classmethod
    def repeated(cls, name, times):
        write = cls.value(name)

        def write_all(values, out):
            for _ in range(times(values)):
                write(values, out)
        return write_all

    @staticmethod
    def one_of(alternatives):
        def write(values, out):
            for part in values.random.choice(alternatives):
                part(values, out)
        return write

    @classmethod
    def optional(cls, alternatives):
        choose = cls.one_of(alternatives)

        def write(values, out):
            if values.random.random() < OPTION_PROBABILITY:
                choose(values, out)
        return write

    @staticmethod
    def any_order(parts):
        def write(values, out):
            for part in values.random.sample(parts, len(parts)):
                part(values, out)
        return write

    def make(self, values):
        made = []
        for parts in self.commands:
            out = []
            for part in parts:
                part(values, out)
            made.append(out)
        return made


class Generator:
    """Commands of some families from one seed. `avoid` tells which commands must not be sent."""

    def __init__(self, seed, families=None, avoid=lambda command: False):
        self.random = random.Random(seed)
        self.values = Values(self.random)
        self.avoid = avoid
        chosen = list(FAMILIES) if families is None else list(families)
        self.templates, self.cumulative, total = [], [], 0
        for family in chosen:
            for line in FAMILIES[family]:
                self.templates.append(Template(line))
                total += self.templates[-1].weight
                self.cumulative.append(total)
        expiring = {"strings": "SET PSETEX", "keys": "PEXPIRE"}
        names = " ".join(expiring[family] for family in chosen if family in expiring).split()
        self.short_templates = [template for template in map(Template, SHORT_LIVED) if template.name in names]

    def batch(self, size, without=()):
        """Return about `size` commands; those named in `without` are left out."""
        commands = []
        while len(commands) < size:
            template = self.random.choices(self.templates, cum_weights=self.cumulative)[0]
            made = template.make(self.values)
            if self.random.random() < MUTATION_PROBABILITY:
                made[-1] = self.mutate(made[-1])
            for command in made:
                if command[0].upper() not in without and not self.avoid(command):
                    commands.extend(self.settle(command))
        return commands

    def short_lived(self):
        """Return commands that give some keys, each once, a life of one millisecond."""
        if not self.short_templates:
            return []
        made = []
        for key in self.random.sample(self.values.ALL_KEYS, 6):
            command = self.random.choice(self.short_templates).make(self.values)[0]
            command[1] = key
            made.append(tuple(command))
        return made

    def mutate(self, command):
        """Return the command with one thing wrong, or at least unusual."""
        chance, command = self.random, list(command)
        place = chance.randrange(1, len(command)) if len(command) > 1 else 0
        way = chance.randrange(7)
        if way == 0 and len(command) > 1:
            command.pop()
        elif way == 1 and place:
            del command[place]
        elif way == 2 and place:
            command.insert(place, command[place])
        elif way == 3 and place:
            command[place] = chance.choice(NASTY)
        elif way == 4:
            command.append(self.values.junk())
        elif way == 5:
            command.extend(command[-1:] if len(command) < 3 else command[-2:])
        else:
            command = [chance.choice((bytes.lower, bytes.swapcase, bytes.title))(word) if len(word) < 12 and
                       word.isupper() else word for word in command]
        return command

    def settle(self, command):
        """Return the commands to send instead of this one, so that equal servers answer equally."""
        command = list(command)
        name = command[0].upper()
        if name in RELATIVE_TIME:
            place, unit = RELATIVE_TIME[name]
            compares = any(word.upper() in (b"GT", b"LT") for word in command[3:])
            if place < len(command):
                self.keep_far(command, place, unit, compares)
        elif name in WITH_EXPIRY_OPTIONS:
            for place in range(2, len(command)):
                unit = {b"EX": 1, b"PX": 1000}.get(command[place - 1].upper())
                if unit:
                    self.keep_far(command, place, unit, False)
        elif name in PATIENCE and len(command) > 1:
            if would_wait(command[PATIENCE[name]]):
                command[PATIENCE[name]] = SHORTEST.get(name, b"0.001")
        elif name in (b"SORT", b"SORT_RO") and len(command) > 1:
            return [tuple(command), (b"DEL", command[1])]          # a peer makes skiplists of all sorted sets it sorts
        elif name in (b"SETBIT", b"BITFIELD"):
            self.keep_small(command)
        elif name in RANDOM_COUNT and len(command) > 2:
            count = strict_integer(command[2])
            if count is not None and -1 << 63 < count < -1000:
                command[2] = b"-5"
        elif name == b"MIGRATE" and len(command) > 2:              # whatever mutation made of it: to nobody
            command[1:3] = NOBODY
        elif name == b"SPOP" and len(command) in (2, 3):
            count = strict_integer(command[2]) if len(command) == 3 else 1
            if count is not None and 0 < count < WHOLE:
                return [tuple(command), (b"SCARD", command[1]), (b"DEL", command[1])]
        return [tuple(command)]

    @staticmethod
    def keep_small(command):
        """Replace the place of a bit that is allowed and would make a string of megabytes by one that is not."""
        for place in range(2, len(command)):
            number = strict_integer(command[place].lstrip(b"#"))
            here = place == 2 if command[0].upper() == b"SETBIT" else BIT_FIELD.fullmatch(command[place - 1])
            if here and number is not None and SMALL_BITMAP < number < 1 << 32:
                command[place] = b"4294967296"

    @staticmethod
    def keep_far(command, place, unit, compares):
        """Replace a relative time that would pass during the run, or that GT and LT may meet twice."""
        time = strict_integer(command[place])
        if time is not None and (0 < time < FAR_SECONDS * unit or (compares and time > 1 << 30)):
            command[place] = b"0"
