// SPDX-License-Identifier: MIT
// getaddrinfo(3) and its neighbours. Their flags have other values than those of Windows.
#include "net/linux/system_names.h"

#include <errno.h>
#include <locale.h>
#include <netdb.h>
#include <sys/socket.h>

#include <array>
#include <cstring>
#include <memory>
#include <optional>

#include "net/linux/errno_map.h"
#include "net/linux/sockaddr.h"

namespace owsk::net {

namespace {

NTSTATUS status_of(int error) noexcept {
    switch (error) {
        case 0:
            return STATUS_SUCCESS;
        case EAI_AGAIN:
        case EAI_FAIL:
            return STATUS_IO_TIMEOUT;
        case EAI_MEMORY:
            return STATUS_INSUFFICIENT_RESOURCES;
        case EAI_SYSTEM:
            return status_from_errno(errno);
        default:
            return STATUS_NO_MATCH;
    }
}

// The C library encodes names from the character set of the thread's locale, and ours are UTF-8
// whatever the program has chosen.
class Utf8Scope {
  public:
    Utf8Scope() noexcept : locale_(::newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr)) {
        if (locale_ != nullptr) {
            previous_ = ::uselocale(locale_);
        }
    }
    ~Utf8Scope() {
        if (locale_ != nullptr) {
            ::uselocale(previous_);
            ::freelocale(locale_);
        }
    }
    Utf8Scope(const Utf8Scope&) = delete;
    Utf8Scope& operator=(const Utf8Scope&) = delete;

  private:
    const locale_t locale_;
    locale_t previous_ = nullptr;
};

struct Freed {
    void operator()(addrinfo* list) const noexcept { ::freeaddrinfo(list); }
};

void find_host(const AddressQuestion& question, LookupAnswer& answer) {
    addrinfo hints = {};
    hints.ai_family = !question.ipv6 ? AF_INET : !question.ipv4 ? AF_INET6 : AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;  // else each address comes once for each kind
    hints.ai_flags = (question.canonical_name ? AI_CANONNAME : 0) |
                     (question.only_configured ? AI_ADDRCONFIG : 0) |
                     (question.only_numeric ? AI_NUMERICHOST : 0) |
                     (question.encode_idn ? AI_IDN : 0);
    addrinfo* found = nullptr;
    const int error = ::getaddrinfo(question.host.c_str(), nullptr, &hints, &found);
    answer.status = status_of(error);
    if (error != 0) {
        return;
    }
    const std::unique_ptr<addrinfo, Freed> list(found);
    for (const addrinfo* entry = list.get(); entry != nullptr; entry = entry->ai_next) {
        if (entry->ai_family == AF_INET || entry->ai_family == AF_INET6) {
            Sockaddr address;
            std::memcpy(&address.storage, entry->ai_addr, entry->ai_addrlen);
            address.length = entry->ai_addrlen;
            answer.addresses.push_back(to_address(address));
        }
    }
    answer.name = list->ai_canonname != nullptr ? list->ai_canonname : question.host;
}

// Room for an entry of the system's table of services, with its aliases.
using ServiceRoom = std::array<char, 4096>;

std::uint16_t port_of(const std::string& service, const char* transport) {
    ServiceRoom room;
    servent entry = {};
    servent* found = nullptr;
    const int error =
        ::getservbyname_r(service.c_str(), transport, &entry, room.data(), room.size(), &found);
    return error == 0 && found != nullptr ? ntohs(static_cast<std::uint16_t>(found->s_port)) : 0;
}

ServicePorts find_service(const std::string& service) {
    ServicePorts ports = {port_of(service, "tcp"), port_of(service, "udp")};
    return ports.none() ? well_known_ports(service) : ports;
}

void find_name(const NameQuestion& question, LookupAnswer& answer) {
    const Sockaddr address = to_sockaddr(question.address);
    std::array<char, NI_MAXHOST> name = {};
    const int flags = NI_NAMEREQD | NI_IDN | (question.short_name ? NI_NOFQDN : 0);
    const int error =
        ::getnameinfo(address.get(), address.length, name.data(), name.size(), nullptr, 0, flags);
    answer.status = status_of(error);
    if (error == 0) {
        answer.name = name.data();
    }
}

std::string name_of_port(std::uint16_t port, bool datagram) {
    ServiceRoom room;
    servent entry = {};
    servent* found = nullptr;
    const int error = ::getservbyport_r(
        htons(port), datagram ? "udp" : "tcp", &entry, room.data(), room.size(), &found);
    return error == 0 && found != nullptr ? found->s_name
                                          : std::string(well_known_service(port, datagram));
}

}  // namespace

LookupAnswer ask_system(const LookupQuestion& question) {
    const Utf8Scope utf8;
    LookupAnswer answer;
    if (const auto* const wanted = std::get_if<AddressQuestion>(&question)) {
        if (!wanted->service.empty()) {
            answer.ports = find_service(wanted->service);
        }
        if (!wanted->host.empty()) {
            find_host(*wanted, answer);
        }
    } else {
        const auto& asked = std::get<NameQuestion>(question);
        if (asked.service) {
            answer.service = name_of_port(asked.address.port, asked.datagram);
        }
        if (asked.host) {
            find_name(asked, answer);
        }
    }
    return answer;
}

}  // namespace owsk::net
