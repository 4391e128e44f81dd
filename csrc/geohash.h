/* geohash: places on the earth as integers of 52 bits, and the shapes that places are looked for in.
 *
 * A place is the cell of a grid of 2^26 by 2^26: the bits of its latitude and its longitude in turn, so that cells
 * which share their first bits lie together, and a square of the map is a range of integers.
 *
 *      bit 51 50 49 48 ...              1  0
 *          x  y  x  y                   x  y      x: longitude, from -180 to 180 degrees
 *                                                 y: latitude, from -85.05112878 to 85.05112878, as web maps have it
 *
 * A shape is covered by nine squares at most: the one around its centre and its neighbours, in a grid so coarse that
 * the shape ends inside of them. Squares are looked through one after the other, and each place in them is asked
 * whether the shape holds it. Distances are great circles on a sphere (haversine).
 *
 * What is computed here is meant to agree with Redis and Valkey to the last bit: the grid, the earth's radius, the order
 * of the squares, the order of the operations in a distance. geohash.c says where a shortcut is taken and why it is none
 * in the result.
 */
#ifndef CYDIS_GEOHASH_H
#define CYDIS_GEOHASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GEO_LONGITUDE_MAX 180.0
#define GEO_LATITUDE_MAX 85.05112878

enum {
    GEO_TEXT = 11,           /* letters of a geohash as text */
    GEO_RANGES = 9,
    GEO_DISTANCE_DIGITS = 32, /* room for geo_format_distance */
};

typedef struct GeoPoint {
    double longitude, latitude; /* degrees */
} GeoPoint;

/* Whether the grid has such a place. */
bool geo_valid(GeoPoint point);

/* The cell of a valid place. On the eastern and northern edge it has 53 or 54 bits. */
uint64_t geo_encode(GeoPoint point);

/* The middle of a cell. Total: what lies outside of the map is moved to its edge. */
GeoPoint geo_decode(uint64_t cell);

/* The cell which a score means, also a score that is none: as if a processor's conversion had been told to. */
uint64_t geo_cell(double score);

/* The geohash of a cell in the common notation of base 32, over all latitudes; no NUL. */
void geo_text(uint64_t cell, char out[GEO_TEXT]);

/* Metres. */
double geo_distance(GeoPoint from, GeoPoint to);

/* A distance of at most 10^14 with four places; its length. */
size_t geo_format_distance(double distance, char out[GEO_DISTANCE_DIGITS]);

/* ---- shapes ---- */

typedef enum GeoKind { GEO_CIRCLE, GEO_BOX, GEO_POLYGON } GeoKind;

typedef struct GeoShape {
    GeoKind kind;
    GeoPoint center;          /* of a polygon: found by geo_prepare */
    double radius;            /* GEO_CIRCLE; in units, as the two following */
    double width, height;     /* GEO_BOX, from edge to edge through the centre */
    double unit;              /* metres */
    const GeoPoint *vertices; /* GEO_POLYGON; borrowed */
    size_t vertex_count;
    /* made by geo_prepare */
    double longitude, latitude, cosine; /* of the centre, radians */
    double reach;                       /* radians of latitude beyond which nothing is inside */
    double inside, outside; /* haversines from which on a place is surely inside, outside of a circle */
} GeoShape;

/* Cells low <= cell < high. */
typedef struct GeoRange {
    uint64_t low, high;
} GeoRange;

/* Completes a shape, and tells the ranges of cells to look through, in order; how many. A range may come twice. */
int geo_prepare(GeoShape *shape, GeoRange ranges[GEO_RANGES]);

/* Whether a place is inside of a prepared shape. The distance from the centre in metres goes to *distance, if that is
 * not NULL. */
bool geo_holds(const GeoShape *shape, GeoPoint point, double *distance);

#endif
