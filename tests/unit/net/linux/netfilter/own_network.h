// SPDX-License-Identifier: MIT
// OwnNetworkTest: tests that run in a network namespace of their own, where they have every
// privilege and nothing else is. The test program starts itself once more for each, inside new
// namespaces, and there runs the same test; this works for any user where user namespaces do.
#pragma once

#include <errno.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/capability.h>
#include <linux/sched.h>
#include <linux/securebits.h>
#include <net/if.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "host/linux/unique_fd.h"

namespace owsk::net {

class OwnNetworkTest : public testing::Test {
  protected:
    static constexpr auto inside_setting = "OWSK_TEST_OWN_NETWORK";
    static constexpr int exit_not_possible = 77;

    static bool is_inside() { return inside_report() >= 0; }

    void SetUp() override {
        if (is_inside()) {
            bring_loopback_up();
            return;
        }
        const int exit = run_inside();
        // The one place that skips: a test that the kernel or the namespace forbids.
        if (exit == exit_not_possible) {
            GTEST_SKIP() << "not possible here, see above";
        }
        ASSERT_EQ(exit, 0) << "inside its own network namespace the test failed, see above";
    }

    // The body of a test. Outside it has run already.
    template <typename Body>
    void in_own_network(Body body) {
        if (is_inside()) {
            body();
            // Tells that the test has really run: no test at all would also exit with 0.
            ASSERT_EQ(::write(inside_report(), "!", 1), 1);
        }
    }

    // Ends the test inside: something that it needs is not there.
    [[noreturn]] static void not_possible_here(const std::string& why) {
        std::fprintf(stderr, "not possible here: %s\n", why.c_str());
        std::_Exit(exit_not_possible);
    }

    // Forks a process that calls `start` and then waits to be killed. Returns when it has started.
    template <typename Start>
    static pid_t fork_process(Start start) {
        std::array<int, 2> ready;
        EXPECT_EQ(::pipe2(ready.data(), O_CLOEXEC), 0);
        const host::UniqueFd read_end(ready[0]);
        host::UniqueFd write_end(ready[1]);
        const pid_t child = ::fork();
        if (child == 0) {
            end_with_parent();
            // Lives as long as the process.
            const auto started = start();
            if (::write(write_end.get(), "!", 1) == 1) {
                ::pause();
            }
            ::_exit(1);
        }
        write_end.reset();
        char byte = 0;
        EXPECT_EQ(::read(read_end.get(), &byte, 1), 1) << "it has not started";
        return child;
    }
    static void kill_process(pid_t child) {
        ::kill(child, SIGKILL);
        EXPECT_EQ(::waitpid(child, nullptr, 0), child);
    }

    // Also for programs that this process starts.
    static void drop_privileges() {
        ASSERT_EQ(::prctl(PR_SET_SECUREBITS, SECBIT_NOROOT), 0);
        __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
        const std::array<__user_cap_data_struct, 2> none = {};
        ASSERT_EQ(::syscall(SYS_capset, &header, none.data()), 0);
    }

  private:
    // Inside, the descriptor to report to; outside less than 0.
    static int inside_report() {
        const char* const setting = std::getenv(inside_setting);
        return setting != nullptr ? std::atoi(setting) : -1;
    }

    static void end_with_parent() { ::prctl(PR_SET_PDEATHSIG, SIGKILL); }

    static void bring_loopback_up() {
        const host::UniqueFd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
        ifreq request = {};
        std::strcpy(request.ifr_name, "lo");
        request.ifr_flags = IFF_UP | IFF_RUNNING;
        if (::ioctl(socket.get(), SIOCSIFFLAGS, &request) != 0) {
            not_possible_here(std::string("no privilege in its own network namespace, ") +
                              std::strerror(errno));
        }
    }

    // Returns how this test ended inside.
    int run_inside() {
        std::array<int, 2> report;
        EXPECT_EQ(::pipe2(report.data(), O_CLOEXEC), 0);
        const host::UniqueFd read_end(report[0]);
        host::UniqueFd write_end(report[1]);

        const auto& test = *testing::UnitTest::GetInstance()->current_test_info();
        std::vector<std::string> arguments = {
            "unit",
            "--gtest_brief=1",
            std::string("--gtest_filter=") + test.test_suite_name() + "." + test.name()};
        std::vector<std::string> environment = {std::string(inside_setting) + "=" +
                                                std::to_string(write_end.get())};
        for (char** setting = environ; *setting != nullptr; ++setting) {
            // Filters and shards of this run are none of the other's.
            if (!std::string_view(*setting).starts_with("GTEST_")) {
                environment.emplace_back(*setting);
            }
        }
        const pid_t child = start_inside(arguments, environment, write_end.get());
        if (child < 0) {
            std::fprintf(stderr, "not possible here: new namespaces, %s\n", std::strerror(errno));
            return exit_not_possible;
        }
        write_end.reset();
        int status = 0;
        EXPECT_EQ(::waitpid(child, &status, 0), child);
        char ran = 0;
        if (WIFEXITED(status) && WEXITSTATUS(status) != 0) {
            return WEXITSTATUS(status);
        }
        return WIFEXITED(status) && ::read(read_end.get(), &ran, 1) == 1 ? 0 : -1;
    }

    static pid_t start_inside(std::vector<std::string>& arguments,
                              std::vector<std::string>& environment,
                              int report) {
        const std::vector<char*> argv = pointers_to(arguments);
        const std::vector<char*> envp = pointers_to(environment);
        const std::string user_map = "0 " + std::to_string(::geteuid()) + " 1";
        const std::string group_map = "0 " + std::to_string(::getegid()) + " 1";
        std::fflush(nullptr);
        // Not fork() and unshare(): that needs a process of one thread, and sanitizers have
        // another.
        bool has_user_namespace = true;
        pid_t child = clone_into(CLONE_NEWUSER | CLONE_NEWNET);
        if (child < 0 && ::geteuid() == 0) {
            has_user_namespace = false;
            child = clone_into(CLONE_NEWNET);
        }
        if (child != 0) {
            return child;
        }
        end_with_parent();
        if (has_user_namespace) {
            write_file("/proc/self/setgroups", "deny");
            write_file("/proc/self/uid_map", user_map);
            write_file("/proc/self/gid_map", group_map);
        }
        ::fcntl(report, F_SETFD, 0);
        ::execve("/proc/self/exe", argv.data(), envp.data());
        ::_exit(1);
    }

    static pid_t clone_into(int namespaces) {
        return static_cast<pid_t>(::syscall(SYS_clone, namespaces | SIGCHLD, 0, 0, 0, 0));
    }

    static void write_file(const char* path, const std::string& text) {
        const int fd = ::open(path, O_WRONLY | O_CLOEXEC);
        if (fd < 0 || ::write(fd, text.data(), text.size()) < 0) {
            // What follows says what is missing.
        }
        ::close(fd);
    }

    static std::vector<char*> pointers_to(std::vector<std::string>& texts) {
        std::vector<char*> pointers;
        pointers.reserve(texts.size() + 1);
        for (std::string& text : texts) {
            pointers.push_back(text.data());
        }
        pointers.push_back(nullptr);
        return pointers;
    }
};

}  // namespace owsk::net
