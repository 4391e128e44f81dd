"""Published holes in strings of other servers, each as a test by its number."""
import pytest

import cydis

EDGES = [2**29 - 1, 2**29, 2**31 - 1, 2**31, 2**32 - 1, 2**32, 2**53, 2**62, 2**63 - 2, 2**63 - 1]


@pytest.mark.parametrize("sizes", [
    (2**15, 2**16 + 1), (2**16, 2**16), (70_000, 70_000), (2**27, 2), (2**27, 2**27), (2**29 - 1, 2**29 - 1),
    (2**29 - 1, 0),
], ids=str)
@pytest.mark.parametrize("options", [[], ["LEN"], ["IDX"]], ids=str)
def test_cve_2021_29477_and_32625_lengths_whose_product_is_too_large(sizes, options):
    """A table of (a + 1) * (b + 1) lengths is refused before it is allocated, whatever the product wraps to."""
    store = cydis.Store()
    for key, size in zip("ab", sizes, strict=True):
        if size:
            store.setrange(key, size - 1, "x")
    before = store.engine.stats()["heap_used"]
    with pytest.raises(cydis.CommandError, match="transient memory for LCS exceeds proto-max-bulk-len"):
        store.execute("LCS", "a", "b", *options)
    assert store.engine.stats()["heap_used"] == before


@pytest.mark.parametrize("key", ["none", "short", "number"])
def test_cve_2022_35977_offset_and_length_of_setrange(key):
    store = cydis.Store()
    store.mset({"short": "abc", "number": 7})
    expected = store.get(key)
    for offset in EDGES:
        with pytest.raises(cydis.CommandError, match=r"exceeds maximum allowed size|out of range"):
            store.execute("SETRANGE", key, offset, "xy")
        assert store.execute("SETRANGE", key, offset, "") == (len(expected) if expected else 0)
    for offset in (-1, -(2**63)):
        with pytest.raises(cydis.CommandError, match="offset is out of range"):
            store.execute("SETRANGE", key, offset, "x")
    assert store.get(key) == expected
