"""Examples of the commands of places, through every door, and searches beside a plain model.

The replies are those of Valkey 9.1.
"""
import math

import pytest
from doors import NOT_AN_INTEGER, SYNTAX, WRONGTYPE
from hypothesis import given, settings
from hypothesis import strategies as st
from refusal import check_refusals

import cydis

UNIT = "ERR unsupported unit provided. please use M, KM, FT, MI"
NOT_A_FLOAT = "ERR value is not a valid float"
FROM = "ERR exactly one of FROMMEMBER or FROMLONLAT can be specified for "
BY = "ERR exactly one of BYRADIUS, BYBOX and BYPOLYGON can be specified for "
VERTICES = "ERR GEOSEARCH BYPOLYGON must have at least 3 vertices"
LONG = b"x" * 65
PLACES = {b"Palermo": (13.361389, 38.115556), b"Catania": (15.087269, 37.502669), b"edge1": (12.758489, 38.788135),
          b"edge2": (17.241510, 38.788135)}


def numbers(reply):
    """Coordinates: bulk strings in RESP2, doubles elsewhere."""
    return None if reply is None else [float(each) for each in reply]


@pytest.fixture(params=["small", "large"])
def sicily(request, door):
    """Two towns and two more places, once in the small encoding and once in the large one."""
    if request.param == "large":
        door.do("GEOADD", "g", 0, 0, LONG)
    door.do("GEOADD", "g", *(word for member, place in PLACES.items() for word in (*place, member)))
    if request.param == "large":
        door.do("ZREM", "g", LONG)
    return door


# ---- members' places ----

def test_geoadd(sicily):
    assert sicily.do("TYPE", "g") == b"zset"
    assert sicily.do("ZSCORE", "g", "Palermo") in (3479099956230698, b"3479099956230698")
    assert sicily.do("GEOADD", "g", 13.361389, 38.115556, "Palermo", 1, 1, "new") == 1
    assert sicily.do("GEOADD", "g", "CH", 2, 2, "Palermo", 1, 1, "new") == 1
    assert sicily.do("GEOADD", "g", "NX", "CH", 3, 3, "Palermo") == 0
    assert sicily.do("GEOADD", "g", "xx", "ch", 3, 3, "Palermo", 4, 4, "none") == 1
    assert sicily.do("GEOADD", "missing", "XX", 3, 3, "a") == 0
    assert sicily.do("EXISTS", "missing") == 0
    assert sicily.do("GEOADD", "many", *(word for i in range(100) for word in (i, -i / 2, f"m{i}"))) == 100
    assert numbers(sicily.do("GEOPOS", "many", "m77")[0]) == pytest.approx([77, -38.5], abs=1e-5)


def test_geoadd_refuses(sicily):
    sicily.do("SET", "text", "v")
    for wrong in ([1, 1, "a", 1], ["NX", "XX", 1, 1, "a"], ["GT", 1, 1, "a"], ["NX", "CH", "CH"]):
        assert sicily.refused("GEOADD", "g", *wrong) == SYNTAX
    for place in (("x", 1), (1, "x"), ("nan", 1), ("", 1)):
        assert sicily.refused("GEOADD", "text", *place, "a") == NOT_A_FLOAT
    for (longitude, latitude), said in {
            (181, 1): "181.000000,1.000000", (180, "85.05112879"): "180.000000,85.051129",
            ("inf", "-inf"): "inf,-inf", ("1e17", "0.1234565"): "100000000000000000.000000,0.123456",
            ("-180.0000005", 0): "-180.000000,0.000000"}.items():
        assert sicily.refused("GEOADD", "g", 1, 1, "new", longitude, latitude, "a") == (
            f"ERR invalid longitude,latitude pair {said}")
    assert sicily.refused("GEOADD", "text", 1, 1, "a") == WRONGTYPE
    assert sicily.do("ZCARD", "g") == 4


