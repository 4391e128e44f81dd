"""The generator: equal seeds give equal commands, and nothing it sends depends on the moment or on luck."""
import random

import pytest
from wire.comparison import same
from wire.families import FAMILIES
from wire.generator import Generator, Template, strict_integer
from wire.values import Values
from wire_client import NULL, NULL_BULK, Array, Error, Map, Set


def test_equal_seeds_give_equal_commands():
    assert Generator("7").batch(2000) == Generator("7").batch(2000)
    assert Generator("7").batch(2000) != Generator("8").batch(2000)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_family_sends_every_command_of_its_templates(family):
    wanted = {part.split()[0] for line in FAMILIES[family] for part in Template(line).text.split(" ; ")}
    commands = Generator(family, [family]).batch(6000)
    sent = {command[0].decode("latin-1").upper() for command in commands}
    assert {name for name in wanted if name.isupper()} <= sent


def test_no_key_expires_during_a_run():
    for command in Generator("9").batch(30_000):
        name = command[0].upper()
        unit = {b"EXPIRE": 1, b"SETEX": 1, b"PEXPIRE": 1000, b"PSETEX": 1000}.get(name)
        if unit and len(command) > 2:
            time = strict_integer(command[2])
            assert time is None or time <= 0 or time >= 1000 * unit, command


def test_a_part_is_never_popped_without_deleting_the_rest():
    commands = Generator("10", ["sets"]).batch(20_000)
    for command, later in zip(commands, commands[2:], strict=False):
        if command[0].upper() == b"SPOP" and len(command) == 2:
            assert later[0] == b"DEL" and later[1] == command[1]


def test_templates_choose_repeat_and_shuffle():
    values = Values(random.Random(1))
    template = Template("3 ZADD zset <[NX|XX] [CH]> (GT|LT) one+ ; DEL same")
    made = [template.make(values) for _ in range(300)]
    assert template.weight == 3 and template.name == "ZADD"
    assert all(first[0] == b"ZADD" and second == [b"DEL", first[1]] for first, second in made)
    rests = {tuple(word for word in first[2:] if word != b"1") for first, _ in made}
    assert {(b"GT",), (b"LT",), (b"NX", b"CH", b"GT"), (b"CH", b"NX", b"GT"), (b"XX", b"LT")} <= rests


def test_replies_are_the_same_only_where_the_protocol_says_so():
    assert same((b"smembers", b"k"), Set([b"a", b"b"]), Set([b"b", b"a"]))
    assert not same((b"SMEMBERS", b"k"), Set([b"a", b"b"]), Array([b"a", b"b"]))
    assert not same((b"LRANGE", b"k", b"0", b"-1"), Array([b"a", b"b"]), Array([b"b", b"a"]))
    assert same((b"HGETALL", b"k"), Map([(b"a", b"1"), (b"b", b"2")]), Map([(b"b", b"2"), (b"a", b"1")]))
    assert not same((b"HGETALL", b"k"), Array([b"a", b"1", b"b", b"2"]), Array([b"a", b"2", b"b", b"1"]))
    assert same((b"PTTL", b"k"), 1000, 1400) and not same((b"PTTL", b"k"), -1, -2)
    assert not same((b"TTL", b"k"), -1, 0) and not same((b"STRLEN", b"k"), 1, 2)
    assert not same((b"GET", b"k"), NULL, NULL_BULK)
    assert not same((b"RANDOMKEY",), b"a", NULL) and same((b"RANDOMKEY",), b"a", b"b")
    assert not same((b"KEYS", b"*"), Error(b"ERR a"), Error(b"ERR b"))
    whole = (b"SSCAN", b"k", b"0", b"COUNT", b"100000")
    assert same(whole, Array([b"0", Array([b"a", b"b"])]), Array([b"0", Array([b"b", b"a"])]))
    assert not same(whole, Array([b"0", Array([b"a"])]), Array([b"0", Array([b"b"])]))
