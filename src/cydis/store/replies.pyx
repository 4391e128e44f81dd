"""From a reply's bytes (RESP3) to Python objects. See replies.pxd.

By RESP3's mapping: bulk and simple strings bytes (str with decode), integers and big numbers int, doubles float,
booleans bool, nulls None, arrays list, maps dict, sets set, verbatim strings as bulk strings; an error inside of a list
is a CommandError there, and a reply that is an error is raised.

The bytes were written by this process, so they are trusted to be whole and well formed.
"""
from cpython cimport array
from cpython.unicode cimport PyUnicode_DecodeUTF8
from libc.stdint cimport uint64_t

from array import array as array_class

from cydis.core.number cimport number_parse_double, number_parse_int
from cydis.engine.door import CommandError

cdef object COMMAND_ERROR = CommandError  # without a look into the module's dict


cdef struct Reader:
    const uint8_t* at
    bint decode                           # strings as str


cdef inline int64_t read_number(Reader* r) noexcept:
    """The integer up to the line's end; the reader stands behind it."""
    cdef const uint8_t* p = r.at
    cdef bint negative = p[0] == 45
    cdef uint64_t n = 0
    if negative:
        p += 1
    while p[0] != 13:
        n = n * 10 + (p[0] - 48)
        p += 1
    r.at = p + 2
    return -<int64_t>n if negative else <int64_t>n


cdef inline bytes read_line(Reader* r):
    cdef const uint8_t* p = r.at
    while r.at[0] != 13:
        r.at += 1
    r.at += 2
    return PyBytes_FromStringAndSize(<const char*>p, r.at - 2 - p)


cdef inline object read_text(Reader* r, size_t size):
    cdef const char* p = <const char*>r.at
    r.at += size + 2
    if r.decode:
        return PyUnicode_DecodeUTF8(p, size, b"surrogateescape")
    return PyBytes_FromStringAndSize(p, size)


cdef object read_error(Reader* r):
    return COMMAND_ERROR(read_line(r).decode("utf-8", "surrogateescape"))


cdef object read_list(Reader* r):
    cdef list result = []
    for _ in range(read_number(r)):
        result.append(read_reply(r))
    return result


cdef object read_map(Reader* r):
    cdef dict result = {}
    for _ in range(read_number(r)):
        key = read_reply(r)
        result[tuple(key) if isinstance(key, list) else key] = read_reply(r)
    return result


cdef object set_of(list members):
    """A set; a list when some member is itself a container (COMMAND INFO has such)."""
    try:
        return set(members)
    except TypeError:
        return members


cdef object read_reply(Reader* r):
    cdef uint8_t kind = r.at[0]
    cdef int64_t n
    r.at += 1
    if kind == b"$":
        n = read_number(r)
        return read_text(r, n)
    if kind == b":":
        return read_number(r)
    if kind == b"_":
        r.at += 2
        return None
    if kind == b"*" or kind == b">":
        return read_list(r)
    if kind == b",":
        return float(read_line(r))
    if kind == b"+":
        line = read_line(r)
        return line.decode() if r.decode else line
    if kind == b"#":
        r.at += 3
        return (r.at - 3)[0] == b"t"
    if kind == b"%":
        return read_map(r)
    if kind == b"~":
        return set_of(read_list(r))
    if kind == b"=":
        n = read_number(r)
        r.at += 4
        return read_text(r, n - 4)
    if kind == b"(":
        return int(read_line(r))
    return read_error(r)


# ---- numbers without objects ----

cdef array.array EMPTY_DOUBLES = array_class("d")
cdef array.array EMPTY_INTEGERS = array_class("q")


cdef inline const uint8_t* read_slice(Reader* r, size_t* size):
    """The bytes of a string or of a number's line; NULL for null."""
    cdef uint8_t kind = r.at[0]
    cdef const uint8_t* p
    r.at += 1
    if kind == b"$":
        size[0] = <size_t>read_number(r)
        p = r.at
        r.at += size[0] + 2
        return p
    p = r.at
    while r.at[0] != 13:
        r.at += 1
    size[0] = r.at - p
    r.at += 2
    if kind == b"_":
        return NULL
    return p


cdef int refuse_number(const uint8_t* p, size_t size, int64_t at, bint integer) except -1:
    text = b"a missing value" if p == NULL else repr(PyBytes_FromStringAndSize(<const char*>p, size)).encode()
    raise ValueError(f"element {at} is {text.decode()}, no {'64-bit integer' if integer else 'number'}")


cdef int read_double(Reader* r, int64_t at, double* number) except -1:
    cdef size_t size = 0
    cdef const uint8_t* p = read_slice(r, &size)
    if p == NULL:
        number[0] = float("nan")
    elif not number_parse_double(p, size, number):
        refuse_number(p, size, at, False)
    return 0


