/* Filters: values, operators, precedence, errors and their places, fields in JSON of all sorts. */
#include "vectors/filter.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int passed, failed;

#define CHECK(condition)                                                                                     \
    do {                                                                                                     \
        if (condition) {                                                                                     \
            passed++;                                                                                        \
        } else {                                                                                             \
            failed++;                                                                                        \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);                                  \
        }                                                                                                    \
    } while (0)

static Heap *heap;

enum { NO = 0, YES = 1, BAD = 2 };

/* A copy without a byte behind it, so that a sanitizer sees every read too far. */
static char *exact(const char *text, size_t size) {
    char *copy = malloc(size ? size : 1);
    memcpy(copy, text, size);
    return copy;
}

static int ask_sized(const char *expression, size_t size, const char *json, size_t *error) {
    Filter *filter;
    char *text = exact(expression, size), *object = exact(json, strlen(json));
    FilterResult result = filter_compile(heap, text, size, &filter, error);
    int answer = BAD;
    if (result == FILTER_OK) {
        answer = filter_passes(filter, (const uint8_t *)object, strlen(json));
        CHECK(answer == filter_passes(filter, (const uint8_t *)object, strlen(json)));
        filter_free(filter);
    }
    free(text);
    free(object);
    return answer;
}

static int ask(const char *expression, const char *json) {
    size_t error;
    return ask_sized(expression, strlen(expression), json, &error);
}

typedef struct {
    int answer;
    const char *expression;
} Example;

static void check_all(const char *json, const Example *examples, size_t count) {
    for (size_t i = 0; i < count; i++) {
        int answer = ask(examples[i].expression, json);
        if (answer != examples[i].answer)
            fprintf(stderr, "%s over %s: %d\n", examples[i].expression, json, answer);
        CHECK(answer == examples[i].answer);
    }
}