def test_geodist(sicily):
    for unit, distance in {"m": b"166274.1516", "KM": b"166.2742", "ft": b"545518.8700", "Mi": b"103.3182"}.items():
        assert sicily.do("GEODIST", "g", "Palermo", "Catania", unit) == distance
    assert sicily.do("GEODIST", "g", "Palermo", "Palermo") == b"0.0000"
    assert sicily.do("GEODIST", "g", "Palermo", "none") is None
    assert sicily.do("GEODIST", "missing", "a", "b") is None
    assert sicily.refused("GEODIST", "missing", "a", "b", "x") == UNIT
    assert sicily.refused("GEODIST", "missing", "a", "b", "m", "m") == SYNTAX


def test_geohash_and_geopos(sicily):
    assert sicily.do("GEOHASH", "g", "Palermo", "none", "Catania") == [b"sqc8b49rny0", None, b"sqdtr74hyu0"]
    assert sicily.do("GEOHASH", "missing", "a") == [None]
    assert sicily.do("GEOHASH", "g") == []
    found = sicily.do("GEOPOS", "g", "Palermo", "none")
    if sicily.kind == "resp2":
        assert found == [[b"13.36138933897018433", b"38.11555639549629859"], None]
    else:
        assert found == [[13.361389338970184, 38.1155563954963], None]
    assert sicily.do("GEOPOS", "missing", "a", "b") == [None, None]


def test_semantics_56_places_at_the_ends_of_the_map(door):
    door.do("GEOADD", "h", 180, 85.05112878, "max", -180, -85.05112878, "min", 180, -85.05112878, "x",
            -180, 85.05112878, "y")
    assert [float(door.do("ZSCORE", "h", member)) for member in ("min", "y", "x", "max")] == [
        0, 2**52, 2**53, 2**52 + 2**53]
    assert door.do("GEOHASH", "h", "max", "min", "x", "y") == [b"bp05b5048p0", b"00bh0hbj200", b"00bh0hbj200",
                                                               b"bp05b5048p0"]
    for member in ("max", "min", "x"):
        assert door.do("GEOSEARCH", "h", "FROMMEMBER", member, "BYRADIUS", 1, "m") == [member.encode()]


def test_scores_that_are_no_places(door):
    door.do("ZADD", "raw", 1.5, "a", -1, "b", "1e20", "c", 2**53, "e", "inf", "f", "-inf", "g")
    found = [numbers(each) for each in door.do("GEOPOS", "raw", *"abcefg")]
    west, east, north, south = -179.99999731779099, 180, 85.05112878, -85.05112751263943
    assert found == [[west, -85.05112497791825], [east, north], [west, south], [east, south], [west, south],
                     [east, south]]
    assert door.do("GEODIST", "raw", "a", "b") == b"18919844.3072"
    assert door.do("GEOSEARCH", "raw", "FROMMEMBER", "c", "BYRADIUS", 100000, "km") == [b"a"]


# ---- searching ----

def test_circles_and_boxes(sicily):
    assert sicily.do("GEORADIUS", "g", 15, 37, 200, "km", "ASC") == [b"Catania", b"Palermo"]
    assert sicily.do("GEORADIUS", "g", 15, 37, 200, "km", "DESC") == [b"Palermo", b"Catania"]
    assert sicily.do("GEORADIUS_RO", "g", 15, 37, 100, "km") == [b"Catania"]
    assert sicily.do("GEOSEARCH", "g", "FROMLONLAT", 15, 37, "BYRADIUS", 200, "km", "ASC") == [b"Catania", b"Palermo"]
    assert sicily.do("GEOSEARCH", "g", "FROMLONLAT", 15, 37, "BYBOX", 400, 400, "km", "ASC") == [
        b"Catania", b"Palermo", b"edge2", b"edge1"]
    assert sicily.do("GEOSEARCH", "g", "FROMMEMBER", "Palermo", "BYRADIUS", 0, "m") == [b"Palermo"]
    assert sicily.do("GEORADIUSBYMEMBER", "g", "Palermo", 100, "km", "ASC") == [b"Palermo", b"edge1"]
    assert sicily.do("GEORADIUSBYMEMBER_RO", "g", "Palermo", 0, "m") == [b"Palermo"]
    assert len(sicily.do("GEOSEARCH", "g", "FROMLONLAT", 0, 0, "BYRADIUS", "inf", "m")) == 4


