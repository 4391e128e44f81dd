"""Drawing different entries of a hash table. See draw.pxd for the contract."""
from libc.stdlib cimport calloc, free

from cydis.core.hashtable cimport Hashtable, HashtableVisit, hashtable_random
from cydis.types.context cimport Context, context_random


cdef bint draw_entries(Context* cx, const Hashtable* table, size_t count, HashtableVisit visit,
                       DrawSkip skip, void* ctx) noexcept nogil:
    """Draws until `count` different ones have come; those seen stand in an open table of addresses.

    At most every third is drawn, so one and a half draws are needed for each at worst; three, where some are not
    wanted. O(count).
    """
    cdef size_t room = 16, place, drawn = 0
    cdef void** seen
    cdef void* entry
    while room < 2 * count:
        room *= 2
    seen = <void**>calloc(room, sizeof(void*))
    if seen == NULL:
        return False
    while drawn < count:
        entry = hashtable_random(table, context_random(cx))
        if skip != NULL and skip(ctx, entry):
            continue
        place = ((<size_t>entry >> 3) * <size_t>0x9E3779B97F4A7C15 >> 20) & (room - 1)
        while seen[place] != NULL and seen[place] != entry:
            place = (place + 1) & (room - 1)
        if seen[place] == NULL:
            seen[place] = entry
            drawn += 1
            visit(ctx, entry)
    free(seen)
    return True
