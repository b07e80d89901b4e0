// SPDX-License-Identifier: MIT
// NameTable: what the name servers of a simulation know, and how they answer.
#pragma once

#include <openwsk/address.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"

namespace owsk::net {

// Names are compared without case, and without the dot at the end.
bool is_same_name(std::string_view one, std::string_view other) noexcept;

class NameTable {
  public:
    // How long a name server takes that nobody has slowed down.
    static constexpr Duration default_delay = std::chrono::milliseconds(1);

    enum class Failure : std::uint8_t { none, unknown, no_answer };
    struct Entry {
        std::string name;
        std::vector<Address> addresses = {};
        std::string canonical = {};  // empty: the name itself
        Duration delay = default_delay;
        Failure failure = Failure::none;

        const std::string& name_of_computer() const noexcept {
            return canonical.empty() ? name : canonical;
        }
    };

    // From now on; in place of what there was of the same name.
    void set(Entry entry);
    // Null if there is none.
    const Entry* find(std::string_view name) const noexcept;
    // The first that has the address; null if there is none.
    const Entry* find(const Address& address) const noexcept;

  private:
    std::vector<Entry> entries_;
};

}  // namespace owsk::net
