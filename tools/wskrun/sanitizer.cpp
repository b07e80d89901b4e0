// SPDX-License-Identifier: MIT
#include "sanitizer.h"

#include <openwsk/sanitizer_runtime.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

namespace wskrun {

namespace {

// Set for the second start, which does not try again if the first attempt was in vain.
constexpr auto preloaded_variable = "OPENWSK_PRELOADED";

}  // namespace

void start_again_for_sanitizer(const Options& options, char** arguments) {
    std::string library;
    for (const DriverFile& driver : options.drivers) {
        if (library.empty()) {
            library = owsk::sanitizer_to_preload(driver.path);
        }
    }
    if (library.empty() || std::getenv(preloaded_variable) != nullptr) {
        return;
    }
    const char* const others = std::getenv("LD_PRELOAD");
    const std::string preload = others == nullptr ? library : library + ":" + others;
    // Leaks of the driver are told by its machine; those of a whole process are not the driver's.
    // What the sanitizer finds is a driver error as any other.
    const char* const settings = std::getenv("ASAN_OPTIONS");
    const std::string without_leaks = std::string("detect_leaks=0:exitcode=3") +
                                      (settings == nullptr ? "" : std::string(":") + settings);
    if (setenv("LD_PRELOAD", preload.c_str(), 1) != 0 ||
        setenv("ASAN_OPTIONS", without_leaks.c_str(), 1) != 0 ||
        setenv(preloaded_variable, "1", 1) != 0) {
        return;
    }
    execv("/proc/self/exe", arguments);
    std::fprintf(stderr,
                 "wskrun: cannot restart with the address sanitizer of a driver: %s; "
                 "set LD_PRELOAD=%s yourself\n",
                 std::strerror(errno),
                 library.c_str());
}

}  // namespace wskrun
