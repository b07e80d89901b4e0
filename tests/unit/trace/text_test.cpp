// SPDX-License-Identifier: MIT
#include <gmock/gmock.h>
#include <ntstatus.h>
#include <openwsk/text_trace.h>

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
    EXPECT_THAT(text(), EndsWith("\naccepting on 127.0.0.1:5001 goes on\n"));
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
    verbose_.request_judged({here, there, probe::Verdict::rejected, true});
    EXPECT_EQ(text(),
              "request from 127.0.0.2:40000 to 127.0.0.1:5001: rejected by WskInspectComplete\n");
}

TEST_F(TextTraceTest, ALineOfOursDoesNotContinueADriversLine) {
    trace_.debug_print({"half a "});
    trace_.debug_print({"line"});
    trace_.driver_loaded({"echo"});
    EXPECT_EQ(text(), "half a line\ndriver echo: started\n");
}

}  // namespace
}  // namespace owsk::trace
