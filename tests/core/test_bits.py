"""Bits beside Python's integers: any bytes, any range, any field."""
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cydis.core import bits

DATA = st.binary(max_size=600) | st.builds(lambda b, n: b * n, st.sampled_from([b"\0", b"\xff", b"\xff\0"]),
                                           st.integers(0, 700))
FIELD = st.integers(1, 64).flatmap(lambda w: st.sampled_from([f"i{w}", f"u{w}"] if w < 64 else ["i64"]))


def text(data):
    return "".join(f"{byte:08b}" for byte in data)


@given(DATA, st.data())
def test_counting_and_finding(data, draw):
    shown = text(data)
    assert bits.count(data) == shown.count("1")
    if not data:
        return
    first = draw.draw(st.integers(0, len(shown) - 1))
    last = draw.draw(st.integers(first, len(shown) - 1))
    assert bits.count(data, first, last) == shown[first:last + 1].count("1")
    for bit in (0, 1):
        assert bits.find(data, bit, first, last) == shown.find(str(bit), first, last + 1)


@given(st.lists(DATA, min_size=1, max_size=6))
def test_combining(sources):
    size = max(map(len, sources))
    numbers = [int.from_bytes(source.ljust(size, b"\0"), "big") for source in sources]
    expected = {"and": numbers[0], "or": numbers[0], "xor": numbers[0]}
    for number in numbers[1:]:
        expected["and"] &= number
        expected["or"] |= number
        expected["xor"] ^= number
    for operation, number in expected.items():
        assert bits.combine(operation, *sources) == number.to_bytes(size, "big")
    assert bits.combine("not", sources[0]) == bytes(~byte & 255 for byte in sources[0])


@given(st.binary(max_size=20), st.integers(0, 180), FIELD, st.integers(-(2**63), 2**63 - 1))
def test_fields(data, place, field, number):
    width = int(field[1:])
    shown = text(data).ljust(place + width, "0")

    def read(digits):
        value = int(digits, 2)
        return value - (1 << width) if field[0] == "i" and digits[0] == "1" else value

    assert bits.get(data, place, field.encode()) == read(shown[place:place + width])
    changed = bytearray(data)
    bits.put(changed, place, field.encode(), number)
    written = f"{number & (1 << width) - 1:0{width}b}"
    expected = shown[:place] + written + shown[place + width:]
    assert text(changed) == expected.ljust(len(changed) * 8, "0")
    assert bits.get(bytes(changed), place, field.encode()) == read(written)


@given(FIELD, st.integers(-(2**63), 2**63 - 1), st.integers(-(2**63), 2**63 - 1))
def test_adding(field, number, step):
    width, low = int(field[1:]), 0
    high = (1 << width) - 1
    if field[0] == "i":
        low, high = -(1 << width - 1), (1 << width - 1) - 1
    number = max(low, min(high, number))
    fits = low <= number + step <= high
    assert bits.add(field.encode(), number, step, "fail") == (number + step if fits else None)
    assert bits.add(field.encode(), number, step, "sat") == max(low, min(high, number + step))
    assert bits.add(field.encode(), number, step) == (number + step - low) % (1 << width) + low


def test_what_is_refused():
    with pytest.raises(IndexError):
        bits.count(b"ab", 0, 16)
    with pytest.raises(IndexError):
        bits.find(b"", 1)
    with pytest.raises(ValueError, match="not a field"):
        bits.get(b"ab", 0, b"u64")
    with pytest.raises(OverflowError):
        bits.put(bytearray(), 1 << 62, b"u8", 1)
    with pytest.raises(ValueError, match="2 sources"):
        bits.combine("not", b"a", b"b")
