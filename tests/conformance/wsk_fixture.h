// SPDX-License-Identifier: MIT
// WskTest: a machine with a registered WSK client, and the test's thread attached to it. Tests run
// in every completion mode; Call, Buffer and the functions of WskTest hide the differences.
//
//     class WskAccept : public WskTest {};
//     OWSK_IN_EVERY_MODE(WskAccept);
//     TEST_P(WskAccept, A1_WithoutAConnectionItWaits) {
//         PWSK_SOCKET listener = make_listener();
//         Call call;
//         start_accept(call, listener);
//         EXPECT_THAT(call, Pends());
//     }
#pragma once

#include <gmock/gmock.h>
#include <openwsk/machine.h>
#include <wsk.h>

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "base/status_name.h"
#include "conformance/client.h"
#include "conformance/tested.h"
#include "conformance/transport.h"

namespace owsk {
// "windows", "immediate", "deferred", "mixed" or "hostile".
void PrintTo(CompletionMode mode, std::ostream* out);
}  // namespace owsk

namespace owsk::conformance {

// The next number of a sequence that all threads share: what happened before what.
unsigned next_in_sequence();

// An IRP and what became of it. The completion routine keeps the IRP for the test
// (STATUS_MORE_PROCESSING_REQUIRED), so a Call can be used again after it has completed. A Call
// that is destroyed while its IRP is in use cancels the IRP and waits.
class Call {
  public:
    explicit Call(CCHAR stack_size = 1);
    ~Call();
    Call(const Call&) = delete;
    Call& operator=(const Call&) = delete;

    // Runs inside the completion routine, after everything has been recorded and before wait()
    // ends.
    std::function<void()> on_complete;

    // The IRP, ready for a call: `call.returns(dispatch.WskBind(socket, address, 0, call.irp()))`.
    PIRP irp();
    NTSTATUS returns(NTSTATUS status);
    // IoCancelIrp.
    bool cancel();

    // The final status, after completion. A call that does not complete in time fails the test and
    // gives STATUS_TIMEOUT.
    NTSTATUS wait() const;
    bool completed() const;

    NTSTATUS returned() const;  // what the call returned
    NTSTATUS status() const;    // from here on: after completion
    ULONG_PTR information() const;
    bool pending_returned() const;
    KIRQL irql() const;
    std::thread::id thread() const;
    unsigned sequence() const;     // when, among all completions
    unsigned completions() const;  // of this use of the IRP

    // Which function on which socket, and how far it has come. By the thread that made the call.
    std::string describe() const;

  private:
    struct State;
    static NTAPI NTSTATUS completion_routine(PDEVICE_OBJECT, PIRP, PVOID context);

    State* state_;
};

void PrintTo(const Call& call, std::ostream* out);

// Waits for the call to complete, and compares its final status.
MATCHER_P(CompletesWith, status, "completes with " + status_name(static_cast<NTSTATUS>(status))) {
    static_cast<void>(result_listener);
    return arg.wait() == static_cast<NTSTATUS>(status);
}

// Waits for the call to complete with any error.
MATCHER(Fails, "completes with an error") {
    static_cast<void>(result_listener);
    return !NT_SUCCESS(arg.wait()) && arg.status() != STATUS_TIMEOUT;
}

// The call returned STATUS_PENDING, and has not completed when everything has come to rest.
MATCHER(Pends, "is pending") {
    static_cast<void>(result_listener);
    transport().settle();
    return arg.returned() == STATUS_PENDING && !arg.completed();
}

// Nonpaged pool behind a chain of MDLs, and a WSK_BUF on it. The memory starts as dots.
class Buffer {
  public:
    explicit Buffer(SIZE_T length);
    explicit Buffer(std::string_view content);
    // A chain of MDLs of these lengths; the WSK_BUF covers `length` bytes from `offset`.
    Buffer(const std::vector<SIZE_T>& pieces, ULONG offset, SIZE_T length);
    ~Buffer();
    Buffer(const Buffer&) = delete;
    Buffer& operator=(const Buffer&) = delete;

