// SPDX-License-Identifier: MIT
// conformance [--gate=syn]: the tests, with the gate that needs no privileges, or with the SYN gate
// in a network namespace of its own, where any user may have it.
#include <gtest/gtest.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

#include "conformance/gate.h"

namespace {

constexpr int exit_skipped = 77;
constexpr auto inside_setting = "OWSK_TEST_OWN_NETWORK";

bool may_have_own_network() {
    const pid_t child = fork();
    if (child == 0) {
        execlp("unshare", "unshare", "-Urn", "true", nullptr);
        _exit(1);
    }
    int status = 0;
    return child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) &&
           WEXITSTATUS(status) == 0;
}

// Starts this program again in namespaces of its own.
int enter_own_network(char** argv) {
    if (!may_have_own_network()) {
        std::fputs("skipped: no namespace of its own for this user (unshare -Urn)\n", stderr);
        return exit_skipped;
    }
    setenv(inside_setting, "1", 1);
    std::string self = std::filesystem::read_symlink("/proc/self/exe").string();
    std::vector<char*> arguments = {
        const_cast<char*>("unshare"), const_cast<char*>("-Urn"), self.data()};
    for (char** argument = argv + 1; *argument != nullptr; ++argument) {
        arguments.push_back(*argument);
    }
    arguments.push_back(nullptr);
    execvp("unshare", arguments.data());
    std::perror("unshare");
    return 1;
}

bool bring_loopback_up() {
    const int descriptor = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    ifreq request = {};
    std::strcpy(request.ifr_name, "lo");
    request.ifr_flags = IFF_UP | IFF_RUNNING;
    const bool up = ioctl(descriptor, SIOCSIFFLAGS, &request) == 0;
    close(descriptor);
    return up;
}

}  // namespace

int main(int argc, char** argv) {
    const bool with_syn_gate = std::any_of(
        argv, argv + argc, [](const char* text) { return std::strcmp(text, "--gate=syn") == 0; });
    const bool only_lists = std::any_of(argv, argv + argc, [](const char* text) {
        return std::strcmp(text, "--gtest_list_tests") == 0;
    });
    if (with_syn_gate && !only_lists) {
        if (std::getenv(inside_setting) == nullptr) {
            return enter_own_network(argv);
        }
        if (!bring_loopback_up()) {
            std::perror("bringing the loopback interface up");
            return 1;
        }
        owsk::conformance::tested_gate = owsk::GateMode::strict;
    }
    testing::InitGoogleTest(&argc, argv);
    return RUN_ALL_TESTS();
}
