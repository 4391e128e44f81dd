"""Cython's view of csrc/geohash.h; the header is the manual."""
from libc.stdint cimport uint64_t


cdef extern from "geohash.h" nogil:
    enum:
        GEO_TEXT
        GEO_RANGES
        GEO_DISTANCE_DIGITS

    ctypedef struct GeoPoint:
        double longitude
        double latitude

    ctypedef enum GeoKind:
        GEO_CIRCLE, GEO_BOX, GEO_POLYGON

    ctypedef struct GeoShape:             # to be zeroed before it is filled
        GeoKind kind
        GeoPoint center
        double radius
        double width
        double height
        double unit
        const GeoPoint* vertices
        size_t vertex_count

    ctypedef struct GeoRange:
        uint64_t low
        uint64_t high

    bint geo_valid(GeoPoint point) noexcept
    uint64_t geo_encode(GeoPoint point) noexcept
    GeoPoint geo_decode(uint64_t cell) noexcept
    uint64_t geo_cell(double score) noexcept
    void geo_text(uint64_t cell, char* out) noexcept
    double geo_distance(GeoPoint a, GeoPoint b) noexcept
    size_t geo_format_distance(double distance, char* out) noexcept
    int geo_prepare(GeoShape* shape, GeoRange* ranges) noexcept
    bint geo_holds(const GeoShape* shape, GeoPoint point, double* distance) noexcept