def test_what_stands_beside_a_member(sicily):
    point = [13.361389338970184, 38.1155563954963]
    (member, distance, cell, place), = sicily.do("GEOSEARCH", "g", "FROMMEMBER", "Palermo", "BYRADIUS", 1, "km",
                                                 "WITHCOORD", "WITHHASH", "WITHDIST")
    assert (member, distance, cell, numbers(place)) == (b"Palermo", b"0.0000", 3479099956230698, point)
    assert sicily.do("GEORADIUS", "g", 15, 37, 200, "km", "WITHDIST", "ASC") == [[b"Catania", b"56.4413"],
                                                                                [b"Palermo", b"190.4424"]]
    assert sicily.do("GEORADIUS", "g", 15, 37, 100, "mi", "WITHHASH") == [[b"Catania", 3479447370796909]]


def test_count_and_any(sicily):
    around = ("GEOSEARCH", "g", "FROMLONLAT", 15, 37, "BYBOX", 400, 400, "km")
    assert sicily.do(*around, "COUNT", 2) == [b"Catania", b"Palermo"]
    assert sicily.do(*around, "COUNT", 3, "DESC") == [b"edge1", b"edge2", b"Palermo"]
    assert sicily.do(*around, "COUNT", 1, "COUNT", 99) == [b"Catania", b"Palermo", b"edge2", b"edge1"]
    whole = sicily.do(*around)
    for count in range(1, 6):
        assert sicily.do(*around, "COUNT", count, "ANY") == whole[:count]
    assert sorted(whole) == sorted(PLACES)


def test_polygons(sicily):
    square = ("BYPOLYGON", 4, 12, 37, 16, 37, 16, 38.5, 12, 38.5)
    assert sicily.do("GEOSEARCH", "g", *square, "ASC") == [b"Palermo", b"Catania"]
    assert sicily.do("GEOSEARCH", "g", *square, "WITHDIST", "COUNT", 1) == [[b"Palermo", b"68130.5288"]]
    assert sicily.do("GEOSEARCH", "g", "BYPOLYGON", 3, 0, 0, 1, 1, 0, 1) == []
    assert sicily.do("GEOSEARCH", "g", "BYPOLYGON", 3, 0, 0, 1, 1, 0, 1, *square, "DESC") == [b"Catania", b"Palermo"]
    assert sicily.do("GEOSEARCHSTORE", "d", "g", *square, "STOREDIST") == 2


def test_storing(sicily):
    box = ("FROMLONLAT", 15, 37, "BYBOX", 400, 400, "km")
    assert sicily.do("GEOSEARCHSTORE", "d", "g", *box, "COUNT", 3) == 3
    assert sicily.do("GEOSEARCH", "d", *box, "ASC") == [b"Catania", b"Palermo", b"edge2"]
    assert sicily.do("GEOSEARCHSTORE", "d", "g", *box, "STOREDIST") == 4
    assert float(sicily.do("ZSCORE", "d", "Catania")) == 56.4412578701582
    assert sicily.do("ZRANGE", "d", 0, 1) == [b"Catania", b"Palermo"]
    assert sicily.do("GEORADIUS", "g", 15, 37, 100, "km", "STORE", "d") == 1
    assert sicily.do("GEORADIUS", "g", 15, 37, 100, "km", "STOREDIST", "d", "STORE", "e") == 1
    assert sicily.do("ZRANGE", "e", 0, -1) == [b"Catania"]
    assert sicily.do("GEORADIUSBYMEMBER", "g", "Palermo", 100, "km", "STOREDIST", "g") == 2
    assert sicily.do("ZRANGE", "g", 0, -1) == [b"Palermo", b"edge1"]
    sicily.do("SET", "text", "v")
    assert sicily.do("GEORADIUS", "e", 100, 0, 1, "m", "STORE", "text") == 0
    assert sicily.do("GEORADIUSBYMEMBER", "missing", "a", 1, "m", "STORE", "e") == 0
    assert sicily.do("GEOSEARCHSTORE", "d", "missing", *box) == 0
    assert sicily.do("EXISTS", "text", "d", "e") == 0


