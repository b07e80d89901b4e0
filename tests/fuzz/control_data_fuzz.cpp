// SPDX-License-Identifier: MIT
// Whatever a driver says is control data: nothing is read outside of it, and what is read from it
// can be written into any room and, where it fits, read again.
#include <cstdint>
#include <vector>

#include "base/assert.h"
#include "wsk/datagram/control_data.h"

namespace owsk::wsk {
namespace {

constexpr ControlWishes everything = {true, true, true, true};

Result<net::DatagramHeader> parse(Family family, std::span<const std::byte> bytes) {
    return parse_control(family,
                         bytes.empty() ? nullptr : reinterpret_cast<const CMSGHDR*>(bytes.data()),
                         static_cast<ULONG>(bytes.size()));
}

// Its end is known to the sanitizer.
std::vector<std::byte> write(const net::ReceivedDatagram& datagram, std::size_t room) {
    std::vector<std::byte> bytes(room);
    const WrittenControl written = write_control(datagram, everything, bytes);
    OWSK_ASSERT(written.length <= room);
    bytes.resize(written.length);
    return bytes;
}

void check(Family family, std::span<const std::byte> bytes) {
    const Result<net::DatagramHeader> header = parse(family, bytes);
    if (!header) {
        OWSK_ASSERT(header.status() == STATUS_INVALID_PARAMETER ||
                    header.status() == STATUS_NOT_SUPPORTED);
        return;
    }
    net::ReceivedDatagram datagram = {.remote = {.family = family}, .header = *header};
    // What is received says by another name how long segments are.
    datagram.header.segment_size.reset();
    constexpr std::size_t enough = 128;
    for (std::size_t room = 0; room < enough; ++room) {
        OWSK_ASSERT(parse(family, write(datagram, room)).has_value());
    }
    OWSK_ASSERT(*parse(family, write(datagram, enough)) == datagram.header);
}

}  // namespace
}  // namespace owsk::wsk

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto bytes = std::as_bytes(std::span(data, size));
    owsk::wsk::check(owsk::Family::ipv4, bytes);
    owsk::wsk::check(owsk::Family::ipv6, bytes);
    return 0;
}