    WSK_BUF wsk() const { return {first_, offset_, length_}; }
    PMDL mdl() const { return first_; }
    // Everything in the MDLs, also outside the WSK_BUF.
    std::string all() const;
    // The first `count` bytes of the WSK_BUF.
    std::string text(SIZE_T count) const { return all().substr(offset_, count); }
    // Writes from the start of the first MDL.
    void fill(std::string_view content);

  private:
    void append(SIZE_T length);

    PMDL first_ = nullptr;
    PMDL last_ = nullptr;
    ULONG offset_ = 0;
    SIZE_T length_ = 0;
};

// The text of a WSK_BUF, wherever it comes from.
std::string text_of(const WSK_BUF& buffer);

// A list that callbacks append to and the test waits on.
template <typename T>
class Log {
  public:
    void add(T value) {
        {
            const std::lock_guard guard(mutex_);
            values_.push_back(std::move(value));
        }
        transport().announce_change();
    }
    // False if there are not `count` entries in time.
    bool wait_for(std::size_t count) const {
        return transport().wait_until([&] { return size() >= count; });
    }
    std::size_t size() const {
        const std::lock_guard guard(mutex_);
        return values_.size();
    }
    T at(std::size_t index) const {
        const std::lock_guard guard(mutex_);
        return values_.at(index);
    }
    std::vector<T> all() const {
        const std::lock_guard guard(mutex_);
        return values_;
    }

  private:
    mutable std::mutex mutex_;
    std::vector<T> values_;
};

template <typename T>
void PrintTo(const Log<T>& log, std::ostream* out) {
    *out << "a list of " << log.size();
}

// Nothing more than these entries, even when everything has come to rest.
MATCHER_P(StaysAt, count, "has " + std::to_string(count) + " entries and gets no more") {
    static_cast<void>(result_listener);
    transport().settle();
    return arg.size() == static_cast<std::size_t>(count);
}

// A gate between threads: wait() until open(). False if nobody opens it in time.
class Gate {
  public:
    void open() {
        is_open_ = true;
        transport().announce_change();
    }
    bool wait() const {
        return transport().wait_until([this] { return is_open(); });
    }
    bool is_open() const { return is_open_; }

  private:
    std::atomic<bool> is_open_ = false;
};

// Of IPv4, with any free port.
inline const Endpoint wildcard = {"0.0.0.0", 0};
inline const Endpoint loopback = {"127.0.0.1", 0};
// The header of Windows makes it a negative number.
inline constexpr auto exclusive = static_cast<ULONG>(SO_EXCLUSIVEADDRUSE);

// SOCKADDR_IN or SOCKADDR_IN6, as the endpoint's address says, and back.
SOCKADDR_STORAGE sockaddr_of(const Endpoint& endpoint);
Endpoint endpoint_of(const void* sockaddr);
inline PSOCKADDR generic(SOCKADDR_STORAGE& storage) {
    return reinterpret_cast<PSOCKADDR>(&storage);
}
void PrintTo(const Endpoint& endpoint, std::ostream* out);

const WSK_PROVIDER_BASIC_DISPATCH& basic_functions(PWSK_SOCKET socket);
const WSK_PROVIDER_LISTEN_DISPATCH& listen_functions(PWSK_SOCKET socket);
const WSK_PROVIDER_CONNECTION_DISPATCH& connection_functions(PWSK_SOCKET socket);
const WSK_PROVIDER_DATAGRAM_DISPATCH& datagram_functions(PWSK_SOCKET socket);
const WSK_PROVIDER_STREAM_DISPATCH& stream_functions(PWSK_SOCKET socket);

// What a listening socket's WskAcceptEvent saw. An AcceptEvents is the context of the listener
// whose table is AcceptEvents::dispatch.
class WskTest;
class AcceptEvents {
  public:
    struct Event {
        PWSK_SOCKET socket;
        Endpoint local;
        Endpoint remote;
        ULONG flags;
        KIRQL irql;
    };
    explicit AcceptEvents(WskTest& test) : test_(test) {}

    static const WSK_CLIENT_LISTEN_DISPATCH dispatch;

    // What the callback does besides; its answer is STATUS_SUCCESS by default. Set before events
    // come.
    std::function<NTSTATUS(const Event&, PVOID* context, const WSK_CLIENT_CONNECTION_DISPATCH**)>
        answer;
    Log<Event> log;

