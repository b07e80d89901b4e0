// SPDX-License-Identifier: MIT
// A client and a provider of an interface, which answer as the test says and note what they are
// asked.
#pragma once

#include <netioddk.h>
#include <wdm.h>

#include <functional>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace owsk::nt {

inline constexpr NPIID test_interface = {0x11223344, 0x5566, 0x7788, {1, 2, 3, 4, 5, 6, 7, 8}};
inline constexpr NPIID other_interface = {0x11223344, 0x5566, 0x7788, {1, 2, 3, 4, 5, 6, 7, 9}};

// What happened, in order; from any thread.
class Notes {
  public:
    void add(std::string text) {
        const std::lock_guard guard(mutex_);
        texts_.push_back(std::move(text));
    }
    // What there is since the last call.
    std::vector<std::string> take() {
        const std::lock_guard guard(mutex_);
        return std::exchange(texts_, {});
    }

  private:
    std::mutex mutex_;
    std::vector<std::string> texts_;
};

struct TestModule {
    TestModule(Notes& noted, std::string named, const NPIID& npi)
        : notes(noted), name(std::move(named)) {
        id = {.Length = sizeof id, .Type = MIT_GUID, .Guid = {}};
        instance = {.Version = 0,
                    .Size = sizeof instance,
                    .NpiId = &npi,
                    .ModuleId = &id,
                    .Number = 0,
                    .NpiSpecificCharacteristics = this};
    }
    TestModule(const TestModule&) = delete;
    TestModule& operator=(const TestModule&) = delete;

    NTSTATUS detach() {
        notes.add(name + " detaches");
        if (on_detach) {
            on_detach();
        }
        return detach_answer;
    }
    static NTAPI NTSTATUS on_detach_called(PVOID context) {
        return static_cast<TestModule*>(context)->detach();
    }
    static NTAPI VOID on_cleanup_called(PVOID context) {
        auto& module = *static_cast<TestModule*>(context);
        module.notes.add(module.name + " cleans up");
    }

    Notes& notes;
    const std::string name;
    NPI_MODULEID id;
    NPI_REGISTRATION_INSTANCE instance;
    NTSTATUS detach_answer = STATUS_SUCCESS;
    std::function<void()> on_detach;
    HANDLE handle = nullptr;
    HANDLE binding = nullptr;  // the last
};

struct TestProvider : TestModule {
    explicit TestProvider(Notes& noted,
                          const std::string& named = "provider",
                          const NPIID& npi = test_interface)
        : TestModule(noted, named, npi) {
        characteristics = {.Version = 0,
                           .Length = sizeof characteristics,
                           .ProviderAttachClient = on_attach_called,
                           .ProviderDetachClient = on_detach_called,
                           .ProviderCleanupBindingContext = on_cleanup_called,
                           .ProviderRegistrationInstance = instance};
    }
    NTSTATUS enroll() { return NmrRegisterProvider(&characteristics, this, &handle); }
    NTSTATUS leave() { return NmrDeregisterProvider(handle); }
    NTSTATUS wait() { return NmrWaitForProviderDeregisterComplete(handle); }
    void complete() { NmrProviderDetachClientComplete(binding); }

    static NTAPI NTSTATUS on_attach_called(HANDLE binding,
                                           PVOID context,
                                           PNPI_REGISTRATION_INSTANCE instance,
                                           PVOID client_context,
                                           const VOID* client_dispatch,
                                           PVOID* binding_context,
                                           const VOID** dispatch) {
        auto& provider = *static_cast<TestProvider*>(context);
        provider.notes.add(provider.name + " is asked");
        provider.binding = binding;
        provider.client_instance = instance;
        provider.client_context = client_context;
        provider.client_dispatch = client_dispatch;
        if (client_dispatch == provider.disliked) {
            return STATUS_NOINTERFACE;
        }
        *binding_context = context;
        *dispatch = &provider.table;
        return STATUS_SUCCESS;
    }

    NPI_PROVIDER_CHARACTERISTICS characteristics;
    int table = 0;
    const VOID* disliked = &table;  // the client's table that is refused
    PNPI_REGISTRATION_INSTANCE client_instance = nullptr;
    PVOID client_context = nullptr;
    const VOID* client_dispatch = nullptr;
};

struct TestClient : TestModule {
    explicit TestClient(Notes& noted,
                        const std::string& named = "client",
                        const NPIID& npi = test_interface)
        : TestModule(noted, named, npi) {
        characteristics = {.Version = 0,
                           .Length = sizeof characteristics,
                           .ClientAttachProvider = on_attach_called,
                           .ClientDetachProvider = on_detach_called,
                           .ClientCleanupBindingContext = on_cleanup_called,
                           .ClientRegistrationInstance = instance};
    }
    NTSTATUS enroll() { return NmrRegisterClient(&characteristics, this, &handle); }
    NTSTATUS leave() { return NmrDeregisterClient(handle); }
    NTSTATUS wait() { return NmrWaitForClientDeregisterComplete(handle); }
    void complete() { NmrClientDetachProviderComplete(binding); }
    NTSTATUS attach(const VOID* dispatch) {
        return NmrClientAttachProvider(binding, this, dispatch, &provider_context, &functions);
    }

    static NTAPI NTSTATUS on_attach_called(HANDLE binding,
                                           PVOID context,
                                           PNPI_REGISTRATION_INSTANCE instance) {
        auto& client = *static_cast<TestClient*>(context);
        client.notes.add(client.name + " is offered");
        client.binding = binding;
        client.provider_instance = instance;
        return client.answer ? client.answer() : client.attach(&client.table);
    }

    NPI_CLIENT_CHARACTERISTICS characteristics;
    int table = 0;
    std::function<NTSTATUS()> answer;  // without one it attaches
    PNPI_REGISTRATION_INSTANCE provider_instance = nullptr;
    PVOID provider_context = nullptr;
    const VOID* functions = nullptr;
};

}  // namespace owsk::nt
