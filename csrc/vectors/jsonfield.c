/* jsonfield: see the header. Every function takes a slice [p, end) and returns where it stopped, or NULL. */
#include "vectors/jsonfield.h"

#include "number.h"

#include <string.h>

static bool is_space(uint8_t c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

static const uint8_t *spaces(const uint8_t *p, const uint8_t *end) {
    while (p < end && is_space(*p))
        p++;
    return p;
}

/* From an opening quote to behind the closing one. */
static const uint8_t *past_text(const uint8_t *p, const uint8_t *end, bool *escaped) {
    *escaped = false;
    for (p++; p < end; p++) {
        if (*p == '"')
            return p + 1;
        if (*p == '\\') {
            *escaped = true;
            p++;
        }
    }
    return NULL;
}

/* From an opening bracket to behind the one that closes it. */
static const uint8_t *past_brackets(const uint8_t *p, const uint8_t *end) {
    uint8_t opening = *p, closing = opening == '[' ? ']' : '}';
    size_t depth = 0;
    bool escaped;
    while (p < end) {
        if (*p == '"') {
            p = past_text(p, end, &escaped);
            if (p == NULL)
                return NULL;
            continue;
        }
        if (*p == opening)
            depth++;
        else if (*p == closing && --depth == 0)
            return p + 1;
        p++;
    }
    return NULL;
}

static bool in_number(uint8_t c) {
    return (c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E';
}

static bool in_word(uint8_t c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static const uint8_t *past_word(const uint8_t *p, const uint8_t *end, JsonValue *value) {
    const uint8_t *start = p;
    while (p < end && in_word(*p))
        p++;
    size_t size = (size_t)(p - start);
    value->kind = JSON_NUMBER;
    if (size == 4 && memcmp(start, "true", 4) == 0) {
        value->number = 1;
    } else if (size == 5 && memcmp(start, "false", 5) == 0) {
        value->number = 0;
    } else if (size == 4 && memcmp(start, "null", 4) == 0) {
        value->kind = JSON_NULL;
    } else {
        return NULL;
    }
    return p;
}

/* Beyond the range of double a number is infinite, or zero. */
static bool read_number(const uint8_t *p, size_t size, double *out) {
    long double wide;
    if (number_parse_double(p, size, out))
        return true;
    if (!number_parse_long_double(p, size, &wide))
        return false;
    *out = (double)wide;
    return true;
}

/* From the first byte of a value to behind it, which may be nested; *value is of kind JSON_NUMBER, not read yet,
 * for numbers, and of kind JSON_ARRAY for objects as well. */
static const uint8_t *past_value(const uint8_t *p, const uint8_t *end, JsonValue *value) {
    const uint8_t *start = p;
    if (p == end)
        return NULL;
    value->escaped = false;
    value->text = NULL;
    if (*p == '"') {
        p = past_text(p, end, &value->escaped);
        value->kind = JSON_TEXT;
        value->text = start + 1;
        value->size = p ? (size_t)(p - start) - 2 : 0;
    } else if (*p == '[' || *p == '{') {
        p = past_brackets(p, end);
        value->kind = JSON_ARRAY;
        value->text = start;
        value->size = p ? (size_t)(p - start) : 0;
    } else if ((*p >= '0' && *p <= '9') || *p == '-' || *p == '+') {
        while (p < end && in_number(*p))
            p++;
        value->kind = JSON_NUMBER;
        value->text = start;
        value->size = (size_t)(p - start);
    } else {
        p = past_word(p, end, value);
    }
    return p;
}

/* Makes a value of what past_value found; false: it can be none. */
static bool read_value(JsonValue *value) {
    if (value->kind == JSON_NUMBER && value->text)
        return read_number(value->text, value->size, &value->number);
    return value->kind != JSON_ARRAY || value->text[0] == '[';
}

/* Whether all elements of an array can be read. */
static bool is_whole(const JsonValue *array) {
    const uint8_t *end = array->text + array->size - 1, *p = spaces(array->text + 1, end);
    JsonValue element;
    while (p < end) {
        p = past_value(p, end, &element);
        if (p == NULL || !read_value(&element))
            return false;
        p = spaces(p, end);
        if (p == end)
            break;
        if (*p != ',')
            return false;
        p = spaces(p + 1, end);
        if (p == end)
            return false;
    }
    return true;
}

bool json_field(const uint8_t *text, size_t size, const void *name, size_t name_size, JsonValue *value) {
    const uint8_t *end = text + size, *p = spaces(text, end);
    bool escaped;
    if (p == end || *p != '{')
        return false;
    for (;;) {
        p = spaces(p + 1, end); /* behind the brace or a comma */
        if (p == end || *p != '"')
            return false;
        const uint8_t *key = p + 1;
        p = past_text(p, end, &escaped);
        if (p == NULL)
            return false;
        size_t key_size = (size_t)(p - key) - 1;
        p = spaces(p, end);
        if (p == end || *p != ':')
            return false;
        p = past_value(spaces(p + 1, end), end, value);
        if (p == NULL)
            return false;
        if (key_size == name_size && memcmp(key, name, name_size) == 0)
            return read_value(value) && (value->kind != JSON_ARRAY || is_whole(value));
        p = spaces(p, end);
        if (p == end || *p != ',')
            return false;
    }
}

bool json_element(const JsonValue *array, size_t *at, JsonValue *value) {
    const uint8_t *end = array->text + array->size - 1, *p = spaces(array->text + *at + 1, end);
    if (p >= end)
        return false;
    p = past_value(p, end, value);
    if (p == NULL || !read_value(value))
        return false;
    *at = (size_t)(spaces(p, end) - array->text); /* at the comma, or at the end */
    return true;
}

/* ---- texts ---- */

JsonText json_text(const JsonValue *value) {
    return (JsonText){.at = value->text, .end = value->text + value->size};
}

/* Four hexadecimal digits, or -1. */
static int32_t hex4(const uint8_t *p, const uint8_t *end) {
    int32_t code = 0;
    if (end - p < 4)
        return -1;
    for (int i = 0; i < 4; i++) {
        uint8_t c = p[i], lower = c | 0x20;
        if (c >= '0' && c <= '9')
            code = code * 16 + (c - '0');
        else if (lower >= 'a' && lower <= 'f')
            code = code * 16 + (lower - 'a' + 10);
        else
            return -1;
    }
    return code;
}

/* The first byte of a character; the others go to text->more, the last one first. */
static int as_utf8(JsonText *text, int32_t code) {
    if (code < 0x80)
        return code;
    int n = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
    text->more_size = (uint8_t)n;
    for (int i = 0; i < n; i++, code >>= 6)
        text->more[i] = (uint8_t)(0x80 | (code & 0x3f));
    return (n == 1 ? 0xc0 : n == 2 ? 0xe0 : 0xf0) | code;
}

/* Behind "\u". What is no escape is the letter itself. */
static int unicode(JsonText *text) {
    int32_t code = hex4(text->at, text->end), low;
    if (code < 0)
        return 'u';
    text->at += 4;
    if (code >= 0xd800 && code < 0xdc00 && text->end - text->at >= 6 && text->at[0] == '\\'
        && text->at[1] == 'u') {
        low = hex4(text->at + 2, text->end);
        if (low >= 0xdc00 && low < 0xe000) {
            text->at += 6;
            code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
        }
    }
    return as_utf8(text, code);
}

int json_byte(JsonText *text) {
    if (text->more_size)
        return text->more[--text->more_size];
    if (text->at == text->end)
        return -1;
    if (*text->at != '\\' || text->end - text->at < 2)
        return *text->at++;
    uint8_t letter = text->at[1];
    text->at += 2;
    switch (letter) {
    case 'n':
        return '\n';
    case 't':
        return '\t';
    case 'r':
        return '\r';
    case 'b':
        return '\b';
    case 'f':
        return '\f';
    case 'u':
        return unicode(text);
    default:
        return letter;
    }
}
