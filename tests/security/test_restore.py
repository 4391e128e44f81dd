"""Published holes of servers of this kind in what they read as serialised values: none of them here.

Each test feeds what broke one of them, and then asks for everything that can be asked of the key.
"""
import resource

import payloads
import pytest
from fuzz.fuzz_restore import Target
from wire_client import Status

HUGE = 1 << 60


@pytest.fixture
def target():
    return Target()


def refused(target, value, version=payloads.VERSION):
    assert target.try_frame(payloads.frame(value, version)) is False


def test_cve_2026_25243_no_damaged_value_is_believed(target):
    """RESTORE of a value whose structure was not checked: invalid memory access."""
    for name, (value, _, _) in payloads.VALUES.items():
        for place in range(1, min(len(value), 400)):
            for change in (1, 0x80, 0xFF):
                mutated = bytearray(value)
                mutated[place] ^= change
                target.try_frame(payloads.frame(bytes(mutated)))
            target.try_frame(payloads.frame(value[:place] + value[place + 1:]))
        assert target.try_frame(payloads.frame(value)), name


def test_cve_2026_25243_every_cut_is_refused(target):
    for name, (value, _, _) in payloads.VALUES.items():
        for size in range(min(len(value), 400)):
            assert target.try_frame(payloads.frame(value[:size])) is False, (name, size)


@pytest.mark.parametrize("kind", [payloads.HASH_LISTPACK, payloads.ZSET_LISTPACK])
def test_cve_2026_54341_and_8182_pairs_are_whole(target, kind):
    """A listpack that is one, with an odd number of entries, as a hash or sorted set."""
    for entries in ((b"a",), (b"a", 1, b"b"), (b"a", 1, b"b", 2, b"c")):
        refused(target, payloads.value(kind, payloads.text(payloads.listpack(*entries))))


@pytest.mark.parametrize("kind", [payloads.HASH_ZIPLIST, payloads.ZSET_ZIPLIST])
def test_cve_2026_54341_and_8182_pairs_of_ziplists_are_whole(target, kind):
    for entries in ((b"a",), (b"a", 1, b"b")):
        refused(target, payloads.value(kind, payloads.text(payloads.ziplist(*entries))))


@pytest.mark.parametrize("numbers", [(2, 1), (1, 1), (1, 3, 2), (-1, -2), (5, 5, 6)])
@pytest.mark.parametrize("width", [2, 4, 8])
def test_cve_2026_54341_and_8182_intsets_are_in_order(target, numbers, width):
    refused(target, payloads.value(payloads.SET_INTSET, payloads.text(payloads.intset(width, *numbers))))


@pytest.mark.parametrize("name", [
    "a member twice", "a listpack with a member twice", "a member as number and as text", "a field twice",
    "a listpack with a field twice", "a ziplist with a field twice", "a zipmap with a field twice",
    "a member with two scores", "a listpack with a member of two scores", "a long member twice", "a long field twice",
])
def test_cve_2026_54341_and_8182_nothing_is_there_twice(target, name):
    refused(target, payloads.WRONG[name])


