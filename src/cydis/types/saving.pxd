"""What the types share when they save and load values in the published byte form (csrc/rdb.h).

A type loads from a reader into a Record with a slot. Nothing that is read is trusted: a value which loads is one
that commands could have made. Its encoding follows from the limits now in force, not from the form.
"""
from libc.stdint cimport uint8_t, uint64_t

from cydis.core.buffer cimport Buffer
from cydis.core.listpack cimport ListpackValue
from cydis.core.rdb cimport RdbReader, RdbText, RdbWriter
from cydis.types.context cimport Context

cdef enum:                                # what became of it
    LOAD_NO_MEMORY = -1
    LOAD_BAD = 0                          # not a value; nothing was made
    LOAD_OK = 1

cdef enum:
    SCRATCH = 512                         # bytes of the stack on which a text is unpacked that does not stand plain


cdef struct TextReader:                   # texts, one after the other
    RdbReader* reader
    Buffer scratch
    uint8_t[SCRATCH] home


cdef void texts_open(TextReader* texts, RdbReader* reader) noexcept nogil
cdef void texts_close(TextReader* texts) noexcept nogil
# The next one as an element: LOAD_*. It is good until the next.
cdef int texts_next(TextReader* texts, ListpackValue* value) noexcept nogil

# The longest of `count` texts, each followed by `more` bytes; the reader stays. False: they are not all there.
cdef bint texts_survey(const RdbReader* reader, uint64_t count, uint64_t more, uint64_t* longest) noexcept nogil

# A listpack, one-way or not, from one text that is, in its form, a listpack, a ziplist or a zipmap: LOAD_*. It is
# canonical.
cdef int pack_load(Context* cx, RdbReader* reader, int form, bint one_way, uint8_t** pack) noexcept nogil

cdef enum:                                # forms
    FORM_LISTPACK = 0
    FORM_ZIPLIST = 1
    FORM_ZIPMAP = 2

cdef void pack_save(const uint8_t* pack, RdbWriter* w) noexcept nogil
cdef void element_save(const ListpackValue* value, RdbWriter* w) noexcept nogil
