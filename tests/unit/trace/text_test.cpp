// SPDX-License-Identifier: MIT
#include <gmock/gmock.h>
#include <ntstatus.h>
#include <openwsk/text_trace.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>

namespace owsk::trace {
namespace {

using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr Address here{.port = 5001, .ip = {127, 0, 0, 1}};
constexpr Address there{.port = 40000, .ip = {127, 0, 0, 2}};

// A trace that writes into memory.
class TextTraceTest : public ::testing::Test {
  protected:
    ~TextTraceTest() override {
        std::fclose(stream_);
        std::free(text_);
    }
    std::string text() {
        std::fflush(stream_);
        return {text_, size_};
    }

    char* text_ = nullptr;
    std::size_t size_ = 0;
    std::FILE* stream_ = open_memstream(&text_, &size_);
    TextTrace trace_{stream_, Detail::important};
    TextTrace verbose_{stream_, Detail::everything};
};

TEST(TextTraceError, IsThatOfTheFirstWriteThatFailed) {
    std::FILE* const full = std::fopen("/dev/full", "w");
    ASSERT_NE(full, nullptr);
    TextTrace trace(full, Detail::important);
    EXPECT_EQ(trace.error(), 0);
    trace.debug_print({"lost"});
    trace.write_line("lost too");
    EXPECT_EQ(trace.error(), ENOSPC);
    std::fclose(full);
}

TEST_F(TextTraceTest, WithAClockTheLinesOfADriversClientsHaveTimeAndNumber) {
    std::chrono::microseconds time{0};
    TextTrace trace(
        stream_, Detail::everything, [&] { return time += std::chrono::microseconds{500}; });
    constexpr Address other{.port = 40001, .ip = {127, 0, 0, 2}};
    trace.attempt_judged({here, there, probe::Verdict::pended, false});
    trace.attempt_judged({here, other, probe::Verdict::rejected, false});
    trace.connection_accepted({here, there, probe::AcceptPath::event});
    trace.connection_closed({here, there, 1, 2});
    trace.connection_accepted({here, there, probe::AcceptPath::irp});
    trace.driver_loaded({"echo"});
    EXPECT_EQ(
        text(),
        "[0.000500] #1 attempt from 127.0.0.2:40000 to 127.0.0.1:5001: pended\n"
        "[0.001000] #2 attempt from 127.0.0.2:40001 to 127.0.0.1:5001: rejected\n"
        "[0.001500] #1 connection from 127.0.0.2:40000 to 127.0.0.1:5001: accepted by "
        "WskAcceptEvent\n"
        "[0.002000] #1 connection from 127.0.0.2:40000 to 127.0.0.1:5001: closed after 1 byte "
        "in and 2 bytes out\n"
        "[0.002500] #3 connection from 127.0.0.2:40000 to 127.0.0.1:5001: accepted by "
        "WskAccept\n"
        "driver echo: started\n");
}

TEST_F(TextTraceTest, ACallThatFails) {
    trace_.request_failed({"WskSend", STATUS_CANCELLED, here, there});
    EXPECT_EQ(text(), "");
    verbose_.request_failed({"WskSend", STATUS_CANCELLED, here, there});
    verbose_.request_failed({"WskAccept", STATUS_CANCELLED, here, std::nullopt});
    verbose_.request_failed({"WskSocket", STATUS_NOT_SUPPORTED, std::nullopt, std::nullopt});
    EXPECT_EQ(text(),
              "WskSend on the connection from 127.0.0.2:40000 to 127.0.0.1:5001: STATUS_CANCELLED\n"
              "WskAccept on 127.0.0.1:5001: STATUS_CANCELLED\n"
              "WskSocket: STATUS_NOT_SUPPORTED\n");
}

TEST_F(TextTraceTest, AllIsWritten) {
    trace_.write_line("a line");
    EXPECT_EQ(trace_.error(), 0);
}

TEST_F(TextTraceTest, APlainListener) {
    trace_.listener_bound({here, false, "", ""});
    EXPECT_EQ(text(), "listening on 127.0.0.1:5001 (plain)\n");
}

TEST_F(TextTraceTest, AConditionalListenerNamesGateAndReason) {
    trace_.listener_bound({here, true, "syn", "the driver is asked at the SYN."});
    EXPECT_EQ(text(),
              "listening on 127.0.0.1:5001 (conditional accept: gate \"syn\": the driver is asked "
              "at the SYN)\n");
}

TEST_F(TextTraceTest, APauseOfAcceptingNamesTheRemedyAndItsEnd) {
    trace_.accepting_paused({here});
    EXPECT_THAT(text(),
                AllOf(StartsWith("accepting on 127.0.0.1:5001 pauses, and clients wait: "),
                      HasSubstr("ulimit -n")));
    trace_.accepting_resumed({here});
    EXPECT_THAT(text(), EndsWith("\naccepting on 127.0.0.1:5001 continues\n"));
}

TEST_F(TextTraceTest, AFailedBindNamesAddressStatusAndRemedy) {
    trace_.bind_failed({here, STATUS_ADDRESS_ALREADY_EXISTS});
    EXPECT_THAT(
        text(),
        AllOf(StartsWith("cannot listen on 127.0.0.1:5001: STATUS_ADDRESS_ALREADY_EXISTS: "),
              HasSubstr("ss -ltnp")));
}

TEST_F(TextTraceTest, AFailedBindWithoutARemedyNamesTheStatus) {
    trace_.bind_failed({here, STATUS_UNSUCCESSFUL});
    EXPECT_EQ(text(), "cannot listen on 127.0.0.1:5001: STATUS_UNSUCCESSFUL\n");
}

TEST_F(TextTraceTest, EventsAreForTheVerboseTrace) {
    trace_.connection_accepted({here, there, probe::AcceptPath::irp});
    EXPECT_EQ(text(), "");
    verbose_.connection_accepted({here, there, probe::AcceptPath::event});
    EXPECT_EQ(text(),
              "connection from 127.0.0.2:40000 to 127.0.0.1:5001: accepted by WskAcceptEvent\n");
}

TEST_F(TextTraceTest, ALateVerdictSaysSo) {
    verbose_.attempt_judged({here, there, probe::Verdict::rejected, true});
    EXPECT_EQ(text(),
              "attempt from 127.0.0.2:40000 to 127.0.0.1:5001: rejected by WskInspectComplete\n");
}

TEST_F(TextTraceTest, ALineOfOursDoesNotContinueADriversLine) {
    trace_.debug_print({"half a "});
    trace_.debug_print({"line"});
    trace_.driver_loaded({"echo"});
    EXPECT_EQ(text(), "half a line\ndriver echo: started\n");
}

}  // namespace
}  // namespace owsk::trace
