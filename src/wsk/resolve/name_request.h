// SPDX-License-Identifier: MIT
// NameRequest: a request that waits for an answer of the network's resolver. It belongs to a
// client, which WskDeregister keeps until the request has completed, and to no socket.
#pragma once

#include <memory>
#include <string>

#include "base/mutex.h"
#include "net/resolver.h"
#include "wsk/registration/client.h"
#include "wsk/request/request_owner.h"

namespace owsk::wsk {

// IoStatus.Information of a lookup: the documentation has the status there, too.
ULONG_PTR lookup_information(NTSTATUS status) noexcept;
// Completes a lookup that nobody has to be asked about. The return value is the call's.
NTSTATUS finish_lookup(Client& client, Request request, NTSTATUS status) noexcept;

class NameRequest : public net::Lookup,
                    public RequestOwner,
                    private host::Task,
                    public std::enable_shared_from_this<NameRequest> {
  public:
    NameRequest(Client& client, net::LookupQuestion question, std::string text);

    // Asks. The return value is the call's. Once. The request has no owner before.
    NTSTATUS begin(Request request) noexcept OWSK_EXCLUDES(mu_);

  protected:
    Client& client() const noexcept { return client_; }
    const std::string& text() const noexcept { return text_; }

  private:
    // Gives the driver what it wants to know, and the request its status.
    virtual NTSTATUS take_up(const net::LookupAnswer& answer) noexcept = 0;

    void on_answer(net::LookupAnswer& answer) noexcept override OWSK_EXCLUDES(mu_);
    void cancel(Request request) noexcept override OWSK_EXCLUDES(mu_);
    void withdraw_locked(Request) noexcept override {}
    Ends ends() noexcept override { return {}; }
    std::string description() const override { return "lookup of " + text_; }
    // Completes what was cancelled, on the processor.
    void run() noexcept override OWSK_EXCLUDES(mu_);
    void complete(Request request) noexcept OWSK_EXCLUDES(mu_);

    Client& client_;
    Services& services_;
    const std::string text_;
    host::Processor& processor_;

    Mutex mu_{Rank::socket};
    Request request_ OWSK_GUARDED_BY(mu_);  // until somebody is about to complete it
    // It lives by itself until its request has completed.
    std::shared_ptr<NameRequest> self_ OWSK_GUARDED_BY(mu_);
};

}  // namespace owsk::wsk
