"""Patterns of KEYS, SCAN, CONFIG GET and PSUBSCRIBE: * ? [a-z] [^a] and backslash escapes."""


def glob_match(bytes pattern not None, bytes text not None, bint nocase=False):
    """Whether all of `text` matches `pattern`; every byte string is a pattern.

    With `nocase` ASCII letters of either case are equal. The empty text matches only the empty pattern.
    O(pattern * text) at worst, O(text) with a star or two.
    """
    return glob_match_bytes(<const char*> pattern, len(pattern), <const char*> text, len(text), nocase)
