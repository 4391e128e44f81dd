/* geohash: see geohash.h.
 *
 * Distances. With u and v the sines of half the differences of latitude and longitude, a = u^2 + cos cos v^2 is the
 * haversine of the angle between two places, and the distance 2 r asin sqrt(a). Inside of a circle is what has a
 * distance up to its radius; the arcus sine ascends, so a alone tells it for all places but those within a thousand
 * millionth of the edge, for which the distance is computed: comparing haversines never gives another answer than
 * comparing distances. A difference of latitude alone is never more than the distance, which excludes most places of
 * the squares above and below before any sine.
 *
 * Ideas: G. M. Morton, A computer oriented geodetic data base (1966) for the order of the cells; R. W. Sinnott, Virtues
 * of the haversine (1984); W. R. Franklin, PNPOLY (1970) for polygons.
 */
#include "geohash.h"

#include <math.h>
#include <string.h>

#include "number.h"

#define STEP_MAX 26
#define EARTH_RADIUS 6372797.560856  /* metres: the quadratic mean of WGS-84 */
#define HALF_EQUATOR 20037726.37     /* metres, of the Mercator map */
#define RADIAN (3.14159265358979323846 / 180.0)
#define MARGIN 1e-9

#define EVEN UINT64_C(0x5555555555555555) /* latitude */
#define ODD UINT64_C(0xAAAAAAAAAAAAAAAA)  /* longitude */

/* ---- cells ---- */

static uint64_t spread(uint32_t bits) {
    uint64_t x = bits;
    x = (x | x << 16) & UINT64_C(0x0000FFFF0000FFFF);
    x = (x | x << 8) & UINT64_C(0x00FF00FF00FF00FF);
    x = (x | x << 4) & UINT64_C(0x0F0F0F0F0F0F0F0F);
    x = (x | x << 2) & UINT64_C(0x3333333333333333);
    return (x | x << 1) & EVEN;
}

static uint32_t gather(uint64_t x) {
    x &= EVEN;
    x = (x | x >> 1) & UINT64_C(0x3333333333333333);
    x = (x | x >> 2) & UINT64_C(0x0F0F0F0F0F0F0F0F);
    x = (x | x >> 4) & UINT64_C(0x00FF00FF00FF00FF);
    x = (x | x >> 8) & UINT64_C(0x0000FFFF0000FFFF);
    return (uint32_t)(x | x >> 16);
}

/* The cell in a grid of 2^step by 2^step over latitudes up to `top`. */
static uint64_t encode(GeoPoint point, double top, int step) {
    double scale = (double)(UINT64_C(1) << step);
    double y = (point.latitude - -top) / (top - -top);
    double x = (point.longitude - -GEO_LONGITUDE_MAX) / (GEO_LONGITUDE_MAX - -GEO_LONGITUDE_MAX);
    return spread((uint32_t)(y * scale)) | spread((uint32_t)(x * scale)) << 1;
}

typedef struct Area {
    GeoPoint min, max;
} Area;

static Area area_of(uint64_t cell, int step) {
    double scale = (double)(UINT64_C(1) << step);
    double height = GEO_LATITUDE_MAX - -GEO_LATITUDE_MAX, width = GEO_LONGITUDE_MAX - -GEO_LONGITUDE_MAX;
    uint32_t y = gather(cell), x = gather(cell >> 1);
    return (Area){
        {-GEO_LONGITUDE_MAX + x / scale * width, -GEO_LATITUDE_MAX + y / scale * height},
        {-GEO_LONGITUDE_MAX + (x + 1.0) / scale * width, -GEO_LATITUDE_MAX + (y + 1.0) / scale * height},
    };
}

static double within(double x, double limit) { return x > limit ? limit : x < -limit ? -limit : x; }

bool geo_valid(GeoPoint point) {
    return point.longitude >= -GEO_LONGITUDE_MAX && point.longitude <= GEO_LONGITUDE_MAX
           && point.latitude >= -GEO_LATITUDE_MAX && point.latitude <= GEO_LATITUDE_MAX;
}

uint64_t geo_encode(GeoPoint point) { return encode(point, GEO_LATITUDE_MAX, STEP_MAX); }

