// SPDX-License-Identifier: MIT
// Hints mean what they mean to GetAddrInfoW.
#include "wsk/resolve/address_query.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include "net/flow.h"
#include "wsk/resolve/numeric.h"
#include "wsk/resolve/text.h"
#include "wsk/socket/sockaddr.h"

namespace owsk::wsk {

namespace {

constexpr int known_hint_flags = AI_PASSIVE | AI_CANONNAME | AI_NUMERICHOST | AI_NUMERICSERV |
                                 AI_DNS_ONLY | AI_ALL | AI_ADDRCONFIG | AI_V4MAPPED |
                                 AI_NON_AUTHORITATIVE | AI_SECURE | AI_RETURN_PREFERRED_NAMES |
                                 AI_FQDN | AI_FILESERVER | AI_DISABLE_IDN_ENCODING;
constexpr int name_flags = AI_CANONNAME | AI_FQDN;

constexpr Address wildcard_v4 = {.family = Family::ipv4};
constexpr Address wildcard_v6 = {.family = Family::ipv6};
constexpr Address loopback_v4 = {.family = Family::ipv4, .ip = {127, 0, 0, 1}};
constexpr Address loopback_v6 = {.family = Family::ipv6,
                                 .ip = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}};

}  // namespace

Result<AddressQuery> AddressQuery::read(const AddressArguments& arguments) {
    Result<std::string> host = text_of(arguments.node);
    Result<std::string> service = text_of(arguments.service);
    if (!host || !service || (host->empty() && service->empty())) {
        return STATUS_INVALID_PARAMETER;
    }
    AddressQuery query;
    query.host_ = *host;
    query.service_ = *service;
    if (arguments.hints != nullptr) {
        const NTSTATUS status = query.read_hints(*arguments.hints);
        if (!NT_SUCCESS(status)) {
            return status;
        }
    }
    // There is one provider of names, that of DNS and the files, and it has no number.
    if ((arguments.name_space != NS_ALL && arguments.name_space != NS_DNS) ||
        arguments.provider != nullptr) {
        return STATUS_NOT_SUPPORTED;
    }
    if (query.host_.size() >= NI_MAXHOST || query.service_.size() >= NI_MAXSERV) {
        return STATUS_NO_MATCH;
    }
    NTSTATUS status = query.settle_host();
    if (NT_SUCCESS(status)) {
        status = query.settle_service();
    }
    if (!NT_SUCCESS(status)) {
        return status;
    }
    return query;
}

NTSTATUS AddressQuery::read_hints(const ADDRINFOEXW& hints) noexcept {
    if (hints.ai_addrlen != 0 || hints.ai_canonname != nullptr || hints.ai_addr != nullptr ||
        hints.ai_blob != nullptr || hints.ai_bloblen != 0 || hints.ai_provider != nullptr ||
        hints.ai_next != nullptr) {
        return STATUS_INVALID_PARAMETER;
    }
    flags_ = hints.ai_flags;
    if ((flags_ & ~known_hint_flags) != 0 || (has_flag(name_flags) && host_.empty()) ||
        (flags_ & name_flags) == name_flags) {
        return STATUS_INVALID_PARAMETER;
    }
    if (hints.ai_family != AF_UNSPEC) {
        const auto narrow = static_cast<ADDRESS_FAMILY>(hints.ai_family);
        const std::optional<Family> family =
            narrow == hints.ai_family ? family_of(narrow) : std::nullopt;
        if (!family) {
            return STATUS_NOT_SUPPORTED;
        }
        ipv4_ = *family == Family::ipv4;
        ipv6_ = *family == Family::ipv6;
    }
    return read_transport(hints.ai_socktype, hints.ai_protocol);
}

// One of the two says what the other is, since WskSocket wants both.
NTSTATUS AddressQuery::read_transport(int socket_type, int protocol) noexcept {
    struct Transport {
        int socket_type;
        int protocol;
    };
    constexpr Transport transports[] = {{SOCK_STREAM, IPPROTO_TCP}, {SOCK_DGRAM, IPPROTO_UDP}};
    socket_type_ = socket_type;
    protocol_ = protocol;
    if (socket_type == SOCK_RAW || (socket_type == 0 && protocol == 0)) {
        return STATUS_SUCCESS;
    }
    for (const Transport& transport : transports) {
        if ((socket_type == 0 || socket_type == transport.socket_type) &&
            (protocol == 0 || protocol == transport.protocol)) {
            socket_type_ = transport.socket_type;
            protocol_ = transport.protocol;
            return STATUS_SUCCESS;
        }
    }
    return STATUS_NOT_SUPPORTED;
}

