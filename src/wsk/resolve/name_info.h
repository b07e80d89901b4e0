// SPDX-License-Identifier: MIT
// NameInfo: what a call of WskGetNameInfo wants to know, and where it goes.
#pragma once

#include <wdm.h>
#include <wsk.h>

#include <string>

#include "base/result.h"
#include "net/resolver.h"
#include "wsk/resolve/name_request.h"

namespace owsk::wsk {

class NameInfo {
  public:
    // STATUS_INVALID_PARAMETER for what is wrong in itself, STATUS_NOT_SUPPORTED for an address of
    // another family. The strings are the driver's.
    static Result<NameInfo> read(const SOCKADDR* address,
                                 ULONG length,
                                 PUNICODE_STRING node,
                                 PUNICODE_STRING service,
                                 ULONG flags);

    // What nobody knows without asking.
    const net::NameQuestion& question() const noexcept { return question_; }
    bool must_ask() const noexcept { return question_.host || question_.service; }
    // Writes both strings, or none. The status is the request's.
    NTSTATUS hand_out(const net::LookupAnswer& answer) const;
    // "192.0.2.1:80", for people.
    std::string text() const { return to_string(question_.address); }
    void visit_memory(MemoryVisitor& visitor) const noexcept;

  private:
    NameInfo() = default;

    net::NameQuestion question_;
    ULONG flags_ = 0;
    PUNICODE_STRING node_ = nullptr;
    PUNICODE_STRING service_ = nullptr;
};

// A WskGetNameInfo that somebody has to be asked about.
class NameInfoRequest final : public NameRequest {
  public:
    NameInfoRequest(Client& client, const NameInfo& info)
        : NameRequest(client, info.question(), info.text()), info_(info) {}

  private:
    NTSTATUS take_up(const net::LookupAnswer& answer) noexcept override {
        return info_.hand_out(answer);
    }
    void visit_memory(Request, MemoryVisitor& visitor) const noexcept override {
        info_.visit_memory(visitor);
    }

    const NameInfo info_;
};

}  // namespace owsk::wsk