static void test_examples(void) {
    static const Example examples_0[] = {{YES, "1"},
                                         {NO, "0"},
                                         {YES, "-1"},
                                         {YES, "0.5"},
                                         {YES, ".a"},
                                         {NO, ".z"},
                                         {YES, ".b"},
                                         {YES, ".s"},
                                         {NO, ".e"},
                                         {NO, ".n"},
                                         {YES, ".t"},
                                         {NO, ".f"},
                                         {YES, ".l"},
                                         {NO, ".o"},
                                         {NO, ".missing"},
                                         {NO, "not .missing"},
                                         {NO, "!.missing"},
                                         {NO, "not .a"},
                                         {NO, "!.a"},
                                         {NO, "! .a"},
                                         {YES, ".a == 1"},
                                         {YES, ".a == 1.0"},
                                         {YES, ".a==1"},
                                         {NO, ".a != 1"},
                                         {YES, ".a > 0"},
                                         {YES, ".a >= 1"},
                                         {YES, ".a < 2"},
                                         {YES, ".a <= 1"},
                                         {YES, ".b == -2.5"},
                                         {YES, ".b < -2"},
                                         {YES, ".b - 1 == -3.5"},
                                         {NO, ".a -1"},
                                         {NO, ".a-1"},
                                         {NO, ".a - 1"},
                                         {YES, ".a+1==2"},
                                         {YES, ".a + -1 == 0"},
                                         {YES, ".a - -1 == 2"},
                                         {YES, "2 ** 3 == 8"},
                                         {YES, "2 ** 3 ** 2 == 512"},
                                         {NO, "2 ** 3 ** 2 == 64"},
                                         {YES, "7 % 3 == 1"},
                                         {YES, "-7 % 3 == -1"},
                                         {NO, "-7 % 3 == 2"},
                                         {YES, "7.5 % 2 == 1.5"},
                                         {YES, "1 / 0"},
                                         {YES, "0 / 0"},
                                         {YES, "1 % 0"},
                                         {YES, "1 / 0 > 5"},
                                         {YES, ".a in [1,2]"},
                                         {NO, ".a in [2,3]"},
                                         {YES, ".a in .l"},
                                         {YES, "\"x\" in .l"},
                                         {NO, "\"zz\" in .l"},
                                         {YES, "\"x\" in [\"x\"]"},
                                         {YES, "'x' in [\"x\"]"},
                                         {YES, ".s == \"str\""},
                                         {YES, ".s == 'str'"},
                                         {NO, ".s != \"str\""},
                                         {NO, ".s == \"STR\""},
                                         {NO, ".s > \"sta\""},
                                         {NO, ".s < \"sta\""},
                                         {NO, "\"tr\" in .s"},
                                         {NO, "\"str\" in .s"},
                                         {NO, "\"\" in .s"},
                                         {NO, "\"zz\" in .s"},
                                         {YES, ".num == 10"},
                                         {YES, ".num > 5"},
                                         {YES, ".num + 1 == 11"},
                                         {YES, ".s + 1"},
                                         {YES, ".s + 1 == 1"},
                                         {YES, ".s == 0"},
                                         {NO, ".n == 0"},
                                         {NO, ".n == \"\""},
                                         {YES, ".t == 1"},
                                         {YES, ".f == 0"},
                                         {YES, ".t and .a"},
                                         {YES, ".t && .a"},
                                         {YES, ".t or .f"},
                                         {YES, ".t || .f"},
                                         {NO, ".f or .z"},
                                         {NO, ".f and .z"},
                                         {NO, "not .f and .z"},
                                         {YES, "not (.f and .z)"},
                                         {NO, ".missing == 0"},
                                         {NO, ".missing != 5"},
                                         {NO, ".missing > 0"},
                                         {NO, ".missing or 1"},
                                         {NO, "1 or .missing"},
                                         {NO, ".missing and 0"},
                                         {NO, ".missing in [1]"},
                                         {NO, "1 in .missing"},
                                         {NO, "1 in .a"},
                                         {NO, ".o == 1"},
                                         {NO, ".l == 1"},
                                         {YES, ".a == 1 and .b < 0"},
                                         {YES, ".a == 1 and (.b < 0 or .z)"},
                                         {YES, "(.a == 1)"},
                                         {YES, "((.a))"},
                                         {NO, "."},
                                         {YES, "[1,2]"},
                                         {YES, "[]"},
                                         {NO, "1 in []"},
                                         {YES, "1 in [1,]"},
                                         {NO, "\"a\\\"b\" == 'a\"b'"},
                                         {YES, "\"a\\\\b\""},
                                         {NO, ".u == \"\303\251\\n\""},
                                         {YES, "._x == 5"},
                                         {YES, ".a-b == 3"},
                                         {YES, ".x1 == 9"},
                                         {YES, ".E == 1000"},
                                         {YES, "1e3 == 1000"},
                                         {YES, "1E3 == 1000"},
                                         {NO, ".5"},
                                         {NO, ".5 == 0.5"},
                                         {YES, "5."},
                                         {YES, ".a&&.t"},
                                         {YES, ".a||.t"},
                                         {YES, "!.a||.t"},
                                         {YES, "1 < 2 < 3"},
                                         {NO, "3 > 2 > 1"},
                                         {YES, "1 == 1 == 1"},
                                         {NO, "2 == 2 == 2"},
                                         {YES, "\t.a"},
                                         {YES, ".a\t"},
                                         {YES, "1 and 2 == 2"},
                                         {YES, "2 + 3 * 4 == 14"},
                                         {YES, "(2 + 3) * 4 == 20"},
                                         {YES, "2 * 3 ** 2 == 18"},
                                         {YES, "-2 ** 2 == 4"},
                                         {NO, "-2 ** 2 == -4"},
                                         {NO, "not 1 == 2"},
                                         {NO, "not .a in [2]"},
                                         {NO, ".a not in [2]"},
                                         {YES, "1 + 1 in [2]"},
                                         {YES, "[1,2] == [1,2]"},
                                         {YES, "1 in [1] and 2 in [2]"},
                                         {YES, ".a in [\"1\"]"},
                                         {YES, "\"1\" in [1]"}};
    check_all("{\"a\":1,\"b\":-2.5,\"s\":\"str\",\"n\":null,\"t\":true,\"f\":false,\"l\":[1,2,\"x\",\"y\","
              "true,null],\"o\":{\"p\":1},\"e\":\"\",\"num\":\"10\",\"z\":0,\"u\":\"\\u00e9\\n\",\"_x\":5,"
              "\"a-b\":3,\"x1\":9,\"E\":1e3}",
              examples_0, sizeof examples_0 / sizeof *examples_0);
    static const Example examples_1[] = {
        {YES, "1 ==!0"},
        {NO, "1==!.a"},
        {NO, "1==! .a"},
        {NO, "(!.a)"},
        {YES, "1 <= 2"},
        {NO, "1<-1"},
        {NO, "1<!1"},
        {YES, "1--1"},
        {NO, "1-1"},
        {NO, "1 -1"},
        {NO, "1 - 1"},
        {YES, "1 -1 == 0"},
        {YES, "3-1 == 2"},
        {YES, "(3)-1 == 2"},
        {YES, "(3) -1 == 2"},
        {YES, "3*-1 == -3"},
        {YES, "[3] -1"},
        {YES, ".a -1 == 0"},
        {YES, "\"x\" -1 == -1"},
        {YES, "1.e3 == 1000"},
        {YES, "-1e3 == -1000"},
        {YES, "-5.5 == -5.5"},
        {YES, "00012 == 12"},
        {YES, "99999999999999999999999999 > 1"},
        {YES, "1e400 > 1"},
        {YES, "1e400 == 1e500"},
        {YES, "1234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234"
              "56789012345678901234567890 > 1"},
        {NO, ".u == \"\\u00e9\\n\""},
        {NO, ".u == '\303\251'"},
        {YES, ".q == 'a\"b'"},
        {NO, ".q == \"a\\\"b\""},
        {NO, ".q == 'a\\\"b'"},
        {YES, ".bs == \"a\\b\""},
        {NO, ".bs == \"a\\\\b\""},
        {YES, ".sl == \"a/b\""},
        {NO, ".sl == \"a\\/b\""},
        {YES, ".n5 == 5"},
        {NO, ".n6 == 5"},
        {YES, ".n7 == 16"},
        {YES, ".n8 == 100"},
        {YES, ".i > 100"},
        {YES, ".na == .na"},
        {YES, ".em == 0"},
        {YES, ".em == \"\""},
        {NO, ".em"},
        {YES, ".el"},
        {NO, ".nl"},
        {NO, "3 in .nl"},
        {NO, "1 in .nl"},
        {NO, "2 in .nl"},
        {NO, "3 in .el"},
        {YES, ".l == .l"},
        {YES, ".l == 0"},
        {NO, ".l == 1"},
        {YES, ".l + 1 == 1"},
        {NO, ".l + 1 == 2"},
        {NO, ".l > 0"},
        {YES, ".l >= 0"},
        {YES, ".l in .l"},
        {YES, ".l and 1"},
        {NO, "not .l"},
        {YES, "not .n"},
        {NO, "not .o"},
        {YES, "not .em"},
        {NO, "not \"x\""},
        {YES, "not \"\""},
        {NO, "not \"0\""},
        {YES, "\"0\""},
        {YES, "\"0\" and 1"},
        {YES, "\"0\" == 0"},
        {NO, "\"00\" == \"0\""},
        {YES, "\"00\" == 0"},
        {YES, "\"00\" != \"0\""},
        {YES, "\"a\" != \"b\""},
        {NO, "\"a\" != 0"},
        {NO, "\"a\" < \"b\""},
        {YES, "\"2\" < \"10\""},
        {YES, "2 < \"10\""},
        {YES, "\"abc\" == \"abc\""},
        {YES, "\"\" == 0"},
        {YES, ".n == .n"},
        {YES, ".n != 1"},
        {YES, ".n or 1"},
        {NO, ".n and 1"},
        {YES, ".n + 1"},
        {YES, ".t == 1"},
        {YES, ".f == 0"},
        {NO, ".t == \"true\""},
        {YES, ".t in [1]"},
        {NO, "1 in .s"},
        {NO, "\"s\" in .s"},
        {NO, "1 in \"1\""},
        {NO, "\"a\" in \"abc\""},
        {NO, "1 in 1"},
        {NO, "1 in (1)"},
        {NO, "[1] == 1"},
        {YES, "[] == 0"},
        {YES, "[] or 0"},
        {NO, "not []"},
        {YES, "[1] + 1 == 1"},
        {NO, "[1] + 1 == 2"},
        {YES, "[1,2] == [3]"},
        {NO, "[1,2] != [3]"},
        {YES, "\"x\" == [1]"},
        {NO, "\"x\" != [1]"},
        {YES, "\"\" == [1]"},
        {YES, "\"x\" in [\"x\",]"},
        {YES, "1 in [ 1 , 2 ]"},
        {YES, "1 in [-1, 1]"},
        {YES, "-1 in [-1]"},
        {YES, "1 in [\"a\" , 1]"},
        {YES, "1 in[1]"},
        {YES, "1in[1]"},
        {YES, ".a in[1]"},
        {YES, "1in [1]"},
        {YES, "1and 1"},
        {YES, "1 and1"},
        {YES, "1 and 1and 1"},
        {YES, "1or0"},
        {YES, "(1)or(0)"},
        {NO, "(1)and(0)"},
        {YES, "not(0)"},
        {YES, "not0"},
        {YES, "not 0"},
        {YES, "!0"},
        {YES, "!(0)"},
        {YES, "! 0"},
        {YES, "0 == !1"},
        {YES, "0 == not 1"},
        {YES, "1 + not 1"},
        {YES, "1 + !1 == 1"},
        {YES, "2 ** !1 == 1"},
        {YES, "2 ** -1 == 0.5"},
        {YES, "2**-1 == 0.5"},
        {NO, "!1 ** 2"},
        {YES, "!0 + 1 == 2"},
        {YES, "!0 == 1"},
        {YES, "!0 in [1]"},
        {YES, "1 in [1] == 1"},
        {YES, "1 == 1 in [1]"},
        {YES, "1 and 0 or 1"},
        {YES, "0 and 0 or 1"},
        {YES, "1 or 1 and 0"},
        {YES, "1 or 0 and 0"},
        {NO, "(1 or 1) and 0"},
        {YES, "1 == 2 or 3"},
        {YES, "5 and \"a\""},
        {YES, "5 or 0 == 1"},
        {YES, "(5 and 3) == 1"},
        {YES, "(5 or 0) == 1"},
        {NO, "1 == 5 and 3"},
        {YES, "5 % 0"},
        {NO, "5 % 0 == 0"},
        {YES, "-5 % 3 == -2"},
        {YES, "5.5 % -2 == 1.5"},
        {YES, "1/0 == 1/0"},
        {YES, "1/0 > 1e300"},
        {NO, "0/0 == 0/0"},
        {YES, "-1/0 < 0"},
        {YES, "0 ** 0 == 1"},
        {NO, "(-8) ** 0.5 == 1"},
        {YES, "7 / 2 == 3.5"},
        {NO, "1 > 1/0"},
        {YES, "\"a\" == 'a'"},
        {NO, "\"\""},
        {NO, "''"},
        {YES, "'\\''"},
        {NO, "'\\'' == \"'\""},
        {NO, "\"\\n\" == \"n\""}};
    check_all("{\"a\":1,\"s\":\"str\",\"n\":null,\"t\":true,\"f\":false,\"l\":[1,2,\"x\"],\"o\":{\"p\":1},"
              "\"u\":\"\\u00e9\\n\",\"q\":\"a\\\"b\",\"bs\":\"a\\\\b\",\"sl\":\"a\\/b\",\"n5\":\" "
              "5\",\"n6\":\"5x\",\"n7\":\"0x10\",\"n8\":\"1e2\",\"em\":\"\",\"el\":[],\"nl\":[[1],{\"a\":2},"
              "3],\"i\":\"inf\",\"na\":\"nan\"}",
              examples_1, sizeof examples_1 / sizeof *examples_1);
    static const Example examples_2[] = {{YES, ".a == 1"}, {YES, ".b == 2"}};
    check_all("{\"a\" : 1 , \"b\":2}", examples_2, sizeof examples_2 / sizeof *examples_2);
    static const Example examples_3[] = {{YES, ".a"}};
    check_all("  { \"a\":1}", examples_3, sizeof examples_3 / sizeof *examples_3);
    static const Example examples_4[] = {{YES, ".a == 1"}, {NO, ".a == 2"}};
    check_all("{\"a\":1,\"a\":2}", examples_4, sizeof examples_4 / sizeof *examples_4);
    static const Example examples_5[] = {{YES, ".a == 1"}, {NO, ".a == 5"}};
    check_all("{\"x\":{\"a\":5},\"a\":1}", examples_5, sizeof examples_5 / sizeof *examples_5);
    static const Example examples_6[] = {{YES, ".a == 1"}};
    check_all("{\"x\":[{\"a\":5}],\"a\":1}", examples_6, sizeof examples_6 / sizeof *examples_6);
    static const Example examples_7[] = {{YES, ".a == 1"}};
    check_all("{\"x\":\"a\\\":9\",\"a\":1}", examples_7, sizeof examples_7 / sizeof *examples_7);
    static const Example examples_8[] = {{YES, ".a == 1"}};
    check_all("{\"x\":\"}\",\"a\":1}", examples_8, sizeof examples_8 / sizeof *examples_8);
    static const Example examples_9[] = {{YES, ".a == 1"}};
    check_all("{\"x\":\"\\\\\",\"a\":1}", examples_9, sizeof examples_9 / sizeof *examples_9);
    static const Example examples_10[] = {{NO, ".a == 1"}, {NO, ".u0061"}};
    check_all("{\"\\u0061\":1,\"b\\\"c\":2,\"d e\":3}", examples_10,
              sizeof examples_10 / sizeof *examples_10);
    static const Example examples_11[] = {{NO, ".a"}, {YES, ".A"}};
    check_all("{\"A\":1}", examples_11, sizeof examples_11 / sizeof *examples_11);
    static const Example examples_12[] = {{NO, ".a"}, {YES, "1"}};
    check_all("[1,2]", examples_12, sizeof examples_12 / sizeof *examples_12);
    static const Example examples_13[] = {{NO, ".a"}, {YES, "1"}};
    check_all("\"str\"", examples_13, sizeof examples_13 / sizeof *examples_13);
    static const Example examples_14[] = {{YES, "1"}, {NO, ".a"}};
    check_all("5", examples_14, sizeof examples_14 / sizeof *examples_14);
    static const Example examples_15[] = {{YES, "1"}};
    check_all("null", examples_15, sizeof examples_15 / sizeof *examples_15);
    static const Example examples_16[] = {{YES, "1"}, {NO, ".a"}};
    check_all("garbage", examples_16, sizeof examples_16 / sizeof *examples_16);
    static const Example examples_17[] = {{YES, ".a"}};
    check_all("{\"a\":1", examples_17, sizeof examples_17 / sizeof *examples_17);
    static const Example examples_18[] = {{YES, ".a"}};
    check_all("{\"a\":1} trailing", examples_18, sizeof examples_18 / sizeof *examples_18);
    static const Example examples_19[] = {{NO, ".a"}};
    check_all("{\"a\":tru}", examples_19, sizeof examples_19 / sizeof *examples_19);
    static const Example examples_20[] = {{NO, ".a"}};
    check_all("{\"a\":truex}", examples_20, sizeof examples_20 / sizeof *examples_20);
    static const Example examples_21[] = {{NO, ".a"}, {NO, ".b"}};
    check_all("{\"a\":nul,\"b\":1}", examples_21, sizeof examples_21 / sizeof *examples_21);
    static const Example examples_22[] = {{YES, ".a == 1"}};
    check_all("{\"a\":01}", examples_22, sizeof examples_22 / sizeof *examples_22);
    static const Example examples_23[] = {{NO, ".a"}};
    check_all("{\"a\":-}", examples_23, sizeof examples_23 / sizeof *examples_23);
    static const Example examples_24[] = {{YES, ".a == 0"}};
    check_all("{\"a\":-0}", examples_24, sizeof examples_24 / sizeof *examples_24);
    static const Example examples_25[] = {{YES, ".a"}};
    check_all("{\"a\":+1}", examples_25, sizeof examples_25 / sizeof *examples_25);
    static const Example examples_26[] = {{NO, ".a"}};
    check_all("{\"a\":.5}", examples_26, sizeof examples_26 / sizeof *examples_26);
    static const Example examples_27[] = {{YES, ".a"}};
    check_all("{\"a\":1.}", examples_27, sizeof examples_27 / sizeof *examples_27);
    static const Example examples_28[] = {{YES, ".a == 100000"}};
    check_all("{\"a\":1e5}", examples_28, sizeof examples_28 / sizeof *examples_28);
    static const Example examples_29[] = {{YES, ".a > 1"}};
    check_all("{\"a\":1e999}", examples_29, sizeof examples_29 / sizeof *examples_29);
    static const Example examples_30[] = {{YES, ".a == 1"}};
    check_all("{\"a\":1x}", examples_30, sizeof examples_30 / sizeof *examples_30);
    static const Example examples_31[] = {{NO, ".a"}};
    check_all("{\"a\":NaN}", examples_31, sizeof examples_31 / sizeof *examples_31);
    static const Example examples_32[] = {{NO, ".a"}, {NO, "1 in .a"}};
    check_all("{\"a\":[1,2}", examples_32, sizeof examples_32 / sizeof *examples_32);
    static const Example examples_33[] = {{NO, "1 in .a"}};
    check_all("{\"a\":[1,]}", examples_33, sizeof examples_33 / sizeof *examples_33);
    static const Example examples_34[] = {{NO, "1 in .a"}};
    check_all("{\"a\":[1 2]}", examples_34, sizeof examples_34 / sizeof *examples_34);
    static const Example examples_35[] = {{NO, "1 in .a"}};
    check_all("{\"a\":[1,{\"b\":2}]}", examples_35, sizeof examples_35 / sizeof *examples_35);
    static const Example examples_36[] = {{YES, "1 in .a"}, {NO, "2 in .a"}};
    check_all("{\"a\":[1,[2]]}", examples_36, sizeof examples_36 / sizeof *examples_36);
    static const Example examples_37[] = {{NO, "1 in .a"}, {YES, ".a"}};
    check_all("{\"a\":[null]}", examples_37, sizeof examples_37 / sizeof *examples_37);
    static const Example examples_38[] = {{YES, "\"x\" in .a"}, {YES, "1 in .a"}};
    check_all("{\"a\":[1,null,\"x\"]}", examples_38, sizeof examples_38 / sizeof *examples_38);
    static const Example examples_39[] = {{YES, "1 in .a"}, {YES, "0 in .a"}, {NO, "5 in .a"}};
    check_all("{\"a\":[true,false]}", examples_39, sizeof examples_39 / sizeof *examples_39);
    static const Example examples_40[] = {{YES, ".d == 7"}};
    check_all("{\"a\":{\"b\":1},\"c\":[[[]]],\"d\":7}", examples_40,
              sizeof examples_40 / sizeof *examples_40);
    static const Example examples_41[] = {{NO, ".a"}};
    check_all("{\"a\":\"unterminated", examples_41, sizeof examples_41 / sizeof *examples_41);
    static const Example examples_42[] = {{YES, ".a == \"x\""}, {NO, ".b"}};
    check_all("{\"a\":\"x\",\"b\":", examples_42, sizeof examples_42 / sizeof *examples_42);
    static const Example examples_43[] = {{NO, ".b"}};
    check_all("{\"a\" 1,\"b\":2}", examples_43, sizeof examples_43 / sizeof *examples_43);
    static const Example examples_44[] = {{YES, ".a == 1"}, {NO, ".b == 2"}};
    check_all("{\"a\":1 \"b\":2}", examples_44, sizeof examples_44 / sizeof *examples_44);
    static const Example examples_45[] = {{NO, ".a"}};
    check_all("{,\"a\":1}", examples_45, sizeof examples_45 / sizeof *examples_45);
    static const Example examples_46[] = {{YES, ".a == 1"}};
    check_all("{\"a\":1,}", examples_46, sizeof examples_46 / sizeof *examples_46);
    static const Example examples_47[] = {{NO, ".a"}};
    check_all("{'a':1}", examples_47, sizeof examples_47 / sizeof *examples_47);
    static const Example examples_48[] = {{NO, ".a"}};
    check_all("{a:1}", examples_48, sizeof examples_48 / sizeof *examples_48);
    static const Example examples_49[] = {{NO, ".a"}, {YES, "1"}};
    check_all("{}", examples_49, sizeof examples_49 / sizeof *examples_49);
    static const Example examples_50[] = {{NO, "."}};
    check_all("{\"\":5}", examples_50, sizeof examples_50 / sizeof *examples_50);
    static const Example examples_51[] = {{YES, ".a == \"\303\251\""},
                                          {YES, ".k == \"\346\227\245\346\234\254\""}};
    check_all("{\"a\":\"\303\251\",\"k\":\"\346\227\245\346\234\254\"}", examples_51,
              sizeof examples_51 / sizeof *examples_51);
    static const Example examples_52[] = {{YES, ".a_b-c9 == 1"}, {YES, ".9z == 2"}};
    check_all("{\"a_b-c9\":1,\"9z\":2}", examples_52, sizeof examples_52 / sizeof *examples_52);
    static const Example examples_53[] = {{YES, "1 andnot 0"},
                                          {YES, "1 and not 0"},
                                          {YES, "1 and!0"},
                                          {NO, "not(1)"},
                                          {NO, "."},
                                          {NO, "1 == ."},
                                          {YES, "5 == 1 in [0]"},
                                          {YES, "0 > 1 in [0]"},
                                          {NO, "0 == 1 > 2"},
                                          {YES, "1 < 2 == 1"},
                                          {YES, "0 == 2 < 1"},
                                          {YES, "7 % 2 * 3 == 3"},
                                          {YES, "12 / 2 * 3 == 18"},
                                          {YES, "2 * 7 % 4 == 2"},
                                          {YES, "10 - 2 - 3 == 5"},
                                          {YES, "2 - 3 + 4 == 3"},
                                          {NO, "1 + !!1"},
                                          {YES, "1 + !!1 == 0"},
                                          {NO, "1 and !!1"},
                                          {YES, ".u == '\303\251'"},
                                          {NO, ".u == 'u00e9'"},
                                          {NO, ".u == '\\u00e9'"},
                                          {NO, ".nl == \"xnytzbqfrrz\""},
                                          {NO, ".nl == 'x\ty'"},
                                          {YES, ".w == \"q\""},
                                          {NO, ".w == \"\\q\""},
                                          {YES, "1 in .l2"},
                                          {NO, "2 in .l2"},
                                          {YES, ".l2 in .l2"},
                                          {YES, "[1] in .l2"},
                                          {NO, ".ln in .ln"},
                                          {YES, ".n in .ln"},
                                          {NO, ".n in [0]"},
                                          {YES, ".n < 1"},
                                          {NO, ".n == .ln"},
                                          {NO, ".n != .n"},
                                          {YES, "\"5\" + \"6\" == 11"},
                                          {YES, "\"a\" + \"b\" == 0"},
                                          {YES, "not \"a\" == 0"},
                                          {YES, "1 - -1 == 2"},
                                          {YES, "1*-1 == -1"},
                                          {YES, "1 and -1"},
                                          {NO, "not -1"},
                                          {YES, "(-1)"},
                                          {YES, "[1,\"x\",'y', -2.5]"},
                                          {YES, "-2.5 in [1,\"x\",'y', -2.5]"},
                                          {YES, "[1e5]"},
                                          {YES, "[-.5]"},
                                          {YES, "[ ]"},
                                          {YES, "1 in [1,2,]"},
                                          {YES, "\"a\" in ['a',]"},
                                          {NO, ".A"},
                                          {YES, "'a' 'b' and"}};
    check_all("{\"a\":1,\"u\":\"\\u00e9\",\"nl\":\"x\\ny\\tz\\bq\\fr\\rz\",\"w\":\"\\q\",\"e\":\"\",\"l2\":["
              "1,[2,3]],\"n\":null,\"s\":\"\\ud83d\\ude00\",\"ln\":[null],\"b\":[[1]]}",
              examples_53, sizeof examples_53 / sizeof *examples_53);
    static const Example examples_54[] = {{NO, ".sp == 5"},    {YES, ".sp2 == 5"},    {YES, ".h == 31"},
                                          {YES, ".i > 5"},     {YES, ".p == 5"},      {NO, ".e == 5"},
                                          {YES, ".d == 0.5"},  {YES, ".ee > 1"},      {YES, "\" 5\" == 5"},
                                          {NO, "\"5 \" == 5"}, {NO, "\"\" == \" \""}, {NO, "\"1_0\" == 1"}};
    check_all("{\"a\":1,\"sp\":\"5 "
              "\",\"sp2\":\"\\n5\",\"h\":\"0x1F\",\"i\":\"Infinity\",\"n\":\"nan\",\"p\":\"+5\",\"e\":\"5e\","
              "\"d\":\".5\",\"ee\":\"1e400\"}",
              examples_54, sizeof examples_54 / sizeof *examples_54);
    static const Example examples_55[] = {{YES, ".a"}};
    check_all("{\"x\":[1 2],\"a\":1}", examples_55, sizeof examples_55 / sizeof *examples_55);
    static const Example examples_56[] = {{YES, ".a"}};
    check_all("{\"x\":[1,],\"a\":1}", examples_56, sizeof examples_56 / sizeof *examples_56);
    static const Example examples_57[] = {{YES, ".a"}};
    check_all("{\"x\":{\"b\" 1},\"a\":1}", examples_57, sizeof examples_57 / sizeof *examples_57);
    static const Example examples_58[] = {{YES, ".a"}};
    check_all("{\"x\":{1:2},\"a\":1}", examples_58, sizeof examples_58 / sizeof *examples_58);
    static const Example examples_59[] = {{YES, ".a"}, {NO, ".x"}};
    check_all("{\"x\":1.2.3,\"a\":1}", examples_59, sizeof examples_59 / sizeof *examples_59);
    static const Example examples_60[] = {{YES, ".a"}};
    check_all("{\"x\":-,\"a\":1}", examples_60, sizeof examples_60 / sizeof *examples_60);
    static const Example examples_61[] = {{NO, ".a"}};
    check_all("{\"x\":[},\"a\":1}", examples_61, sizeof examples_61 / sizeof *examples_61);
    static const Example examples_62[] = {{NO, ".a"}};
    check_all("{\"x\":[1,2},\"a\":1}", examples_62, sizeof examples_62 / sizeof *examples_62);
    static const Example examples_63[] = {{YES, ".a"}, {YES, ".x == \"au00zz\""}};
    check_all("{\"x\":\"a\\u00zz\",\"a\":1}", examples_63, sizeof examples_63 / sizeof *examples_63);
    static const Example examples_64[] = {{YES, ".x == \"a\tb\""}};
    check_all("{\"x\":\"a\tb\",\"a\":1}", examples_64, sizeof examples_64 / sizeof *examples_64);
    static const Example examples_65[] = {{NO, ".a"}};
    check_all("{\"x\":tRue,\"a\":1}", examples_65, sizeof examples_65 / sizeof *examples_65);
    static const Example examples_66[] = {{NO, ".x == 1.5"}, {YES, ".a"}};
    check_all("{\"x\":1.5e,\"a\":1}", examples_66, sizeof examples_66 / sizeof *examples_66);
    static const Example examples_67[] = {{YES, ".x == 100"}};
    check_all("{\"x\":1e+2}", examples_67, sizeof examples_67 / sizeof *examples_67);
    static const Example examples_68[] = {{NO, ".x"}, {NO, ".x == 1"}};
    check_all("{\"x\":1-2}", examples_68, sizeof examples_68 / sizeof *examples_68);
    static const Example examples_69[] = {{YES, ".x == 123"}};
    check_all("{\"x\":123abc}", examples_69, sizeof examples_69 / sizeof *examples_69);
    static const Example examples_70[] = {{YES, ".x"}};
    check_all("{\"x\":\"tab\\tnl\\ncr\\rbs\\bff\\f\"}", examples_70,
              sizeof examples_70 / sizeof *examples_70);
    static const Example examples_71[] = {{NO, ".a"}};
    check_all("[{\"a\":1}]", examples_71, sizeof examples_71 / sizeof *examples_71);
    static const Example examples_72[] = {{YES, ".a == 1"}};
    check_all("   {\"a\":   1   }", examples_72, sizeof examples_72 / sizeof *examples_72);
    static const Example examples_73[] = {{YES, ".c"}, {NO, ".a"}, {YES, ".b"}};
    check_all("{\"a\":{},\"b\":[],\"c\":1}", examples_73, sizeof examples_73 / sizeof *examples_73);
    static const Example examples_75[] = {{YES, ".a == 0"}};
    check_all("{\"a\":00}", examples_75, sizeof examples_75 / sizeof *examples_75);
    static const Example examples_76[] = {{NO, ".a"}};
    check_all("{\"a\":--1}", examples_76, sizeof examples_76 / sizeof *examples_76);
    static const Example examples_77[] = {{NO, ".a"}};
    check_all("{\"a\":true1}", examples_77, sizeof examples_77 / sizeof *examples_77);
    static const Example examples_78[] = {{YES, ".a"}};
    check_all("{\"a\":true}", examples_78, sizeof examples_78 / sizeof *examples_78);
    static const Example examples_79[] = {{NO, ".a == 1"}};
    check_all("{\"a\":null}", examples_79, sizeof examples_79 / sizeof *examples_79);
    static const Example examples_80[] = {{NO, "not .a"}};
    check_all("{\"a\":nulls}", examples_80, sizeof examples_80 / sizeof *examples_80);
    static const Example examples_81[] = {{YES, ".a == 'x'"}};
    check_all("{\"a\": \"x\" }", examples_81, sizeof examples_81 / sizeof *examples_81);
    static const Example examples_82[] = {{YES, ".a"}};
    check_all("{\"a\":1}}", examples_82, sizeof examples_82 / sizeof *examples_82);
    static const Example examples_83[] = {{YES, ".a"}};
    check_all("{\"a\"   :   1}", examples_83, sizeof examples_83 / sizeof *examples_83);
    static const Example examples_84[] = {{NO, ".b"}, {YES, ".a"}};
    check_all("{\"a\":1 , }", examples_84, sizeof examples_84 / sizeof *examples_84);
}

