"""What broke sorted sets of other servers, by the advisory's id: counts at the ends of the integers, a key twice."""
import pytest

import cydis

INT64_MAX, INT64_MIN = 2**63 - 1, -(2**63)
EDGES = [0, 1, -1, 2**31 - 1, 2**31, 2**31 + 1, 2**32 - 1, 2**32, 2**32 + 1, 2**53, INT64_MAX // 2, INT64_MAX // 2 + 1,
         INT64_MAX - 1, INT64_MAX, 2**63, 2**64, INT64_MIN, INT64_MIN + 1, INT64_MIN // 2, INT64_MIN // 2 - 1]
WORDS = ["", " 1", "1 ", "+1", "0x1", "1e3", "nan", "inf"]


@pytest.fixture(params=["small", "large"])
def store(request):
    store = cydis.Store(decode=True)
    if request.param == "large":
        store.zadd("z", {"x" * 65: 0})
        store.zrem("z", "x" * 65)
    store.zadd("z", {f"m{i}": i for i in range(10)})
    return store


def test_cve_2023_22458_random_members_of_any_count(store):
    """Counts that would be answered with more than memory holds are left out here; below they are cut off."""
    for count in EDGES:
        if -1000 < count < 0 or 0 <= count <= INT64_MAX:
            found = store.zrandmember("z", count)
            assert len(found) == (min(count, 10) if count >= 0 else -count)
    for count in (INT64_MIN, 2**63, 2**64, *WORDS):
        with pytest.raises(cydis.CommandError, match="value is"):
            store.zrandmember("z", count)


def test_cve_2023_25155_random_members_with_scores(store):
    for count in (INT64_MIN, INT64_MIN + 1, INT64_MIN // 2, INT64_MIN // 2 - 1, INT64_MAX // 2 + 1, INT64_MAX):
        with pytest.raises(cydis.CommandError, match="out of range"):
            store.zrandmember("z", count, withscores=True)
    assert len(store.zrandmember("z", INT64_MAX // 2, withscores=True)) == 10


@pytest.mark.parametrize("count", EDGES)
def test_dragonfly_8130_pops_of_any_count(store, count):
    if 0 < count <= INT64_MAX:
        assert len(store.zmpop("z", count=count)[1]) == min(count, 10)
        assert store.zcard("z") == 10 - min(count, 10)
        assert len(store.zpopmin("z", count)) == min(count, 10 - min(count, 10))
    else:
        with pytest.raises(cydis.CommandError, match="count should be greater than 0"):
            store.zmpop("z", count=count)
    assert store.engine.check()


@pytest.mark.parametrize("edge", [*EDGES, *WORDS])
def test_cve_2022_35977_ranges_at_the_ends_of_the_integers(store, edge):
    store.zunionstore("copy", "z")
    commands = [("ZRANGE", "z", edge, edge), ("ZRANGE", "z", 0, edge), ("ZRANGE", "z", edge, -1, "REV"),
                ("ZREVRANGE", "z", edge, edge), ("ZRANGESTORE", "d", "z", edge, edge),
                ("ZRANGESTORE", "d", "z", 0, edge),
                ("ZRANGE", "z", "-inf", "inf", "BYSCORE", "LIMIT", edge, edge),
                ("ZRANGESTORE", "d", "z", "-inf", "inf", "BYSCORE", "LIMIT", edge, edge),
                ("ZRANGEBYSCORE", "z", "-inf", "inf", "LIMIT", 0, edge), ("ZREMRANGEBYRANK", "copy", edge, edge),
                ("ZINTERCARD", 1, "z", "LIMIT", edge), ("ZUNION", edge, "z"), ("ZDIFFSTORE", "d", edge, "z"),
                ("ZMPOP", edge, "gone", "MIN"), ("BZMPOP", 0.01, edge, "gone", "MIN"), ("ZPOPMIN", "gone", edge)]
    for command in commands:
        try:
            found = store.execute(*command)
        except cydis.CommandError as error:
            assert str(error).startswith("ERR ")
        else:
            assert found is None or isinstance(found, int) or len(found) <= 10
        assert store.engine.check()
    assert store.zcard("z") == 10


def test_cve_2023_28425_one_key_twice(store):
    """Every command of several keys, with one key for all of them."""
    whole = store.zrange("z", 0, -1, withscores=True)
    assert store.zinter("z", "z", "z", withscores=True) == [(member, 3 * score) for member, score in whole]
    assert store.zdiff("z", "z") == []
    for store_it in (store.zunionstore, store.zinterstore):
        assert store_it("z", "z", "z", aggregate="MAX") == 10
        assert store.zrange("z", 0, -1, withscores=True) == whole
    assert store.zrangestore("z", "z", 0, -1) == 10
    assert store.zrange("z", 0, -1, withscores=True) == whole
    assert store.zmpop("z", "z", count=4) == ("z", whole[:4])
    assert store.execute("BZPOPMIN", "z", "z", 1) == ["z", *whole[4]]
    assert store.zdiffstore("z", "z", "z") == 0
    assert store.exists("z") == 0
    assert store.engine.check()
