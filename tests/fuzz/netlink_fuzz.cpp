// SPDX-License-Identifier: MIT
// Whatever a netlink socket answers: it is taken apart from front to back, no piece lies outside of
// the one that contains it, and what was taken can be built and taken again.
#include <linux/netlink.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "base/assert.h"
#include "net/linux/netfilter/netlink_message.h"
#include "net/linux/netfilter/netlink_reader.h"

namespace owsk::net {
namespace {

using Bytes = std::span<const std::byte>;

bool lies_in(Bytes piece, Bytes whole) {
    return piece.data() >= whole.data() &&
           piece.data() + piece.size() <= whole.data() + whole.size();
}

bool same(Bytes one, Bytes other) {
    return std::equal(one.begin(), one.end(), other.begin(), other.end());
}

// Pieces come in their order, and each takes its header and padding with it.
template <typename Piece>
void check_step(Bytes before, Bytes after, Bytes piece, Piece header_length) {
    OWSK_ASSERT(lies_in(piece, before) && lies_in(after, before));
    OWSK_ASSERT(piece.data() == before.data() + header_length);
    OWSK_ASSERT(after.data() + after.size() == before.data() + before.size());
    OWSK_ASSERT(after.data() >= piece.data() + piece.size());
    OWSK_ASSERT(after.data() - (piece.data() + piece.size()) < 4);
}

std::vector<NetlinkAttribute> attributes_of(const NetlinkMessage& message) {
    std::vector<NetlinkAttribute> attributes;
    Bytes rest = nfnetlink_attributes(message);
    OWSK_ASSERT(rest.empty() || lies_in(rest, message.body));
    for (Bytes before = rest; const auto attribute = take_attribute(rest); before = rest) {
        check_step(before, rest, attribute->value, NLA_HDRLEN);
        attributes.push_back(*attribute);
    }
    return attributes;
}

void check_built(const NetlinkMessage& message, const std::vector<NetlinkAttribute>& attributes) {
    // It has a buffer of its own, which is large for a stack.
    const auto built = std::make_unique<NetlinkMessages>();
    built->begin(message.type, NLM_F_REQUEST, 0);
    for (const NetlinkAttribute& attribute : attributes) {
        built->put(attribute.type, attribute.value);
    }
    OWSK_ASSERT(built->is_complete());
    Bytes rest = built->bytes();
    const auto again = take_message(rest);
    OWSK_ASSERT(again && rest.empty() && again->type == message.type);
    const std::vector<NetlinkAttribute> taken = attributes_of(*again);
    OWSK_ASSERT(taken.size() == attributes.size());
    for (std::size_t i = 0; i < taken.size(); ++i) {
        OWSK_ASSERT(taken[i].type == attributes[i].type);
        OWSK_ASSERT(same(taken[i].value, attributes[i].value));
    }
}

void check(Bytes answer) {
    Bytes rest = answer;
    for (Bytes before = rest; const auto message = take_message(rest); before = rest) {
        check_step(before, rest, message->body, NLMSG_HDRLEN);
        check_built(*message, attributes_of(*message));
    }
    // What is left over is no message, and stays.
    Bytes left = rest;
    OWSK_ASSERT(!take_message(left) && left.data() == rest.data() && left.size() == rest.size());
}

}  // namespace
}  // namespace owsk::net

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    owsk::net::check(std::as_bytes(std::span(data, size)));
    return 0;
}
