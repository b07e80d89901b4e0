// SPDX-License-Identifier: MIT
// A driver that prints addresses prints the same in each run, in one process and in several.
#include <gtest/gtest.h>
#include <openwsk/simulation.h>
#include <openwsk/text_trace.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <regex>
#include <string>

namespace owsk {
namespace {

int variable = 0;

std::string output_of_a_run() {
    char* text = nullptr;
    std::size_t size = 0;
    std::FILE* const stream = open_memstream(&text, &size);
    {
        trace::TextTrace trace(stream, trace::Detail::everything);
        Simulation simulation({.seed = 7});
        Machine& machine =
            simulation.add_computer("server", {"192.0.2.1"})
                .start_machine({.completion = CompletionMode::mixed, .observers = {&trace}});
        DriverError error;
        EXPECT_TRUE(machine.load_driver("prints", PRINTS_ADDRESSES, error)) << error.message;
        Computer& laptop = simulation.add_computer("laptop", {"192.0.2.2"});
        for (int i = 0; i < 3; ++i) {
            Client client = laptop.connect("192.0.2.1", 7000);
            client.send("hello");
            simulation.run_for(std::chrono::seconds(1));
        }
        EXPECT_TRUE(machine.unload_driver("prints"));
        EXPECT_EQ(machine.stop(), 0u);
    }
    std::fclose(stream);
    const std::string output(text, size);
    std::free(text);
    return output;
}

bool has_fixed_memory() {
    return output_of_a_run().find("device 00001") != std::string::npos;
}

TEST(SimulatedAddresses, WhatTheKernelGivesHasItsPlaceInEachRunOfAProcess) {
    if (!has_fixed_memory()) {
        GTEST_SKIP() << "a sanitizer keeps its own memory";
    }
    // The module is loaded anew, and DriverEntry runs on the program's own thread.
    const std::regex of_the_program(
        "[^\n]*(function|variable|functions|stack of Driver[A-Z][a-z]+) [0-9A-F]{16}\n");
    const std::string first = std::regex_replace(output_of_a_run(), of_the_program, "");
    EXPECT_NE(first.find("indication "), std::string::npos) << first;
    const std::string other(100'000, 'x');
    EXPECT_EQ(std::regex_replace(output_of_a_run(), of_the_program, ""), first);
}

// Not a test, but what the next one runs.
TEST(SimulatedAddresses, DISABLED_Print) {
    std::printf("<%s%p %p>",
                output_of_a_run().c_str(),
                static_cast<void*>(&variable),
                reinterpret_cast<void*>(&output_of_a_run));
}

std::string output_of_a_process() {
    const std::string command =
        std::filesystem::read_symlink("/proc/self/exe").string() +
        " --gtest_also_run_disabled_tests --gtest_filter=*.DISABLED_Print 2>&1";
    std::FILE* const pipe = popen(command.c_str(), "r");
    std::string output;
    std::array<char, 4096> bytes;
    while (const std::size_t count = std::fread(bytes.data(), 1, bytes.size(), pipe)) {
        output.append(bytes.data(), count);
    }
    EXPECT_EQ(pclose(pipe), 0) << output;
    const std::size_t begin = output.find('<');
    return output.substr(begin, output.rfind('>') - begin);
}

TEST(SimulatedAddresses, ProcessesPrintTheSame) {
    if (!has_fixed_memory() || !detail::addresses_are_fixed) {
        GTEST_SKIP() << "this machine, or a sanitizer, chooses addresses";
    }
    const std::string first = output_of_a_process();
    EXPECT_NE(first.find("variable "), std::string::npos) << first;
    EXPECT_EQ(output_of_a_process(), first);
}

}  // namespace
}  // namespace owsk