  private:
    static NTAPI NTSTATUS on_accept(PVOID context,
                                    ULONG flags,
                                    PSOCKADDR local,
                                    PSOCKADDR remote,
                                    PWSK_SOCKET socket,
                                    PVOID* socket_context,
                                    const WSK_CLIENT_CONNECTION_DISPATCH** socket_dispatch);

    WskTest& test_;
};

// A WSK registration with a captured NPI.
class Registration {
  public:
    explicit Registration(USHORT version = MAKE_WSK_VERSION(1, 0));
    ~Registration();
    Registration(const Registration&) = delete;
    Registration& operator=(const Registration&) = delete;

    // Each once; the destructor does what has not been done.
    void release();
    void deregister();

    PWSK_CLIENT client() const { return npi_.Client; }
    const WSK_PROVIDER_DISPATCH& functions() const { return *npi_.Dispatch; }
    WSK_REGISTRATION& block() { return block_; }

  private:
    WSK_CLIENT_DISPATCH dispatch_ = {};
    WSK_REGISTRATION block_ = {};
    WSK_PROVIDER_NPI npi_ = {};
    bool registered_ = false;
    bool captured_ = false;
};

struct SocketOptions {
    ADDRESS_FAMILY family = AF_INET;
    USHORT type = SOCK_STREAM;
    ULONG protocol = IPPROTO_TCP;
    PVOID context = nullptr;
    const VOID* dispatch = nullptr;
};

struct ListenerOptions {
    Endpoint at = {"127.0.0.1", 0};
    PVOID context = nullptr;
    const WSK_CLIENT_LISTEN_DISPATCH* dispatch = nullptr;
    bool conditional = false;  // SO_CONDITIONAL_ACCEPT
    ULONG events = 0;          // enabled after the bind
};

struct AcceptOptions {
    PVOID context = nullptr;
    const WSK_CLIENT_CONNECTION_DISPATCH* dispatch = nullptr;
    PSOCKADDR local = nullptr;
    PSOCKADDR remote = nullptr;
    ULONG flags = 0;
};

class WskTest : public ::testing::TestWithParam<CompletionMode> {
  public:
    // Remembers a socket, with the category flag it has, to be closed in TearDown unless the test
    // closes it. From any thread.
    PWSK_SOCKET adopt(PWSK_SOCKET socket, ULONG flags = WSK_FLAG_CONNECTION_SOCKET);
    // Closed by other means than close() and start_close().
    void forget(PWSK_SOCKET socket);

  protected:
    explicit WskTest(SendCompletion sends = tested_sends);
    ~WskTest() override;
    void TearDown() override;

    // An object that lives until the sockets are closed: contexts of callbacks belong here.
    template <typename T, typename... Args>
    T& keep(Args&&... args) {
        auto object = std::make_shared<T>(std::forward<Args>(args)...);
        kept_.push_back(object);
        return *object;
    }

    // A thread of the machine; and one that makes no Windows calls.
    TestThread run_attached(std::function<void()> body);
    TestThread run_thread(std::function<void()> body);

    Machine& machine() { return *machine_; }
    Registration& registration() { return *registration_; }
    PWSK_CLIENT client() { return registration_->client(); }
    const WSK_PROVIDER_DISPATCH& provider() { return registration_->functions(); }
    // In these modes only is the return value of a call known for sure.
    bool windows_mode() const { return GetParam() == CompletionMode::windows; }
    bool immediate_mode() const { return GetParam() == CompletionMode::immediate; }
    bool deferred_mode() const { return GetParam() == CompletionMode::deferred; }
    // The roles of a socket are in no order among each other.
    bool hostile_mode() const { return GetParam() == CompletionMode::hostile; }

    // start_...: makes the call and returns what it returned. The others wait and return the final
    // status, or fail the test where they return something else.

    NTSTATUS start_socket(Call& call, ULONG flags, const SocketOptions& options = {});
    // The socket that a call of WskSocket or WskAccept made; null, and a failed test, if none.
    PWSK_SOCKET socket_of(const Call& call, ULONG flags = WSK_FLAG_CONNECTION_SOCKET);
    PWSK_SOCKET make_socket(ULONG flags, const SocketOptions& options = {});

