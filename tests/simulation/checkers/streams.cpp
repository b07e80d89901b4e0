// SPDX-License-Identifier: MIT
// Bytes that know where they belong.
#include "simulation/checkers/streams.h"

namespace owsk::scenarios {

namespace {

std::string key_of(StreamId stream, std::string_view where) {
    return std::to_string(stream) + '/' + std::string(where);
}

}  // namespace

char StreamChecker::byte_at(StreamId stream, std::uint64_t offset) {
    // Neighbours differ, and so do streams, and places that are a power of two apart.
    std::uint64_t mixed = (stream + 1) * 0x9E3779B97F4A7C15U + offset * 0xD1B54A32D192ED03U;
    mixed ^= mixed >> 29;
    mixed *= 0xBF58476D1CE4E5B9U;
    return static_cast<char>(mixed >> 56);
}

std::string StreamChecker::make(StreamId stream, std::size_t count) {
    std::uint64_t& offset = sent_[stream];
    std::string data(count, '\0');
    for (char& byte : data) {
        byte = byte_at(stream, offset++);
    }
    return data;
}

std::uint64_t& StreamChecker::offset_of(StreamId stream, std::string_view where) {
    return received_[key_of(stream, where)];
}

void StreamChecker::received(StreamId stream, std::string_view where, std::string_view data) {
    std::uint64_t offset = offset_of(stream, where);
    for (const char byte : data) {
        if (byte != byte_at(stream, offset)) {
            complaints_.complain(name,
                                 "byte " + std::to_string(offset) + " of stream " +
                                     std::to_string(stream) + " at " + std::string(where) +
                                     " is not what was sent there");
            return;
        }
        ++offset;
    }
    received_in_any_order(stream, where, data.size());
}

void StreamChecker::received_in_any_order(StreamId stream,
                                          std::string_view where,
                                          std::size_t count) {
    std::uint64_t& offset = offset_of(stream, where);
    offset += count;
    if (offset > sent(stream)) {
        complaints_.complain(name,
                             std::string(where) + " has " + std::to_string(offset) +
                                 " bytes of stream " + std::to_string(stream) + ", and only " +
                                 std::to_string(sent(stream)) + " were sent");
    }
}

std::uint64_t StreamChecker::sent(StreamId stream) const {
    const auto entry = sent_.find(stream);
    return entry == sent_.end() ? 0 : entry->second;
}

std::uint64_t StreamChecker::received_at(StreamId stream, std::string_view where) const {
    const auto entry = received_.find(key_of(stream, where));
    return entry == received_.end() ? 0 : entry->second;
}

void StreamChecker::finished(StreamId stream, std::string_view where) {
    const std::uint64_t offset = offset_of(stream, where);
    if (offset != sent(stream)) {
        complaints_.complain(name,
                             "stream " + std::to_string(stream) + " ended in order at " +
                                 std::string(where) + " after " + std::to_string(offset) + " of " +
                                 std::to_string(sent(stream)) + " bytes");
    }
}

}  // namespace owsk::scenarios
