// SPDX-License-Identifier: MIT
// Every block is written through at once: what ends a simulation is often an abort, and that is
// when the file is wanted.
#include "net/capture/capture.h"

#include <cerrno>

#include "net/capture/packet_bytes.h"
#include "net/capture/pcapng.h"
#include "net/sim/computer.h"

namespace owsk::net {

namespace {

std::string_view comment_on(Fate fate) noexcept {
    switch (fate) {
        case Fate::travels:
            return {};
        case Fate::repeated:
            return "a copy that the network has made";
        case Fate::lost:
            return "lost on the link";
        case Fate::too_large:
            return "lost, larger than the MTU of the way";
        case Fate::down:
            return "lost, the link is down";
        case Fate::unreachable:
            return "lost, nobody has this address";
    }
    return {};
}

}  // namespace

Capture::Capture(std::ostream& file) : file_(file) {
    write(pcapng_section_header("openwsk"));
}

void Capture::on_sent(Instant now, const Computer& from, const Packet& packet, Fate fate) noexcept {
    const std::uint32_t interface = interface_of(from);
    write(pcapng_packet(interface, now, packet_bytes(packet), comment_on(fate)));
}

std::uint32_t Capture::interface_of(const Computer& computer) {
    const auto next = static_cast<std::uint32_t>(interfaces_.size());
    const auto [place, is_new] = interfaces_.try_emplace(computer.number(), next);
    if (is_new) {
        write(pcapng_interface(computer.name()));
    }
    return place->second;
}

void Capture::write(std::span<const std::byte> block) {
    errno = 0;
    file_.write(reinterpret_cast<const char*>(block.data()),
                static_cast<std::streamsize>(block.size()));
    file_.flush();
    if (file_.fail() && error_ == 0) {
        error_ = errno != 0 ? errno : EIO;
    }
}

}  // namespace owsk::net
