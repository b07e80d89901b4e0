// SPDX-License-Identifier: MIT
// What is sent arrives once and in order, whatever the links do.
#include "base/prng.h"
#include "unit/net/sim/small_internet.h"

namespace owsk::net {
namespace {

std::string bytes_of(Prng& random, std::size_t count) {
    std::string bytes(count, '\0');
    for (char& byte : bytes) {
        byte = static_cast<char>(random.next());
    }
    return bytes;
}

LinkRules bad_link(Prng& random) {
    LinkRules link;
    link.latency = Duration(static_cast<std::int64_t>(random.below(20'000'000)));
    link.jitter = Duration(static_cast<std::int64_t>(random.below(5'000'000)));
    link.loss = 0.2;
    link.duplication = 0.2;
    link.reordering = 0.2;
    link.reordering_delay = 1ms + Duration(static_cast<std::int64_t>(random.below(50'000'000)));
    link.mtu = 100 + random.below(1400);
    return link;
}

class TcpDelivery : public testing::TestWithParam<std::uint64_t> {};

TEST_P(TcpDelivery, EverythingArrivesOnceAndInOrderOverABadLink) {
    Prng random(GetParam());
    SmallInternet net(GetParam());
    net.internet.set_link(net.server, net.client, bad_link(random));
    net.internet.set_link(net.client, net.server, bad_link(random));
    TcpOptions options;
    options.receive_buffer = static_cast<std::uint32_t>(1000 + random.below(100'000));
    options.no_delay = random.chance(50);
    TcpServer listener(net.server);
    listener.set_options(options);
    ASSERT_EQ(listener.listen(at("192.0.2.1", 7)), STATUS_SUCCESS);
    TcpEndpoint there(net.client);
    ASSERT_EQ(there.connect(at("192.0.2.1", 7)), STATUS_SUCCESS);
    std::unique_ptr<TcpEndpoint> here;
    ASSERT_TRUE(net.run_until([&] { return (here = listener.accept()) != nullptr; }));

    const std::string up = bytes_of(random, random.below(60'000));
    const std::string down = bytes_of(random, random.below(60'000));
    for (std::size_t i = 0; i < up.size(); i += 7001) {
        there.send(std::string_view(up).substr(i, 7001));
    }
    here->send(down);
    there.finish();
    here->finish();
    here->set_reading(false);
    // Until both have read everything. A last acknowledgment may get lost for longer than TIME-WAIT
    // lasts, and then one side sees a reset at the very end.
    const auto both_have_all = [&] {
        // A slow reader, so that the window closes now and then.
        if (random.chance(5)) {
            here->read_some(random.below(5000));
        }
        return here->saw_end_of_stream() && there.saw_end_of_stream();
    };
    while (!both_have_all()) {
        ASSERT_LT(net.events.now(), Instant() + 10h);
        if (!net.events.step()) {
            net.run_for(1s);
        }
    }
    EXPECT_TRUE(here->received() == up);
    EXPECT_TRUE(there.received() == down);
}
INSTANTIATE_TEST_SUITE_P(Seeds, TcpDelivery, testing::Range<std::uint64_t>(1, 301));

}  // namespace
}  // namespace owsk::net
