// SPDX-License-Identifier: MIT
// NameTest: calls of WskGetAddressInfo and WskGetNameInfo, and what they find.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "conformance/wsk_fixture.h"

namespace owsk::conformance {

// A UNICODE_STRING of a literal.
class Text {
  public:
    explicit Text(PCWSTR text) { RtlInitUnicodeString(&string_, text); }
    PUNICODE_STRING get() { return string_.Buffer == nullptr ? nullptr : &string_; }

  private:
    UNICODE_STRING string_;
};

// Room for a name, all bits set.
class Room {
  public:
    explicit Room(USHORT bytes = sizeof(WCHAR) * 256) {
        units_.fill(0xEEEE);
        string_ = {0xEEEE, bytes, units_.data()};
    }
    UNICODE_STRING& string() { return string_; }
    PUNICODE_STRING get() { return &string_; }
    bool is_untouched() const { return string_.Length == 0xEEEE && units_[0] == 0xEEEE; }
    // Fails the test if it does not end with a NUL within MaximumLength.
    std::string text() const {
        const std::size_t length = string_.Length / sizeof(WCHAR);
        EXPECT_LE(string_.Length + sizeof(WCHAR), string_.MaximumLength);
        EXPECT_EQ(units_.at(length), 0);
        return {units_.begin(), units_.begin() + static_cast<std::ptrdiff_t>(length)};
    }

  private:
    std::array<WCHAR, 256> units_;
    UNICODE_STRING string_;
};

inline ADDRINFOEXW hints_of(int family, int flags = 0, int type = 0, int protocol = 0) {
    ADDRINFOEXW hints = {};
    hints.ai_family = family;
    hints.ai_flags = flags;
    hints.ai_socktype = type;
    hints.ai_protocol = protocol;
    return hints;
}

class NameTest : public WskTest {
  protected:
    NTSTATUS start_address_info(Call& call, PCWSTR node, PCWSTR service, const ADDRINFOEXW* hints) {
        Text node_text(node);
        Text service_text(service);
        ADDRINFOEXW copy = hints != nullptr ? *hints : ADDRINFOEXW{};
        result_ = reinterpret_cast<PADDRINFOEXW>(&result_);
        const NTSTATUS status =
            call.returns(provider().WskGetAddressInfo(client(),
                                                      node_text.get(),
                                                      service_text.get(),
                                                      NS_ALL,
                                                      nullptr,
                                                      hints != nullptr ? &copy : nullptr,
                                                      &result_,
                                                      nullptr,
                                                      nullptr,
                                                      call.irp()));
        return status;
    }
    // The final status. What it finds is in endpoints() and so on until the next call.
    NTSTATUS look_up(PCWSTR node, PCWSTR service, const ADDRINFOEXW* hints = nullptr) {
        free_result();
        Call call;
        start_address_info(call, node, service, hints);
        const NTSTATUS status = call.wait();
        has_result_ = NT_SUCCESS(status);
        if (!has_result_) {
            EXPECT_EQ(result_, nullptr);
        }
        return status;
    }
    NTSTATUS look_up(PCWSTR node, PCWSTR service, const ADDRINFOEXW& hints) {
        return look_up(node, service, &hints);
    }
    void free_result() {
        if (std::exchange(has_result_, false)) {
            provider().WskFreeAddressInfo(client(), result_);
        }
    }
    void TearDown() override {
        free_result();
        WskTest::TearDown();
    }

    std::vector<const ADDRINFOEXW*> entries() const {
        std::vector<const ADDRINFOEXW*> all;
        for (const ADDRINFOEXW* entry = result_; has_result_ && entry != nullptr;
             entry = entry->ai_next) {
            all.push_back(entry);
        }
        return all;
    }
    std::vector<std::string> endpoints() const {
        std::vector<std::string> all;
        for (const ADDRINFOEXW* const entry : entries()) {
            const Endpoint endpoint = endpoint_of(entry->ai_addr);
            all.push_back(endpoint.ip + ' ' + std::to_string(endpoint.port));
        }
        return all;
    }

    NTSTATUS name_info(const Endpoint& of, Room* node, Room* service, ULONG flags) {
        SOCKADDR_STORAGE address = sockaddr_of(of);
        Call call;
        call.returns(provider().WskGetNameInfo(client(),
                                               generic(address),
                                               sizeof address,
                                               node != nullptr ? node->get() : nullptr,
                                               service != nullptr ? service->get() : nullptr,
                                               flags,
                                               nullptr,
                                               nullptr,
                                               call.irp()));
        return call.wait();
    }

    PADDRINFOEXW result_ = nullptr;
    bool has_result_ = false;
};

}  // namespace owsk::conformance