cdef int read_integer(Reader* r, int64_t at, int64_t* number) except -1:
    cdef size_t size = 0
    cdef const uint8_t* p = read_slice(r, &size)
    if p == NULL or not number_parse_int(p, size, number):
        refuse_number(p, size, at, True)
    return 0


cdef object read_numbers(Reader* r, int shape):
    """A reply as an array of numbers; with the members or fields that they belong to, or without."""
    cdef uint8_t kind = r.at[0]
    cdef bint integer = shape == INTEGERS or shape == PAIRS_INTEGERS
    cdef bint paired = shape >= SCORES
    cdef array.array numbers
    cdef list names = [] if shape > SCORES else None
    cdef int64_t n, i
    cdef size_t size = 0
    if kind == b"_":                      # no such key, where the command says so
        n = 0
    else:
        r.at += 1
        n = read_number(r)
    numbers = array.clone(EMPTY_INTEGERS if integer else EMPTY_DOUBLES, n, False)
    for i in range(n):
        if paired:
            if kind == b"*":              # each pair is an array of its own
                r.at += 4
            if names is None:
                read_slice(r, &size)
            else:
                names.append(read_reply(r))
        if integer:
            read_integer(r, i, &(<int64_t*>numbers.data.as_longlongs)[i])
        else:
            read_double(r, i, &numbers.data.as_doubles[i])
    return numbers if names is None else (names, numbers)


# ---- shapes ----

cdef object to_float(value):
    return None if value is None else float(value)


cdef object pairs_of(list flat):
    """[a, 1, b, 2] as [(a, 1), (b, 2)]."""
    return list(zip(flat[::2], flat[1::2]))


cdef object info_value(str text):
    """What a field of INFO says: int, float, a dict for a=1,b=2, or the text."""
    if "=" in text and not text.startswith("/"):
        return {name: info_value(value) for name, _, value in (part.partition("=") for part in text.split(","))}
    for kind in (int, float):
        try:
            return kind(text) if "_" not in text else text
        except ValueError:
            pass
    return text


cdef object info_of(str text):
    cdef dict result = {}
    for line in text.splitlines():
        if line and not line.startswith("#"):
            name, _, value = line.partition(":")
            result[name] = info_value(value)
    return result


cdef object scanned(list reply, int shape):
    cursor, found = reply
    if shape == PAGE_SET:
        found = set(found)
    elif shape == PAGE_MAP:
        found = dict(pairs_of(found))
    elif shape == PAGE_SCORES:
        found = [(member, float(score)) for member, score in pairs_of(found)]
    return int(cursor), found


cdef object ranges_of(dict reply):
    found = {key if isinstance(key, str) else key.decode(): value for key, value in reply.items()}
    matches = [tuple([tuple(part) if isinstance(part, list) else part for part in match]) for match in found["matches"]]
    return matches, found["len"]


cdef object found_of(list reply):
    """A member of a search by place with what was asked for beside it: distance, hash, point."""
    member, *rest = reply
    return (member, *[each if isinstance(each, int) else tuple(each) if isinstance(each, list) else float(each)
                      for each in rest])


cdef object shape_other(const uint8_t* at, bint decode, int shape):
    cdef Reader r
    r.at = at
    r.decode = shape != BYTES and (decode or shape in (TEXT, TEXTS, FIELDS))
    if at[0] == b"-":
        r.at += 1
        raise read_error(&r)
    if shape == BOOL:
        return at[0] == b"+" or (at[0] == b":" and at[1] != b"0")
    if shape == NOTHING:
        return None
    if shape == IS_OK:
        return at[0] == b"+" and at[1] == b"O"
    if DOUBLES <= shape <= PAIRS_INTEGERS:
        return read_numbers(&r, shape)
    value = read_reply(&r)
    if shape == ANY or shape == TEXT or shape == BYTES or value is None:
        return value
    if shape == FLOAT:
        return float(value)
    if shape == FLOATS:
        return [to_float(each) for each in value]
    if shape == MEMBERS:
        return set(value)
    if shape == BOOLS:
        return [each != 0 for each in value]
    if shape == TUPLE:
        return tuple(value)
    if shape == TUPLES:
        return [tuple(each) for each in value]
    if shape == POPPED:
        return value[0], [tuple(each) for each in value[1]]
    if shape == POINTS:
        return [each if each is None else tuple(each) for each in value]
    if shape == FOUND:
        return [found_of(each) for each in value]
    if shape == TEXTS:
        return value if isinstance(value, dict) else dict(pairs_of(value))
    if shape == FIELDS:
        return info_of(value)
    if shape == RANGES:
        return ranges_of(value)
    if shape == MOMENT:
        return int(value[0]), int(value[1])
    return scanned(value, shape)
