// SPDX-License-Identifier: MIT
// The grammars of IPv4 and IPv6 addresses.
#include "nt/rtl/ip_parse.h"

#include "nt/rtl/ip_string.h"

namespace owsk::nt::rtl {

// The groups read so far, and where "::" stood among them.
template <typename Char>
class IpReader<Char>::Ipv6Groups {
  public:
    void push(unsigned group) noexcept { groups_[count_++] = static_cast<std::uint16_t>(group); }
    void mark_gap() noexcept { gap_ = static_cast<int>(count_); }
    bool has_gap() const noexcept { return gap_ >= 0; }
    // A gap stands for at least one group.
    bool has_room_for(std::size_t more) const noexcept {
        return count_ + more <= (has_gap() ? 7U : 8U);
    }
    bool is_complete() const noexcept { return has_gap() || count_ == 8; }

    void store(std::uint8_t* octets) const noexcept {
        const std::size_t before = has_gap() ? static_cast<std::size_t>(gap_) : count_;
        const std::size_t missing = 8 - count_;
        for (std::size_t i = 0; i < 8; ++i) {
            const bool in_gap = i >= before && i < before + missing;
            const std::uint16_t group = in_gap ? 0 : groups_[i < before ? i : i - missing];
            octets[2 * i] = static_cast<std::uint8_t>(group >> 8);
            octets[2 * i + 1] = static_cast<std::uint8_t>(group);
        }
    }

  private:
    std::uint16_t groups_[8] = {};
    std::size_t count_ = 0;
    int gap_ = -1;
};

template <typename Char>
bool IpReader<Char>::skip(char unit) noexcept {
    if (*next_ != static_cast<Char>(unit)) {
        return false;
    }
    ++next_;
    return true;
}

// The value of the digit at the position, or -1.
template <typename Char>
int IpReader<Char>::digit(unsigned base) const noexcept {
    const Char unit = *next_;
    unsigned value = 0;
    if (unit >= '0' && unit <= '9') {
        value = static_cast<unsigned>(unit - '0');
    } else if (unit >= 'a' && unit <= 'f') {
        value = static_cast<unsigned>(unit - 'a') + 10;
    } else if (unit >= 'A' && unit <= 'F') {
        value = static_cast<unsigned>(unit - 'A') + 10;
    } else {
        return -1;
    }
    return value < base ? static_cast<int>(value) : -1;
}

// A number with a C prefix for its base; strict numbers are decimal and have no leading zero.
template <typename Char>
bool IpReader<Char>::read_number(bool strict, std::uint32_t& value) noexcept {
    unsigned base = 10;
    if (next_[0] == '0' && (next_[1] == 'x' || next_[1] == 'X')) {
        base = 16;
        next_ += 2;
    } else if (next_[0] == '0' && next_[1] >= '0' && next_[1] <= '9') {
        base = 8;
        ++next_;
    }
    if (digit(base) < 0 || (strict && base != 10)) {
        return false;
    }
    std::uint64_t number = 0;
    for (int next = digit(base); next >= 0; next = digit(base)) {
        number = number * base + static_cast<unsigned>(next);
        if (number > UINT32_MAX) {
            return false;
        }
        ++next_;
    }
    value = static_cast<std::uint32_t>(number);
    return true;
}

template <typename Char>
bool IpReader<Char>::read_ipv4(bool strict, std::uint8_t* octets) noexcept {
    std::uint32_t parts[4];
    unsigned count = 0;
    do {
        if (!read_number(strict, parts[count])) {
            return false;
        }
        ++count;
    } while (count < 4 && skip('.'));
    if (strict && count != 4) {
        return false;
    }
    // The last part fills all the octets that the others leave.
    std::uint32_t address = 0;
    for (unsigned i = 0; i + 1 < count; ++i) {
        if (parts[i] > 255) {
            return false;
        }
        address |= parts[i] << (24 - 8 * i);
    }
    if (parts[count - 1] > UINT32_MAX >> (8 * (count - 1))) {
        return false;
    }
    address |= parts[count - 1];
    for (unsigned i = 0; i < 4; ++i) {
        octets[i] = static_cast<std::uint8_t>(address >> (24 - 8 * i));
    }
    return true;
}

template <typename Char>
bool IpReader<Char>::read_group(std::uint16_t& group) noexcept {
    unsigned value = 0;
    int digits = 0;
    for (; digit(16) >= 0; ++next_, ++digits) {
        if (digits == 4) {
            return false;
        }
        value = value << 4 | static_cast<unsigned>(digit(16));
    }
    group = static_cast<std::uint16_t>(value);
    return digits != 0;
}

template <typename Char>
bool IpReader<Char>::at_ipv4_tail() const noexcept {
    const Char* unit = next_;
    while (*unit >= '0' && *unit <= '9') {
        ++unit;
    }
    return unit != next_ && *unit == '.';
}

template <typename Char>
bool IpReader<Char>::read_ipv6(std::uint8_t* octets) noexcept {
    Ipv6Groups groups;
    bool expects_group = true;
    if (*next_ == ':') {
        ++next_;
        if (!skip(':')) {
            return false;
        }
        groups.mark_gap();
        expects_group = digit(16) >= 0;
    }
    while (expects_group) {
        if (groups.has_room_for(2) && at_ipv4_tail()) {
            std::uint8_t tail[4];
            if (!read_ipv4(true, tail)) {
                return false;
            }
            groups.push(static_cast<unsigned>(tail[0] << 8 | tail[1]));
            groups.push(static_cast<unsigned>(tail[2] << 8 | tail[3]));
            break;
        }
        std::uint16_t group = 0;
        if (!read_group(group)) {
            return false;
        }
        groups.push(group);
        const bool second_gap = groups.has_gap() && next_[0] == ':' && next_[1] == ':';
        if (second_gap || !groups.has_room_for(1) || !skip(':')) {
            break;
        }
        if (skip(':')) {
            groups.mark_gap();
            expects_group = groups.has_room_for(1) && digit(16) >= 0;
        }
    }
    if (!groups.is_complete()) {
        return false;
    }
    groups.store(octets);
    return true;
}

template <typename Char>
bool IpReader<Char>::read_scope(std::uint32_t& scope) noexcept {
    return read_number(true, scope);
}

template <typename Char>
bool IpReader<Char>::read_port(std::uint16_t& port) noexcept {
    std::uint32_t value = 0;
    if (!read_number(false, value) || value == 0 || value > 0xFFFF) {
        return false;
    }
    port = swapped(static_cast<std::uint16_t>(value));
    return true;
}

template class IpReader<char>;
template class IpReader<WCHAR>;

}  // namespace owsk::nt::rtl
