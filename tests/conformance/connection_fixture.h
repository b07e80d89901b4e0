// SPDX-License-Identifier: MIT
// What tests of conditional listeners and of connections share: callbacks that note what they saw
// and answer what the test says.
#pragma once

#include <array>
#include <atomic>
#include <cstring>
#include <string>
#include <vector>

#include "conformance/wsk_fixture.h"

namespace owsk::conformance {

inline bool same(const WSK_INSPECT_ID& a, const WSK_INSPECT_ID& b) {
    return a.Key == b.Key && a.SerialNumber == b.SerialNumber;
}

// An identifier as memory, the padding included: drivers compare and hash it so.
using IdBytes = std::array<unsigned char, sizeof(WSK_INSPECT_ID)>;
inline IdBytes bytes_of(const void* id) {
    IdBytes bytes;
    std::memcpy(bytes.data(), id, bytes.size());
    return bytes;
}

// The callbacks of a listener; the context of the listener whose table is Inspector::dispatch. What
// is asked of the test has to be set before events come.
class Inspector {
  public:
    struct Attempt {
        WSK_INSPECT_ID id;
        Endpoint local;
        Endpoint remote;
        unsigned sequence;
        IdBytes bytes;
    };
    struct Delivery {
        PWSK_SOCKET socket;  // none if `answer` refused it
        Endpoint remote;
        unsigned sequence;
    };
    explicit Inspector(WskTest& test) : test_(test) {}

    static const WSK_CLIENT_LISTEN_DISPATCH dispatch;

    // WskInspectAccept by default.
    std::function<WSK_INSPECT_ACTION(const Attempt&)> verdict;
    std::function<void()> on_aborted;
    // Of WskAcceptEvent; STATUS_SUCCESS by default.
    std::function<NTSTATUS(PVOID*, const WSK_CLIENT_CONNECTION_DISPATCH**)> answer;
    Log<Attempt> attempts;
    Log<WSK_INSPECT_ID> aborts;
    Log<IdBytes> abort_bytes;
    Log<Delivery> deliveries;

  private:
    static NTAPI WSK_INSPECT_ACTION on_inspect(PVOID context,
                                               PSOCKADDR local,
                                               PSOCKADDR remote,
                                               PWSK_INSPECT_ID id) {
        Inspector& self = *static_cast<Inspector*>(context);
        const Attempt attempt = {
            *id, endpoint_of(local), endpoint_of(remote), next_in_sequence(), bytes_of(id)};
        self.attempts.add(attempt);
        return self.verdict ? self.verdict(attempt) : WskInspectAccept;
    }
    static NTAPI NTSTATUS on_abort(PVOID context, PWSK_INSPECT_ID id) {
        if (static_cast<Inspector*>(context)->on_aborted) {
            static_cast<Inspector*>(context)->on_aborted();
        }
        static_cast<Inspector*>(context)->abort_bytes.add(bytes_of(id));
        static_cast<Inspector*>(context)->aborts.add(*id);
        return STATUS_SUCCESS;
    }
    static NTAPI NTSTATUS on_accept(PVOID context,
                                    ULONG,
                                    PSOCKADDR,
                                    PSOCKADDR remote,
                                    PWSK_SOCKET socket,
                                    PVOID* socket_context,
                                    const WSK_CLIENT_CONNECTION_DISPATCH** socket_dispatch) {
        Inspector& self = *static_cast<Inspector*>(context);
        Delivery delivery = {socket, endpoint_of(remote), next_in_sequence()};
        const NTSTATUS status =
            self.answer ? self.answer(socket_context, socket_dispatch) : STATUS_SUCCESS;
        if (NT_SUCCESS(status)) {
            self.test_.adopt(socket);
        } else {
            delivery.socket = nullptr;
        }
        self.deliveries.add(delivery);
        return status;
    }

    WskTest& test_;
};

inline const WSK_CLIENT_LISTEN_DISPATCH Inspector::dispatch = {
    Inspector::on_accept, Inspector::on_inspect, Inspector::on_abort};

// The callbacks of a connection; its context, if its table is ConnectionLog::dispatch.
class ConnectionLog {
  public:
    struct Data {
        PWSK_DATA_INDICATION list;
        std::string text;
        ULONG flags;
        unsigned sequence;
    };
    struct Disconnect {
        ULONG flags;
        unsigned sequence;
    };

    static const WSK_CLIENT_CONNECTION_DISPATCH dispatch;

    // Of WskReceiveEvent; STATUS_SUCCESS by default, with everything accepted. Set before events
    // come.
    std::function<NTSTATUS(const Data&, SIZE_T* accepted)> answer;
    std::function<void()> on_disconnected;
    Log<Data> data;
    Log<Disconnect> disconnects;

    // What all events so far have shown, one after another.
    std::string text() const {
        std::string all;
        for (const Data& event : data.all()) {
            all += event.text;
        }
        return all;
    }
    // False if the events do not show `length` bytes in time.
    bool wait_for_text(std::size_t length) const {
        for (std::size_t events = 1; text().size() < length; ++events) {
            if (!data.wait_for(events)) {
                return false;
            }
        }
        return true;
    }

