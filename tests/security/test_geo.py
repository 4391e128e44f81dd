"""What broke places of other servers: one option twice, counts and sizes at the ends of the numbers, hostile scores."""
import math

import pytest

import cydis

INTEGERS = [0, 1, -1, 2, 3, 2**31 - 1, 2**31, 2**32, 2**53, 2**61, 2**62, 2**63 - 1, 2**63, 2**64, -(2**31), -(2**63)]
NUMBERS = [*INTEGERS, "", " 1", "1 ", "+1", "0x1", "1e3", "nan", "-nan", "inf", "-inf", "1e308", "-1e308", "1e400",
           "1e-320", "-0"]


@pytest.fixture(params=[128, 0], ids=["small", "large"])
def store(request):
    store = cydis.Store(decode=True)
    store.config_set("zset-max-listpack-entries", request.param)
    store.geoadd("g", [(i * 3.6 - 180, i * 1.7 - 85, f"m{i}") for i in range(100)])
    return store


@pytest.mark.parametrize("name", ["GEORADIUS", "GEORADIUSBYMEMBER"])
def test_redis_15478_the_key_that_is_checked_is_the_key_that_is_used(store, name):
    """STORE given twice, or where it means something else."""
    around = ["g", 0, 0] if name == "GEORADIUS" else ["g", "m50"]
    tails = ["STORE a", "STORE a STORE b", "STORE a STOREDIST b", "STOREDIST a STORE b", "STORE STORE",
             "STORE a ASC storedist b DESC", "STORE COUNT COUNT 1", "STORE STORE STORE STORE",
             "STORE a COUNT 5 STORE a"]
    for tail in tails:
        words = [name, *around, 9000, "km", *tail.split()]
        keys = store.execute("COMMAND", "GETKEYS", *words)
        store.execute("FLUSHALL")
        store.geoadd("g", [(0, 0, "m50"), (1, 1, "m51")])
        assert store.execute(*words) > 0
        assert sorted(store.execute("KEYS", "*")) == sorted(set(keys))


@pytest.mark.parametrize("edge", NUMBERS)
def test_numbers_at_the_ends(store, edge):
    searches = [("GEORADIUS", "g", edge, edge, edge, "m"), ("GEORADIUS", "g", 0, 0, edge, "mi", "ASC"),
                ("GEORADIUS", "g", 0, 0, 9000, "km", "COUNT", edge),
                ("GEORADIUS", "g", 0, 0, 9000, "km", "COUNT", edge, "ANY"),
                ("GEOSEARCH", "g", "FROMMEMBER", "m50", "BYRADIUS", edge, "km"),
                ("GEOSEARCH", "g", "FROMMEMBER", "m50", "BYBOX", edge, 500, "km", "WITHDIST"),
                ("GEOSEARCH", "g", "FROMMEMBER", "m50", "BYBOX", 500, edge, "km", "WITHDIST"),
                ("GEOSEARCH", "g", "FROMLONLAT", edge, 0, "BYBOX", edge, edge, "ft", "DESC"),
                ("GEOSEARCH", "g", "BYPOLYGON", edge, 0, 0, 10, 0, 0, 10),
                ("GEOSEARCH", "g", "BYPOLYGON", 3, 0, 0, edge, 0, 0, edge),
                ("GEOSEARCHSTORE", "d", "g", "FROMLONLAT", 0, 0, "BYRADIUS", edge, "km", "STOREDIST"),
                ("GEORADIUSBYMEMBER", "g", "m50", edge, "km", "STOREDIST", "d", "COUNT", edge)]
    for search in searches:
        try:
            found = store.execute(*search)
        except cydis.CommandError as error:
            assert str(error).startswith("ERR ")
        else:
            assert found <= 100 if isinstance(found, int) else len(found) <= 100
        assert store.engine.check()
    assert store.zcard("g") == 100


@pytest.mark.parametrize("score", [-1, 0.5, 2**52, 2**53, 2**54, 2**62, 2**63, 2**64, 1e20, 1e308, -1e308, math.inf,
                                   -math.inf, 5e-324])
def test_scores_that_no_geoadd_made(store, score):
    store.zadd("g", {"odd": score})
    (longitude, latitude), = store.geopos("g", "odd")
    assert -180 <= longitude <= 180 and -85.06 < latitude < 85.06
    assert len(store.geohash("g", "odd")[0]) == 11
    assert store.geodist("g", "odd", "m50") >= 0
    for search in ({"radius": 1}, {"radius": 30000}, {"width": 100, "height": 30000}):
        found = store.geosearch("g", member="odd", unit="km", withdist=True, withhash=True, withcoord=True, **search)
        assert all(distance >= 0 for _, distance, _, _ in found)
        store.geosearchstore("d", "g", member="odd", unit="km", storedist=True, **search)
        assert store.engine.check()


def test_polygons_of_many_vertices_and_of_none(store):
    circle = [(100 * math.cos(i / 5000), 80 * math.sin(i / 5000)) for i in range(31_000)]
    assert len(store.geosearch("g", polygon=circle)) > 10
    for flat in ([(0, 0)] * 3, [(0, 0), (10, 0), (20, 0)], [(-180, -85), (180, 85), (-180, -85)]):
        assert store.geosearch("g", polygon=flat, withdist=True) == []
