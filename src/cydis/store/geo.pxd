"""The methods of places, for those which stand on them."""
from cydis.engine.call cimport Command
from cydis.store.hyperloglogs cimport HyperloglogMethods


cdef class GeoMethods(HyperloglogMethods):
    cdef object run_near(self, const Command* command, list arguments, count, bint any, sort, bint withcoord,
                         bint withdist, bint withhash, store, store_dist)
