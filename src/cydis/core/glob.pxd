"""Patterns of KEYS, SCAN, CONFIG GET and PSUBSCRIBE: csrc/glob.h is the manual."""


cdef extern from "glob.h" nogil:
    bint glob_match_bytes "glob_match"(const void* pattern, size_t pattern_size,
                                       const void* text, size_t text_size, bint nocase) noexcept
    size_t glob_prefix(const void* pattern, size_t pattern_size) noexcept    # bytes that mean only themselves
    bint glob_is_all(const void* pattern, size_t pattern_size) noexcept      # "*"