GeoPoint geo_decode(uint64_t cell) {
    Area area = area_of(cell, STEP_MAX);
    return (GeoPoint){within((area.min.longitude + area.max.longitude) / 2, GEO_LONGITUDE_MAX),
                      within((area.min.latitude + area.max.latitude) / 2, GEO_LATITUDE_MAX)};
}

uint64_t geo_cell(double score) {
    const double half = 9223372036854775808.0; /* 2^63 */
    if (score < half)
        return score >= -half ? (uint64_t)(int64_t)score : UINT64_C(1) << 63;
    return score < 2 * half ? (uint64_t)(int64_t)(score - half) ^ UINT64_C(1) << 63 : 0;
}

void geo_text(uint64_t cell, char out[GEO_TEXT]) {
    static const char letters[] = "0123456789bcdefghjkmnpqrstuvwxyz";
    uint64_t bits = encode(geo_decode(cell), 90.0, STEP_MAX);
    for (int i = 0; i < GEO_TEXT; i++) /* 52 bits are ten letters and two bits, which nobody shows */
        out[i] = letters[i < GEO_TEXT - 1 ? bits >> (52 - 5 * (i + 1)) & 31 : 0];
}

/* ---- distances ---- */

static double along_meridian(double from, double to) { return EARTH_RADIUS * fabs(to - from); }

static double arc(double haversine) { return 2.0 * EARTH_RADIUS * asin(sqrt(haversine)); }

double geo_distance(GeoPoint from, GeoPoint to) {
    double south = from.latitude * RADIAN, north = to.latitude * RADIAN;
    double v = sin((to.longitude * RADIAN - from.longitude * RADIAN) / 2);
    if (v == 0)
        return along_meridian(south, north);
    double u = sin((north - south) / 2);
    return arc(u * u + cos(south) * cos(north) * v * v);
}

size_t geo_format_distance(double distance, char out[GEO_DISTANCE_DIGITS]) {
    uint64_t scaled = (uint64_t)llrint(distance * 1e4), rest = scaled % 10000;
    size_t n = number_format_uint(scaled / 10000, out);
    out[n++] = '.';
    for (unsigned power = 1000; power; power /= 10)
        out[n++] = (char)('0' + rest / power % 10);
    return n;
}

/* ---- shapes ---- */

/* The shape lies between these meridians and parallels. A box is bent: its edge nearer to the pole spans more degrees.
 * Both edges are measured, and the one towards the pole counts. */
static Area bounds_of(const GeoShape *shape) {
    double height = shape->unit * (shape->kind == GEO_CIRCLE ? shape->radius : shape->height);
    double width = shape->unit * (shape->kind == GEO_CIRCLE ? shape->radius : shape->width);
    if (shape->kind == GEO_BOX)
        height /= 2, width /= 2;
    GeoPoint c = shape->center;
    double up = height / EARTH_RADIUS / RADIAN;
    double outer = c.latitude < 0 ? c.latitude - up : c.latitude + up;
    double aside = width / EARTH_RADIUS / cos(outer * RADIAN) / RADIAN;
    return (Area){{c.longitude - aside, c.latitude - up}, {c.longitude + aside, c.latitude + up}};
}

/* The centre of a polygon is that of its vertices in space, brought up to the surface. */
static Area bounds_of_polygon(GeoShape *shape) {
    double x = 0, y = 0, z = 0;
    Area area = {{GEO_LONGITUDE_MAX, GEO_LATITUDE_MAX}, {-GEO_LONGITUDE_MAX, -GEO_LATITUDE_MAX}};
    for (size_t i = 0; i < shape->vertex_count; i++) {
        GeoPoint p = shape->vertices[i];
        double longitude = p.longitude * RADIAN, latitude = p.latitude * RADIAN;
        area.min.longitude = fmin(area.min.longitude, p.longitude);
        area.max.longitude = fmax(area.max.longitude, p.longitude);
        area.min.latitude = fmin(area.min.latitude, p.latitude);
        area.max.latitude = fmax(area.max.latitude, p.latitude);
        x += cos(latitude) * cos(longitude);
        y += cos(latitude) * sin(longitude);
        z += sin(latitude);
    }
    shape->center = (GeoPoint){atan2(y, x) / RADIAN, atan2(z, sqrt(x * x + y * y)) / RADIAN};
    return area;
}

