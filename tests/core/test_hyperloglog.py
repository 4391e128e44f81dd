"""HyperLogLog beside sets: estimates, unions, both forms, and what bytes are refused."""
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cydis.core.hyperloglog import HyperLogLog

ELEMENTS = st.lists(st.integers(0, 5000).map(lambda n: b"%d" % n) | st.binary(max_size=40), max_size=300)


@given(ELEMENTS)
def test_the_estimate_is_near(elements):
    made = HyperLogLog(elements)
    distinct = len(set(elements))
    assert abs(made.count() - distinct) <= 6 * 0.0081 * distinct + 1
    assert HyperLogLog.validate(bytes(made))
    assert all(not made.add(element) for element in elements)


@given(ELEMENTS, st.randoms())
def test_the_registers_do_not_depend_on_order_or_form(elements, chance):
    made, dense = HyperLogLog(elements), HyperLogLog(elements, sparse_max=0)
    chance.shuffle(elements)
    shuffled = HyperLogLog(elements)
    assert made.registers() == dense.registers() == dense.registers(wide=False) == shuffled.registers()
    assert dense.dense == bool(elements)
    assert made.count() == dense.count() == shuffled.count()


@given(ELEMENTS, ELEMENTS, st.sampled_from([0, 3000]), st.sampled_from([0, 3000]))
def test_a_union_is_that_of_the_elements(one, other, first, second):
    union, both = HyperLogLog(one, sparse_max=first), HyperLogLog(one + other)
    union.update(HyperLogLog(other, sparse_max=second), wide=len(one) % 2 == 0)
    assert union.dense
    assert union.registers() == both.registers()
    assert union.count() == both.count()


def test_bytes():
    made = HyperLogLog([b"a"])
    again = HyperLogLog.from_bytes(bytes(made))
    assert again.registers() == made.registers()
    assert made.add(b"b") and made.count() == 2 and again.count() == 1
    with pytest.raises(ValueError, match="not a HyperLogLog"):
        HyperLogLog.from_bytes(b"HYLL")
    assert not HyperLogLog.validate(b"")
    damaged = HyperLogLog.from_bytes(bytes(made)[:15] + b"\x80" + b"\x7f")
    assert not HyperLogLog.validate(bytes(damaged))
    for use in (damaged.count, damaged.registers, lambda: damaged.add(b"x"), lambda: made.update(damaged)):
        with pytest.raises(ValueError, match="damaged"):
            use()


def test_a_million_elements():
    made = HyperLogLog(b"%d" % n for n in range(100_000))
    assert made.dense and len(bytes(made)) == 12_304
    assert abs(made.count() - 100_000) < 3000
