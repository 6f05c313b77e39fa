#include "CSimdjson.h"

#include <cstdlib>
#include <cstring>
#include <new>

#include <simdjson.h>

struct augur_json_parser {
    simdjson::dom::parser parser;
    uint8_t *padded = nullptr;
    size_t capacity = 0;
    size_t depth_max = 0;

    ~augur_json_parser() { std::free(padded); }
};

namespace {

constexpr size_t smallest_capacity = 4096;

/// The next power of two, so that slowly growing documents do not reallocate each time.
size_t rounded_capacity(size_t count) {
    size_t capacity = smallest_capacity;
    while (capacity < count) { capacity *= 2; }
    return capacity;
}

bool grow(augur_json_parser &self, size_t count, size_t depth_max) {
    if (self.capacity >= count && self.depth_max == depth_max) { return true; }
    const size_t capacity = rounded_capacity(count > self.capacity ? count : self.capacity);
    self.capacity = 0;
    std::free(self.padded);
    self.padded = static_cast<uint8_t *>(std::malloc(capacity + simdjson::SIMDJSON_PADDING));
    if (self.padded == nullptr) { return false; }
    // simdjson counts one level more than the containers it lets in.
    if (self.parser.allocate(capacity, depth_max + 1) != simdjson::SUCCESS) { return false; }
    if (self.parser.doc.allocate(capacity) != simdjson::SUCCESS) { return false; }
    self.capacity = capacity;
    self.depth_max = depth_max;
    return true;
}

bool is_hex_in(uint8_t byte, char low, char high) {
    const uint8_t lowered = byte | 0x20;
    return lowered >= static_cast<uint8_t>(low) && lowered <= static_cast<uint8_t>(high);
}

/// Whether `text` (an escape's start, at least 6 bytes with padding) is `\uDCxx` to `\uDFxx`.
bool is_low_surrogate(const uint8_t *text) {
    return text[0] == '\\' && text[1] == 'u' && is_hex_in(text[2], 'd', 'd') && is_hex_in(text[3], 'c', 'f');
}

bool is_high_surrogate(const uint8_t *text) {
    return text[0] == '\\' && text[1] == 'u' && is_hex_in(text[2], 'd', 'd') &&
           (text[3] == '8' || text[3] == '9' || is_hex_in(text[3], 'a', 'b'));
}

/// simdjson 3.0 lets a low surrogate without its high one through, which would come out as invalid UTF-8.
/// Called on a document that parsed, so each backslash begins a whole escape.
bool has_lone_low_surrogate(const uint8_t *bytes, size_t count) {
    const uint8_t *end = bytes + count;
    const uint8_t *at = bytes;
    while (at < end) {
        at = static_cast<const uint8_t *>(std::memchr(at, '\\', static_cast<size_t>(end - at)));
        if (at == nullptr) { return false; }
        if (is_low_surrogate(at)) { return true; }
        at += is_high_surrogate(at) ? 12 : 2;
    }
    return false;
}

} // namespace

extern "C" augur_json_parser *augur_json_parser_create(void) {
    return new (std::nothrow) augur_json_parser();
}

extern "C" void augur_json_parser_destroy(augur_json_parser *parser) { delete parser; }

extern "C" size_t augur_json_parser_capacity(const augur_json_parser *parser) { return parser->capacity; }

extern "C" augur_json_outcome augur_json_parse(augur_json_parser *self, const uint8_t *bytes, size_t count,
                                               size_t depth_max, augur_json_tape *tape) {
    if (!grow(*self, count, depth_max)) { return AUGUR_JSON_OUT_OF_MEMORY; }
    if (count > 0) { std::memcpy(self->padded, bytes, count); }
    std::memset(self->padded + count, ' ', simdjson::SIMDJSON_PADDING);
    const auto root = self->parser.parse(self->padded, count, false);
    if (root.error() == simdjson::MEMALLOC) { return AUGUR_JSON_OUT_OF_MEMORY; }
    if (root.error() != simdjson::SUCCESS) { return AUGUR_JSON_REFUSED; }
    if (has_lone_low_surrogate(self->padded, count)) { return AUGUR_JSON_REFUSED; }
    tape->tape = self->parser.doc.tape.get();
    tape->strings = self->parser.doc.string_buf.get();
    return AUGUR_JSON_OK;
}
