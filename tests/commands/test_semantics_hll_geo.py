"""What clones get wrong, point by point: DUMP and RESTORE (26), HyperLogLog and geo (53 to 56).

See test_semantics_strings_keys.py.
"""
import pytest
from doors import SYNTAX
from semantics import valkey_or_own_door

door = pytest.fixture(params=["resp2", "resp3", "execute", "valkey2", "valkey3"])(valkey_or_own_door)


def test_point_26_restore(door):
    door.do("SET", "k", "v")
    payload = door.do("DUMP", "k")
    assert door.refused("RESTORE", "new", -1, payload) == "ERR Invalid TTL value, must be >= 0"
    assert door.refused("RESTORE", "k", 0, payload) == "BUSYKEY Target key name already exists."
    assert door.do("RESTORE", "new", 1, payload, "ABSTTL") == b"OK" and door.do("EXISTS", "new") == 0
    assert door.refused("RESTORE", "new", 0, payload, "IDLETIME", 1, "FREQ", 1) == SYNTAX
    assert door.do("RESTORE", "k", 0, payload, "REPLACE") == b"OK"


def test_point_53_pfadd_makes_a_string(door):
    assert door.do("PFADD", "k") == 1 and door.do("PFADD", "k") == 0
    assert door.do("TYPE", "k") == b"string" and door.do("GET", "k")[:4] == b"HYLL"
    sparse = door.do("STRLEN", "k")
    door.do("PFADD", "k", *range(5000))
    assert sparse < 3000 < door.do("STRLEN", "k") == 12304
    door.do("SET", "s", "text")
    for words in (["PFADD", "s", "a"], ["PFCOUNT", "s"], ["PFMERGE", "d", "s"]):
        assert door.refused(*words) == "WRONGTYPE Key is not a valid HyperLogLog string value."


def test_point_54_pfcount_writes_what_it_counted(door):
    door.do("PFADD", "k", *range(1000))
    before = door.do("GET", "k")
    assert door.do("PFCOUNT", "k") == 1001
    assert door.do("GET", "k") != before
    assert door.do("PFCOUNT", "k", "none") == 1001


def test_point_55_pfmerge_of_nothing(door):
    assert door.do("PFMERGE", "k") == b"OK"
    assert door.do("PFCOUNT", "k") == 0 and door.do("EXISTS", "k") == 1


def test_point_56_geo_is_a_sorted_set(door):
    assert door.do("GEOADD", "g", "13.361389", "38.115556", "Palermo", "15.087269", "37.502669", "Catania") == 2
    assert door.do("TYPE", "g") == b"zset"
    assert door.do("GEODIST", "g", "Palermo", "Catania") == b"166274.1516"
    assert door.refused("GEOADD", "g", 0, 86, "pole").startswith("ERR invalid longitude,latitude pair")
    place = door.do("GEOPOS", "g", "Palermo", "none")
    assert place[1] is None and abs(float(place[0][0]) - 13.361389) < 1e-5 and float(place[0][0]) != 13.361389
    area = ["GEOSEARCH", "g", "FROMLONLAT", 15, 37, "BYRADIUS", 200, "km"]
    assert door.do(*area, "ASC") == [b"Catania", b"Palermo"]
    for words in (["ANY"], ["COUNT", 0]):
        assert door.refused(*area, *words).startswith("ERR ")
    assert door.do("GEOSEARCHSTORE", "d", *area[1:], "STOREDIST") == 2
    assert len(str(door.do("ZSCORE", "d", "Palermo"))) > 12
