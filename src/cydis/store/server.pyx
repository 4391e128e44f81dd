# cython: binding=False, embedsignature.format=clinic
"""Methods about the door and the engine behind it."""
from cydis.engine.call cimport Command
from cydis.store.arguments cimport flat
from cydis.store.door cimport row
from cydis.store.replies cimport ANY, FIELDS, MOMENT, NOTHING, TEXTS
from cydis.store.vectors cimport VectorMethods

cdef const Command* PING = row(b"PING")
cdef const Command* ECHO = row(b"ECHO")
cdef const Command* SELECT = row(b"SELECT")
cdef const Command* TIME = row(b"TIME")
cdef const Command* INFO = row(b"INFO")
cdef const Command* CONFIG_GET = row(b"CONFIG|GET")
cdef const Command* CONFIG_SET = row(b"CONFIG|SET")
cdef const Command* CONFIG_RESETSTAT = row(b"CONFIG|RESETSTAT")


cdef class ServerMethods(VectorMethods):
    """Methods about the engine."""

    def ping(self, message=None):
        """b"PONG", or the message. O(1)."""
        if message is None:
            return self.run0(PING, ANY)
        return self.run1(PING, message, ANY)

    def echo(self, message):
        """The message. O(1)."""
        return self.run1(ECHO, message, ANY)

    def select(self, db):
        """Chooses the numbered database that all further calls of this Store work on, in all threads. O(1)."""
        return self.run1(SELECT, db, NOTHING)

    def time(self):
        """The engine's clock: (Unix seconds, microseconds of the second). O(1)."""
        return self.run0(TIME, MOMENT)

    def info(self, *sections):
        """What the engine says about itself: a dict of int, float, str, and a dict for "a=1,b=2"."""
        return self.run_list(INFO, list(sections), FIELDS)

    def config_get(self, *patterns):
        """A dict of the directives that match any of the glob patterns ("*"), names and values str. O(directives)."""
        return self.run_list(CONFIG_GET, ["GET", *(patterns or ("*",))], TEXTS)

    def config_set(self, name, value=None, *more):
        """Sets directives, all or none: name and value, further names and values, or one mapping."""
        if value is None and not more:
            return self.run_list(CONFIG_SET, ["SET", *flat(name)], NOTHING)
        return self.run_list(CONFIG_SET, ["SET", name, value, *more], NOTHING)

    def config_resetstat(self):
        """Lets the counters of info() start again from zero."""
        return self.run1(CONFIG_RESETSTAT, "RESETSTAT", NOTHING)
