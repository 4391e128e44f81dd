"""Numbers as text: Python's own numbers are the oracle for values, a list of answers for spellings."""
import locale
import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cydis.core.number import (
    add_long_double,
    format_digits,
    format_double,
    format_int,
    format_long_double,
    parse_double,
    parse_int,
)

INT64 = st.integers(-2**63, 2**63 - 1)


@given(INT64)
def test_int_round_trip(value):
    assert format_int(value) == b"%d" % value
    assert parse_int(format_int(value)) == value


@given(st.integers(-2**70, 2**70))
def test_int_range(value):
    if -2**63 <= value < 2**63:
        assert parse_int(b"%d" % value) == value
    else:
        with pytest.raises(ValueError, match="not an integer"):
            parse_int(b"%d" % value)


@given(st.text("0123456789+- .ex", max_size=22).map(str.encode))
def test_int_has_one_spelling(text):
    try:
        value = parse_int(text)
    except ValueError:
        return
    assert b"%d" % value == text


@pytest.mark.parametrize("text", [
    b"", b"-", b"+1", b"-0", b"00", b" 1", b"1 ", b"1\n", b"1\0", b"0x1", b"1.0",
])
def test_int_refuses(text):
    with pytest.raises(ValueError, match="not an integer"):
        parse_int(text)


@given(st.floats(allow_nan=False))
def test_double_round_trip(value):
    text = format_double(value)
    assert len(text) <= 25
    back = parse_double(text)
    assert back == value
    assert math.copysign(1, back) == math.copysign(1, value)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_double_has_seventeen_digits_at_most(value):
    text = format_double(value)
    if value == int(value) and abs(value) <= 2**62:
        assert text == (b"-0" if str(value) == "-0.0" else b"%d" % int(value))
    else:
        assert len(text.split(b"e")[0].replace(b".", b"").strip(b"-0")) <= 17


@given(st.from_regex(rb"[+-]?([0-9]{0,30}\.?[0-9]{0,30})([eE][+-]?[0-9]{1,3})?", fullmatch=True))
def test_double_parse_agrees_with_python(text):
    try:
        expected = float(text)
    except ValueError:
        expected = None
    if expected is not None:
        digits = text.lower().split(b"e")[0].strip(b"+-0.").replace(b".", b"").strip(b"0")
        if math.isinf(expected) or (expected == 0 and digits):
            expected = None
    if expected is None:
        with pytest.raises(ValueError, match="not a double"):
            parse_double(text)
    else:
        assert parse_double(text) == expected


@given(st.integers(2**52, 2**53 - 1), st.integers(-1074, 900), st.integers(-1, 1))
def test_double_parse_at_midpoints(fraction, exponent, nudge):
    """The exact text of a midpoint of two doubles rounds to even, and a hair beside it to that side."""
    middle = (2 * fraction + 1) * Fraction(2) ** (exponent - 1)
    scale = 1200
    text = b"%de-%d" % (middle * 10**scale * 10 + nudge, scale + 1)
    expected = float(middle + Fraction(nudge, 10 ** (scale + 1)))
    if math.isfinite(expected):
        assert parse_double(text) == expected


@pytest.mark.parametrize("text", [
    b"", b".", b"e5", b"1e", b"0x10", b"nan", b"1e309", b"1e-400", b" 1", b"1 ", b"1_0", b"1\0",
])
def test_double_refuses(text):
    with pytest.raises(ValueError, match="not a double"):
        parse_double(text)


@pytest.mark.parametrize(("value", "text"), [
    (0.1, b"0.1"), (3.0, b"3"), (1e20, b"1e+20"), (1e17, b"100000000000000000"), (1e-7, b"1e-7"),
    (-0.0, b"-0"),
    (1e-6, b"0.000001"), (1e23, b"99999999999999990000000"), (math.inf, b"inf"), (-math.inf, b"-inf"),
    (math.nan, b"nan"), (12345.678901234567, b"1.2345678901234567e+4"), (2.0**63, b"9223372036854776000"),
])
def test_double_text_of_the_reference(value, text):
    assert format_double(value) == text


@given(st.floats())
def test_seventeen_digits(value):
    assert format_digits(value) == (b"%.17g" % value)


def test_sums_of_long_doubles():
    assert add_long_double(b"10.5", b"0.1") == b"10.6"
    assert add_long_double(b"5.0e3", b"200") == b"5200"
    assert add_long_double(b"3", b"1e-20") == b"3"
    assert add_long_double(b"0.1", b"0.2") == b"0.3"
    assert add_long_double(b"0", b"0x10") == b"16"
    assert add_long_double(b"1", b"-1") == b"0"
    with pytest.raises(OverflowError):
        add_long_double(b"1", b"inf")
    with pytest.raises(ValueError, match="not a long double"):
        add_long_double(b"1", b"nan")


@given(st.integers(-10**18, 10**18), st.integers(0, 17))
def test_long_double_prints_what_is_exact(value, places):
    text = b"%d" % value
    assert format_long_double(text) == text
    half = b"%d.5" % (value // 4)
    assert format_long_double(half) == half


def test_the_locale_changes_nothing():
    """Some locales write a comma; a host application may have chosen one."""
    before = locale.setlocale(locale.LC_NUMERIC)
    for name in ("de_DE.UTF-8", "fr_FR.UTF-8", "de_DE", "C.UTF-8"):
        try:
            locale.setlocale(locale.LC_NUMERIC, name)
        except locale.Error:
            continue
        try:
            assert parse_double(b"1234.56789012345678901234567890") == 1234.5678901234568
            assert add_long_double(b"0.1", b"0.2") == b"0.3"
            assert format_long_double(b"0.125") == b"0.125"
        finally:
            locale.setlocale(locale.LC_NUMERIC, before)
