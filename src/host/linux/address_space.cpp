// SPDX-License-Identifier: MIT
// personality(2), and execve(2) of the same program.
#include "host/linux/address_space.h"

#include <limits.h>
#include <sys/auxv.h>
#include <sys/personality.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace owsk::host {

namespace {

constexpr unsigned long ask = 0xFFFFFFFF;

std::vector<std::string> arguments() {
    std::ifstream file("/proc/self/cmdline", std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(file), {}};
    std::vector<std::string> texts;
    for (std::size_t begin = 0; begin < bytes.size();) {
        texts.emplace_back(bytes.c_str() + begin);
        begin += texts.back().size() + 1;
    }
    return texts;
}

// Such a program would go on without the tool that runs it.
bool is_run_by_valgrind() noexcept {
    const char* const preload = std::getenv("LD_PRELOAD");
    return preload != nullptr && std::strstr(preload, "vgpreload") != nullptr;
}

}  // namespace

bool start_again_without_randomisation() noexcept {
    const int before = ::personality(ask);
    if (before != -1 && (before & ADDR_NO_RANDOMIZE) != 0) {
        return true;
    }
    if (before == -1 || ::getauxval(AT_SECURE) != 0 || is_run_by_valgrind()) {
        return false;
    }
    std::vector<std::string> texts = arguments();
    char program[PATH_MAX] = {};
    const ssize_t length = ::readlink("/proc/self/exe", program, sizeof program - 1);
    if (texts.empty() || length <= 0 ||
        ::personality(static_cast<unsigned long>(before) | ADDR_NO_RANDOMIZE) == -1) {
        return false;
    }
    const int now = ::personality(ask);
    if (now == -1 || (now & ADDR_NO_RANDOMIZE) == 0) {
        return false;
    }
    std::vector<char*> pointers;
    for (std::string& text : texts) {
        pointers.push_back(text.data());
    }
    pointers.push_back(nullptr);
    ::execv(program, pointers.data());
    ::personality(static_cast<unsigned long>(before));
    return false;
}

}  // namespace owsk::host