    NTSTATUS start_bind(Call& call, PWSK_SOCKET socket, const Endpoint& at, ULONG flags = 0);
    NTSTATUS bind(PWSK_SOCKET socket, const Endpoint& at);
    NTSTATUS start_close(Call& call, PWSK_SOCKET socket);
    NTSTATUS close(PWSK_SOCKET socket);
    // What is still open, as at the end of each test. Callbacks that use what a test has on its
    // stack have returned afterwards.
    void close_all();

    // A bound listening socket.
    PWSK_SOCKET make_listener(const ListenerOptions& options = {});
    NTSTATUS start_accept(Call& call, PWSK_SOCKET listener, const AcceptOptions& options = {});
    PWSK_SOCKET accept(PWSK_SOCKET listener, const AcceptOptions& options = {});
    // A listener of its own, and an accepted socket whose other side is `peer`.
    PWSK_SOCKET make_connection(TcpClient& peer, const AcceptOptions& options = {});

    NTSTATUS start_receive(Call& call, PWSK_SOCKET socket, const Buffer& buffer, ULONG flags = 0);
    // What one WskReceive gets.
    std::string receive(PWSK_SOCKET socket, SIZE_T length, ULONG flags = 0);
    NTSTATUS start_send(Call& call, PWSK_SOCKET socket, const Buffer& buffer, ULONG flags = 0);
    NTSTATUS send(PWSK_SOCKET socket, std::string_view data, ULONG flags = 0);
    NTSTATUS start_disconnect(Call& call,
                              PWSK_SOCKET socket,
                              ULONG flags,
                              const Buffer* buffer = nullptr);
    NTSTATUS disconnect(PWSK_SOCKET socket, ULONG flags = 0);

    // Sockets that the fixture knows, of every category but the basic one.
    NTSTATUS start_local_address(Call& call, PWSK_SOCKET socket, SOCKADDR_STORAGE& address);
    NTSTATUS start_remote_address(Call& call, PWSK_SOCKET socket, SOCKADDR_STORAGE& address);
    Endpoint local_address(PWSK_SOCKET socket);
    Endpoint remote_address(PWSK_SOCKET socket);

    NTSTATUS set_option(PWSK_SOCKET socket, ULONG level, ULONG option, ULONG value);
    // The value; fails the test if there is none.
    ULONG get_option(PWSK_SOCKET socket, ULONG level, ULONG option);
    // SO_WSK_EVENT_CALLBACK, without an IRP and with one.
    NTSTATUS control_events(PWSK_SOCKET socket, ULONG mask);
    NTSTATUS start_control_events(Call& call, PWSK_SOCKET socket, ULONG mask);
    // WSK_SET_STATIC_EVENT_CALLBACKS of the client.
    NTSTATUS set_static_events(ULONG mask);

  private:
    class LeakNames;
    struct OpenSocket {
        PWSK_SOCKET socket;
        ULONG flags;
    };

    ULONG flags_of(PWSK_SOCKET socket);

    std::unique_ptr<LeakNames> leaks_;
    std::unique_ptr<Transport> transport_;
    Machine* machine_ = nullptr;
    std::unique_ptr<Machine::Attachment> attachment_;
    std::unique_ptr<Registration> registration_;
    std::mutex mutex_;
    std::vector<OpenSocket> sockets_;
    std::vector<std::shared_ptr<void>> kept_;
};

// The mode, as a part of a test's name.
std::string mode_name(const ::testing::TestParamInfo<CompletionMode>& info);

#ifdef OWSK_FEW_MODES
inline constexpr CompletionMode tested_modes[] = {
    CompletionMode::windows, CompletionMode::mixed, CompletionMode::hostile};
#else
inline constexpr CompletionMode tested_modes[] = {CompletionMode::windows,
                                                  CompletionMode::immediate,
                                                  CompletionMode::deferred,
                                                  CompletionMode::mixed,
                                                  CompletionMode::hostile};
#endif

#define OWSK_IN_EVERY_MODE(suite)                                                    \
    INSTANTIATE_TEST_SUITE_P(InMode,                                                 \
                             suite,                                                  \
                             ::testing::ValuesIn(::owsk::conformance::tested_modes), \
                             ::owsk::conformance::mode_name)

}  // namespace owsk::conformance
