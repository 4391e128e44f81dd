"""What SORT asks its patterns for: a weight to sort by, a value to reply.

A pattern names a key with the element in place of its first '*', or a field of a hash: `weight_*`,
`user_*->name`. It reaches keys that are no arguments; no other command does (docs/decisions/0010).
"""
from libc.stdint cimport int64_t, uint8_t

from cydis.core.buffer cimport Buffer
from cydis.core.listpack cimport ListpackValue
from cydis.core.resp cimport RespArg
from cydis.engine.call cimport Call


cdef struct Pattern:
    const uint8_t* text
    size_t star                           # where the element goes
    size_t end                            # of the key's name
    RespArg field                         # size 0: the key itself is meant
    bint itself                           # "#": the element
    bint fixed                            # there is no '*': it means nothing


cdef struct Text:                         # bytes that lie in the keyspace, or a number
    const uint8_t* data                   # NULL: the decimal form of `number`
    int64_t number                        # else their size


cdef void pattern_read(Pattern* pattern, const RespArg* text) noexcept nogil

# Whether there is something at what the pattern means for this element. `name` is scratch for the key's name; where
# memory for that is refused there is nothing, and name.failed says why.
cdef bint pattern_find(Call* call, const Pattern* pattern, const Text* element, Buffer* name,
                       Text* found) noexcept nogil


cdef inline Text text_of_element(const ListpackValue* value) noexcept nogil:
    cdef Text text
    text.data = value.text
    text.number = value.size if value.text != NULL else value.number
    return text