/* How far the shape reaches from its centre, in metres. */
static double extent(const GeoShape *shape, const Area *bounds) {
    if (shape->kind == GEO_CIRCLE)
        return shape->radius * shape->unit;
    if (shape->kind == GEO_BOX)
        return sqrt(shape->width / 2 * (shape->width / 2) + shape->height / 2 * (shape->height / 2))
               * shape->unit;
    GeoPoint min = bounds->min, max = bounds->max;
    double top = fmax(geo_distance(shape->center, (GeoPoint){min.longitude, max.latitude}),
                      geo_distance(shape->center, max));
    double bottom = fmax(geo_distance(shape->center, min),
                         geo_distance(shape->center, (GeoPoint){max.longitude, min.latitude}));
    return fmax(top, bottom);
}

/* The bits of a grid whose squares are about as large as the shape; wider towards the poles. */
static int step_for(double metres, double latitude) {
    int step = 1;
    if (metres == 0)
        return STEP_MAX;
    for (; metres < HALF_EQUATOR; metres *= 2)
        step++;
    step -= 2;
    step -= (fabs(latitude) > 66) + (fabs(latitude) > 80);
    return step < 1 ? 1 : step > STEP_MAX ? STEP_MAX : step;
}

/* The square x to the east and y to the north, around the world. */
static uint64_t beside(uint64_t cell, int step, int x, int y) {
    uint64_t all = ~UINT64_C(0) >> (64 - 2 * step), longitude = cell & ODD, latitude = cell & EVEN;
    /* Bits of the other kind are all 1 before an addition and 0 before a subtraction: carries pass over them. */
    if (x > 0)
        longitude = ((longitude | EVEN) + 2) & ODD & all;
    else if (x < 0)
        longitude = (longitude - 2) & ODD & all;
    if (y > 0)
        latitude = ((latitude | ODD) + 1) & EVEN & all;
    else if (y < 0)
        latitude = (latitude - 1) & EVEN & all;
    return longitude | latitude; /* on the map's edge a coordinate that did not move is one too high still */
}

/* In the order in which squares are looked through. */
static const struct {
    int8_t x, y;
} around[GEO_RANGES] = {{0, 0}, {0, 1}, {0, -1}, {1, 0}, {-1, 0}, {1, 1}, {-1, 1}, {1, -1}, {-1, -1}};

/* Whether the shape ends inside the squares around the cell. */
static bool covered(uint64_t cell, int step, const Area *bounds) {
    return !(area_of(beside(cell, step, 0, 1), step).max.latitude < bounds->max.latitude
             || area_of(beside(cell, step, 0, -1), step).min.latitude > bounds->min.latitude
             || area_of(beside(cell, step, 1, 0), step).max.longitude < bounds->max.longitude
             || area_of(beside(cell, step, -1, 0), step).min.longitude > bounds->min.longitude);
}

static void prepare_tests(GeoShape *shape) {
    double radius = shape->radius * shape->unit / EARTH_RADIUS; /* an angle */
    double half = shape->height * shape->unit / 2 / EARTH_RADIUS;
    shape->longitude = shape->center.longitude * RADIAN;
    shape->latitude = shape->center.latitude * RADIAN;
    shape->cosine = cos(shape->latitude);
    shape->reach = (shape->kind == GEO_CIRCLE ? radius : half) * (1 + MARGIN);
    shape->inside = radius < 3.2 ? -1 : 2; /* of the whole earth: 2, which no haversine reaches */
    shape->outside = 2;
    if (radius < 3) { /* where it is near to half the earth, the arcus sine has the say */
        double haversine = sin(radius / 2) * sin(radius / 2);
        shape->inside = haversine * (1 - MARGIN);
        shape->outside = haversine * (1 + MARGIN);
    }
}

