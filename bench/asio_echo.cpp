// SPDX-License-Identifier: MIT
// asio_echo: an echo server as one would write it with Asio: sessions that read and write by turns.
//
// One thread. The buffer belongs to the session, as in Asio's own examples, and has the size of the
// other servers' buffers; memory that no message has reached stays untouched.
#include <array>
#include <asio.hpp>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <memory>
#include <utility>

namespace {

using asio::ip::tcp;

constexpr std::size_t buffer_size = 64 * 1024;

class Session : public std::enable_shared_from_this<Session> {
  public:
    explicit Session(tcp::socket socket) : socket_(std::move(socket)) {}

    // Whatever the error is: the last reference goes, and with it the connection.
    void read() {
        socket_.async_read_some(
            asio::buffer(buffer_),
            [self = shared_from_this()](const asio::error_code& error, std::size_t length) {
                if (!error) {
                    self->write(length);
                }
            });
    }

  private:
    void write(std::size_t length) {
        asio::async_write(socket_,
                          asio::buffer(buffer_, length),
                          [self = shared_from_this()](const asio::error_code& error, std::size_t) {
                              if (!error) {
                                  self->read();
                              }
                          });
    }

    tcp::socket socket_;
    std::array<char, buffer_size> buffer_;
};

class Server {
  public:
    Server(asio::io_context& context, unsigned short port)
        : acceptor_(context, {asio::ip::address_v4::loopback(), port}) {
        // The same words as wskrun's, so that bench/run reads one language.
        std::printf("listening on 127.0.0.1:%u (Asio)\n", acceptor_.local_endpoint().port());
        std::fflush(stdout);
    }

    void accept() {
        acceptor_.async_accept([this](const asio::error_code& error, tcp::socket socket) {
            if (!error) {
                std::make_shared<Session>(std::move(socket))->read();
            }
            accept();
        });
    }

  private:
    tcp::acceptor acceptor_;
};

}  // namespace

int main(int argc, char** argv) {
    try {
        asio::io_context context(1);
        Server server(context, argc > 1 ? static_cast<unsigned short>(std::atoi(argv[1])) : 0);
        server.accept();
        context.run();
    } catch (const std::exception& error) {
        std::fprintf(stderr, "asio_echo: %s\n", error.what());
        return 1;
    }
    return 0;
}
