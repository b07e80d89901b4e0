// SPDX-License-Identifier: MIT
// A few numbers without a lock, since it is asked in the middle of a crash.
#include "nt/ke/driver_images.h"

#include <dlfcn.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cctype>

namespace owsk::nt::ke {

namespace {

// More than that are taken for the program's own libraries.
constinit std::array<std::atomic<const void*>, 128> noted_images{};
constinit std::atomic<unsigned> image_count = 0;
constinit std::atomic<unsigned> image_changes = 0;

const void* image_of(const void* address) noexcept {
    Dl_info info;
    return ::dladdr(address, &info) != 0 ? info.dli_fbase : nullptr;
}

bool is_noted_image(const void* image) noexcept {
    return std::any_of(noted_images.begin(), noted_images.end(), [image](const auto& noted) {
        return noted.load(std::memory_order_relaxed) == image;
    });
}

bool is_own_function(std::string_view name) noexcept {
    for (const std::string_view own : {"owsk::", "wskrun::", "std::"}) {
        if (name.find(own) != std::string_view::npos) {
            return true;
        }
    }
    // Functions of Windows: a prefix that names the part of the kernel, and a word.
    constexpr std::string_view prefixes[] = {"Dbg",
                                             "Ex",
                                             "Io",
                                             "Iof",
                                             "Ke",
                                             "Kf",
                                             "Mm",
                                             "Nmr",
                                             "Ob",
                                             "Obf",
                                             "Ps",
                                             "Rtl",
                                             "Wsk",
                                             "Zw",
                                             "vDbg"};
    return std::any_of(std::begin(prefixes), std::end(prefixes), [name](std::string_view prefix) {
        return name.starts_with(prefix) && name.size() > prefix.size() &&
               std::isupper(static_cast<unsigned char>(name[prefix.size()])) != 0;
    });
}

}  // namespace

void note_driver_image(const void* address) noexcept {
    const void* const image = image_of(address);
    for (std::atomic<const void*>& place : noted_images) {
        const void* free = nullptr;
        if (place.compare_exchange_strong(free, image)) {
            ++image_count;
            ++image_changes;
            return;
        }
    }
}

void forget_driver_image(const void* address) noexcept {
    const void* const image = image_of(address);
    for (std::atomic<const void*>& place : noted_images) {
        const void* noted = image;
        if (place.compare_exchange_strong(noted, nullptr)) {
            --image_count;
            ++image_changes;
            return;
        }
    }
}

unsigned driver_image_changes() noexcept {
    return image_changes;
}

Side side_of(std::string_view function, const void* image) noexcept {
    if (image != nullptr && is_noted_image(image)) {
        return Side::driver;
    }
    if (image != image_of(reinterpret_cast<const void*>(&side_of))) {
        return Side::system;
    }
    return image_count == 0 && !is_own_function(function) ? Side::driver : Side::provider;
}

}  // namespace owsk::nt::ke
