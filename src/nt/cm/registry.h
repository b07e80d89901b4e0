// SPDX-License-Identifier: MIT
// Registry: the keys and values of a machine. It is in memory and starts empty; the machine fills
// it with the parameters of its drivers.
#pragma once

#include <ntdef.h>

#include <cstddef>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/mutex.h"

namespace owsk::nt::cm {

// Names and paths are UTF-8. A path begins with \Registry\Machine; upper and lower case are the
// same in paths and names.
class Registry {
  public:
    struct Value {
        std::string name;  // as it was written
        ULONG type;        // REG_SZ, ...
        std::vector<std::byte> bytes;
    };

    Registry() = default;
    Registry(const Registry&) = delete;
    Registry& operator=(const Registry&) = delete;

    // Makes the key, with those above it, if it does not exist. An empty name is the default value.
    void set_value(std::string_view path,
                   std::string_view name,
                   ULONG type,
                   std::span<const std::byte> bytes);

    // The same without a value.
    void add_key(std::string_view path);

    bool has_key(std::string_view path) const;
    std::optional<Value> value(std::string_view path, std::string_view name) const;
    // Those that nobody has asked for: the path and the name, as they were written.
    std::vector<std::pair<std::string, std::string>> unread_values() const;

  private:
    struct Kept {
        Value value;
        std::string path;  // as it was written
        bool is_read = false;
    };
    using Values = std::map<std::string, Kept>;

    mutable Mutex mu_{Rank::executive};
    // By path and name in upper case. A key that only has subkeys may be missing.
    mutable std::map<std::string, Values> keys_ OWSK_GUARDED_BY(mu_);
};

}  // namespace owsk::nt::cm
