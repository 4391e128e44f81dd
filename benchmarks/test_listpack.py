"""ListPack beside list, through Python: the sizes that small hashes and lists have.

    make bench ARGS="benchmarks/test_listpack.py"

Both sides pay for Python's calls; ListPack also makes a bytes object of each element it gives out.
"""
import pytest

from cydis.core.listpack import ListPack

FIELDS = [item for i in range(128) for item in (b"field:%d" % i, b"value:%d" % (i * 7919))]


class Plain(list):
    """A list of bytes with ListPack's name for a search."""

    def find(self, value, skip=0):
        return self[:: skip + 1].index(value) * (skip + 1)


@pytest.fixture(params=[ListPack, Plain], ids=["cydis", "list"])
def make(request):
    return request.param


def test_append_100(benchmark, make):
    def fill():
        made = make()
        for item in FIELDS[:100]:
            made.append(item)

    benchmark(fill)


def test_extend_256(benchmark, make):
    benchmark(lambda: make(FIELDS))


def test_find_last_of_128_fields(benchmark, make):
    full = make(FIELDS)
    benchmark(lambda: full.find(b"field:127", skip=1))


def test_get_in_the_middle(benchmark, make):
    full = make(FIELDS)
    benchmark(lambda: full[128])


def test_walk(benchmark, make):
    full = make(FIELDS)
    benchmark(lambda: list(full))


def test_insert_and_delete_at_the_head(benchmark, make):
    full = make(FIELDS)

    def there_and_back():
        full.insert(0, b"new")
        del full[0]

    benchmark(there_and_back)
