// SPDX-License-Identifier: MIT
// Scripts are read, written and read again, and what is wrong with one is said by line.
#include "net/script/read_script.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace owsk::net::script {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

const Address server{.port = 7, .ip = {192, 0, 2, 1}};

PeerScript read(const std::string& text) {
    ReadScript read = read_script(text);
    EXPECT_EQ(to_string(read.errors), "");
    return read.script;
}

// The only step of a script with one connection.
Step read_one(const std::string& text) {
    const PeerScript script = read("connection a to 192.0.2.1:7\n" + text);
    EXPECT_EQ(script.steps().size(), 1U);
    return script.steps().empty() ? Step{} : script.steps().back();
}

template <typename Action>
Step on_first_talk(Action action) {
    return {.talk = 0, .action = std::move(action)};
}

TEST(ReadScript, TalksHavePlacesAndInitialNumbers) {
    const PeerScript script = read(
        "connection a to 192.0.2.1:7\n"
        "connection b from :40000 to 192.0.2.1:7 iss 0xffffffff\n"
        "connection c from 192.0.2.9:40001 to 192.0.2.1:7 # the end\n"
        "connection d at :80\n"
        "datagrams e at [2001:db8::1]:53\n");
    ASSERT_EQ(script.talks().size(), 5U);
    EXPECT_EQ(script.talks()[0], (Talk{.name = "a", .remote = server}));
    EXPECT_EQ(
        script.talks()[1],
        (Talk{.name = "b", .local_port = 40000, .remote = server, .initial_sequence = 0xffffffff}));
    EXPECT_EQ(script.talks()[2],
              (Talk{.name = "c",
                    .local_ip = Address{.ip = {192, 0, 2, 9}},
                    .local_port = 40001,
                    .remote = server}));
    EXPECT_EQ(script.talks()[3], (Talk{.name = "d", .local_port = 80}));
    EXPECT_EQ(script.talks()[4].protocol, Protocol::udp);
    EXPECT_EQ(script.talks()[4].local_port, 53);
    EXPECT_EQ(script.talks()[4].local_ip->family, Family::ipv6);
}

TEST(ReadScript, ASendMayNameEveryField) {
    const Step step =
        read_one("send SYN,ACK data \"x\" seq 0 ack 1 window 512 mss 1460 scale 7 as first");
    EXPECT_EQ(step,
              on_first_talk(step::Send{.controls = Control::syn | Control::ack,
                                       .payload = std::string("x"),
                                       .sequence = 0,
                                       .acknowledgment = 1,
                                       .window = 512,
                                       .maximum_segment_size = 1460,
                                       .window_scale = 7,
                                       .label = "first"}));
    EXPECT_EQ(step.line, 2);
}

TEST(ReadScript, DataWithoutFlagsHasThoseThatDataHas) {
    EXPECT_EQ(read_one("send data 1000 bytes"),
              on_first_talk(step::Send{.controls = Control::psh | Control::ack,
                                       .payload = std::size_t{1000}}));
    EXPECT_EQ(read_one("expect data \"x\""),
              on_first_talk(step::Expect{.controls = Control::ack, .payload = std::string("x")}));
}

TEST(ReadScript, TextsHaveEscapes) {
    EXPECT_EQ(read_one(R"(send data "\r\n\t\"\\\x00\xfF#")"),
              on_first_talk(step::Send{.controls = Control::psh | Control::ack,
                                       .payload = std::string("\r\n\t\"\\\0\xff#", 8)}));
}

TEST(ReadScript, AnExpectationHasRangesAndTimes) {
    EXPECT_EQ(read_one("await FIN,ACK data 1..1460 bytes seq 1..snd.nxt-1 ack seg.seq + seg.len "
                       "window 0 mss 536..65535 no scale after 900ms within 1.1s"),
              on_first_talk(step::Expect{
                  .passes_over = true,
                  .controls = Control::fin | Control::ack,
                  .payload = Range(1, 1460),
                  .sequence = Range(1, Quantity(Variable::snd_nxt) - 1),
                  .acknowledgment = Range(Quantity(Variable::seg_seq) + Variable::seg_len),
                  .window = 0,
                  .maximum_segment_size = step::ExpectedOption{Range(536, 65535)},
                  .window_scale = step::ExpectedOption{},
                  .after = 900ms,
                  .within = 1100ms}));
}

