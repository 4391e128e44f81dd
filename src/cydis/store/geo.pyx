# cython: binding=False, embedsignature.format=clinic
"""Methods of places: sorted sets whose scores are cells of the earth's grid.

A place is longitude and latitude in degrees; units are "m", "km", "ft" and "mi". What is found comes as a list of
members, or, with withdist, withhash or withcoord, as a list of tuples (member, distance, hash, (longitude, latitude))
of what was asked for.
"""
from cydis.engine.call cimport Command
from cydis.store.arguments cimport words
from cydis.store.hyperloglogs cimport HyperloglogMethods
from cydis.store.door cimport row
from cydis.store.replies cimport ANY, FLOAT, FOUND, POINTS

cdef const Command* GEOADD = row(b"GEOADD")
cdef const Command* GEODIST = row(b"GEODIST")
cdef const Command* GEOHASH = row(b"GEOHASH")
cdef const Command* GEOPOS = row(b"GEOPOS")
cdef const Command* GEORADIUS = row(b"GEORADIUS")
cdef const Command* GEORADIUS_RO = row(b"GEORADIUS_RO")
cdef const Command* GEORADIUSBYMEMBER = row(b"GEORADIUSBYMEMBER")
cdef const Command* GEORADIUSBYMEMBER_RO = row(b"GEORADIUSBYMEMBER_RO")
cdef const Command* GEOSEARCH = row(b"GEOSEARCH")
cdef const Command* GEOSEARCHSTORE = row(b"GEOSEARCHSTORE")


cdef list shape_words(list arguments, member, longitude, latitude, radius, width, height, polygon, unit):
    """Where to look, as GEOSEARCH has it. What does not fit together the command refuses."""
    if member is not None:
        arguments += ["FROMMEMBER", member]
    if longitude is not None or latitude is not None:
        arguments += ["FROMLONLAT", longitude, latitude]
    if radius is not None:
        arguments += ["BYRADIUS", radius, unit]
    if width is not None or height is not None:
        arguments += ["BYBOX", width, height, unit]
    if polygon is not None:
        points = list(polygon)
        arguments += ["BYPOLYGON", len(points), *[degrees for point in points for degrees in point]]
    return arguments


cdef class GeoMethods(HyperloglogMethods):
    """Methods of places."""

    def geoadd(self, key, places, bint nx=False, bint xx=False, bint ch=False):
        """Adds members at places or moves them; how many are new. O(log n) per member.

        Args:
            places: member -> (longitude, latitude), or an iterable of (longitude, latitude, member).
            nx, xx: only add, or only move.
            ch: count moved members as well.
        """
        cdef list arguments = [key]
        if nx:
            arguments.append("NX")
        if xx:
            arguments.append("XX")
        if ch:
            arguments.append("CH")
        if hasattr(places, "items"):
            for member, (longitude, latitude) in places.items():
                arguments += [longitude, latitude, member]
        else:
            for longitude, latitude, member in places:
                arguments += [longitude, latitude, member]
        return self.run_list(GEOADD, arguments, ANY)

    def geodist(self, key, place1, place2, unit="m"):
        """The distance of two members in a unit, with four digits behind the point; or None. O(1)."""
        return self.run_list(GEODIST, [key, place1, place2, unit], FLOAT)

    def geohash(self, key, *members):
        """A list of geohashes as texts, None where there is no member; members may come as one iterable. O(members)."""
        return self.run_list(GEOHASH, [key, *words(members)], ANY)

    def geopos(self, key, *members):
        """A list of (longitude, latitude), None where there is no such member. O(members)."""
        return self.run_list(GEOPOS, [key, *words(members)], POINTS)

    cdef object run_near(self, const Command* command, list arguments, count, bint any, sort, bint withcoord,
                         bint withdist, bint withhash, store, store_dist):
        if sort is not None:
            arguments.append(sort)
        if count is not None:
            arguments += ["COUNT", count]
        if any:
            arguments.append("ANY")
        if withcoord:
            arguments.append("WITHCOORD")
        if withdist:
            arguments.append("WITHDIST")
        if withhash:
            arguments.append("WITHHASH")
        if store is not None:
            arguments += ["STORE", store]
        if store_dist is not None:
            arguments += ["STOREDIST", store_dist]
        return self.run_list(command, arguments, FOUND if withcoord or withdist or withhash else ANY)

    def geosearch(self, key, *, member=None, longitude=None, latitude=None, radius=None, width=None, height=None,
                  polygon=None, unit="m", sort=None, count=None, bint any=False, bint withcoord=False,
                  bint withdist=False, bint withhash=False):
        """The members inside of a shape. O(log n + members near it).

        Args:
            member, or longitude and latitude: the centre; a polygon has none.
            radius: of a circle, in `unit`.
            width, height: of a box.
            polygon: an iterable of (longitude, latitude).
            sort: "ASC" or "DESC", by distance from the centre; without, in no order.
            count: at most so many, the nearest ones; with `any` those that are found first.
        """
        cdef list arguments = shape_words([key], member, longitude, latitude, radius, width, height, polygon, unit)
        return self.run_near(GEOSEARCH, arguments, count, any, sort, withcoord, withdist, withhash, None, None)

    def geosearchstore(self, dest, src, *, member=None, longitude=None, latitude=None, radius=None, width=None,
                       height=None, polygon=None, unit="m", sort=None, count=None, bint any=False,
                       bint storedist=False):
        """Stores what geosearch finds in `src` at `dest`, scored by distance if `storedist`; how many members."""
        cdef list arguments = shape_words([dest, src], member, longitude, latitude, radius, width, height, polygon,
                                          unit)
        if storedist:
            arguments.append("STOREDIST")
        return self.run_near(GEOSEARCHSTORE, arguments, count, any, sort, False, False, False, None, None)

    def georadius(self, key, longitude, latitude, radius, unit="m", *, sort=None, count=None, bint any=False,
                  bint withcoord=False, bint withdist=False, bint withhash=False, store=None, store_dist=None):
        """The members in a circle; with `store` or `store_dist` how many were stored there. See geosearch."""
        return self.run_near(GEORADIUS, [key, longitude, latitude, radius, unit], count, any, sort, withcoord, withdist,
                             withhash, store, store_dist)

    def georadius_ro(self, key, longitude, latitude, radius, unit="m", *, sort=None, count=None, bint any=False,
                     bint withcoord=False, bint withdist=False, bint withhash=False):
        """georadius without storing."""
        return self.run_near(GEORADIUS_RO, [key, longitude, latitude, radius, unit], count, any, sort, withcoord,
                             withdist, withhash, None, None)

    def georadiusbymember(self, key, member, radius, unit="m", *, sort=None, count=None, bint any=False,
                          bint withcoord=False, bint withdist=False, bint withhash=False, store=None, store_dist=None):
        """The members in a circle around one; with `store` or `store_dist` how many were stored. See geosearch."""
        return self.run_near(GEORADIUSBYMEMBER, [key, member, radius, unit], count, any, sort, withcoord, withdist,
                             withhash, store, store_dist)

    def georadiusbymember_ro(self, key, member, radius, unit="m", *, sort=None, count=None, bint any=False,
                             bint withcoord=False, bint withdist=False, bint withhash=False):
        """georadiusbymember without storing."""
        return self.run_near(GEORADIUSBYMEMBER_RO, [key, member, radius, unit], count, any, sort, withcoord, withdist,
                             withhash, None, None)
