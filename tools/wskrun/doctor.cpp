// SPDX-License-Identifier: MIT
// The examination: each capability is tried, not guessed.
#include "doctor.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openwsk/machine.h>
#include <openwsk/process.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string>

#include "exit_status.h"

namespace wskrun {

namespace {

void say(const char* capability, const std::string& finding) {
    std::printf("%-20s%s\n", capability, finding.c_str());
}

// 0, or the errno of binding a TCP socket.
int try_to_bind(int family, const sockaddr* address, socklen_t length) {
    const int descriptor = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0) {
        return errno;
    }
    const int one = 1;
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    const int result = bind(descriptor, address, length) == 0 ? 0 : errno;
    close(descriptor);
    return result;
}

std::string kernel() {
    utsname name = {};
    uname(&name);
    return std::string(name.sysname) + ' ' + name.release + ' ' + name.machine;
}

std::string gate() {
    const owsk::Machine machine;
    return "gate \"" + machine.gate_name() + "\": " + machine.gate_reason();
}

std::string descriptors() {
    const owsk::DescriptorLimit limit = owsk::descriptor_limit();
    return std::to_string(limit.allowed) + " (" + std::to_string(limit.now) +
           " before wskrun raises it); each connection takes one. More: `ulimit -Hn NUMBER` as "
           "root, or "
           "LimitNOFILE= of a systemd unit";
}

std::string low_ports() {
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(1023);
    const int error =
        try_to_bind(AF_INET, reinterpret_cast<const sockaddr*>(&address), sizeof address);
    if (error == EACCES) {
        return "not available to this user. To get them: `sudo sysctl "
               "net.ipv4.ip_unprivileged_port_start=0`, or "
               "`sudo setcap cap_net_bind_service+ep wskrun`";
    }
    return "allowed";
}

std::string ipv6() {
    sockaddr_in6 address = {};
    address.sin6_family = AF_INET6;
    address.sin6_addr = in6addr_loopback;
    const int error =
        try_to_bind(AF_INET6, reinterpret_cast<const sockaddr*>(&address), sizeof address);
    if (error != 0) {
        return std::string("not available (") + std::strerror(error) +
               "). To get it: `sudo sysctl net.ipv6.conf.all.disable_ipv6=0`, and start the kernel "
               "without "
               "ipv6.disable=1";
    }
    return "available";
}

// Tried in a child, because a process cannot leave a user namespace again.
std::string user_namespaces() {
    const pid_t child = fork();
    if (child == 0) {
        _exit(unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0 ? 0 : 1);
    }
    int status = 0;
    if (child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) &&
        WEXITSTATUS(status) == 0) {
        return "available";
    }
    return "not available to this user; only some tests need them. To get them: `sudo sysctl "
           "user.max_user_namespaces=10000`, and where they exist "
           "`kernel.unprivileged_userns_clone=1` and "
           "`kernel.apparmor_restrict_unprivileged_userns=0`";
}

}  // namespace

int examine_machine() {
    say("openwsk", WSKRUN_VERSION);
    say("kernel", kernel());
    say("conditional accept", gate());
    say("descriptors", descriptors());
    say("ports below 1024", low_ports());
    say("IPv6", ipv6());
    say("user namespaces", user_namespaces());
    return exit_fine;
}

}  // namespace wskrun