TEST(ReadScript, AnEndThatNobodyHasNamedIsTenSecondsBehindTheBeginning) {
    EXPECT_EQ(read_one("expect RST after 1min"),
              on_first_talk(step::Expect{.controls = Control::rst, .after = 60s, .within = 70s}));
}

TEST(ReadScript, TimesHaveUnitsAndFractions) {
    for (const auto& [text, duration] :
         std::initializer_list<std::pair<const char*, Duration>>{{"0s", 0s},
                                                                 {"7ns", 7ns},
                                                                 {"20us", 20us},
                                                                 {"1.5ms", 1500us},
                                                                 {"1.000000001s", 1000000001ns},
                                                                 {"0.5min", 30s},
                                                                 {"24.0min", 24min},
                                                                 {"86400s", 24h}}) {
        EXPECT_EQ(read_one("wait " + std::string(text)).action,
                  decltype(Step::action)(step::Wait{duration}))
            << text;
    }
}

TEST(ReadScript, StepsBelongToTheTalkThatTheyName) {
    const PeerScript script = read(
        "connection a to 192.0.2.1:7\n"
        "connection b to 192.0.2.1:7\n"
        "\n"
        "b: send SYN  # the second one first\n"
        "  a:send SYN\n"
        "b: send again\n"
        "expect nothing for 1s\n"
        "a: expect nothing for 1s\n"
        "let big = 100000\n"
        "b: let start = snd.nxt + big\n"
        "discard\n");
    ASSERT_EQ(script.steps().size(), 8U);
    EXPECT_EQ(script.steps()[0].talk, 1U);
    EXPECT_EQ(script.steps()[0].line, 4);
    EXPECT_EQ(script.steps()[1].talk, 0U);
    EXPECT_EQ(script.steps()[2].talk, 1U);
    EXPECT_EQ(script.steps()[3].talk, std::nullopt);
    EXPECT_EQ(script.steps()[4].talk, 0U);
    EXPECT_EQ(script.steps()[5].talk, std::nullopt);
    EXPECT_EQ(script.steps()[6].talk, 1U);
}

TEST(ReadScript, WhatProgramsPutTogetherCanBeWrittenAndRead) {
    PeerScript script;
    const std::size_t a = script.connect("a", server);
    const std::size_t b = script.accept("b", 80);
    const std::size_t c = script.datagrams("c", server);
    script.send(a, {.controls = Control::syn, .maximum_segment_size = 1460, .label = "hello"});
    script.expect(a, {.controls = Control::syn | Control::ack, .within = 1s});
    script.send_again(a, "hello");
    script.let(a, "here", Variable::snd_nxt);
    script.send(a, {.controls = Control::rst, .sequence = Quantity("here") + 5 - 1});
    script.expect(b, {.controls = Control::syn, .window = Range(0, 65535)});
    script.send(c, {.payload = std::string()});
    script.expect(c, {.payload = Range(1, 1472)});
    script.wait(1500us);
    script.expect_nothing(a, 2s);
    script.expect_nothing({}, 60s);
    script.discard({});
    const std::string text = to_string(script);
    EXPECT_EQ(text,
              "connection a to 192.0.2.1:7\n"
              "connection b at :80\n"
              "datagrams c to 192.0.2.1:7\n"
              "a: send SYN mss 1460 as hello\n"
              "a: expect SYN,ACK within 1s\n"
              "a: send again hello\n"
              "a: let here = snd.nxt\n"
              "a: send RST seq here + 5 - 1\n"
              "b: expect SYN window 0..65535 within 10s\n"
              "c: send data \"\"\n"
              "c: expect data 1..1472 bytes within 10s\n"
              "wait 1500us\n"
              "a: expect nothing for 2s\n"
              "expect nothing for 1min\n"
              "discard\n");
    EXPECT_EQ(read(text), script);
}

TEST(ReadScript, AllLinesThatAreWrongAreSaidAtOnce) {
    const ReadScript read = read_script("connection a to 192.0.2.1:7\nsend SIN\nsend SYN\nfoo\n");
    ASSERT_EQ(read.errors.size(), 2U);
    EXPECT_EQ(to_string(read.errors),
              "line 2: flags are SYN, ACK, FIN, RST, PSH, URG, ECE and CWR, joined by commas "
              "without spaces, or none, but this is \"SIN\"\n"
              "line 4: \"foo\" is no step; a step is send, expect, await, discard, let or wait, "
              "like \"a: send SYN\"\n");
}

