"""What the families of places share: reading places and units, replying them."""
from cydis.core.geohash cimport GeoPoint
from cydis.engine.call cimport Call

# Where an argument cannot be read the error has been replied and false is returned.
cdef bint arg_point(Call* call, int i, GeoPoint* point) noexcept nogil        # longitude and latitude, at i and i + 1
cdef bint arg_unit(Call* call, int i, double* metres) noexcept nogil

cdef void reply_distance(Call* call, double distance) noexcept nogil
cdef void reply_point(Call* call, GeoPoint point) noexcept nogil
