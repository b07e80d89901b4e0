// SPDX-License-Identifier: MIT
// An answer and a cancellation may meet: whoever takes the request completes it.
#include "wsk/resolve/name_request.h"

#include <utility>

#include "base/planted.h"
#include "wsk/request/ownerless_requests.h"

namespace owsk::wsk {

ULONG_PTR lookup_information(NTSTATUS status) noexcept {
    return NT_SUCCESS(status) ? 0 : static_cast<ULONG>(status);
}

NTSTATUS finish_lookup(Client& client, Request request, NTSTATUS status) noexcept {
    return client.services().ownerless().finish(
        &client, request, status, lookup_information(status));
}

NameRequest::NameRequest(Client& client, net::LookupQuestion question, std::string text)
    : Lookup(std::move(question)),
      client_(client),
      services_(client.services()),
      text_(std::move(text)),
      processor_(services_.next_processor()) {}

NTSTATUS NameRequest::begin(Request request) noexcept {
    NTSTATUS status = STATUS_CANCELLED;
    {
        const Lock lock(mu_);
        if (!request.is_cancelled()) {
            status = services_.network().resolver().start(shared_from_this(), processor_);
        }
        if (NT_SUCCESS(status)) {
            // Not before: one that does not begin completes without an owner, perhaps later.
            request.hand_over(*this);
            request.mark_pending();
            request.lend_memory();
            client_.request_began();
            request_ = request;
            self_ = shared_from_this();
            if (!request.allow_cancel()) {
                // It was cancelled just now, and its routine has not been called.
                services_.network().resolver().abandon(*this);
                request.decide(STATUS_CANCELLED, lookup_information(STATUS_CANCELLED));
                processor_.post(*this);
            }
            return STATUS_PENDING;
        }
    }
    if (status != STATUS_CANCELLED) {
        net::LookupAnswer answer;
        answer.status = status;
        status = take_up(answer);
    }
    return finish_lookup(client_, request, status);
}

void NameRequest::on_answer(net::LookupAnswer& answer) noexcept {
    Request request;
    std::shared_ptr<NameRequest> self;
    {
        const Lock lock(mu_);
        if (!request_ || request_.is_decided()) {
            return;
        }
        // If not, the cancel routine is under way, and takes the request.
        if (!request_.forbid_cancel()) {
            return;
        }
        request = std::exchange(request_, Request());
        self = std::move(self_);
    }
    const NTSTATUS status = take_up(answer);
    request.decide(status, lookup_information(status));
    complete(request);
}

void NameRequest::cancel(Request request) noexcept {
    const Lock lock(mu_);
    if (!request_) {
        return;
    }
    services_.network().resolver().abandon(*this);
    request.decide(STATUS_CANCELLED, lookup_information(STATUS_CANCELLED));
    if (!OWSK_PLANTED(lookup_not_cancelled)) {
        processor_.post(*this);
    }
}

void NameRequest::run() noexcept {
    Request request;
    std::shared_ptr<NameRequest> self;
    {
        const Lock lock(mu_);
        request = std::exchange(request_, Request());
        self = std::move(self_);
    }
    complete(request);
}

void NameRequest::complete(Request request) noexcept {
    Client& client = client_;
    if (OWSK_PLANTED(lookup_not_counted)) {
        client.request_ended();
        request.complete();
        return;
    }
    request.complete();
    client.request_ended();
}

}  // namespace owsk::wsk
