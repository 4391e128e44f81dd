"""Random fields of hashes. Fields that have expired are not drawn."""
from cydis.core.field cimport Field
from cydis.core.listpack cimport ListpackValue
from cydis.core.record cimport Record
from cydis.types.context cimport Context
from cydis.types.hash_parts cimport HashVisit


cdef struct HashDraw:                     # drawing fields again and again from a hash that does not change
    const Record* hash
    Field** live                          # where most fields have expired: the others; else NULL
    size_t count


# One of the fields, each as likely as the others; false: there is none.
cdef bint hash_random(Context* cx, const Record* hash, ListpackValue* field, ListpackValue* value) noexcept nogil
# The same for many draws, of a hash with fields that have not expired. False: no memory, nothing to end.
cdef bint hash_draw_begin(Context* cx, const Record* hash, HashDraw* draw) noexcept nogil
cdef void hash_draw(Context* cx, HashDraw* draw, ListpackValue* field, ListpackValue* value) noexcept nogil
cdef void hash_draw_end(Context* cx, HashDraw* draw) noexcept nogil
# `count` different fields, fewer than hash_live, to visit. False: no memory, none was visited.
cdef bint hash_sample(Context* cx, const Record* hash, size_t count, HashVisit visit, void* ctx) noexcept nogil
