"""Globs against a recursive matcher that says the dialect as plainly as possible."""
from functools import lru_cache

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cydis.core.glob import glob_match

PATTERNS = st.text("abAB[]^-\\*?", max_size=10).map(str.encode)
TEXTS = st.text("abAB]-\\*", max_size=10).map(str.encode)


def one(pattern, at, byte, fold):
    """(whether the element at `at` matches `byte`, where the next element begins)."""
    sign = pattern[at:at + 1]
    if sign == b"?":
        return True, at + 1
    if sign == b"[":
        at += 1
        negated = pattern[at:at + 1] == b"^"
        at += negated
        hit = False
        while at < len(pattern) and pattern[at:at + 1] != b"]":
            if pattern[at:at + 1] == b"\\" and at + 1 < len(pattern):
                hit |= fold(pattern[at + 1]) == fold(byte)
                at += 2
            elif pattern[at + 1:at + 2] == b"-" and at + 2 < len(pattern):
                low, high = sorted((pattern[at], pattern[at + 2]))
                hit |= fold(low) <= fold(byte) <= fold(high)
                at += 3
            else:
                hit |= fold(pattern[at]) == fold(byte)
                at += 1
        return hit != negated, at + 1
    if sign == b"\\" and at + 1 < len(pattern):
        at += 1
    return fold(pattern[at]) == fold(byte), at + 1


def plainly(pattern, text, nocase):
    if not text:
        return not pattern

    def fold(byte):
        return byte | 32 if nocase and 65 <= byte <= 90 else byte

    @lru_cache(None)
    def match(at, pos):
        if at >= len(pattern):
            return pos == len(text)
        if pattern[at:at + 1] == b"*":
            return any(match(at + 1, later) for later in range(pos, len(text) + 1))
        if pos == len(text):
            return False
        hit, after = one(pattern, at, text[pos], fold)
        return hit and match(after, pos + 1)

    return match(0, 0)


@given(PATTERNS, TEXTS, st.booleans())
@example(b"[a-]", b"^", False)
@example(b"[ab", b"b", False)
@example(b"**", b"", False)
def test_agrees_with_the_plain_matcher(pattern, text, nocase):
    assert glob_match(pattern, text, nocase) == plainly(pattern, text, nocase)


@given(st.binary(max_size=20), st.binary(min_size=1, max_size=20))
def test_any_bytes_are_a_pattern(pattern, text):
    assert glob_match(pattern, text) == plainly(pattern, text, False)


@given(st.binary(min_size=1))
def test_star_and_the_escaped_text_match(text):
    assert glob_match(b"*", text)
    assert glob_match(b"".join(b"\\" + bytes([byte]) for byte in text), text)


@pytest.mark.parametrize(("pattern", "text", "expected"), [
    (b"h?llo", b"hello", True), (b"h[^e]llo", b"hello", False), (b"h[b-a]llo", b"hallo", True),
    (b"[", b"[", False),
    (b"[^", b"x", True), (b"[]a", b"a", False), (b"user:*:name", b"user:1:name", True), (b"\\", b"\\", True),
])
def test_examples(pattern, text, expected):
    assert glob_match(pattern, text) is expected


def test_thirty_stars_end():
    assert not glob_match(b"a*" * 30 + b"b", b"a" * 20000)