struct Wrong {
    const char* line;
    const char* thing;   // the complaint names it
    const char* remedy;  // and says what is allowed, or what to do
};

std::ostream& operator<<(std::ostream& out, const Wrong& wrong) {
    return out << wrong.line;
}

class WrongLine : public testing::TestWithParam<Wrong> {};

INSTANTIATE_TEST_SUITE_P(
    OfATalk,
    WrongLine,
    testing::Values(
        Wrong{"connection", "the line ends", "a name of letters, digits and \"_\" comes first"},
        Wrong{"connection 1", "\"1\"", "a name of letters"},
        Wrong{"connection x.y to 1.2.3.4:5", "\"x.y\"", "a name of letters"},
        Wrong{"connection a to 192.0.2.1:7", "a already", "take another name"},
        Wrong{"connection x", "the line ends", "\"to\" and an address, or \"at\" and a port"},
        Wrong{"connection x from :5", "the line ends", "\"to\" and an address"},
        Wrong{"connection x to 192.0.2.1", "\"192.0.2.1\"", "like 192.0.2.1:7"},
        Wrong{"connection x to 192.0.2.1:0", "\"192.0.2.1:0\"", "a port from 1 to 65535"},
        Wrong{"connection x to :7", "\":7\"", "like 192.0.2.1:7 or [2001:db8::1]:7"},
        Wrong{"connection x at 7", "\"7\"", "a port like :7"},
        Wrong{"connection x at :0", "\":0\"", "a port like :7"},
        Wrong{"connection x from 1.2.3.4:5 to [::1]:7", "IPv4", "take two of one kind"},
        Wrong{"connection x at :7 iss", "the line ends", "iss needs a number"},
        Wrong{"connection x at :7 iss 4294967296", "\"4294967296\"", "at most 4294967295"},
        Wrong{"connection x at :7 y", "\"y\"", "\"iss\" and the initial sequence number"},
        Wrong{"datagrams x at :7 iss 5", "\"iss\"", "nothing stands behind"}));

INSTANTIATE_TEST_SUITE_P(
    OfAStep,
    WrongLine,
    testing::Values(
        Wrong{"send", "\"send\" does not say where", "write one of a, u and b and a colon"},
        Wrong{"z: send SYN", "\"z\"", "so far: a, u and b"},
        Wrong{"a send SYN", "\"a\" is no step", "a step is send, expect, await"},
        Wrong{"a: send", "the line ends", "flags are SYN, ACK"},
        Wrong{"a: send SYN, ACK", "\"SYN,\"", "joined by commas without spaces"},
        Wrong{"a: send SYN seq", "the line ends", "seq needs a number, or a variable (snd.una,"},
        Wrong{"a: send SYN seq nxt", "\"nxt\"", "a word of \"let\" (so far: none)"},
        Wrong{"a: send SYN seq 5 seq 6", "\"seq\" stands twice", "leave one away"},
        Wrong{"a: send SYN seq 5000000000", "\"5000000000\"", "at most 4294967295"},
        Wrong{"a: send SYN window 65536", "not 65536", "window is from 0 to 65535"},
        Wrong{"a: send SYN window 65535 + 1", "65536", "window is from 0 to 65535"},
        Wrong{"a: send SYN window -1", "-1", "window is from 0 to 65535"},
        Wrong{"a: send SYN scale 256", "not 256", "scale is from 0 to 255"},
        Wrong{"a: send SYN within 1s", "\"within\"", "data, seq, ack, window, mss, scale and as"},
        Wrong{"a: send SYN as 5", "\"5\"", "a label is a word"},
        Wrong{"a: send SYN as used", "used", "take another one"},
        Wrong{"a: send again unused", "\"unused\"", "so far: used"},
        Wrong{"b: send again", "nothing was sent before", "write a \"send\" first"},
        Wrong{"a: send data", "the line ends", "\"text\" in quotes or a number of bytes"},
        Wrong{"a: send data 5", "the line ends", "write \"bytes\" behind the number"},
        Wrong{"a: send data 65001 bytes", "\"65001\"", "data is at most 65000"},
        Wrong{"a: send data \"x", "the text has no end", "close it with \""},
        Wrong{"a: send data \"\\y\"", "\"\\\\y\"", "there are \\n \\r \\t"},
        Wrong{"a: send data \"\\x4\"", "\"\\\\x\"", "two hexadecimal digits"},
        Wrong{"a: send data \"x\" data \"y\"", "\"data\" stands twice", "leave one away"},
        Wrong{"u: send SYN", "\"SYN\"", "a datagram needs \"data\""},
        Wrong{"u: send data \"x\" seq 5", "\"seq\" is for connections", "nothing but data"},
        Wrong{"u: expect data \"x\" no mss", "\"mss\" is for connections", "nothing but data"}));