int geo_prepare(GeoShape *shape, GeoRange ranges[GEO_RANGES]) {
    Area bounds = shape->kind == GEO_POLYGON ? bounds_of_polygon(shape) : bounds_of(shape);
    int step = step_for(extent(shape, &bounds), shape->center.latitude), count = 0;
    GeoPoint center = shape->center;
    if (fabs(center.latitude) > GEO_LATITUDE_MAX) /* of a polygon around a pole: the map ends before it */
        center.latitude = copysign(GEO_LATITUDE_MAX - 1e-8, center.latitude);
    uint64_t cell = encode(center, GEO_LATITUDE_MAX, step), last = 0;
    prepare_tests(shape);
    if (step > 1 && !covered(cell, step, &bounds))
        cell = encode(center, GEO_LATITUDE_MAX, --step);
    Area area = area_of(cell, step);
    for (int i = 0; i < GEO_RANGES; i++) {
        int x = around[i].x, y = around[i].y;
        uint64_t square = beside(cell, step, x, y);
        if (i == 0)
            square = cell;
        else if (step >= 2
                 && ((y < 0 && area.min.latitude < bounds.min.latitude)
                     || (y > 0 && area.max.latitude > bounds.max.latitude)
                     || (x < 0 && area.min.longitude < bounds.min.longitude)
                     || (x > 0 && area.max.longitude > bounds.max.longitude)))
            continue; /* nothing of the shape lies there */
        else if (count > 1 && square == last)
            continue; /* the world is so small in this grid that the neighbour is the one before */
        last = square;
        ranges[count++] = (GeoRange){square << (52 - 2 * step), (square + 1) << (52 - 2 * step)};
    }
    return count;
}

static bool circle_holds(const GeoShape *shape, GeoPoint point, double *distance) {
    double limit = shape->radius * shape->unit, latitude = point.latitude * RADIAN, own;
    if (fabs(latitude - shape->latitude) > shape->reach)
        return false;
    double v = sin((point.longitude * RADIAN - shape->longitude) / 2);
    if (v == 0) {
        own = along_meridian(shape->latitude, latitude);
    } else {
        double u = sin((latitude - shape->latitude) / 2);
        double a = u * u + shape->cosine * cos(latitude) * v * v;
        if (a > shape->outside)
            return false;
        if (!distance && a < shape->inside)
            return true;
        own = arc(a);
    }
    if (distance)
        *distance = own;
    return !(own > limit);
}

/* By its distance from the parallel and from the meridian of the centre. */
static bool box_holds(const GeoShape *shape, GeoPoint point, double *distance) {
    double latitude = point.latitude * RADIAN;
    if (fabs(latitude - shape->latitude) > shape->reach
        || along_meridian(latitude, shape->latitude) > shape->height * shape->unit / 2)
        return false;
    double v = sin((point.longitude * RADIAN - shape->longitude) / 2), cosine = 0;
    if (v != 0) {
        cosine = cos(latitude);
        if (arc(cosine * cosine * v * v) > shape->width * shape->unit / 2)
            return false;
    }
    if (distance && v == 0) {
        *distance = along_meridian(shape->latitude, latitude);
    } else if (distance) {
        double u = sin((latitude - shape->latitude) / 2);
        *distance = arc(u * u + shape->cosine * cosine * v * v);
    }
    return true;
}

/* Whether a ray from the place to the east crosses the edges an odd number of times, on the flat map. */
static bool polygon_holds(const GeoShape *shape, GeoPoint point, double *distance) {
    const GeoPoint *b = &shape->vertices[shape->vertex_count - 1];
    bool inside = false;
    for (const GeoPoint *a = shape->vertices; a < shape->vertices + shape->vertex_count; b = a++)
        if ((a->latitude > point.latitude) != (b->latitude > point.latitude)
            && point.longitude < (b->longitude - a->longitude) * (point.latitude - a->latitude)
                                         / (b->latitude - a->latitude)
                                     + a->longitude)
            inside = !inside;
    if (inside && distance)
        *distance = geo_distance(shape->center, point);
    return inside;
}

bool geo_holds(const GeoShape *shape, GeoPoint point, double *distance) {
    switch (shape->kind) {
    case GEO_CIRCLE:
        return circle_holds(shape, point, distance);
    case GEO_BOX:
        return box_holds(shape, point, distance);
    default:
        return polygon_holds(shape, point, distance);
    }
}