NTSTATUS AddressQuery::settle_host() {
    if (host_.empty()) {
        addresses_ = has_flag(AI_PASSIVE) ? std::vector{wildcard_v6, wildcard_v4}
                                          : std::vector{loopback_v6, loopback_v4};
        return STATUS_SUCCESS;
    }
    if (const std::optional<Address> numeric = numeric_host(host_)) {
        addresses_ = {*numeric};
        return wanted(addresses_).empty() ? STATUS_NO_MATCH : STATUS_SUCCESS;
    }
    const bool named_scope = has_named_scope(host_);
    if (has_flag(AI_NUMERICHOST) && !named_scope) {
        return STATUS_NO_MATCH;
    }
    question_.host = host_;
    question_.ipv4 = ipv4_ || has_flag(AI_V4MAPPED);
    question_.ipv6 = ipv6_;
    question_.only_configured = has_flag(AI_ADDRCONFIG);
    question_.only_numeric = named_scope;
    question_.encode_idn = !has_flag(AI_DISABLE_IDN_ENCODING);
    question_.canonical_name = has_flag(name_flags);
    return STATUS_SUCCESS;
}

NTSTATUS AddressQuery::settle_service() {
    if (service_.empty()) {
        return STATUS_SUCCESS;
    }
    if (const std::optional<std::uint16_t> port = numeric_service(service_)) {
        ports_ = {*port, *port};
        return STATUS_SUCCESS;
    }
    // A number that is no port is no name either.
    if (has_flag(AI_NUMERICSERV) || socket_type_ == SOCK_RAW ||
        service_.find_first_not_of("0123456789") == std::string::npos) {
        return STATUS_NO_MATCH;
    }
    question_.service = service_;
    return STATUS_SUCCESS;
}

std::vector<Address> AddressQuery::wanted(const std::vector<Address>& all) const {
    std::vector<Address> chosen;
    std::ranges::copy_if(all, std::back_inserter(chosen), [this](const Address& address) {
        return address.family == Family::ipv4 ? ipv4_ : ipv6_;
    });
    const bool maps = !ipv4_ && has_flag(AI_V4MAPPED);
    if (maps && (chosen.empty() || has_flag(AI_ALL))) {
        for (const Address& address : all) {
            if (address.family == Family::ipv4) {
                chosen.push_back(net::v4_mapped(address));
            }
        }
    }
    return chosen;
}

void AddressQuery::append_entries(Address address,
                                  const net::ServicePorts& ports,
                                  AddressListContent& content) const {
    const bool is_named = !question_.service.empty();
    if (!is_named || socket_type_ != 0) {
        address.port = socket_type_ == SOCK_DGRAM ? ports.datagram : ports.stream;
        content.entries.push_back({address, socket_type_, protocol_});
        return;
    }
    if (ports.stream != 0) {
        address.port = ports.stream;
        content.entries.push_back({address, SOCK_STREAM, IPPROTO_TCP});
    }
    if (ports.datagram != 0) {
        address.port = ports.datagram;
        content.entries.push_back({address, SOCK_DGRAM, IPPROTO_UDP});
    }
}

Result<AddressListContent> AddressQuery::content(const net::LookupAnswer& answer) const {
    if (!NT_SUCCESS(answer.status)) {
        return answer.status;
    }
    net::ServicePorts ports = ports_;
    if (!question_.service.empty()) {
        ports = answer.ports;
        const bool exists = socket_type_ == 0            ? !ports.none()
                            : socket_type_ == SOCK_DGRAM ? ports.datagram != 0
                                                         : ports.stream != 0;
        if (!exists) {
            return STATUS_NO_MATCH;
        }
    }
    AddressListContent content;
    for (const Address& address : wanted(question_.host.empty() ? addresses_ : answer.addresses)) {
        append_entries(address, ports, content);
    }
    if (content.entries.empty()) {
        return STATUS_NO_MATCH;
    }
    if (has_flag(name_flags)) {
        content.canonical_name = answer.name.empty() ? host_ : answer.name;
    }
    return content;
}

std::string AddressQuery::text() const {
    return service_.empty() ? host_ : host_ + ':' + service_;
}

}  // namespace owsk::wsk