def test_of_a_missing_set(door):
    assert door.do("GEORADIUS", "missing", 15, 37, 1, "km") == []
    assert door.do("GEORADIUSBYMEMBER", "missing", "a", "x", "x") == []
    assert door.do("GEOSEARCH", "missing", "FROMMEMBER", "a", "BYRADIUS", 1, "km") == []
    assert door.refused("GEORADIUSBYMEMBER", "missing", "a", "x", "x", "COUNT", 0) == "ERR COUNT must be > 0"
    assert door.refused("GEORADIUS", "missing", 15, 37, "x", "x") == "ERR need numeric radius"
    assert door.refused("GEOSEARCH", "missing", "FROMLONLAT", 0, 95, "BYRADIUS", 1, "m") == (
        "ERR invalid longitude,latitude pair 0.000000,95.000000")


def test_radius_refuses(sicily):
    sicily.do("SET", "text", "v")
    around = ("GEORADIUS", "g", 15, 37, 200, "km")
    assert sicily.refused("GEORADIUS", "text", "x", "x", "x", "x") == WRONGTYPE
    assert sicily.refused("GEORADIUS", "g", "x", 37, "x", "x") == NOT_A_FLOAT
    assert sicily.refused("GEORADIUS", "g", 15, 37, "x", "x", "junk") == "ERR need numeric radius"
    assert sicily.refused("GEORADIUS", "g", 15, 37, -1, "x") == "ERR radius cannot be negative"
    assert sicily.refused("GEORADIUS", "g", 15, 37, 1, "x") == UNIT
    assert sicily.refused("GEORADIUSBYMEMBER", "g", "none", "x", "x") == "ERR member none does not exist"
    assert sicily.refused("GEORADIUSBYMEMBER", "g", b"\r\n\r\xff" * 200 + b"\0end", 1, "m") == (
        f"ERR member {'   ' + chr(0xDCFF)}{('   ' + chr(0xDCFF)) * 199} does not exist")
    for wrong in (["junk"], ["COUNT"], ["STORE"], ["BYRADIUS", 1, "m"], ["FROMLONLAT", 1, 1]):
        assert sicily.refused(*around, *wrong) == SYNTAX
    for count in (0, -1):
        assert sicily.refused(*around, "COUNT", count) == "ERR COUNT must be > 0"
    assert sicily.refused(*around, "COUNT", "x") == NOT_AN_INTEGER
    assert sicily.refused(*around, "ANY") == "ERR the ANY argument requires COUNT argument"
    for beside in ("WITHDIST", "WITHHASH", "WITHCOORD"):
        assert sicily.refused(*around, "ANY", "STORE", "d", beside) == (
            "ERR STORE option in GEORADIUS is not compatible with WITHDIST, WITHHASH and WITHCOORD options")
    assert sicily.refused("GEORADIUS_RO", *around[1:], "STORE", "d") == SYNTAX
    assert sicily.refused("GEORADIUSBYMEMBER_RO", "g", "Palermo", 1, "m", "STOREDIST", "d") == SYNTAX