static void test_places_of_errors(void) {
    static const struct {
        const char *expression, *near;
    } examples[] = {
        {".n == null", ".n == null"},
        {"null in [null]", "null]"},
        {"null", "null"},
        {".a=1", "1"},
        {".a <> 1", ".a <> 1"},
        {"-.a == -1", "-.a == -1"},
        {"- .a", "- .a"},
        {"+1", "+1"},
        {".s == str", ".s == str"},
        {"true", "true"},
        {"false", "false"},
        {"true == 1", " == 1"},
        {"false == 0", " == 0"},
        {".t == true", ".t == true"},
        {".f == false", ".f == false"},
        {".o.p == 1", ".o.p == 1"},
        {"()", "()"},
        {"(.a", "(.a"},
        {".a)", ".a)"},
        {".a .b", ".a .b"},
        {".a and", ".a and"},
        {"and .a", "and .a"},
        {"..a", "..a"},
        {".a.", ".a."},
        {"1 in [,1]", ",1]"},
        {"1 in [1 2]", "2]"},
        {"1 in [1,2", "1 in [1,2"},
        {"\"x", "\"x"},
        {"'x", "'x"},
        {"1e+3 == 1000", "+3 == 1000"},
        {"0x10 == 16", "10 == 16"},
        {"1_0", "_0"},
        {"inf", "inf"},
        {"nan", "nan"},
        {"foo", "foo"},
        {"a", "a"},
        {"true and foo", " and foo"},
        {".a AND .t", " .t"},
        {".a OR .t", " .t"},
        {"NOT .a", " .a"},
        {".a IN [1]", " [1]"},
        {"!!.a", "!!.a"},
        {"not not .a", "not not .a"},
        {".a ==", ".a =="},
        {"== .a", "== .a"},
        {".a @ 1", "@ 1"},
        {".a # 1", "# 1"},
        {".a ! 1", ".a ! 1"},
        {"\"a\" \"b\"", "\"a\" \"b\""},
        {"1 2", "1 2"},
        {"[1] in [[1]]", "[1]]"},
        {"1 in [[1]]", "[1]]"},
        {"1 in [.a]", ".a]"},
        {"true in .l", " in .l"},
        {"1 in [true]", "true]"},
        {"true in [true]", " in [true]"},
        {"foo bar", " bar"},
        {"foo 1", " 1"},
        {"1 foo 2", " 2"},
        {".a=!1", "1"},
        {"===", "==="},
        {"1 === 1", " 1"},
        {"1 =< 1", " 1"},
        {"1 =! 1", " 1"},
        {"1&1", "1"},
        {"1|1", "1"},
        {"1&&&1", "1"},
        {"1|||1", "1"},
        {"1 & & 1", " & 1"},
        {"1 ! = 1", " 1"},
        {"1 < = 2", " 2"},
        {"1.2.3", "1.2.3"},
        {"1e-3 == 0.001", "-3 == 0.001"},
        {"1e-3", "-3"},
        {"1e3e", "1e3e"},
        {"1e", "1e"},
        {"1ee3", "1ee3"},
        {"1..2", "1..2"},
        {"--1", "--1"},
        {"- 1", "- 1"},
        {"-", "-"},
        {"-a", "-a"},
        {"-.5", "-.5"},
        {"1 in [ 1 2 ]", "2 ]"},
        {"1 in [1]2", "1 in [1]2"},
        {".ain [1]", ".ain [1]"},
        {"notx", "notx"},
        {"\"a", "\"a"},
        {"'a\"", "'a\""},
        {"'\\'", "'\\'"},
        {"\"x\" == \"x\" \"y\"", "\"x\" == \"x\" \"y\""},
        {"[1", "[1"},
        {"[", "["},
        {"]", "]"},
        {"1]", "]"},
        {"[1]]", "]"},
        {"[\"a]", "[\"a]"},
        {"[1,\"a\"", "[1,\"a\""},
        {")", ")"},
        {"(", "("},
        {"1)", "1)"},
        {"((1)", "((1)"},
        {"(1))", "(1))"},
        {"(1)(2)", "(1)(2)"},
        {"1(2)", "1(2)"},
        {"(1)2", "(1)2"},
        {".a(1)", ".a(1)"},
        {".a[0]", ".a[0]"},
        {".a\"x\"", ".a\"x\""},
        {".a,.b", ",.b"},
        {",", ","},
        {"1,2", ",2"},
        {"$a", "$a"},
        {".a$", "$"},
        {".\303\251", ".\303\251"},
        {".a == \303\251", "\303\251"},
        {"#", "#"},
        {"\\", "\\"},
        {";", ";"},
        {"`", "`"},
        {"~1", "~1"},
        {"^1", "^1"},
        {"1^1", "^1"},
        {"{}", "{}"},
        {"{", "{"},
        {":", ":"},
        {"\?", "\?"},
        {".a\?1:2", "\?1:2"},
        {". == 5", ". == 5"},
        {".a AND", ".a AND"},
        {"1 and \"a", "1 and \"a"},
        {"1 and [1", "1 and [1"},
        {"1 and [1,\"a", "1 and [1,\"a"},
        {" 1 and [1, x", "x"},
        {"1 and (", "1 and ("},
        {"1 === ", " "},
        {"1 =", "1 ="},
        {"1 not!1", "1 not!1"},
        {"not!1", "not!1"},
        {"..", ".."},
        {". .", ". ."},
        {".$", ".$"},
        {". 1", ". 1"},
        {".+1", ".+1"},
        {".(1)", ".(1)"},
        {".[1]", ".[1]"},
        {".\303\251 1", ".\303\251 1"},
        {".  ", ".  "},
        {"1 .", "1 ."},
        {"1 --- 1", "1 --- 1"},
        {"1 ---1", "1 ---1"},
        {"1 - --1", "1 - --1"},
        {"[1,(2)]", "(2)]"},
        {"[1+1]", "+1]"},
        {"[.a]", ".a]"},
        {"[\"a\"1]", "1]"},
        {"[\"a\" 1]", "1]"},
        {"[1.2.3]", "]"},
        {"[-]", "]"},
        {"[--1]", "-1]"},
        {"[,]", ",]"},
        {"[1,,2]", ",2]"},
        {".a true", ".a true"},
        {"false and 1", " and 1"},
        {"1 false", "1 false"},
        {".a == \"", ".a == \""},
        {"foo!1", "1"},
        {"=a", "=a"},
        {"1=(2)", "2)"},
        {"1=)2", "2"},
        {"1=a", "1=a"},
        {"1 xor!2 3", "2 3"},
        {"1=-1", "1"},
        {"1=-a 2", " 2"},
        {"1 = -1", " -1"},
        {"1 =.a", ".a"},
        {"a.b", ".b"},
        {".a=.b", ".b"},
        {"1&.a", ".a"},
    };
    for (size_t i = 0; i < sizeof examples / sizeof *examples; i++) {
        const char *e = examples[i].expression;
        size_t error = 99;
        CHECK(ask_sized(e, strlen(e), "{}", &error) == BAD);
        if (strcmp(e + error, examples[i].near) != 0)
            fprintf(stderr, "%s: near %s\n", e, e + error);
        CHECK(strcmp(e + error, examples[i].near) == 0);
    }
}

