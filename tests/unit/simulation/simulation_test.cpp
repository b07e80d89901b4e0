// SPDX-License-Identifier: MIT
// The simulation as a driver's developer uses it, with the driver echo_event.
#include <gmock/gmock.h>
#include <openwsk/simulation.h>
#include <openwsk/summary.h>
#include <openwsk/text_trace.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

namespace owsk {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::HasSubstr;

constexpr std::uint16_t echo_port = 5001;

// A server with the driver, and a laptop beside it.
class EchoWorld {
  public:
    explicit EchoWorld(SimulationOptions options = {}, MachineOptions machine = {})
        : simulation(std::move(options)),
          server(simulation.add_computer("server", {"192.0.2.1"})),
          laptop(simulation.add_computer("laptop", {"192.0.2.2"})) {
        server.start_machine(std::move(machine));
        server.machine().set_parameter("echo", "Address", "0.0.0.0");
        server.machine().set_parameter("echo", "Port", echo_port);
        DriverError error;
        EXPECT_TRUE(server.machine().load_driver("echo", ECHO_EVENT, error)) << error.message;
    }
    ~EchoWorld() {
        EXPECT_TRUE(server.machine().unload_driver("echo"));
        EXPECT_EQ(server.machine().stop(), 0u);
    }
    EchoWorld(const EchoWorld&) = delete;
    EchoWorld& operator=(const EchoWorld&) = delete;

    bool echoes(const std::string& text) {
        Client client = laptop.connect("192.0.2.1", echo_port);
        client.send(text);
        client.finish();
        return simulation.run_until([&] { return client.state() == ClientState::finished; }) &&
               client.received() == text;
    }

