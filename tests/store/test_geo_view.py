"""store.geo(key): members and their places, live."""
from collections.abc import MutableMapping

import pytest

import cydis

ROME, PARIS, LONDON, OSLO = (12.4964, 41.9028), (2.3522, 48.8566), (-0.1276, 51.5072), (10.7522, 59.9139)


def near(place, other):
    return all(abs(a - b) < 1e-5 for a, b in zip(place, other, strict=True))


def test_a_mapping_of_places():
    store = cydis.Store()
    view = store.geo("towns")
    assert not view and view == {} and isinstance(view, MutableMapping)
    view["Rome"] = ROME
    view.update({"Paris": PARIS}, London=LONDON)
    view |= [("Oslo", OSLO)]
    assert len(view) == 4 and "Rome" in view and "Bonn" not in view
    assert near(view["Rome"], ROME) and near(view.get("Oslo"), OSLO) and view.get("Bonn") is None
    assert view.get("Bonn", 5) == 5
    assert set(view) == set(view.keys()) == {b"Rome", b"Paris", b"London", b"Oslo"}
    assert dict(view.items()) == view.copy() == dict(view) == view
    assert near(view.setdefault("Rome", PARIS), ROME) and near(view.setdefault("Nice", PARIS), PARIS)
    assert near(view.pop("Nice"), PARIS) and view.pop("Nice", None) is None
    del view["Oslo"]
    for use in (lambda: view["Oslo"], lambda: view.pop("Oslo"), lambda: view.__delitem__("Oslo"),
                lambda: view.distance("Rome", "Oslo"), lambda: view.distance("Oslo", "Rome"),
                lambda: view.hash_of("Oslo")):
        with pytest.raises(KeyError, match="Oslo"):
            use()
    assert view.popitem()[0] in {b"Rome", b"Paris", b"London"} and len(view) == 2
    view.clear()
    assert "towns" not in store
    with pytest.raises(KeyError):
        view.popitem()
    with pytest.raises(cydis.CommandError, match="invalid longitude,latitude"):
        view["nowhere"] = (500, 0)
    store["towns"] = "text"
    for use in (len, list, lambda v: v["Rome"], lambda v: v.items().__iter__().__next__(), lambda v: v.copy(),
                lambda v: v.clear(), lambda v: v.near("Rome", 5), lambda v: v.pop("Rome")):
        with pytest.raises(cydis.CommandError, match="WRONGTYPE"):
            use(view)


def test_distances_and_searches():
    view = cydis.Store(decode=True).geo("towns")
    view.update({"Rome": ROME, "Paris": PARIS, "London": LONDON})
    assert 1100 < view.distance("Rome", "Paris", "km") < 1110
    assert view.hash_of("Paris").startswith("u09tv")
    assert [member for member, _ in view.near("Paris", 500, unit="km")] == ["Paris", "London"]
    assert [member for member, _ in view.near(ROME, 2000, unit="km", count=2)] == ["Rome", "Paris"]
    assert [member for member, _ in view.near(PARIS, width=100, height=100, unit="km")] == ["Paris"]
    with pytest.raises(cydis.CommandError, match="member Oslo does not exist"):
        view.near("Oslo", 5)


@pytest.mark.parametrize("size", [10, 2000])
def test_iterating_while_places_change(size):
    view = cydis.Store().geo("towns")
    kept = {b"%d" % n: (n / size, 1.0) for n in range(size)}
    view.update(kept)
    view.update({f"old{n}": (5.0, n / size) for n in range(size)})
    met = set()
    for turn, (member, _) in enumerate(view.items()):
        met.add(member)
        view.pop(f"old{turn}", None)
        view[f"new{turn}"] = (1.0, 2.0)
        assert turn < 20 * size, "does not end"
    assert met >= kept.keys()
