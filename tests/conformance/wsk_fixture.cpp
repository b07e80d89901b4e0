// SPDX-License-Identifier: MIT
// The fixture of the conformance tests.
#include "conformance/wsk_fixture.h"

#include <algorithm>
#include <atomic>
#include <cstring>

namespace owsk::conformance {

namespace {

NTAPI NTSTATUS client_event(PVOID, ULONG, PVOID, SIZE_T) {
    ADD_FAILURE() << "WskClientEvent was called";
    return STATUS_NOT_IMPLEMENTED;
}

template <typename Table>
const Table& functions_of(PWSK_SOCKET socket) {
    return *static_cast<const Table*>(socket->Dispatch);
}

// A close that does not end would keep WskDeregister for ever: better no program than a silent one.
[[noreturn]] void give_up(const Call& call) {
    std::fprintf(stderr, "conformance: %s did not complete in time\n", call.describe().c_str());
    std::abort();
}

}  // namespace

SOCKADDR_STORAGE sockaddr_of(const Endpoint& endpoint) {
    SOCKADDR_STORAGE storage = {};
    UCHAR ip[16] = {};
    EXPECT_TRUE(parse_ip(endpoint.ip, ip)) << endpoint.ip;
    if (endpoint.is_v6()) {
        auto& in6 = reinterpret_cast<SOCKADDR_IN6&>(storage);
        in6.sin6_family = AF_INET6;
        in6.sin6_port = RtlUshortByteSwap(endpoint.port);
        std::memcpy(&in6.sin6_addr, ip, 16);
    } else {
        auto& in = reinterpret_cast<SOCKADDR_IN&>(storage);
        in.sin_family = AF_INET;
        in.sin_port = RtlUshortByteSwap(endpoint.port);
        std::memcpy(&in.sin_addr, ip, 4);
    }
    return storage;
}

Endpoint endpoint_of(const void* sockaddr) {
    if (static_cast<const SOCKADDR*>(sockaddr)->sa_family == AF_INET6) {
        SOCKADDR_IN6 in6;
        std::memcpy(&in6, sockaddr, sizeof in6);
        UCHAR ip[16];
        std::memcpy(ip, &in6.sin6_addr, sizeof ip);
        return {format_ip(ip, true), RtlUshortByteSwap(in6.sin6_port)};
    }
    SOCKADDR_IN in;
    std::memcpy(&in, sockaddr, sizeof in);
    EXPECT_EQ(in.sin_family, AF_INET);
    UCHAR ip[4];
    std::memcpy(ip, &in.sin_addr, sizeof ip);
    return {format_ip(ip, false), RtlUshortByteSwap(in.sin_port)};
}

void PrintTo(const Endpoint& endpoint, std::ostream* out) {
    *out << endpoint.ip << " port " << endpoint.port;
}

const WSK_PROVIDER_BASIC_DISPATCH& basic_functions(PWSK_SOCKET socket) {
    return functions_of<WSK_PROVIDER_BASIC_DISPATCH>(socket);
}
const WSK_PROVIDER_LISTEN_DISPATCH& listen_functions(PWSK_SOCKET socket) {
    return functions_of<WSK_PROVIDER_LISTEN_DISPATCH>(socket);
}
const WSK_PROVIDER_CONNECTION_DISPATCH& connection_functions(PWSK_SOCKET socket) {
    return functions_of<WSK_PROVIDER_CONNECTION_DISPATCH>(socket);
}
const WSK_PROVIDER_DATAGRAM_DISPATCH& datagram_functions(PWSK_SOCKET socket) {
    return functions_of<WSK_PROVIDER_DATAGRAM_DISPATCH>(socket);
}
const WSK_PROVIDER_STREAM_DISPATCH& stream_functions(PWSK_SOCKET socket) {
    return functions_of<WSK_PROVIDER_STREAM_DISPATCH>(socket);
}

const WSK_CLIENT_LISTEN_DISPATCH AcceptEvents::dispatch = {on_accept, nullptr, nullptr};

NTSTATUS AcceptEvents::on_accept(PVOID context,
                                 ULONG flags,
                                 PSOCKADDR local,
                                 PSOCKADDR remote,
                                 PWSK_SOCKET socket,
                                 PVOID* socket_context,
                                 const WSK_CLIENT_CONNECTION_DISPATCH** socket_dispatch) {
    AcceptEvents& self = *static_cast<AcceptEvents*>(context);
    Event event = {socket, {}, {}, flags, KeGetCurrentIrql()};
    NTSTATUS status = STATUS_REQUEST_NOT_ACCEPTED;
    if (socket != nullptr) {
        event.local = endpoint_of(local);
        event.remote = endpoint_of(remote);
        self.test_.adopt(socket);
        status = self.answer ? self.answer(event, socket_context, socket_dispatch) : STATUS_SUCCESS;
        if (!NT_SUCCESS(status)) {
            self.test_.forget(socket);
        }
    }
    self.log.add(event);
    return status;
}

Registration::Registration(USHORT version) {
    dispatch_ = {version, 0, client_event};
    WSK_CLIENT_NPI npi = {this, &dispatch_};
    registered_ = WskRegister(&npi, &block_) == STATUS_SUCCESS;
    EXPECT_TRUE(registered_);
    const NTSTATUS status = WskCaptureProviderNPI(&block_, WSK_INFINITE_WAIT, &npi_);
    EXPECT_EQ(status, STATUS_SUCCESS);
    captured_ = status == STATUS_SUCCESS;
}

Registration::~Registration() {
    release();
    deregister();
}

void Registration::release() {
    if (std::exchange(captured_, false)) {
        WskReleaseProviderNPI(&block_);
    }
}

void Registration::deregister() {
    if (std::exchange(registered_, false)) {
        WskDeregister(&block_);
    }
}

class WskTest::LeakNames final : public Observer {
  public:
    void leak(const probe::Leak& record) noexcept override {
        ADD_FAILURE() << "leak: " << record.kind << ": " << record.description;
    }
};

WskTest::WskTest(SendCompletion sends)
    : leaks_(std::make_unique<LeakNames>()), transport_(new_transport()) {
    MachineOptions options;
    options.processors = 2;
    options.completion = GetParam();
    options.sends = sends;
    options.seed = 7;
    options.observers = {leaks_.get()};
    machine_ = &transport_->start_machine(std::move(options));
    attachment_ = std::make_unique<Machine::Attachment>(*machine_);
    registration_ = std::make_unique<Registration>();
}

WskTest::~WskTest() = default;

void WskTest::TearDown() {
    close_all();
    registration_.reset();
    kept_.clear();
    attachment_.reset();
    EXPECT_EQ(machine_->stop(), 0u);
    transport_.reset();
}

void WskTest::close_all() {
    const auto first = [this]() -> PWSK_SOCKET {
        const std::lock_guard guard(mutex_);
        return sockets_.empty() ? nullptr : sockets_.front().socket;
    };
    while (PWSK_SOCKET socket = first()) {
        close(socket);
    }
}

TestThread WskTest::run_attached(std::function<void()> body) {
    return run_thread([this, body = std::move(body)] {
        const Machine::Attachment attachment(*machine_);
        body();
    });
}

TestThread WskTest::run_thread(std::function<void()> body) {
    return transport_->start_thread(std::move(body));
}

PWSK_SOCKET WskTest::adopt(PWSK_SOCKET socket, ULONG flags) {
    const std::lock_guard guard(mutex_);
    sockets_.push_back({socket, flags});
    return socket;
}

void WskTest::forget(PWSK_SOCKET socket) {
    const std::lock_guard guard(mutex_);
    std::erase_if(sockets_, [socket](const OpenSocket& open) { return open.socket == socket; });
}

NTSTATUS WskTest::start_socket(Call& call, ULONG flags, const SocketOptions& options) {
    return call.returns(provider().WskSocket(client(),
                                             options.family,
                                             options.type,
                                             options.protocol,
                                             flags,
                                             options.context,
                                             options.dispatch,
                                             nullptr,
                                             nullptr,
                                             nullptr,
                                             call.irp()));
}

PWSK_SOCKET WskTest::socket_of(const Call& call, ULONG flags) {
    EXPECT_THAT(call, CompletesWith(STATUS_SUCCESS));
    if (call.status() != STATUS_SUCCESS || call.information() == 0) {
        ADD_FAILURE() << "the call made no socket";
        return nullptr;
    }
    return adopt(reinterpret_cast<PWSK_SOCKET>(call.information()), flags);
}

PWSK_SOCKET WskTest::make_socket(ULONG flags, const SocketOptions& options) {
    Call call;
    start_socket(call, flags, options);
    return socket_of(call, flags);
}

NTSTATUS WskTest::start_bind(Call& call, PWSK_SOCKET socket, const Endpoint& at, ULONG flags) {
    // WskBind has the same place in the table of every category that has it.
    SOCKADDR_STORAGE address = sockaddr_of(at);
    return call.returns(
        listen_functions(socket).WskBind(socket, generic(address), flags, call.irp()));
}

NTSTATUS WskTest::bind(PWSK_SOCKET socket, const Endpoint& at) {
    Call call;
    start_bind(call, socket, at);
    return call.wait();
}

NTSTATUS WskTest::start_close(Call& call, PWSK_SOCKET socket) {
    forget(socket);
    return call.returns(basic_functions(socket).WskCloseSocket(socket, call.irp()));
}

NTSTATUS WskTest::close(PWSK_SOCKET socket) {
    Call call;
    start_close(call, socket);
    const NTSTATUS status = call.wait();
    if (status == STATUS_TIMEOUT) {
        give_up(call);
    }
    return status;
}

PWSK_SOCKET WskTest::make_listener(const ListenerOptions& options) {
    SocketOptions socket_options;
    socket_options.family = options.at.is_v6() ? AF_INET6 : AF_INET;
    socket_options.context = options.context;
    socket_options.dispatch = options.dispatch;
    PWSK_SOCKET listener = make_socket(WSK_FLAG_LISTEN_SOCKET, socket_options);
    if (listener == nullptr) {
        return nullptr;
    }
    if (options.conditional) {
        EXPECT_EQ(set_option(listener, SOL_SOCKET, SO_CONDITIONAL_ACCEPT, 1), STATUS_SUCCESS);
    }
    EXPECT_EQ(bind(listener, options.at), STATUS_SUCCESS);
    if (options.events != 0) {
        EXPECT_EQ(control_events(listener, options.events), STATUS_SUCCESS);
    }
    return listener;
}

NTSTATUS WskTest::start_accept(Call& call, PWSK_SOCKET listener, const AcceptOptions& options) {
    return call.returns(listen_functions(listener).WskAccept(listener,
                                                             options.flags,
                                                             options.context,
                                                             options.dispatch,
                                                             options.local,
                                                             options.remote,
                                                             call.irp()));
}

PWSK_SOCKET WskTest::accept(PWSK_SOCKET listener, const AcceptOptions& options) {
    Call call;
    start_accept(call, listener, options);
    return socket_of(call);
}

PWSK_SOCKET WskTest::make_connection(TcpClient& peer, const AcceptOptions& options) {
    PWSK_SOCKET listener = make_listener();
    EXPECT_TRUE(peer.connect(local_address(listener)));
    return accept(listener, options);
}

NTSTATUS WskTest::start_receive(Call& call, PWSK_SOCKET socket, const Buffer& buffer, ULONG flags) {
    WSK_BUF wsk_buf = buffer.wsk();
    return call.returns(
        connection_functions(socket).WskReceive(socket, &wsk_buf, flags, call.irp()));
}

std::string WskTest::receive(PWSK_SOCKET socket, SIZE_T length, ULONG flags) {
    const Buffer buffer(length);
    Call call;
    start_receive(call, socket, buffer, flags);
    EXPECT_THAT(call, CompletesWith(STATUS_SUCCESS));
    return call.status() == STATUS_SUCCESS ? buffer.text(call.information()) : std::string();
}

NTSTATUS WskTest::start_send(Call& call, PWSK_SOCKET socket, const Buffer& buffer, ULONG flags) {
    WSK_BUF wsk_buf = buffer.wsk();
    return call.returns(connection_functions(socket).WskSend(socket, &wsk_buf, flags, call.irp()));
}

NTSTATUS WskTest::send(PWSK_SOCKET socket, std::string_view data, ULONG flags) {
    const Buffer buffer(data);
    Call call;
    start_send(call, socket, buffer, flags);
    return call.wait();
}

NTSTATUS WskTest::start_disconnect(Call& call,
                                   PWSK_SOCKET socket,
                                   ULONG flags,
                                   const Buffer* buffer) {
    WSK_BUF wsk_buf = {};
    if (buffer != nullptr) {
        wsk_buf = buffer->wsk();
    }
    return call.returns(connection_functions(socket).WskDisconnect(
        socket, buffer == nullptr ? nullptr : &wsk_buf, flags, call.irp()));
}

NTSTATUS WskTest::disconnect(PWSK_SOCKET socket, ULONG flags) {
    Call call;
    start_disconnect(call, socket, flags);
    return call.wait();
}

ULONG WskTest::flags_of(PWSK_SOCKET socket) {
    const std::lock_guard guard(mutex_);
    const auto entry = std::ranges::find(sockets_, socket, &OpenSocket::socket);
    if (entry == sockets_.end()) {
        ADD_FAILURE() << "the fixture does not know the socket";
        return WSK_FLAG_CONNECTION_SOCKET;
    }
    return entry->flags;
}

NTSTATUS WskTest::start_local_address(Call& call, PWSK_SOCKET socket, SOCKADDR_STORAGE& address) {
    // The function has another place in each table.
    PFN_WSK_GET_LOCAL_ADDRESS function = nullptr;
    switch (flags_of(socket)) {
        case WSK_FLAG_LISTEN_SOCKET:
            function = listen_functions(socket).WskGetLocalAddress;
            break;
        case WSK_FLAG_DATAGRAM_SOCKET:
            function = datagram_functions(socket).WskGetLocalAddress;
            break;
        case WSK_FLAG_STREAM_SOCKET:
            function = stream_functions(socket).WskGetLocalAddress;
            break;
        default:
            function = connection_functions(socket).WskGetLocalAddress;
            break;
    }
    return call.returns(function(socket, generic(address), call.irp()));
}

NTSTATUS WskTest::start_remote_address(Call& call, PWSK_SOCKET socket, SOCKADDR_STORAGE& address) {
    const PFN_WSK_GET_REMOTE_ADDRESS function =
        flags_of(socket) == WSK_FLAG_STREAM_SOCKET
            ? stream_functions(socket).WskGetRemoteAddress
            : connection_functions(socket).WskGetRemoteAddress;
    return call.returns(function(socket, generic(address), call.irp()));
}

Endpoint WskTest::local_address(PWSK_SOCKET socket) {
    SOCKADDR_STORAGE address = {};
    Call call;
    start_local_address(call, socket, address);
    EXPECT_THAT(call, CompletesWith(STATUS_SUCCESS));
    return call.status() == STATUS_SUCCESS ? endpoint_of(&address) : Endpoint();
}

Endpoint WskTest::remote_address(PWSK_SOCKET socket) {
    SOCKADDR_STORAGE address = {};
    Call call;
    start_remote_address(call, socket, address);
    EXPECT_THAT(call, CompletesWith(STATUS_SUCCESS));
    return call.status() == STATUS_SUCCESS ? endpoint_of(&address) : Endpoint();
}

NTSTATUS WskTest::set_option(PWSK_SOCKET socket, ULONG level, ULONG option, ULONG value) {
    Call call;
    call.returns(basic_functions(socket).WskControlSocket(socket,
                                                          WskSetOption,
                                                          option,
                                                          level,
                                                          sizeof value,
                                                          &value,
                                                          0,
                                                          nullptr,
                                                          nullptr,
                                                          call.irp()));
    return call.wait();
}

ULONG WskTest::get_option(PWSK_SOCKET socket, ULONG level, ULONG option) {
    ULONG value = 0xDEADBEEF;
    Call call;
    call.returns(basic_functions(socket).WskControlSocket(socket,
                                                          WskGetOption,
                                                          option,
                                                          level,
                                                          0,
                                                          nullptr,
                                                          sizeof value,
                                                          &value,
                                                          nullptr,
                                                          call.irp()));
    EXPECT_THAT(call, CompletesWith(STATUS_SUCCESS));
    EXPECT_EQ(call.information(), sizeof value);
    return value;
}

NTSTATUS WskTest::control_events(PWSK_SOCKET socket, ULONG mask) {
    WSK_EVENT_CALLBACK_CONTROL control = {&NPI_WSK_INTERFACE_ID, mask};
    return basic_functions(socket).WskControlSocket(socket,
                                                    WskSetOption,
                                                    SO_WSK_EVENT_CALLBACK,
                                                    SOL_SOCKET,
                                                    sizeof control,
                                                    &control,
                                                    0,
                                                    nullptr,
                                                    nullptr,
                                                    nullptr);
}

NTSTATUS WskTest::start_control_events(Call& call, PWSK_SOCKET socket, ULONG mask) {
    WSK_EVENT_CALLBACK_CONTROL control = {&NPI_WSK_INTERFACE_ID, mask};
    return call.returns(basic_functions(socket).WskControlSocket(socket,
                                                                 WskSetOption,
                                                                 SO_WSK_EVENT_CALLBACK,
                                                                 SOL_SOCKET,
                                                                 sizeof control,
                                                                 &control,
                                                                 0,
                                                                 nullptr,
                                                                 nullptr,
                                                                 call.irp()));
}

NTSTATUS WskTest::set_static_events(ULONG mask) {
    WSK_EVENT_CALLBACK_CONTROL control = {&NPI_WSK_INTERFACE_ID, mask};
    return provider().WskControlClient(client(),
                                       WSK_SET_STATIC_EVENT_CALLBACKS,
                                       sizeof control,
                                       &control,
                                       0,
                                       nullptr,
                                       nullptr,
                                       nullptr);
}

std::string mode_name(const ::testing::TestParamInfo<CompletionMode>& info) {
    return ::testing::PrintToString(info.param);
}

}  // namespace owsk::conformance

namespace owsk {

void PrintTo(CompletionMode mode, std::ostream* out) {
    switch (mode) {
        case CompletionMode::windows:
            *out << "windows";
            return;
        case CompletionMode::immediate:
            *out << "immediate";
            return;
        case CompletionMode::deferred:
            *out << "deferred";
            return;
        case CompletionMode::mixed:
            *out << "mixed";
            return;
        case CompletionMode::hostile:
            *out << "hostile";
            return;
    }
}

}  // namespace owsk
