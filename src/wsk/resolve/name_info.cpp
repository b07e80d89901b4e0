// SPDX-License-Identifier: MIT
// Names where there are some, numbers where there are none.
#include "wsk/resolve/name_info.h"

#include "wsk/resolve/numeric.h"
#include "wsk/resolve/text.h"
#include "wsk/socket/sockaddr.h"

namespace owsk::wsk {

namespace {

constexpr ULONG known_name_flags =
    NI_NOFQDN | NI_NUMERICHOST | NI_NAMEREQD | NI_NUMERICSERV | NI_DGRAM;

bool is_broken(const UNICODE_STRING* room) noexcept {
    return room != nullptr && room->Buffer == nullptr && room->MaximumLength != 0;
}

Result<Address> address_of(const SOCKADDR* address, ULONG length) noexcept {
    if (address == nullptr || length < sizeof address->sa_family ||
        length > sizeof(SOCKADDR_STORAGE)) {
        return STATUS_INVALID_PARAMETER;
    }
    const std::optional<Family> family = family_of(address->sa_family);
    if (!family) {
        return STATUS_NOT_SUPPORTED;
    }
    if (!is_whole(*address, length)) {
        return STATUS_INVALID_PARAMETER;
    }
    return address_for(*family, address, 0);
}

}  // namespace

Result<NameInfo> NameInfo::read(const SOCKADDR* address,
                                ULONG length,
                                PUNICODE_STRING node,
                                PUNICODE_STRING service,
                                ULONG flags) {
    if ((node == nullptr && service == nullptr) || is_broken(node) || is_broken(service) ||
        (flags & ~known_name_flags) != 0) {
        return STATUS_INVALID_PARAMETER;
    }
    const Result<Address> asked = address_of(address, length);
    if (!asked) {
        return asked.status();
    }
    NameInfo info;
    info.question_ = {.address = *asked,
                      .host = node != nullptr && (flags & NI_NUMERICHOST) == 0,
                      .short_name = (flags & NI_NOFQDN) != 0,
                      .service = service != nullptr && (flags & NI_NUMERICSERV) == 0,
                      .datagram = (flags & NI_DGRAM) != 0};
    info.flags_ = flags;
    info.node_ = node;
    info.service_ = service;
    return info;
}

NTSTATUS NameInfo::hand_out(const net::LookupAnswer& answer) const {
    if (answer.status == STATUS_INSUFFICIENT_RESOURCES ||
        (question_.host && (flags_ & NI_NAMEREQD) != 0 && !NT_SUCCESS(answer.status))) {
        return answer.status;
    }
    const std::string host =
        question_.host && NT_SUCCESS(answer.status) ? answer.name : numeric_text(question_.address);
    const std::string service =
        answer.service.empty() ? std::to_string(question_.address.port) : answer.service;
    if ((node_ != nullptr && !has_room(*node_, host)) ||
        (service_ != nullptr && !has_room(*service_, service))) {
        return STATUS_BUFFER_TOO_SMALL;
    }
    if (node_ != nullptr) {
        write_text(host, *node_);
    }
    if (service_ != nullptr) {
        write_text(service, *service_);
    }
    return STATUS_SUCCESS;
}

void NameInfo::visit_memory(MemoryVisitor& visitor) const noexcept {
    for (const UNICODE_STRING* const string : {node_, service_}) {
        visitor.visit(string);
        visitor.visit(string != nullptr ? string->Buffer : nullptr);
    }
}

}  // namespace owsk::wsk
