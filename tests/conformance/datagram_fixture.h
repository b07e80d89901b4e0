// SPDX-License-Identifier: MIT
// What tests of datagram sockets share: sockets that send to each other, and a callback that notes
// what it saw and answers what the test says.
#pragma once

#include <array>
#include <cstring>
#include <optional>
#include <string>
#include <vector>

#include "conformance/wsk_fixture.h"

namespace owsk::conformance {

// An object of control data.
struct ControlObject {
    INT level;
    INT type;
    std::string data;

    bool operator==(const ControlObject&) const = default;
};

template <typename T>
ControlObject control_object(INT level, INT type, const T& value) {
    return {level, type, {reinterpret_cast<const char*>(&value), sizeof value}};
}

// Control data as a driver writes it, and back.
inline std::string control_data(const std::vector<ControlObject>& objects) {
    std::string all;
    for (const ControlObject& object : objects) {
        CMSGHDR header = {};
        header.cmsg_len = CMSG_LEN(object.data.size());
        header.cmsg_level = object.level;
        header.cmsg_type = object.type;
        std::string bytes(CMSG_SPACE(object.data.size()), '\0');
        std::memcpy(bytes.data(), &header, sizeof header);
        std::memcpy(bytes.data() + sizeof header, object.data.data(), object.data.size());
        all += bytes;
    }
    return all;
}
inline std::vector<ControlObject> control_objects(const void* control, std::size_t length) {
    std::vector<ControlObject> objects;
    const char* at = static_cast<const char*>(control);
    while (length >= sizeof(CMSGHDR)) {
        CMSGHDR header;
        std::memcpy(&header, at, sizeof header);
        objects.push_back({header.cmsg_level,
                           header.cmsg_type,
                           {at + sizeof header, header.cmsg_len - sizeof header}});
        const std::size_t space = std::min<std::size_t>(CMSGHDR_ALIGN(header.cmsg_len), length);
        at += space;
        length -= space;
    }
    EXPECT_EQ(length, 0u);
    return objects;
}

// The callback of a datagram socket; its context, if its table is DatagramLog::dispatch.
class DatagramLog {
  public:
    struct Datagram {
        std::string text;
        Endpoint remote;
        std::vector<ControlObject> control;
    };
    struct Event {
        PWSK_DATAGRAM_INDICATION list;  // NULL: the socket is dead
        std::vector<Datagram> datagrams;
        ULONG flags;
        unsigned sequence;
    };

    static const WSK_CLIENT_DATAGRAM_DISPATCH dispatch;

    // STATUS_SUCCESS by default. Set before events come.
    std::function<NTSTATUS(const Event&)> answer;
    Log<Event> events;

    // What all events so far have shown.
    std::vector<std::string> texts() const {
        std::vector<std::string> all;
        for (const Event& event : events.all()) {
            for (const Datagram& datagram : event.datagrams) {
                all.push_back(datagram.text);
            }
        }
        return all;
    }
    // False if the events do not show `count` datagrams in time.
    bool wait_for(std::size_t count) const {
        for (std::size_t number = 1; texts().size() < count; ++number) {
            if (!events.wait_for(number)) {
                return false;
            }
        }
        return true;
    }

  private:
    static NTAPI NTSTATUS on_receive(PVOID context, ULONG flags, PWSK_DATAGRAM_INDICATION list) {
        DatagramLog& self = *static_cast<DatagramLog*>(context);
        Event event = {list, {}, flags, next_in_sequence()};
        for (PWSK_DATAGRAM_INDICATION each = list; each != nullptr; each = each->Next) {
            EXPECT_NE(each->RemoteAddress, nullptr);
            EXPECT_EQ(each->ControlInfo == nullptr, each->ControlInfoLength == 0);
            event.datagrams.push_back(
                {text_of(each->Buffer),
                 endpoint_of(each->RemoteAddress),
                 control_objects(each->ControlInfo, each->ControlInfoLength)});
        }
        EXPECT_EQ((flags & WSK_FLAG_AT_DISPATCH_LEVEL) != 0, KeGetCurrentIrql() == DISPATCH_LEVEL);
        const NTSTATUS status = self.answer ? self.answer(event) : STATUS_SUCCESS;
        self.events.add(event);
        return status;
    }
};

inline const WSK_CLIENT_DATAGRAM_DISPATCH DatagramLog::dispatch = {DatagramLog::on_receive};

class DatagramTest : public WskTest {
  protected:
    // What a WskReceiveFrom is called with, and where it puts things.
    struct Receive {
        explicit Receive(SIZE_T length, ULONG control_room = 0)
            : buffer(length), control(control_room, '\0'), control_length(control_room) {}

        std::string text() const { return buffer.text(call.information()); }
        Endpoint remote() const { return endpoint_of(&address); }
        std::vector<ControlObject> objects() const {
            return control_objects(control.data(), control_length);
        }

        Buffer buffer;
        SOCKADDR_STORAGE address = {};
        std::string control;
        ULONG control_length;
        ULONG flags = 0xFFFF;
        Call call;  // ends before the rest
    };

