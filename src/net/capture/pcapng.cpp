// SPDX-License-Identifier: MIT
// Each block is a type, its length, the body in words of four octets, and the length again.
#include "net/capture/pcapng.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"

namespace owsk::net {

namespace {

// Types of blocks.
constexpr std::uint32_t section_header_block = 0x0a0d0d0a;
constexpr std::uint32_t interface_description_block = 1;
constexpr std::uint32_t enhanced_packet_block = 6;

constexpr std::uint32_t byte_order_magic = 0x1a2b3c4d;
constexpr std::uint16_t major_version = 1;
constexpr std::uint16_t minor_version = 0;
constexpr std::uint16_t link_type_raw = 101;  // packets begin with the header of IPv4 or IPv6

// Codes of options.
constexpr std::uint16_t end_of_options = 0;
constexpr std::uint16_t comment_option = 1;
constexpr std::uint16_t user_application = 4;      // of a section
constexpr std::uint16_t interface_name = 2;        // of an interface
constexpr std::uint16_t timestamp_resolution = 9;  // of an interface
constexpr std::byte nanoseconds{9};                // 10^-9 seconds
constexpr std::size_t longest_option = 0xffff;

class Block {
  public:
    explicit Block(std::uint32_t type) {
        put32(type);
        put32(0);  // the length, known at the end
    }

    void put16(std::uint16_t value) {
        bytes_.push_back(static_cast<std::byte>(value & 0xff));
        bytes_.push_back(static_cast<std::byte>(value >> 8));
    }

    void put32(std::uint32_t value) {
        put16(static_cast<std::uint16_t>(value & 0xffff));
        put16(static_cast<std::uint16_t>(value >> 16));
    }

    void put_padded(std::span<const std::byte> bytes) {
        bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
        while (bytes_.size() % 4 != 0) {
            bytes_.push_back(std::byte{0});
        }
    }

    void put_option(std::uint16_t code, std::span<const std::byte> value) {
        value = value.first(std::min(value.size(), longest_option));
        put16(code);
        put16(static_cast<std::uint16_t>(value.size()));
        put_padded(value);
        has_options_ = true;
    }

    void put_option(std::uint16_t code, std::string_view text) {
        put_option(code, std::as_bytes(std::span(text)));
    }

    std::vector<std::byte> finish() && {
        if (has_options_) {
            put16(end_of_options);
            put16(0);
        }
        const auto length = static_cast<std::uint32_t>(bytes_.size() + 4);
        put32(length);
        for (std::size_t i = 0; i < 4; ++i) {
            bytes_[4 + i] = bytes_[bytes_.size() - 4 + i];
        }
        return std::move(bytes_);
    }

  private:
    std::vector<std::byte> bytes_;
    bool has_options_ = false;
};

}  // namespace

std::vector<std::byte> pcapng_section_header(std::string_view application) {
    constexpr std::uint32_t unknown = 0xffffffff;
    Block block(section_header_block);
    block.put32(byte_order_magic);
    block.put16(major_version);
    block.put16(minor_version);
    block.put32(unknown);  // the length of the section, in two halves
    block.put32(unknown);
    block.put_option(user_application, application);
    return std::move(block).finish();
}

std::vector<std::byte> pcapng_interface(std::string_view name) {
    constexpr std::uint32_t unlimited = 0;
    Block block(interface_description_block);
    block.put16(link_type_raw);
    block.put16(0);
    block.put32(unlimited);  // how much of a packet is captured
    block.put_option(interface_name, name);
    block.put_option(timestamp_resolution, std::span(&nanoseconds, 1));
    return std::move(block).finish();
}

std::vector<std::byte> pcapng_packet(std::uint32_t interface,
                                     Instant time,
                                     std::span<const std::byte> packet,
                                     std::string_view comment) {
    OWSK_ASSERT(time >= Instant{});
    const auto since_beginning = static_cast<std::uint64_t>(time.time_since_epoch().count());
    Block block(enhanced_packet_block);
    block.put32(interface);
    block.put32(static_cast<std::uint32_t>(since_beginning >> 32));
    block.put32(static_cast<std::uint32_t>(since_beginning & 0xffffffff));
    block.put32(static_cast<std::uint32_t>(packet.size()));  // captured
    block.put32(static_cast<std::uint32_t>(packet.size()));  // on the wire
    block.put_padded(packet);
    if (!comment.empty()) {
        block.put_option(comment_option, comment);
    }
    return std::move(block).finish();
}

}  // namespace owsk::net
