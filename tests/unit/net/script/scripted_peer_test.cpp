// SPDX-License-Identifier: MIT
// Scripts play against each other: what they send, expect and say when it does not fit.
#include "net/script/scripted_peer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "base/address_text.h"
#include "unit/net/script/played_script.h"

namespace owsk::net::script {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

const std::string to_bob = "connection a from :40000 to 192.0.2.1:7 iss 1000\n";
const std::string at_bob = "connection b at :7 iss 5000\n";

class ScriptedPeerTest : public testing::Test {
  protected:
    ScriptedPeerTest() { internet_.set_default_link(LinkRules{.latency = 100us}); }

    // The first one at 192.0.2.2, the second one at 192.0.2.1.
    void play(const std::string& alice, const std::string& bob) {
        bob_ = std::make_unique<PlayedScript>(
            internet_, std::vector{*ip_from_text("192.0.2.1"), *ip_from_text("2001:db8::1")}, bob);
        alice_ = std::make_unique<PlayedScript>(
            internet_,
            std::vector{*ip_from_text("192.0.2.2"), *ip_from_text("2001:db8::2")},
            alice);
        bob_->peer.start();
        alice_->peer.start();
        events_.run_until(events_.now() + 1h);
    }

    void expect_both_pass() const {
        EXPECT_EQ(alice_->peer.progress(), Progress::passed) << alice_->peer.report();
        EXPECT_EQ(bob_->peer.progress(), Progress::passed) << bob_->peer.report();
    }

    // Of Alice, whose script is the interesting one.
    std::string failure() const {
        EXPECT_EQ(alice_->peer.progress(), Progress::failed) << alice_->peer.report();
        return alice_->peer.failure();
    }