/* Reading never goes beyond any end: every prefix of everything. */
static void test_every_prefix(void) {
    const char *json =
        "{ \"a\\\"b\" : [1, \"x\\u00e9\\ud83d\\ude00\", null, true, [2]], \"c\":{\"d\":\"}\"}, \"e\":-1.5e3}";
    const char *expression =
        "(.e + -1.5 ** 2 in [1, \"a\\\"b\", 'c'] or not .c-d_1 == \"\\u00e9\") && .x != 7 % 3";
    size_t error;
    for (size_t n = 0; n <= strlen(json); n++) {
        char *cut = exact(json, n);
        JsonValue value;
        JsonText text;
        const char *names[] = {"a\\\"b", "c", "e", "nothing"};
        for (size_t i = 0; i < 4; i++)
            if (json_field((const uint8_t *)cut, n, names[i], strlen(names[i]), &value)) {
                if (value.kind == JSON_TEXT)
                    for (text = json_text(&value); json_byte(&text) >= 0;)
                        continue;
                JsonValue element;
                if (value.kind == JSON_ARRAY)
                    for (size_t at = 0; json_element(&value, &at, &element);)
                        if (element.kind == JSON_TEXT)
                            for (text = json_text(&element); json_byte(&text) >= 0;)
                                continue;
            }
        free(cut);
    }
    for (size_t n = 0; n <= strlen(expression); n++)
        ask_sized(expression, n, json, &error);
    CHECK(ask(expression, "{\"e\":1,\"c-d_1\":\"\\u00e9\",\"x\":2}") != BAD);
}