INSTANTIATE_TEST_SUITE_P(
    OfAnExpectation,
    WrongLine,
    testing::Values(
        Wrong{"a: expect", "the line ends", "flags are SYN, ACK"},
        Wrong{"a: expect SYN as x", "\"as\"", "no, after and within"},
        Wrong{"a: expect SYN no", "the line ends", "mss or scale"},
        Wrong{"a: expect SYN no seq", "\"seq\"", "mss or scale"},
        Wrong{"a: expect SYN mss 5 no mss", "\"mss\" stands twice", "leave one away"},
        Wrong{"a: expect SYN seq 9..5", "from 9 down to 5", "write the smaller value first"},
        Wrong{"a: expect SYN seq 9..", "the line ends", "seq needs a number"},
        Wrong{"a: expect SYN within 1", "\"1\"", "a time is like 300ms"},
        Wrong{"a: expect SYN within soon", "\"soon\"", "a time is like 300ms"},
        Wrong{"a: expect SYN within 25h", "\"25h\"", "a time is like 300ms"},
        Wrong{"a: expect SYN within 86401s", "\"86401s\"", "at most 24 hours"},
        Wrong{"a: expect SYN after 2s within 1s", "within 1s ends before after 2s", "both count"},
        Wrong{"a: expect data 5 words", "\"words\"", "a number of bytes"},
        Wrong{"a: expect nothing", "the line ends", "\"expect nothing for 1s\""},
        Wrong{"a: expect nothing for", "the line ends", "a time is like 300ms"},
        Wrong{"a: await nothing for 1s", "\"nothing\"", "flags are SYN, ACK"},
        Wrong{"a: let 5 = 6", "\"5\"", "a name is a word"},
        Wrong{"a: let x 6", "\"6\"", "\"let start = snd.nxt\""},
        Wrong{"let x = snd.nxt", "\"let\" does not say where", "write one of a, u and b"},
        Wrong{"wait", "the line ends", "a time is like 300ms"},
        Wrong{"wait 1s more", "\"more\"", "is too much"},
        Wrong{"connection x to 192.0.2.1:7", "before all steps", "move the line up"}));

TEST_P(WrongLine, IsNamedWithWhatIsAllowed) {
    const std::string line = GetParam().line;
    const bool is_late = std::string_view(GetParam().remedy) == "move the line up";
    const bool is_talk =
        !is_late && (line.starts_with("connection") || line.starts_with("datagrams"));
    std::string text =
        "connection a to 192.0.2.1:7\n"
        "datagrams u to 192.0.2.1:7\n"
        "connection b at :80\n";
    if (!is_talk) {
        text += "a: send SYN as used\n";
    }
    const ReadScript read = read_script(text + line + "\n");
    ASSERT_EQ(read.errors.size(), 1U);
    EXPECT_EQ(read.errors[0].line, is_talk ? 4 : 5);
    EXPECT_THAT(read.errors[0].message, HasSubstr(GetParam().thing));
    EXPECT_THAT(read.errors[0].message, HasSubstr(GetParam().remedy));
}

TEST(ReadScript, AStepWithoutATalkIsToldHowToBegin) {
    const ReadScript read = read_script("send SYN");
    ASSERT_EQ(read.errors.size(), 1U);
    EXPECT_THAT(read.errors[0].message, HasSubstr("\"connection a to 192.0.2.1:7\""));
}

}  // namespace
}  // namespace owsk::net::script
