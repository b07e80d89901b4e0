// SPDX-License-Identifier: MIT
// The greeter as a module: the file that wskrun loads.
#include <gtest/gtest.h>
#include <openwsk/simulation.h>

namespace {

TEST(GreeterModule, GreetsAVisitor) {
    owsk::Simulation simulation({.seed = 7});
    owsk::Machine& machine = simulation.add_computer("server", {"192.0.2.1"}).start_machine();
    owsk::DriverError error;
    ASSERT_TRUE(machine.load_driver("greeter", GREETER_MODULE, error)) << error.message;
    owsk::Client visitor =
        simulation.add_computer("laptop", {"192.0.2.2"}).connect("192.0.2.1", 5017);
    EXPECT_TRUE(simulation.run_until([&] { return visitor.peer_finished(); }));
    EXPECT_EQ(visitor.received(), "hello, visitor 1\n");
    EXPECT_TRUE(machine.unload_driver("greeter"));
    EXPECT_EQ(machine.stop(), 0U) << "leaks";
}

}  // namespace