def test_search_refuses(sicily):
    point, circle, triangle = ("FROMLONLAT", 15, 37), ("BYRADIUS", 1, "km"), ("BYPOLYGON", 3, 0, 0, 1, 1, 0, 1)
    for wrong in ((*point, *circle, "BYBOX", 1, 1, "m"), (*point, "FROMMEMBER", "Palermo", *circle),
                  (*triangle, *point), (*point, *triangle), (*triangle, *circle), (*circle, *triangle),
                  (*point, *circle, "STORE", "d"), (*point, *circle, "STOREDIST"), (*point, "BYRADIUS", 1),
                  (*point, "ASC", "BYBOX", 1, 1), (*triangle, "m")):
        assert sicily.refused("GEOSEARCH", "g", *wrong) == SYNTAX
    assert sicily.refused("geoSearch", "g", *circle, "ASC", "ASC") == FROM + "geoSearch"
    assert sicily.refused("GEOSEARCH", "g", *point, "ASC", "ASC") == BY + "GEOSEARCH"
    assert sicily.refused("GEOSEARCHSTORE", "d", "g", *point, "ASC", "ASC", "ASC") == BY + "GEOSEARCHSTORE"
    assert sicily.refused("GEOSEARCHSTORE", "d", "g", *point, *circle, "WITHDIST") == (
        "ERR GEOSEARCHSTORE is not compatible with WITHDIST, WITHHASH and WITHCOORD options")
    for box, said in {("x", "x"): "need numeric width", (1, "x"): "need numeric height",
                      (1, -1): "height or width cannot be negative", (-1, 1): "height or width cannot be negative",
                      (1, "nan"): "need numeric height"}.items():
        assert sicily.refused("GEOSEARCH", "g", *point, "BYBOX", *box, "x") == f"ERR {said}"
    assert sicily.refused("GEOSEARCH", "g", *point, "BYBOX", 1, 1, "x") == UNIT
    assert sicily.refused("GEOSEARCH", "g", "FROMMEMBER", "none", "BYRADIUS", "x", "x") == (
        "ERR member none does not exist")
    polygon = ("GEOSEARCH", "g", "BYPOLYGON")
    for count in (2, 0, -3, 4, 2**31 - 1):
        assert sicily.refused(*polygon, count, 0, 0, 1, 1, 0, 1) == VERTICES
    for count in ("x", 2**31, -(2**31) - 1, 2**60, 2**63 - 1, 2**64):
        assert sicily.refused(*polygon, count, 0, 0, 1, 1, 0, 1) == "ERR invalid number of vertices"
    assert sicily.refused(*polygon, 3, 0, 0, 1, "x", 0, 1) == NOT_A_FLOAT


@pytest.mark.parametrize(("command", "keys"), [
    ("GEOADD g 1 1 a", "g"), ("GEOSEARCH g FROMMEMBER a BYRADIUS 1 m", "g"), ("GEORADIUS g 1 1 1 m ASC", "g"),
    ("GEOSEARCHSTORE d g FROMMEMBER a BYRADIUS 1 m", "d g"), ("GEORADIUS_RO g 1 1 1 m", "g"),
    ("GEORADIUS g 1 1 1 m COUNT 1 STORE d", "g d"), ("GEORADIUSBYMEMBER g STORE 1 m STOREDIST d", "g d"),
    ("GEORADIUSBYMEMBER g a 1 m STORE", "g"),
])
def test_key_positions(door, command, keys):
    assert door.do("COMMAND", "GETKEYS", *command.split()) == [key.encode() for key in keys.split()]


# ---- beside a plain model ----

RADIUS = 6372797.560856


def distance(one, other):
    (west, south), (east, north) = ([math.radians(degrees) for degrees in place] for place in (one, other))
    u, v = math.sin((north - south) / 2), math.sin((east - west) / 2)
    return 2 * RADIUS * math.asin(math.sqrt(min(1.0, u * u + math.cos(south) * math.cos(north) * v * v)))


LONGITUDES = st.one_of(st.floats(-179, 179), st.integers(-8, 8).map(lambda i: i * 22.25))
LATITUDES = st.one_of(st.floats(-80, 80), st.integers(-7, 7).map(lambda i: i * 10.63))


