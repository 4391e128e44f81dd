"""Texts that a client gives about itself; for the family's two files."""
from cydis.core.resp cimport RespArg
from cydis.engine.call cimport Call

cdef bint name_is_plain(const RespArg* text) noexcept nogil
cdef bint keep_text(Call* call, char** place, const RespArg* text) noexcept nogil
