// SPDX-License-Identifier: MIT
// The Parameters key of a driver, where Windows drivers look for their settings.
#include <wdm.h>

#include <span>
#include <string_view>

#include "machine/parts.h"
#include "nt/cm/value_bytes.h"

namespace owsk {

namespace {

void set_value(nt::System& system,
               const std::string& driver,
               const std::string& name,
               ULONG type,
               std::span<const std::byte> bytes) {
    const std::string service =
        "\\Registry\\Machine\\System\\CurrentControlSet\\Services\\" + driver;
    system.registry.set_value(service + "\\Parameters", name, type, bytes);
}

}  // namespace

void Machine::set_parameter(const std::string& driver,
                            const std::string& name,
                            std::uint32_t value) {
    set_value(parts_->system, driver, name, REG_DWORD, nt::cm::dword_bytes(value));
}

void Machine::set_parameter(const std::string& driver,
                            const std::string& name,
                            const std::string& value) {
    set_value(parts_->system, driver, name, REG_SZ, nt::cm::string_bytes(value));
}

void Machine::set_parameter(const std::string& driver,
                            const std::string& name,
                            const std::vector<std::string>& values) {
    set_value(parts_->system, driver, name, REG_MULTI_SZ, nt::cm::multi_string_bytes(values));
}

std::vector<std::string> Machine::unread_parameters() const {
    constexpr std::string_view services =
        "\\Registry\\Machine\\System\\CurrentControlSet\\Services\\";
    constexpr std::string_view parameters = "\\Parameters";
    std::vector<std::string> names;
    for (const auto& [path, name] : parts_->system.registry.unread_values()) {
        const std::size_t driver_end = path.size() - parameters.size();
        names.push_back(path.substr(services.size(), driver_end - services.size()) + '.' + name);
    }
    return names;
}

}  // namespace owsk