@settings(max_examples=300, deadline=None)
@given(places=st.lists(st.tuples(LONGITUDES, LATITUDES), min_size=1, max_size=60),
       center=st.tuples(st.floats(-100, 100), st.floats(-60, 60)), size=st.floats(0, 6.3), shape=st.integers(0, 2),
       count=st.integers(1, 70), entries=st.sampled_from([0, 128]))
def test_searches_beside_a_model(places, center, size, shape, count, entries):
    """Away from the poles and from the date line, where the squares around a shape do not cover it."""
    store = cydis.Store(decode=True)
    store.config_set("zset-max-listpack-entries", entries)
    metres = 10**size
    near = [(center[0] + (i % 7 - 3) * metres / 4e5, center[1] + (i % 5 - 2) * metres / 3e5) for i in range(30)]
    store.geoadd("g", {f"m{i}": place for i, place in enumerate([*places, *near])})
    kept = dict(zip([f"m{i}" for i in range(len(places) + 30)],
                    store.geopos("g", [f"m{i}" for i in range(len(places) + 30)]), strict=True))
    where = {"longitude": center[0], "latitude": center[1]}
    if shape == 0:
        asked, inside = {**where, "radius": metres}, {m for m, p in kept.items() if distance(center, p) <= metres}
    elif shape == 1:
        asked = {**where, "width": metres, "height": metres / 2}
        inside = {m for m, p in kept.items() if distance((p[0], center[1]), (p[0], p[1])) <= metres / 4
                  and distance(p, (center[0], p[1])) <= metres / 2}
    else:
        spread = metres / 2e5
        asked = {"polygon": [(center[0] - spread, center[1] - spread), (center[0] + spread, center[1] - spread),
                             (center[0], center[1] + spread / 2)]}
        inside = None
    found = store.geosearch("g", **asked, withdist=True)
    if inside is not None:
        edge = [m for m, p in kept.items() if abs(distance(center, p) - metres) < 1e-6 * metres]
        assert {member for member, _ in found} - set(edge) == inside - set(edge)
    assert len(found) == len({member for member, _ in found})
    ordered = store.geosearch("g", **asked, withdist=True, sort="ASC")
    assert sorted(found) == sorted(ordered)
    assert [d for _, d in ordered] == sorted(d for _, d in ordered)
    first = store.geosearch("g", **asked, withdist=True, count=count)
    assert [d for _, d in first] == [d for _, d in ordered[:count]]
    assert [m for m, _ in found][:count] == store.geosearch("g", **asked, count=count, any=True)
    assert store.geosearchstore("d", "g", **asked, storedist=True) == len(found)
    assert store.zcard("d") == len(found)
    assert store.engine.check()


# ---- refused memory ----

@pytest.mark.parametrize("command", [
    "GEOADD g 1 1 new", "GEOADD new 1 1 a", "GEOSEARCH g FROMLONLAT 0 0 BYRADIUS 30000 km ASC",
    "GEOSEARCH g FROMLONLAT 0 0 BYRADIUS 30000 km COUNT 40", "GEOSEARCHSTORE d g FROMLONLAT 0 0 BYRADIUS 30000 km",
    "GEORADIUS g 0 0 20000 km STOREDIST text", "GEOSEARCH g BYPOLYGON 3 0 0 90 0 45 80 DESC",
])
def test_a_refused_command_changes_nothing_and_loses_nothing(command):
    def filled():
        store = cydis.Store(seed=b"0123456789abcdef")
        store.geoadd("g", [(i, i / 2.5, i) for i in range(160)])
        store.set("text", "v")
        return store

    def picture(store):
        return {key: store.execute("ZRANGE", key, 0, -1, "WITHSCORES") if store.type(key) == "zset" else key
                for key in store.execute("KEYS", "*")}

    check_refusals(filled, command.split(), picture)
