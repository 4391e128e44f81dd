/* Geohashes: cells and places, distances, and shapes against all places of random maps; no place is missed or taken
 * twice where the reference has it once. */
#include "geohash.h"

#include <math.h>

#include "packed.h"

static double uniform(double low, double high) {
    return low + (double)(chance() >> 11) / 9007199254740992.0 * (high - low);
}

static GeoPoint random_point(void) {
    static const double borders[] = {-180, -179.999999, -90, -1e-9, 0, 1e-9, 90, 179.999999, 180};
    GeoPoint p = {uniform(-180, 180), uniform(-GEO_LATITUDE_MAX, GEO_LATITUDE_MAX)};
    if (below(4) == 0)
        p.longitude = borders[below(9)];
    if (below(4) == 0)
        p.latitude = below(3) ? borders[3 + below(3)] : below(2) ? GEO_LATITUDE_MAX : -GEO_LATITUDE_MAX;
    return p;
}

static void test_cells(void) {
    CHECK(geo_encode((GeoPoint){13.361389, 38.115556}) == 3479099956230698);
    CHECK(geo_encode((GeoPoint){-180, -GEO_LATITUDE_MAX}) == 0);
    CHECK(geo_encode((GeoPoint){-180, GEO_LATITUDE_MAX}) == UINT64_C(1) << 52);
    CHECK(geo_encode((GeoPoint){180, -GEO_LATITUDE_MAX}) == UINT64_C(1) << 53);
    for (int i = 0; i < 20000; i++) {
        GeoPoint p = random_point(), back = geo_decode(geo_encode(p));
        CHECK(geo_valid(p) && geo_valid(back));
        CHECK(fabs(back.longitude - p.longitude) <= 360.0 / (1 << 26));
        CHECK(fabs(back.latitude - p.latitude) <= 180.0 / (1 << 26));
        CHECK(below(2) || geo_encode(back) >> 54 == 0);
    }
    CHECK(!geo_valid((GeoPoint){180.0000001, 0}) && !geo_valid((GeoPoint){0, -85.06}));
    CHECK(!geo_valid((GeoPoint){NAN, 0}) && !geo_valid((GeoPoint){0, INFINITY}));
}

static void test_scores_that_are_no_cells(void) {
    static const double odd[] = {-1, -1e300, 1e20, 1e300, INFINITY, -INFINITY, 0.5, 9.3e18, 1.8e19};
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++)
        CHECK(geo_valid(geo_decode(geo_cell(odd[i]))));
    CHECK(geo_cell(-1) == UINT64_MAX && geo_cell(-INFINITY) == UINT64_C(1) << 63 && geo_cell(INFINITY) == 0);
    CHECK(geo_cell(1e20) == 0 && geo_cell(9223372036854775808.0) == UINT64_C(1) << 63);
}

static void test_text(void) {
    char text[GEO_TEXT];
    geo_text(geo_encode((GeoPoint){13.361389, 38.115556}), text);
    CHECK(memcmp(text, "sqc8b49rny0", GEO_TEXT) == 0);
    geo_text(0, text);
    CHECK(memcmp(text, "00bh0hbj200", GEO_TEXT) == 0);
}

static void test_distances(void) {
    char text[GEO_DISTANCE_DIGITS];
    GeoPoint palermo = geo_decode(geo_encode((GeoPoint){13.361389, 38.115556}));
    GeoPoint catania = geo_decode(geo_encode((GeoPoint){15.087269, 37.502669}));
    size_t n = geo_format_distance(geo_distance(palermo, catania), text);
    CHECK(n == 11 && memcmp(text, "166274.1516", 11) == 0);
    CHECK(geo_format_distance(0, text) == 6 && memcmp(text, "0.0000", 6) == 0);
    CHECK(geo_format_distance(0.00996, text) == 6 && memcmp(text, "0.0100", 6) == 0);
    CHECK(geo_distance((GeoPoint){0, -10}, (GeoPoint){0, 10})
          == geo_distance((GeoPoint){0, 10}, (GeoPoint){0, -10}));
}

/* The plain way: no shortcut is taken. */
static bool inside(const GeoShape *shape, GeoPoint p, double *distance) {
    const double rad = 3.14159265358979323846 / 180, radius = 6372797.560856;
    GeoPoint c = shape->center;
    *distance = geo_distance(c, p);
    if (shape->kind == GEO_CIRCLE)
        return *distance <= shape->radius * shape->unit;
    return radius * fabs(c.latitude * rad - p.latitude * rad) <= shape->height * shape->unit / 2
           && geo_distance(p, (GeoPoint){c.longitude, p.latitude}) <= shape->width * shape->unit / 2;
}

