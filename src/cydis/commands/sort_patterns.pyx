"""Patterns of SORT. See sort_patterns.pxd for the contract."""
from libc.string cimport memchr

from cydis.commands.sort_patterns cimport Pattern, Text
from cydis.core.buffer cimport buffer_append
from cydis.core.listpack cimport LISTPACK_INT_DIGITS, listpack_format
from cydis.core.record cimport Record, record_int
from cydis.engine.keyspace cimport key_read_named, record_string
from cydis.engine.value cimport ENC_INT, TYPE_HASH, TYPE_STRING
from cydis.types.hashes cimport hash_get


cdef void pattern_read(Pattern* pattern, const RespArg* text) noexcept nogil:
    cdef const uint8_t* star = <const uint8_t*>memchr(text.data, b"*", text.size)
    cdef size_t at
    pattern.text = text.data
    pattern.end = text.size
    pattern.field.data = NULL
    pattern.field.size = 0
    pattern.itself = text.size == 1 and text.data[0] == b"#"
    pattern.fixed = star == NULL
    if star == NULL:
        return
    pattern.star = star - text.data
    for at in range(pattern.star + 1, text.size - 1 if text.size else 0):
        if text.data[at] == b"-" and text.data[at + 1] == b">":
            if at + 2 < text.size:        # an arrow at the very end is a part of the name
                pattern.end = at
                pattern.field.data = text.data + at + 2
                pattern.field.size = text.size - at - 2
            return


cdef void name_key(const Pattern* pattern, const Text* element, Buffer* name) noexcept nogil:
    cdef char[LISTPACK_INT_DIGITS] digits
    name.used = 0
    buffer_append(name, pattern.text, pattern.star)
    if element.data == NULL:
        buffer_append(name, digits, listpack_format(element.number, digits))
    else:
        buffer_append(name, element.data, element.number)
    buffer_append(name, pattern.text + pattern.star + 1, pattern.end - pattern.star - 1)


cdef bint pattern_find(Call* call, const Pattern* pattern, const Text* element, Buffer* name,
                       Text* found) noexcept nogil:
    cdef Record* record
    cdef ListpackValue value
    cdef char[24] digits
    cdef size_t size
    if pattern.itself:
        found[0] = element[0]
        return True
    if pattern.fixed:
        return False
    name_key(pattern, element, name)
    if name.failed:
        return False
    record = key_read_named(call, name.data, name.used)
    if record == NULL or <int>record.type != (TYPE_HASH if pattern.field.size else TYPE_STRING):
        return False
    if pattern.field.size:
        if not hash_get(record, &pattern.field, &value):
            return False
        found[0] = text_of_element(&value)
    elif <int>record.encoding == ENC_INT:
        found.data = NULL
        found.number = record_int(record)
    else:
        record_string(record, digits, &found.data, &size)
        found.number = <int64_t>size
    return True
