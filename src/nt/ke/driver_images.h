// SPDX-License-Identifier: MIT
// Which code is a driver's, for reports that name the driver first.
#pragma once

#include <cstdint>
#include <string_view>

namespace owsk::nt::ke {

// A loaded module with the given address in it is a driver's, from now on or no longer.
void note_driver_image(const void* address) noexcept;
void forget_driver_image(const void* address) noexcept;
// How often either has happened: what is known of the modules may be out of date when it changes.
unsigned driver_image_changes() noexcept;

enum class Side : std::uint8_t {
    driver,    // of a driver module; without any, of the program that has linked the driver
    provider,  // openwsk, and the program around it
    system,    // the C library and the like, on behalf of whoever called it
};

// `function` is the name at the place; `image` is where the module that has it begins.
Side side_of(std::string_view function, const void* image) noexcept;

}  // namespace owsk::nt::ke
