"""Published holes in SORT of other servers, each as a test by its number."""
import pytest

import cydis
from cydis.engine.table import positions_of_keys

EDGES = [0, 1, -1, 2, 2**31 - 1, 2**31, -(2**31), 2**32, 2**63 - 2, 2**63 - 1, -(2**63) + 1, -(2**63)]


@pytest.mark.parametrize("by", [[], ["BY", "nosort"], ["ALPHA"], ["BY", "w_*"]], ids=" ".join)
def test_cve_2022_35977_limits_at_the_edges_of_integers(by):
    store = cydis.Store()
    store.rpush("l", 3, 1, 2)
    everything = store.execute("SORT", "l", *by)
    for offset in EDGES:
        for count in EDGES:
            start = max(offset, 0)
            wanted = everything[start:] if count < 0 else everything[start:start + count]
            assert store.execute("SORT", "l", *by, "LIMIT", offset, count) == wanted
            assert store.execute("SORT", "l", *by, "LIMIT", offset, count, "STORE", "d") == len(wanted)
            assert store.lrange("d", 0, -1) == wanted


def test_cve_2023_41053_the_source_is_always_among_the_keys():
    for words in (["l"], ["l", "BY", "w_*"], ["l", "GET", "STORE"], ["l", "LIMIT", "0", "1"], ["l", "BY"]):
        for name in ("SORT", "SORT_RO"):
            assert positions_of_keys([name.encode(), *(word.encode() for word in words)]) == [1]


OPTIONS = [[], ["ASC"], ["LIMIT", "0", "STORE"], ["BY", "STORE"], ["GET", "STORE"], ["STORE", "a"], ["STORE", "STORE"],
           ["STORE", "BY"], ["STORE", "LIMIT"], ["STORE"], ["BY"], ["GET"], ["LIMIT", "0"]]


def test_no_id_15478_keys_that_are_checked_are_keys_that_are_written():
    """Whatever options are given, and given twice: SORT writes to no key but the one that its key positions name."""
    for one in OPTIONS:
        for other in OPTIONS:
            for third in OPTIONS[5:9]:
                words = ["SORT", "l", *one, *other, *third]
                store = cydis.Store()
                store.rpush("l", 3, 1, 2)
                declared = {words[at].encode() for at in positions_of_keys([word.encode() for word in words])}
                try:
                    store.execute(*words)
                except cydis.CommandError as error:
                    assert "syntax" in str(error) or "integer" in str(error)
                assert set(store.keys()) <= declared, words
