// SPDX-License-Identifier: MIT
// Namespaces by unshare(1), whose user is root in them.
#include "conformance/own_network.h"

#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace owsk::conformance {

namespace {

constexpr auto inside_setting = "OWSK_TEST_OWN_NETWORK";

bool is_allowed() {
    const pid_t child = fork();
    if (child == 0) {
        execlp("unshare", "unshare", "-Urn", "true", nullptr);
        _exit(1);
    }
    int status = 0;
    return child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) &&
           WEXITSTATUS(status) == 0;
}

// Returns only if it cannot.
void start_inside(char** argv) {
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
}

bool bring_loopback_up() {
    const int descriptor = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    ifreq request = {};
    std::strcpy(request.ifr_name, "lo");
    request.ifr_flags = IFF_UP | IFF_RUNNING;
    const bool up = ioctl(descriptor, SIOCSIFFLAGS, &request) == 0;
    if (!up) {
        std::perror("bringing the loopback interface up");
    }
    close(descriptor);
    return up;
}

// On both sides, and without cookies: each SYN may take bytes along (net.ipv4.tcp_fastopen).
bool allow_fast_open() {
    std::ofstream setting("/proc/sys/net/ipv4/tcp_fastopen");
    setting << (0x1 | 0x2 | 0x4 | 0x200) << std::flush;
    if (!setting) {
        std::perror("allowing Fast Open");
    }
    return setting.good();
}

}  // namespace

OwnNetwork enter_own_network(char** argv) {
    if (std::getenv(inside_setting) != nullptr) {
        return bring_loopback_up() && allow_fast_open() ? OwnNetwork::entered : OwnNetwork::failed;
    }
    if (!is_allowed()) {
        std::fputs("skipped: no namespace of its own for this user (unshare -Urn)\n", stderr);
        return OwnNetwork::not_allowed;
    }
    start_inside(argv);
    return OwnNetwork::failed;
}

}  // namespace owsk::conformance
