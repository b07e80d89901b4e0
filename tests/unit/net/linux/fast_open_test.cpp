// SPDX-License-Identifier: MIT
// Bytes that travel in a SYN (RFC 7413), in a network where no cookies are asked for.
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <fstream>
#include <string>

#include "net/linux/sockaddr.h"
#include "unit/net/linux/client.h"
#include "unit/net/linux/connector_recorder.h"
#include "unit/net/linux/netfilter/own_network.h"
#include "unit/net/linux/wire.h"

namespace owsk::net {
namespace {

// Bits of net.ipv4.tcp_fastopen: as a client, as a server, and both without cookies.
constexpr unsigned everywhere = 0x1 | 0x2 | 0x4 | 0x200;

class FastOpenTest : public OwnNetworkTest {
  protected:
    struct Scene {
        explicit Scene(unsigned allowed) {
            std::ofstream("/proc/sys/net/ipv4/tcp_fastopen") << allowed;
            host.start(nullptr);
        }
        ~Scene() { host.stop(); }

        host::LinuxHost host;
        host::LinuxProcessor& processor = host.processor(0);
        LinuxNetwork network{host, GateMode::accepted};
        ConnectorRecorder made;
    };

    // A server that is not ours.
    class Server {
      public:
        Server() : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
            const Sockaddr any = to_sockaddr(loopback4);
            const int queue = 5;
            EXPECT_EQ(::setsockopt(fd_.get(), IPPROTO_TCP, TCP_FASTOPEN, &queue, sizeof queue), 0);
            EXPECT_EQ(::bind(fd_.get(), any.get(), any.length), 0);
            EXPECT_EQ(::listen(fd_.get(), 5), 0);
        }
        Address address() const { return local_address_of(fd_.get()); }
        host::UniqueFd accept() const {
            return host::UniqueFd(::accept4(fd_.get(), nullptr, nullptr, SOCK_CLOEXEC));
        }

      private:
        host::UniqueFd fd_;
    };

    static bool came_with_the_syn(int fd) {
        tcp_info info = {};
        socklen_t length = sizeof info;
        EXPECT_EQ(::getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &length), 0);
        return (info.tcpi_options & TCPI_OPT_SYN_DATA) != 0;
    }
    static std::string text_from(int fd, std::size_t length) {
        std::string text(length, '\0');
        EXPECT_EQ(::recv(fd, text.data(), length, MSG_WAITALL), static_cast<ssize_t>(length));
        return text;
    }

    // Connects to the server, offers it the bytes, and returns how many have been taken.
    static std::size_t offer(Scene& scene, const Server& server, bool fast, std::string first) {
        Result<std::unique_ptr<Connector>> connector = scene.network.bind(loopback4, {});
        EXPECT_EQ((*connector)->set_option(SocketOption::fast_open, fast ? 1 : 0), STATUS_SUCCESS);
        const Slice slice{first.data(), first.size()};
        const Result<std::size_t> taken =
            (*connector)
                ->connect_with({&slice, 1}, server.address(), 1, scene.processor, scene.made);
        EXPECT_NE(scene.made.wait_connected(), nullptr);
        close_and_wait(**connector);
        return *taken;
    }
};

TEST_F(FastOpenTest, TheSynTakesBytesAlong) {
    in_own_network([] {
        Scene scene(everywhere);
        const Server server;
        EXPECT_EQ(offer(scene, server, true, "hello"), 5U);
        const host::UniqueFd accepted = server.accept();
        EXPECT_TRUE(came_with_the_syn(accepted.get()));
        EXPECT_EQ(text_from(accepted.get(), 5), "hello");
    });
}

TEST_F(FastOpenTest, UnlessItIsNotAskedTo) {
    in_own_network([] {
        Scene scene(everywhere);
        const Server server;
        EXPECT_EQ(offer(scene, server, false, "hello"), 0U);
        EXPECT_FALSE(came_with_the_syn(server.accept().get()));
    });
}

TEST_F(FastOpenTest, WhereTheComputerDoesNotKnowItTheHandshakeIsPlain) {
    in_own_network([] {
        Scene scene(0);
        const Server server;
        EXPECT_EQ(offer(scene, server, true, "hello"), 0U);
        EXPECT_FALSE(came_with_the_syn(server.accept().get()));
    });
}

TEST_F(FastOpenTest, WithoutACookieThePeerIsAskedForOneAndTheHandshakeIsPlain) {
    in_own_network([] {
        Scene scene(0x1 | 0x2);
        const Server server;
        EXPECT_EQ(offer(scene, server, true, "first"), 0U);
        EXPECT_FALSE(came_with_the_syn(server.accept().get()));
        EXPECT_EQ(offer(scene, server, true, "second"), 6U);
        EXPECT_TRUE(came_with_the_syn(server.accept().get()));
    });
}

TEST_F(FastOpenTest, AListenerTakesThemAsWell) {
    in_own_network([] {
        Scene scene(everywhere);
        Result<std::unique_ptr<Listener>> listener = scene.network.listen(loopback4, {});
        ASSERT_TRUE(listener.has_value());
        ASSERT_EQ((*listener)->set_option(SocketOption::fast_open, 1), STATUS_SUCCESS);
        EXPECT_EQ(*(*listener)->get_option(SocketOption::fast_open), 1U);
        PlainRecorder incoming;
        ASSERT_EQ((*listener)->start(scene.processor, incoming), STATUS_SUCCESS);
        const host::UniqueFd client(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        const Sockaddr to = to_sockaddr((*listener)->local_address());
        EXPECT_EQ(::sendto(client.get(), "hello", 5, MSG_FASTOPEN, to.get(), to.length), 5);
        const std::unique_ptr<Connection> accepted = incoming.next(**listener);
        ASSERT_NE(accepted, nullptr);
        EXPECT_TRUE(came_with_the_syn(client.get()));
        close_and_wait(**listener);
    });
}

}  // namespace
}  // namespace owsk::net
