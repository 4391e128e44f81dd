/* jsonfield: one field of a JSON object, found in its text. Nothing is built and nothing is changed.
 *
 * Only what leads to the field is looked at: the members before it are skipped by their brackets and quotes,
 * and what follows it is not read. Members of nested objects are not found. The first of equal names wins.
 *
 *      12, -1.5e3      JSON_NUMBER
 *      true, false     JSON_NUMBER, 1 and 0
 *      null            JSON_NULL
 *      "text"          JSON_TEXT, the bytes between the quotes as they stand; `escaped` if one is a backslash
 *      [...]           JSON_ARRAY, its text from the opening to the closing bracket
 *      {...}, others   not found
 *
 * An array holds numbers, texts, booleans, nulls and arrays; with anything else in it, it is not found.
 *
 * Costs: O(bytes up to the end of the field). No recursion, so nesting costs nothing.
 */
#ifndef CYDIS_JSONFIELD_H
#define CYDIS_JSONFIELD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum { JSON_NULL, JSON_NUMBER, JSON_TEXT, JSON_ARRAY } JsonKind;

typedef struct {
    JsonKind kind;
    bool escaped;
    double number;
    const uint8_t *text;
    size_t size;
} JsonValue;

/* The member `name` of the object that the text begins with; false: there is none, or none that can be read. */
bool json_field(const uint8_t *text, size_t size, const void *name, size_t name_size, JsonValue *value);

/* The next element of an array, whose text begins at *at (0 at first); false: there are no more. */
bool json_element(const JsonValue *array, size_t *at, JsonValue *value);

/* Reads a text's bytes as JSON means them: an escape is the character it stands for. */
typedef struct {
    const uint8_t *at, *end;
    uint8_t more[4];                /* the rest of a character that was written as an escape */
    uint8_t more_size;
} JsonText;

JsonText json_text(const JsonValue *value);

/* The next byte, or -1. */
int json_byte(JsonText *text);

#endif
