// A C face over simdjson: parsing into a tape that the caller reads, and shortest number text.
// Nothing here throws, and no pointer given out outlives the parser it came from.
#ifndef AUGUR_CSIMDJSON_H
#define AUGUR_CSIMDJSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// A reusable parser: its buffers grow to the largest document it has seen.
typedef struct augur_json_parser augur_json_parser;

/// What a parse gives: simdjson's tape and its string buffer, both owned by the parser and valid until its
/// next parse or its end.
typedef struct {
    const uint64_t *tape;
    const uint8_t *strings;
} augur_json_tape;

/// How a parse ended.
typedef enum {
    AUGUR_JSON_OK = 0,
    AUGUR_JSON_OUT_OF_MEMORY = 1,
    /// The document breaks RFC 8259 or a limit; the caller finds out where.
    AUGUR_JSON_REFUSED = 2,
} augur_json_outcome;

/// A new parser, or null when memory is out.
augur_json_parser *augur_json_parser_create(void);
void augur_json_parser_destroy(augur_json_parser *parser);

/// Parses `count` bytes with at most `depth_max` levels of containers that hold something.
augur_json_outcome augur_json_parse(augur_json_parser *parser, const uint8_t *bytes, size_t count,
                                    size_t depth_max, augur_json_tape *tape);

/// The longest document, in bytes, that the parser takes without growing.
size_t augur_json_parser_capacity(const augur_json_parser *parser);

/// Longest text of the two functions below.
#define AUGUR_JSON_NUMBER_BYTES 40

/// Writes the shortest decimal text that reads back to the same value; gives the bytes written, 0 when the
/// value is not finite. Integral values end in `.0`; very large and very small ones take an exponent.
size_t augur_json_write_double(double value, uint8_t *text);
size_t augur_json_write_float(float value, uint8_t *text);

#ifdef __cplusplus
}
#endif
#endif