  private:
    static NTAPI NTSTATUS on_receive(
        PVOID context, ULONG flags, PWSK_DATA_INDICATION list, SIZE_T indicated, SIZE_T* accepted) {
        ConnectionLog& self = *static_cast<ConnectionLog*>(context);
        Data event = {list, "", flags, next_in_sequence()};
        for (PWSK_DATA_INDICATION part = list; part != nullptr; part = part->Next) {
            event.text += text_of(part->Buffer);
        }
        EXPECT_EQ(event.text.size(), indicated);
        EXPECT_EQ(*accepted, indicated);
        EXPECT_EQ((flags & WSK_FLAG_AT_DISPATCH_LEVEL) != 0, KeGetCurrentIrql() == DISPATCH_LEVEL);
        const NTSTATUS status = self.answer ? self.answer(event, accepted) : STATUS_SUCCESS;
        self.data.add(event);
        return status;
    }
    static NTAPI NTSTATUS on_disconnect(PVOID context, ULONG flags) {
        ConnectionLog& self = *static_cast<ConnectionLog*>(context);
        if (self.on_disconnected) {
            self.on_disconnected();
        }
        self.disconnects.add({flags, next_in_sequence()});
        return STATUS_SUCCESS;
    }
};

inline const WSK_CLIENT_CONNECTION_DISPATCH ConnectionLog::dispatch = {
    ConnectionLog::on_receive, ConnectionLog::on_disconnect, nullptr};

// A test with a conditional listener.
class ConditionalTest : public WskTest {
  protected:
    // With WSK_EVENT_ACCEPT in `events` connections are delivered to inspector().deliveries.
    PWSK_SOCKET make_conditional(ULONG events = 0) {
        ListenerOptions options;
        options.context = &inspector_;
        options.dispatch = &Inspector::dispatch;
        options.conditional = true;
        options.events = events;
        return make_listener(options);
    }
    Inspector& inspector() { return inspector_; }
    // Every attempt is held for WskInspectComplete.
    void pend_all() {
        inspector_.verdict = [](const Inspector::Attempt&) { return WskInspectPend; };
    }
    // A client whose attempt is number `index` of inspector().attempts.
    TcpClient ask(PWSK_SOCKET listener, std::size_t index = 0) {
        TcpClient client;
        EXPECT_TRUE(client.start_connect(local_address(listener)));
        EXPECT_TRUE(inspector_.attempts.wait_for(index + 1));
        return client;
    }

    NTSTATUS start_verdict(Call& call,
                           PWSK_SOCKET listener,
                           WSK_INSPECT_ID id,
                           WSK_INSPECT_ACTION action) {
        return call.returns(
            listen_functions(listener).WskInspectComplete(listener, &id, action, call.irp()));
    }
    NTSTATUS verdict(PWSK_SOCKET listener, WSK_INSPECT_ID id, WSK_INSPECT_ACTION action) {
        Call call;
        start_verdict(call, listener, id, action);
        return call.wait();
    }

  private:
    Inspector& inspector_ = keep<Inspector>(*this);
};

// A test with a connection whose socket has the table and the context of log().
class ConnectionTest : public WskTest {
  protected:
    using WskTest::WskTest;

    // Fits what lies between a driver and a peer with a small buffer that does not read, and not
    // what the peer has room for.
    static constexpr SIZE_T more_than_the_peer_takes = 256 * 1024;

    // Connects `peer`, which has room for little that it has not read.
    PWSK_SOCKET connect_small(TcpClient& peer) {
        peer.set_receive_buffer(small_receive_buffer);
        return connect(peer);
    }
    // Connects `peer`, and enables `events`.
    PWSK_SOCKET connect(TcpClient& peer, ULONG events = 0) {
        AcceptOptions options;
        options.context = &log_;
        options.dispatch = &ConnectionLog::dispatch;
        PWSK_SOCKET socket = make_connection(peer, options);
        if (events != 0) {
            EXPECT_EQ(control_events(socket, events), STATUS_SUCCESS);
        }
        return socket;
    }
    ConnectionLog& log() { return log_; }

    // Returns when the callback that may be running has returned: completions come after it.
    void settle(PWSK_SOCKET socket) { get_option(socket, SOL_SOCKET, SO_KEEPALIVE); }

    // A WskReceive without a buffer: it takes nothing, and lets suspended events go on.
    NTSTATUS start_empty_receive(Call& call, PWSK_SOCKET socket, ULONG flags = 0) {
        WSK_BUF nothing = {};
        return call.returns(
            connection_functions(socket).WskReceive(socket, &nothing, flags, call.irp()));
    }
    NTSTATUS empty_receive(PWSK_SOCKET socket) {
        Call call;
        start_empty_receive(call, socket);
        return call.wait();
    }

    // More than a connection takes while its peer does not read.
    static constexpr SIZE_T too_much = 12 * 1024 * 1024;
    static constexpr int small_receive_buffer = 128 * 1024;

  private:
    ConnectionLog& log_ = keep<ConnectionLog>();
};

}  // namespace owsk::conformance