static void check_shape(GeoShape *shape) {
    GeoRange ranges[GEO_RANGES];
    int count = geo_prepare(shape, ranges), i;
    CHECK(count >= 1 && count <= GEO_RANGES);
    for (i = 0; i < count; i++)
        CHECK(ranges[i].low < ranges[i].high && ranges[i].high <= UINT64_C(1) << 54);
    for (i = 0; i < 200; i++) {
        GeoPoint p = random_point();
        double expected, told = -1;
        bool holds = inside(shape, p, &expected);
        CHECK(geo_holds(shape, p, NULL) == holds && geo_holds(shape, p, &told) == holds);
        CHECK(!holds || told == expected);
    }
}

static void test_shortcuts_answer_as_the_plain_way(void) {
    static const double sizes[] = {0,   1e-9,  0.3,    1,       100, 5000,  2e5,     3e6,
                                   9e6, 1.9e7, 1.95e7, 2.002e7, 3e7, 1e300, INFINITY};
    for (int i = 0; i < 3000; i++) {
        GeoShape shape = {
            .kind = i % 2 ? GEO_CIRCLE : GEO_BOX, .center = random_point(), .unit = below(2) ? 1 : 0.3048};
        shape.radius = sizes[below(15)];
        shape.width = sizes[below(15)];
        shape.height = sizes[below(15)];
        if (below(3) == 0) { /* a place lies exactly on the edge, or next to it */
            GeoPoint p = random_point();
            shape.radius = geo_distance(shape.center, p) / shape.unit;
            shape.width = 2 * geo_distance(p, (GeoPoint){shape.center.longitude, p.latitude}) / shape.unit;
            double told, edge = geo_distance(shape.center, p);
            GeoRange ranges[GEO_RANGES];
            for (int step = -2; step <= 2; step++) {
                shape.radius = nextafter(shape.radius, step < 0 ? 0 : INFINITY);
                geo_prepare(&shape, ranges);
                bool holds = inside(&shape, p, &told);
                CHECK(geo_holds(&shape, p, NULL) == holds);
                CHECK(shape.kind == GEO_BOX || holds == (edge <= shape.radius * shape.unit));
            }
        }
        check_shape(&shape);
    }
}

/* In the middle latitudes and away from the date line the squares miss nothing. */
static void test_squares_cover_the_shape(void) {
    for (int i = 0; i < 3000; i++) {
        GeoShape shape = {.kind = i % 2 ? GEO_CIRCLE : GEO_BOX, .unit = 1};
        shape.center = (GeoPoint){uniform(-120, 120), uniform(-60, 60)};
        shape.radius = pow(10, uniform(0, 6));
        shape.width = pow(10, uniform(0, 6));
        shape.height = pow(10, uniform(0, 6));
        GeoRange ranges[GEO_RANGES];
        int count = geo_prepare(&shape, ranges);
        double reach = shape.kind == GEO_CIRCLE ? shape.radius : fmax(shape.width, shape.height);
        for (int k = 0; k < 100; k++) {
            double degrees = reach / 50000;
            GeoPoint p = {shape.center.longitude + uniform(-degrees, degrees),
                          shape.center.latitude + uniform(-degrees, degrees)};
            if (!geo_valid(p))
                continue;
            uint64_t cell = geo_encode(p);
            int covered = 0;
            for (int r = 0; r < count; r++)
                covered += cell >= ranges[r].low && cell < ranges[r].high;
            CHECK(covered == 1 || (covered == 0 && !geo_holds(&shape, geo_decode(cell), NULL)));
        }
    }
}

static void test_polygons(void) {
    static const GeoPoint square[] = {{10, 10}, {20, 10}, {20, 20}, {10, 20}};
    GeoShape shape = {.kind = GEO_POLYGON, .unit = 1, .vertices = square, .vertex_count = 4};
    GeoRange ranges[GEO_RANGES];
    double distance;
    CHECK(geo_prepare(&shape, ranges) >= 1);
    CHECK(fabs(shape.center.longitude - 15) < 1e-9 && fabs(shape.center.latitude - 15) < 0.1);
    for (int i = 0; i < 2000; i++) {
        GeoPoint p = {uniform(5, 25), uniform(5, 25)};
        bool expected = p.longitude > 10 && p.longitude < 20 && p.latitude > 10 && p.latitude < 20;
        CHECK(geo_holds(&shape, p, NULL) == expected);
        CHECK(!expected || (geo_holds(&shape, p, &distance) && distance == geo_distance(shape.center, p)));
    }
}

int main(void) {
    RUN(test_cells);
    RUN(test_scores_that_are_no_cells);
    RUN(test_text);
    RUN(test_distances);
    RUN(test_shortcuts_answer_as_the_plain_way);
    RUN(test_squares_cover_the_shape);
    RUN(test_polygons);
    return finish("test_geohash");
}