    Simulation simulation;
    Computer& server;
    Computer& laptop;
};

TEST(Simulation, ADriverServesAClient) {
    EchoWorld world;
    EXPECT_TRUE(world.echoes("hello")) << world.simulation.replay();
}

TEST(Simulation, ClientsOnTheOwnComputerAreServed) {
    EchoWorld world;
    for (const char* const ip : {"192.0.2.1", "127.0.0.1"}) {
        Client client = world.server.connect(ip, echo_port);
        client.send("inside");
        EXPECT_TRUE(world.simulation.run_until([&] { return client.received() == "inside"; }))
            << ip << ": " << to_string(client.state());
    }
}

TEST(Simulation, AClosedPortRefuses) {
    EchoWorld world;
    const Client client = world.laptop.connect("192.0.2.1", 9);
    EXPECT_TRUE(world.simulation.run_until([&] { return client.state() == ClientState::refused; }));
}

TEST(Simulation, ALinkThatIsDownMakesAConnectionTimeOut) {
    EchoWorld world;
    world.simulation.set_link("server", "laptop", {.down = true});
    const Client client = world.laptop.connect("192.0.2.1", echo_port);
    EXPECT_TRUE(world.simulation.run_until([&] { return client.state() == ClientState::timed_out; },
                                           hours(1)));
    world.simulation.set_link("server", "laptop", {});
}

TEST(Simulation, BytesArriveOverALinkThatLosesAndReorders) {
    EchoWorld world({.seed = 3, .link = {.loss = 0.1, .duplication = 0.1, .reordering = 0.2}});
    EXPECT_TRUE(world.echoes(std::string(100'000, 'x')));
}

TEST(Simulation, ActionsRunAtTheirTime) {
    Simulation simulation;
    std::vector<std::chrono::nanoseconds> times;
    simulation.at(seconds(2), [&] { times.push_back(simulation.now()); });
    simulation.at(seconds(1), [&] { times.push_back(simulation.now()); });
    simulation.run_for(milliseconds(1'500));
    EXPECT_EQ(simulation.now(), milliseconds(1'500));
    simulation.run_for(seconds(1));
    EXPECT_EQ(times, (std::vector<std::chrono::nanoseconds>{seconds(1), seconds(2)}));
}

TEST(Simulation, TimeIsExact) {
    for (std::uint64_t seed = 1; seed <= 30; ++seed) {
        EchoWorld world({.seed = seed, .link = {.latency = milliseconds(5)}});
        std::vector<Client> clients;
        const auto began = world.simulation.now();
        bool acted = false;
        world.simulation.at(began + milliseconds(3) + std::chrono::nanoseconds(7), [&] {
            acted = true;
            EXPECT_EQ(world.simulation.now() - began,
                      milliseconds(3) + std::chrono::nanoseconds(7));
        });
        for (int i = 1; i <= 10; ++i) {
            clients.push_back(world.laptop.connect("192.0.2.1", echo_port));
            clients.back().send("hello");
            // Neither does a look at the machine take time.
            world.server.machine().open_things();
            world.simulation.run_for(milliseconds(1));
            ASSERT_EQ(world.simulation.now() - began, i * milliseconds(1)) << "seed " << seed;
        }
        EXPECT_TRUE(acted);
    }
}

TEST(Simulation, AConditionThatStaysFalseEndsAtTheLimit) {
    Simulation simulation;
    EXPECT_FALSE(simulation.run_until([] { return false; }, hours(1)));
    EXPECT_EQ(simulation.now(), hours(1));
}

// What a run with this seed says, every event of it.
std::string events_of(std::uint64_t seed) {
    char* text = nullptr;
    std::size_t size = 0;
    std::FILE* const stream = open_memstream(&text, &size);
    std::uint64_t fingerprint = 0;
    {
        trace::TextTrace trace(stream, trace::Detail::everything);
        EchoWorld world({.seed = seed, .link = {.jitter = milliseconds(5), .loss = 0.05}},
                        {.processors = 2,
                         .completion = CompletionMode::mixed,
                         .seed = seed,
                         .observers = {&trace}});
        std::vector<Client> clients;
        for (int i = 0; i < 20; ++i) {
            clients.push_back(world.laptop.connect("192.0.2.1", echo_port));
            clients.back().send("client " + std::to_string(i));
            clients.back().finish();
        }
        EXPECT_TRUE(world.simulation.run_until([&] {
            return std::ranges::all_of(clients, [](const Client& client) {
                return client.state() == ClientState::finished;
            });
        }));
        fingerprint = world.simulation.fingerprint();
    }
    std::fclose(stream);
    const std::string events = std::string(text, size) + std::to_string(fingerprint);
    std::free(text);
    return events;
}

TEST(Simulation, OneSeedIsOneRun) {
    EXPECT_EQ(events_of(1), events_of(1));
    EXPECT_NE(events_of(1), events_of(2));
}

// Which of the first occasions a fault takes that takes half of them.
std::string strikes_of(std::uint64_t seed) {
    Simulation simulation({.seed = seed});
    Machine& machine = simulation.add_computer("server", {"192.0.2.1"}).start_machine();
    machine.faults().fail_with(Fault::pool_allocation, 0.5);
    std::string strikes;
    for (int occasion = 0; occasion < 64; ++occasion) {
        strikes += machine.faults().strikes(Fault::pool_allocation) ? 'x' : '.';
    }
    return strikes;
}

TEST(Simulation, TheSeedChoosesTheFaultsOfItsMachines) {
    EXPECT_EQ(strikes_of(1), strikes_of(1));
    EXPECT_NE(strikes_of(1), strikes_of(2));
}

TEST(Simulation, TwoMachinesShareANetwork) {
    EchoWorld world;
    Computer& second = world.simulation.add_computer("second", {"192.0.2.3"});
    second.start_machine();
    second.machine().set_parameter("echo", "Address", "192.0.2.3");
    second.machine().set_parameter("echo", "Port", echo_port);
    DriverError error;
    ASSERT_TRUE(second.machine().load_driver("echo", ECHO_EVENT, error)) << error.message;
    Client client = world.laptop.connect("192.0.2.3", echo_port);
    client.send("two");
    EXPECT_TRUE(world.simulation.run_until([&] { return client.received() == "two"; }));
    EXPECT_TRUE(second.machine().unload_driver("echo"));
}

TEST(Simulation, DatagramsTravelBetweenComputers) {
    Simulation simulation;
    DatagramPeer one =
        simulation.add_computer("one", {"192.0.2.1"}).open_datagrams("192.0.2.1", 53);
    DatagramPeer two = simulation.add_computer("two", {"192.0.2.2"}).open_datagrams();
    two.send_to("192.0.2.1", 53, "question");
    EXPECT_TRUE(simulation.run_until([&] { return one.received().size() == 1; }));
    EXPECT_EQ(one.received().front().data, "question");
    EXPECT_EQ(to_string(one.received().front().from),
              "192.0.2.2:" + std::to_string(two.local_address().port));
}

TEST(Simulation, ThreadsTakeTurnsAndAreJoined) {
    Simulation simulation;
    int steps = 0;
    {
        SimulatedThread thread = simulation.start_thread("counter", [&] {
            for (int i = 0; i < 3; ++i) {
                ++steps;
                simulation.yield();
            }
        });
        EXPECT_TRUE(simulation.run_until([&] { return steps > 0; }));
    }
    EXPECT_EQ(steps, 3);
}

TEST(Simulation, ACaptureIsWritten) {
    const std::string path = testing::TempDir() + "simulation_test.pcapng";
    {
        EchoWorld world({.capture = path});
        EXPECT_TRUE(world.echoes("hello"));
    }
    EXPECT_GT(std::filesystem::file_size(path), 500u);
    std::filesystem::remove(path);
}

TEST(Simulation, ACaptureThatCannotBeWrittenIsNamed) {
    EchoWorld world({.capture = "/dev/full"});
    EXPECT_TRUE(world.echoes("hello"));
    EXPECT_EQ(world.simulation.capture_error(),
              "the capture /dev/full could not be written completely: No space left "
              "on device");
    EXPECT_EQ(EchoWorld().simulation.capture_error(), "");
}

TEST(Simulation, AScriptPlaysAClientThatResets) {
    EchoWorld world;
    Script& script = world.simulation.add_script("peer", {"192.0.2.9"}, R"(
        connection a to 192.0.2.1:5001
        a: send SYN
        a: expect SYN,ACK
        a: send ACK
        a: send RST
        a: expect nothing for 1s
    )");
    EXPECT_TRUE(
        world.simulation.run_until([&] { return script.has_passed() || script.has_failed(); }));
    EXPECT_TRUE(script.has_passed()) << script.report();
}

template <typename Action>
std::string complaint(Action action) {
    try {
        action();
    } catch (const std::invalid_argument& error) {
        return error.what();
    }
    return "";
}

TEST(Simulation, WrongValuesAreNamed) {
    Simulation simulation;
    Computer& one = simulation.add_computer("one", {"192.0.2.1"});
    EXPECT_EQ(complaint([&] { simulation.set_name("", {}); }),
              "a name for the name servers must not be empty");
    EXPECT_EQ(complaint([&] { simulation.set_name("a", {.delay = milliseconds(-1)}); }),
              "the delay of the name a must not be negative");
    EXPECT_THAT(complaint([&] { simulation.set_name("a", {.addresses = {"b"}}); }), HasSubstr("b"));
    EXPECT_EQ(complaint([&] { simulation.add_computer("one", {"192.0.2.2"}); }),
              "there is already a computer one");
    EXPECT_EQ(complaint([&] { simulation.add_computer("two", {"192.0.2.1"}); }),
              "192.0.2.1 is an address of computer one already");
    EXPECT_EQ(complaint([&] { simulation.add_computer("two", {"192.0.2"}); }),
              "\"192.0.2\" is not an IP address; write it as 192.0.2.1 or 2001:db8::1");
    EXPECT_EQ(complaint([&] { simulation.add_computer("two", {"127.0.0.1"}); }),
              "127.0.0.1 means each computer itself; give it an address of its own");
    EXPECT_THAT(complaint([&] { simulation.add_computer("two", {}); }), HasSubstr("no address"));
    EXPECT_EQ(complaint([&] { simulation.set_link("one", "two", {}); }),
              "there is no computer two; the simulation has one");
    EXPECT_THAT(complaint([&] { simulation.set_links({.loss = 2}); }), HasSubstr("from 0 to 1"));
    EXPECT_THAT(complaint([&] { one.connect("::1.2", 7); }), HasSubstr("not an IP address"));
    EXPECT_THAT(complaint([&] { one.connect("2001:db8::1", 7); }),
                HasSubstr("STATUS_NETWORK_UNREACHABLE"));
    EXPECT_THAT(complaint([&] { simulation.add_script("peer", {"192.0.2.9"}, "dance\n"); }),
                HasSubstr("line 1"));
    EXPECT_THAT(complaint([&] { Simulation({.capture = "/nowhere/at/all.pcapng"}); }),
                HasSubstr("/nowhere/at/all.pcapng"));
}

using SimulationDeathTest = testing::Test;

TEST(SimulationDeathTest, AThreadThatNobodyWakesIsReportedWithTheReplay) {
    EXPECT_DEATH(
        {
            Simulation simulation({.seed = 5, .replay = "my_test --seed 5"});
            Machine& machine = simulation.add_computer("one", {"192.0.2.1"}).start_machine();
            const Machine::Attachment attachment(machine);
            KEVENT never;
            KeInitializeEvent(&never, NotificationEvent, FALSE);
            KeWaitForSingleObject(&never, Executive, KernelMode, FALSE, nullptr);
        },
        "my_test --seed 5");
}

}  // namespace
}  // namespace owsk
