#include "CSimdjson.h"

#include <charconv>
#include <cmath>
#include <cstring>

namespace {

/// Plain digits from here up to where the type no longer holds every integer, an exponent outside: beyond
/// that, plain digits would be the exact value's and not the shortest.
constexpr double plain_from = 1e-4;
template <typename Value> constexpr double plain_to = 0;
template <> constexpr double plain_to<double> = 9007199254740992; // 2^53
template <> constexpr double plain_to<float> = 16777216;          // 2^24

template <typename Value> size_t write_shortest(Value value, uint8_t *text) {
    if (!std::isfinite(value)) { return 0; }
    char *first = reinterpret_cast<char *>(text);
    char *last = first + AUGUR_JSON_NUMBER_BYTES;
    const double magnitude = std::fabs(static_cast<double>(value));
    const bool plain = magnitude == 0 || (magnitude >= plain_from && magnitude <= plain_to<Value>);
    const auto format = plain ? std::chars_format::fixed : std::chars_format::scientific;
    const auto written = std::to_chars(first, last - 2, value, format);
    if (written.ec != std::errc()) { return 0; }
    char *end = written.ptr;
    if (plain && std::memchr(first, '.', static_cast<size_t>(end - first)) == nullptr) {
        *end++ = '.';
        *end++ = '0';
    }
    return static_cast<size_t>(end - first);
}

} // namespace

extern "C" size_t augur_json_write_double(double value, uint8_t *text) { return write_shortest(value, text); }

extern "C" size_t augur_json_write_float(float value, uint8_t *text) { return write_shortest(value, text); }