static void test_much(void) {
    enum { N = 100000 };
    char *deep = malloc(4 * N + 64);
    size_t error;
    memset(deep, '(', N);
    deep[N] = '1';
    memset(deep + N + 1, ')', N);
    CHECK(ask_sized(deep, 2 * N + 1, "{}", &error) == YES);
    CHECK(ask_sized(deep, 2 * N, "{}", &error) == BAD);
    for (size_t i = 0; i < N; i++)
        memcpy(deep + 2 * i, "1+", 2);
    CHECK(ask_sized(deep, 2 * N - 1, "{}", &error) == YES);
    for (size_t i = 0; i < N; i++)
        memcpy(deep + 4 * i, "2 **", 4);
    CHECK(ask_sized(deep, 4 * N - 3, "{}", &error) == YES);
    strcpy(deep, "{\"x\":");
    memset(deep + 5, '[', N);
    memset(deep + 5 + N, ']', N);
    strcpy(deep + 5 + 2 * N, ",\"a\":1}");
    CHECK(ask(".a", deep) == YES && ask(".x", deep) == YES && ask("1 in .x", deep) == NO);
    free(deep);
}

static void test_failing_allocations(void) {
    const char *expression =
        "((.a + 1) * 2 == 4 and (1 in [1,2,3,4,5,6,7,8,9,10])) or .b or .c or .d or .e or .f";
    for (uint64_t n = 1;; n++) {
        Filter *filter;
        size_t error;
        heap_fail_at(heap, n);
        FilterResult result = filter_compile(heap, expression, strlen(expression), &filter, &error);
        heap_fail_at(heap, 0);
        if (result == FILTER_OK) {
            filter_free(filter);
            CHECK(n > 5);
            break;
        }
        CHECK(result == FILTER_NO_MEMORY && heap_used(heap) == 0);
    }
}

int main(void) {
    heap = heap_open();
    test_examples();
    test_places_of_errors();
    test_every_prefix();
    test_much();
    test_failing_allocations();
    CHECK(heap_used(heap) == 0);
    heap_close(heap);
    printf("test_filter: %d passed, %d failed\n", passed, failed);
    return failed != 0;
}