    PWSK_SOCKET make_unbound(ADDRESS_FAMILY family = AF_INET) {
        SocketOptions options;
        options.family = family;
        options.type = SOCK_DGRAM;
        options.protocol = IPPROTO_UDP;
        options.context = &log_;
        options.dispatch = &DatagramLog::dispatch;
        return make_socket(WSK_FLAG_DATAGRAM_SOCKET, options);
    }
    // With WSK_EVENT_RECEIVE_FROM in `events` datagrams are shown to log().
    PWSK_SOCKET make_bound(const Endpoint& at = {"127.0.0.1", 0}, ULONG events = 0) {
        PWSK_SOCKET socket = make_unbound(at.is_v6() ? AF_INET6 : AF_INET);
        EXPECT_EQ(bind(socket, at), STATUS_SUCCESS);
        if (events != 0) {
            EXPECT_EQ(control_events(socket, events), STATUS_SUCCESS);
        }
        return socket;
    }

    NTSTATUS start_send_to(Call& call,
                           PWSK_SOCKET socket,
                           const Buffer& buffer,
                           const std::optional<Endpoint>& to,
                           const std::string& control = "",
                           ULONG flags = 0) {
        // Dead once the call has returned.
        SOCKADDR_STORAGE address = sockaddr_of(to.value_or(Endpoint{"127.0.0.1", 1}));
        std::string control_copy = control;
        WSK_BUF wsk = buffer.wsk();
        return call.returns(datagram_functions(socket).WskSendTo(
            socket,
            &wsk,
            flags,
            to.has_value() ? generic(address) : nullptr,
            static_cast<ULONG>(control_copy.size()),
            control_copy.empty() ? nullptr : reinterpret_cast<PCMSGHDR>(control_copy.data()),
            call.irp()));
    }
    NTSTATUS send_to(PWSK_SOCKET socket,
                     const std::string& text,
                     const std::optional<Endpoint>& to,
                     const std::string& control = "") {
        Buffer buffer(text);
        Call call;
        start_send_to(call, socket, buffer, to, control);
        return call.wait();
    }
    NTSTATUS start_receive_from(Receive& receive, PWSK_SOCKET socket, ULONG flags = 0) {
        WSK_BUF wsk = receive.buffer.wsk();
        return receive.call.returns(datagram_functions(socket).WskReceiveFrom(
            socket,
            &wsk,
            flags,
            generic(receive.address),
            &receive.control_length,
            reinterpret_cast<PCMSGHDR>(receive.control.data()),
            &receive.flags,
            receive.call.irp()));
    }
    // The text of the next datagram.
    std::string receive_from(PWSK_SOCKET socket, SIZE_T length = 2048) {
        Receive receive(length);
        start_receive_from(receive, socket);
        EXPECT_THAT(receive.call, CompletesWith(STATUS_SUCCESS));
        return NT_SUCCESS(receive.call.status()) ? receive.text() : "";
    }

    NTSTATUS fix_address(PWSK_SOCKET socket, ULONG code, const std::optional<Endpoint>& address) {
        SOCKADDR_STORAGE storage = sockaddr_of(address.value_or(Endpoint{"127.0.0.1", 1}));
        const SIZE_T size =
            storage.ss_family == AF_INET6 ? sizeof(SOCKADDR_IN6) : sizeof(SOCKADDR_IN);
        Call call;
        call.returns(
            basic_functions(socket).WskControlSocket(socket,
                                                     WskIoctl,
                                                     code,
                                                     0,
                                                     address.has_value() ? size : 0,
                                                     address.has_value() ? &storage : nullptr,
                                                     0,
                                                     nullptr,
                                                     nullptr,
                                                     call.irp()));
        return call.wait();
    }
    NTSTATUS set_structure(PWSK_SOCKET socket,
                           ULONG level,
                           ULONG option,
                           const std::string& value) {
        std::string copy = value;
        Call call;
        call.returns(basic_functions(socket).WskControlSocket(socket,
                                                              WskSetOption,
                                                              option,
                                                              level,
                                                              copy.size(),
                                                              copy.data(),
                                                              0,
                                                              nullptr,
                                                              nullptr,
                                                              call.irp()));
        return call.wait();
    }
    // Where nobody has the port.
    Endpoint nobody_at(const char* ip) {
        PWSK_SOCKET socket = make_bound({ip, 0});
        const Endpoint at = local_address(socket);
        EXPECT_EQ(close(socket), STATUS_SUCCESS);
        return at;
    }
    // What says that nobody has the port.
    static ControlObject port_unreachable(bool is_v6) {
        IN_RECVERR error = {};
        error.protocol = is_v6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP;
        error.type = is_v6 ? 1 : 3;
        error.code = is_v6 ? 4 : 3;
        return control_object(
            is_v6 ? IPPROTO_IPV6 : IPPROTO_IP, is_v6 ? IPV6_RECVERR : IP_RECVERR, error);
    }
    DatagramLog& log() { return log_; }

  private:
    DatagramLog& log_ = keep<DatagramLog>();
};

}  // namespace owsk::conformance
