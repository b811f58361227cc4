/* json_simdjson.cpp - simdjson On-Demand; only where its library is installed. */
#include <simdjson.h>

#include "json_peers.h"

namespace
{

template <typename Wide, typename Type>
bool read(const char *text, size_t size, Type *out, size_t count)
{
    simdjson::ondemand::parser parser;
    simdjson::ondemand::document document;
    simdjson::ondemand::array array;
    size_t i = 0;

    if (parser.iterate(text, size, size + simdjson::SIMDJSON_PADDING).get(document)) return false;
    if (document.get_array().get(array)) return false;
    for (auto item : array) {
        Wide value;

        if (i == count || item.get(value)) return false;
        out[i++] = static_cast<Type>(value);
    }
    return i == count;
}

} // namespace

extern const struct peer peer_simdjson = {
    "simdjson", read<double, float>, read<double, double>, read<uint64_t, uint8_t>,
    read<int64_t, int64_t>, nullptr, nullptr};