@pytest.mark.parametrize("many", [2, 33, 70, 120, 600, 3000])
def test_cve_2026_54341_and_8182_nothing_is_there_twice_among_many(target, many):
    members = [b"m%d" % n for n in range(many)]
    for twice in {0, 1, many // 2, many - 1}:
        entries = [*members, members[twice]]
        refused(target, payloads.value(payloads.SET_LISTPACK, payloads.text(payloads.listpack(*entries))))
        flat = [word for entry in entries for word in (entry, 1)]
        refused(target, payloads.value(payloads.HASH_LISTPACK, payloads.text(payloads.listpack(*flat))))
        refused(target, payloads.many(payloads.SET, *map(payloads.text, entries)))
    assert target.try_frame(payloads.frame(payloads.value(
        payloads.SET_LISTPACK, payloads.text(payloads.listpack(*members)))))


@pytest.mark.parametrize("name", ["a sorted set out of order", "equal scores out of order", "a ziplist out of order"])
def test_cve_2026_54341_and_8182_sorted_sets_are_in_order(target, name):
    refused(target, payloads.WRONG_TO_US[name])


@pytest.mark.parametrize("spelling", [b"nan", b"NaN", b"-nan", b"nan(1)", b"+nan"])
def test_no_id_3921_no_score_is_nan_in_a_packed_form(target, spelling):
    """Every comparison with it is false, so nothing is found any more."""
    refused(target, payloads.value(payloads.ZSET_LISTPACK, payloads.text(payloads.listpack(b"a", spelling))))
    refused(target, payloads.value(payloads.ZSET_ZIPLIST, payloads.text(payloads.ziplist(b"a", spelling))))
    refused(target, payloads.many(payloads.ZSET, payloads.text(b"a") + payloads.text(spelling)))


@pytest.mark.parametrize("bits", [0x7FF8 << 48, 0xFFF8 << 48, 0x7FF0 << 48 | 1, 2**64 - 1])
def test_no_id_3921_no_score_is_nan(target, bits):
    refused(target, payloads.many(payloads.ZSET_2, payloads.text(b"a") + bits.to_bytes(8, "little")))
    refused(target, payloads.many(payloads.ZSET, payloads.text(b"a") + b"\xfd"))


@pytest.mark.parametrize("size", [2**32 - 1, 2**32 - 4, 2**31, 2**31 - 1, 2**16, 254])
@pytest.mark.parametrize("place", ["key", "value"])
def test_no_id_3920_sizes_in_zipmaps_do_not_overflow(target, size, place):
    big = b"\xfe" + size.to_bytes(4, "little")
    body = big + b"abcdefgh" if place == "key" else b"\x01a" + big + b"\x00abcdefgh"
    refused(target, payloads.value(payloads.HASH_ZIPMAP, payloads.text(b"\x01" + body + b"\xff")))


@pytest.mark.parametrize("unused", range(1, 256, 23))
def test_no_id_3920_unused_bytes_of_zipmaps_end_inside(target, unused):
    body = b"\x01a\x01" + bytes([unused]) + b"1"
    refused(target, payloads.value(payloads.HASH_ZIPMAP, payloads.text(b"\x01" + body + b"\xff")))


@pytest.mark.parametrize("size", [0, 1, 2, 4, 5, 263, 264, 265, 1000, 2**20, 2**31, 2**32, 2**40, HUGE, 2**64 - 1])
def test_lzf_class_the_size_of_compressed_bytes_is_not_believed(target, size):
    """Three bytes that make 3, with every other size said of them."""
    for kind in (payloads.STRING, payloads.SET_INTSET, payloads.HASH_LISTPACK, payloads.HASH_ZIPLIST):
        head = b"\xc3\x04" + payloads.long_length(size)
        refused(target, payloads.value(kind, head, b"\x02abc"))


def test_lzf_class_nothing_is_copied_from_before_the_start(target):
    for packed in (b"\x20\x00", b"\x00a\x20\x01", b"\x00a\xff\xff\xff", b"\x00a\x3f\xff"):
        for size in (1, 3, 4, 100):
            refused(target, payloads.value(payloads.STRING, payloads.compressed(packed, size)))


@pytest.mark.parametrize("size", [2**14, 2**31, 2**32 - 1, 2**32, 2**40, HUGE, 2**63, 2**64 - 1])
def test_length_class_only_what_the_rest_can_hold_is_allocated(target, size):
    """A length that says so much takes no memory before the bytes are seen to be there."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    some = payloads.text(b"a") + payloads.text(b"b")
    for kind in (payloads.STRING, payloads.LIST, payloads.SET, payloads.ZSET, payloads.HASH, payloads.ZSET_2,
                 payloads.LIST_QUICKLIST, payloads.LIST_QUICKLIST_2, payloads.SET_INTSET, payloads.HASH_LISTPACK):
        refused(target, payloads.value(kind, payloads.long_length(size), some))
    refused(target, payloads.many(payloads.LIST_QUICKLIST_2, payloads.length(1), payloads.long_length(size), some))
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 32 * 1024


@pytest.mark.parametrize("count", [2**29, 2**31, 2**32 - 1])
def test_length_class_counts_inside_packed_forms_are_not_believed(target, count):
    body = (2).to_bytes(4, "little") + count.to_bytes(4, "little") + b"\x01\x00"
    refused(target, payloads.value(payloads.SET_INTSET, payloads.text(body)))


@pytest.mark.parametrize("kind", [payloads.MODULE, payloads.MODULE_2, 8, 26, 27, 100, 243, 249, 255])
def test_cve_2026_62356_25588_and_25589_modules_and_unknown_kinds_are_refused(target, kind):
    """Sizes in modules' values were trusted more than once; here are no modules."""
    refused(target, payloads.value(kind, payloads.text(b"a") * 5))


def test_accepted_values_live_in_the_server_too(cydis_server):
    with cydis_server.client() as client:
        for name, (value, _, _) in payloads.VALUES.items():
            assert client.call("RESTORE", "k", "0", payloads.frame(value), "REPLACE") == Status(b"OK"), name
        assert client.call("DEL", "k") == 1