    host::EventQueue events_;
    Internet internet_{events_, Prng(1)};
    std::unique_ptr<PlayedScript> bob_;
    std::unique_ptr<PlayedScript> alice_;
};

TEST_F(ScriptedPeerTest, AHandshakeAndDataInBothDirections) {
    play(to_bob +
             "send SYN window 1000 mss 1460 scale 7\n"
             "expect SYN,ACK seq 0 ack 1 window 65535 mss 536 no scale within 1s\n"
             "send ACK\n"
             "send data \"hello\"\n"
             "expect ACK ack 6\n"
             "expect data \"bye\" seq 1 ack 6\n"
             "send FIN,ACK data 100 bytes\n"
             "expect FIN,ACK seq 4 ack snd.nxt\n"
             "send ACK ack 5\n",
         at_bob +
             "expect SYN seq 0 window 1000 mss 1..1460 scale 7\n"
             "send SYN,ACK mss 536\n"
             "expect ACK seq 1 ack 1\n"
             "expect PSH,ACK data \"hello\"\n"
             "send ACK\n"
             "send data \"bye\"\n"
             "expect FIN,ACK data 100 bytes seq 6 ack 1..4\n"
             "send FIN,ACK\n"
             "expect ACK seq 107 ack 5\n");
    expect_both_pass();
}

TEST_F(ScriptedPeerTest, NumbersAreThoseOfTheHeaders) {
    class Recorder final : public Tap {
      public:
        void on_sent(Instant, const Computer&, const Packet& packet, Fate) noexcept override {
            seen += net::to_string(packet) + '\n';
        }
        std::string seen;
    } recorder;
    internet_.add_tap(recorder);
    play(to_bob + "send SYN\nexpect SYN,ACK\nsend ACK\nsend RST seq -1\nsend ACK seq 3 ack -2\n",
         at_bob + "expect SYN\nsend SYN,ACK window 7\n");
    internet_.remove_tap(recorder);
    EXPECT_EQ(recorder.seen,
              "192.0.2.2:40000 > 192.0.2.1:7: SYN seq 1000 window 65535 length 0\n"
              "192.0.2.1:7 > 192.0.2.2:40000: SYN|ACK seq 5000 ack 1001 window 7 length 0\n"
              "192.0.2.2:40000 > 192.0.2.1:7: ACK seq 1001 ack 5001 window 65535 length 0\n"
              "192.0.2.2:40000 > 192.0.2.1:7: RST seq 999 window 65535 length 0\n"
              "192.0.2.2:40000 > 192.0.2.1:7: ACK seq 1003 ack 4998 window 65535 length 0\n");
}

TEST_F(ScriptedPeerTest, InitialNumbersAreTheSeedsWhereTheScriptNamesNone) {
    const auto first_sequence = [](std::uint64_t seed) {
        host::EventQueue events;
        Internet internet(events, Prng(seed));
        PlayedScript bob(internet, {*ip_from_text("192.0.2.1")}, at_bob + "expect SYN\n");
        PlayedScript alice(
            internet, {*ip_from_text("192.0.2.2")}, "connection a to 192.0.2.1:7\nsend SYN\n");
        class Recorder final : public Tap {
          public:
            void on_sent(Instant, const Computer&, const Packet& packet, Fate) noexcept override {
                sequence = std::get<TcpSegment>(packet).sequence;
            }
            std::uint32_t sequence = 0;
        } recorder;
        internet.add_tap(recorder);
        alice.peer.start();
        internet.remove_tap(recorder);
        events.run_until(events.now() + 1s);
        return recorder.sequence;
    };
    EXPECT_EQ(first_sequence(7), first_sequence(7));
    EXPECT_NE(first_sequence(7), first_sequence(8));
}

TEST_F(ScriptedPeerTest, WhatIsSentAgainIsTheSame) {
    play(to_bob +
             "send SYN as first\n"
             "expect SYN,ACK\n"
             "send data \"one\"\n"
             "send again\n"
             "send again first\n",
         at_bob +
             "expect SYN seq 0\n"
             "send SYN,ACK\n"
             "expect data \"one\" seq 1\n"
             "expect data \"one\" seq 1\n"
             "expect SYN seq 0\n");
    expect_both_pass();
}

TEST_F(ScriptedPeerTest, ASegmentWithANumberOfItsOwnDoesNotMoveTheOthers) {
    play(to_bob +
             "send SYN\n"
             "expect SYN,ACK\n"
             "let start = snd.nxt\n"
             "send data \"def\" seq start + 3\n"
             "send data \"abc\"\n"
             "expect ACK ack 7\n"
             "send FIN,ACK\n",
         at_bob +
             "expect SYN\n"
             "send SYN,ACK\n"
             "expect data \"def\" seq 4\n"
             "expect data \"abc\" seq 1\n"
             "send ACK ack 7\n"
             "expect FIN,ACK seq 7\n");
    expect_both_pass();
}

TEST_F(ScriptedPeerTest, VariablesTellWhatWasExpectedLast) {
    play(to_bob +
             "send SYN window 300\n"
             "expect SYN,ACK\n"
             "let room = seg.wnd\n"
             "send data 1 bytes window room - 1 seq snd.una + 4 ack seg.seq + seg.len\n",
         at_bob +
             "expect SYN\n"
             "send SYN,ACK window seg.wnd + 1\n"
             "expect data 1 bytes seq 5 ack 1 window 300\n");
    expect_both_pass();
}

TEST_F(ScriptedPeerTest, TwoConnectionsAndDatagramsInOneScript) {
    play(
        "connection a from :40000 to 192.0.2.1:7\n"
        "connection b from :40001 to [2001:db8::1]:7\n"
        "datagrams u to 192.0.2.1:53\n"
        "a: send SYN\n"
        "b: send SYN\n"
        "u: send data \"question\"\n"
        "u: expect data \"answer\"\n"
        "b: expect RST,ACK\n"
        "a: expect SYN,ACK\n",
        "connection a at :7\n"
        "connection b at :7\n"
        "datagrams u at :53\n"
        "a: expect SYN\n"
        "b: expect SYN\n"
        "u: expect data 1..100 bytes\n"
        "u: send data \"answer\"\n"
        "a: send SYN,ACK\n"
        "b: send RST,ACK\n");
    expect_both_pass();
}

TEST_F(ScriptedPeerTest, StepsTakeTheTimeThatTheyName) {
    play(to_bob + "send SYN\nwait 300ms\nsend again\n",
         at_bob +
             "expect SYN\n"
             "expect nothing for 299ms\n"
             "expect SYN after 0.5ms within 2ms\n"
             "expect nothing for 1s\n");
    expect_both_pass();
    EXPECT_FALSE(events_.next()) << "timers of scripts that have ended are set";
}

TEST_F(ScriptedPeerTest, WhatCameDuringAWaitIsThereAfterwards) {
    play(to_bob + "send SYN\nsend RST seq 1\n", at_bob + "wait 1s\nexpect SYN\nexpect RST seq 1\n");
    expect_both_pass();
}

TEST_F(ScriptedPeerTest, AwaitPassesOverWhatDoesNotFit) {
    play(to_bob + "send SYN\nsend ACK\nsend data \"x\"\nsend FIN,ACK\n",
         at_bob + "await FIN,ACK within 1s\nlet end = rcv.nxt\nsend ACK ack end\n");
    expect_both_pass();
}

TEST_F(ScriptedPeerTest, DiscardForgetsWhatWasNotExpected) {
    play(to_bob + "send SYN\nsend RST seq 1\n",
         at_bob + "wait 1s\ndiscard\nexpect nothing for 1s\nsend ACK\n");
    expect_both_pass();
}

TEST_F(ScriptedPeerTest, AFailureTellsTheLineWhatCameAndAllPackets) {
    play(to_bob + "send SYN mss 1460\n\nexpect SYN,ACK within 1s\n",
         at_bob + "expect SYN\nwait 200ms\nsend RST,ACK seq -5000 window 0\n");
    EXPECT_EQ(failure(),
              "line 4: a: expect SYN,ACK within 1s\n"
              "  this came instead: RST,ACK seq 0 ack 1 window 0\n"
              "  flags are RST,ACK, expected SYN,ACK\n"
              "packets so far:\n"
              "  0.000000000 a > SYN seq 0 window 65535 mss 1460\n"
              "  0.200200000 a < RST,ACK seq 0 ack 1 window 0\n");
    EXPECT_EQ(bob_->peer.progress(), Progress::passed);
}

TEST_F(ScriptedPeerTest, NothingAtAllIsAFailureWhenTheTimeIsOver) {
    play(to_bob + "send SYN\nexpect SYN,ACK within 250ms\n", at_bob + "expect SYN\n");
    EXPECT_THAT(failure(), HasSubstr("a: expect SYN,ACK within 250ms\n  nothing has come\n"));
}

TEST_F(ScriptedPeerTest, SomethingIsAFailureWhereNothingWasExpected) {
    play(to_bob + "send SYN\nexpect nothing for 1s\n", at_bob + "expect SYN\nsend ACK\n");
    EXPECT_THAT(failure(), HasSubstr("this came: a ACK seq"));
}

TEST_F(ScriptedPeerTest, WhatBelongsToNoTalkCountsForNothingAtAll) {
    play(to_bob + "expect nothing for 1s\n",
         "connection x from :9 to 192.0.2.2:10 iss 0\nsend SYN\n");
    EXPECT_EQ(failure(),
              "line 2: expect nothing for 1s\n"
              "  this came: 192.0.2.1:9 > 192.0.2.2:10: SYN seq 0 window 65535 length 0\n"
              "packets so far:\n"
              "  0.000100000 ? < 192.0.2.1:9 > 192.0.2.2:10: SYN seq 0 window 65535 length 0\n");
}

TEST_F(ScriptedPeerTest, WhatComesTooEarlyIsAFailure) {
    play(to_bob + "send SYN\nexpect SYN,ACK after 1s within 2s\n",
         at_bob + "expect SYN\nsend SYN,ACK\n");
    EXPECT_THAT(failure(), HasSubstr("it came before 1s had passed"));
}

struct Misfit {
    const char* expected;
    const char* reason;
};

std::ostream& operator<<(std::ostream& out, const Misfit& misfit) {
    return out << misfit.expected;
}

class MisfitTest : public ScriptedPeerTest, public testing::WithParamInterface<Misfit> {};
INSTANTIATE_TEST_SUITE_P(
    ScriptedPeer,
    MisfitTest,
    testing::Values(Misfit{"ACK", "data is \"abc\", expected \"\""},
                    Misfit{"ACK data \"abd\"", "data is \"abc\", expected \"abd\""},
                    Misfit{"ACK data 4..5 bytes", "the length of the data is 3, expected 4..5"},
                    Misfit{"SYN data \"abc\"", "flags are ACK, expected SYN"},
                    Misfit{"PSH,ACK data \"abc\"", "flags are ACK, expected PSH,ACK"},
                    Misfit{"ACK data \"abc\" seq 1", "seq is 0, expected 1"},
                    Misfit{"ACK data \"abc\" ack snd.nxt - 1", "ack is 1, expected 0"},
                    Misfit{"ACK data \"abc\" window 0..511", "window is 512, expected 0..511"},
                    Misfit{"ACK data \"abc\" mss 1..65535", "mss is not there, expected 1..65535"},
                    Misfit{"ACK data \"abc\" scale 6", "scale is 7, expected 6"},
                    Misfit{"ACK data \"abc\" no scale", "scale is 7, expected none"}));

TEST_P(MisfitTest, IsExplained) {
    play(to_bob + "send SYN\nexpect SYN,ACK\nexpect " + GetParam().expected + "\n",
         at_bob +
             "expect SYN\nsend SYN,ACK\n"
             "send ACK data \"abc\" seq 0 window 512 scale 7\n");
    EXPECT_THAT(failure(), HasSubstr(GetParam().reason));
}

TEST_F(ScriptedPeerTest, AnImpossibleValueIsAFailure) {
    play(to_bob + "let large = 65536\nsend SYN window large\n", at_bob + "expect SYN\n");
    EXPECT_THAT(failure(), HasSubstr("window is 65536, expected 0..65535"));
}

TEST_F(ScriptedPeerTest, NobodyToAnswerIsAFailure) {
    play("connection a at :7\nsend SYN,ACK\n", at_bob + "wait 1s\n");
    EXPECT_THAT(failure(), HasSubstr("nobody has sent anything to a yet"));
}

TEST_F(ScriptedPeerTest, AComputerWithoutTheFamilyIsAFailure) {
    Computer computer(internet_, "c", {*ip_from_text("192.0.2.9")});
    ScriptedPeer peer(
        computer, read_good_script("connection a to [2001:db8::1]:7\nsend SYN\n"), Prng(1));
    peer.start();
    EXPECT_THAT(peer.failure(), HasSubstr("no address of the family of [2001:db8::1]:7"));
}

TEST_F(ScriptedPeerTest, TheEndIsAnnouncedOnce) {
    PlayedScript played(internet_, {*ip_from_text("192.0.2.9")}, "wait 1s\nwait 2s\n");
    int ended = 0;
    played.peer.when_ended([&ended] { ++ended; });
    played.peer.start();
    EXPECT_THAT(played.peer.report(), HasSubstr("still at line 1: wait 1s\nno packet so far\n"));
    events_.run_until(Instant{} + 2999ms);
    EXPECT_EQ(ended, 0);
    EXPECT_EQ(played.peer.progress(), Progress::running);
    events_.run_until(Instant{} + 1h);
    EXPECT_EQ(ended, 1);
    EXPECT_EQ(played.peer.progress(), Progress::passed);
}

TEST_F(ScriptedPeerTest, AScriptThatIsGoneLeavesNoTimerBehind) {
    {
        PlayedScript played(internet_, {*ip_from_text("192.0.2.9")}, "wait 1s\n");
        played.peer.start();
        EXPECT_TRUE(events_.next());
    }
    EXPECT_FALSE(events_.next());
}

TEST_F(ScriptedPeerTest, ALongReportLeavesTheOldestPacketsAway) {
    std::string many = to_bob;
    for (int i = 0; i < 250; ++i) {
        many += "send ACK seq " + std::to_string(i) + "\n";
    }
    play(many + "expect SYN within 1s\n", at_bob + "wait 1s\n");
    EXPECT_THAT(failure(), HasSubstr("packets so far:\n  (50 before these)\n"));
    EXPECT_THAT(failure(), testing::Not(HasSubstr("ACK seq 49 ")));
    EXPECT_THAT(failure(), HasSubstr("ACK seq 50 "));
}

}  // namespace
}  // namespace owsk::net::script
