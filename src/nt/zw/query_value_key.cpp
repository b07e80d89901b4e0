// SPDX-License-Identifier: MIT
// ZwQueryValueKey: a value of a key in one of three forms.
#include <wdm.h>

#include <algorithm>
#include <cstring>
#include <vector>

#include "nt/cm/key.h"
#include "nt/ke/irql.h"
#include "nt/rtl/utf.h"
#include "nt/system.h"

namespace owsk::nt::zw {

namespace {

// A value as the driver will see it: fixed fields, then what varies in length.
class Information {
  public:
    template <typename Fixed>
    Information(const Fixed& fixed, std::size_t fixed_size) : fixed_size_(fixed_size) {
        append(&fixed, fixed_size);
    }
    void append(const void* bytes, std::size_t count) {
        const auto* const first = static_cast<const std::byte*>(bytes);
        bytes_.insert(bytes_.end(), first, first + count);
    }
    void pad_to(std::size_t size) { bytes_.resize(size); }

    // The fixed fields must fit; of the rest, what fits is stored.
    NTSTATUS store(void* to, ULONG room, ULONG* needed) const noexcept {
        *needed = static_cast<ULONG>(bytes_.size());
        if (room < fixed_size_) {
            return STATUS_BUFFER_TOO_SMALL;
        }
        std::memcpy(to, bytes_.data(), std::min<std::size_t>(room, bytes_.size()));
        return room < bytes_.size() ? STATUS_BUFFER_OVERFLOW : STATUS_SUCCESS;
    }

  private:
    std::vector<std::byte> bytes_;
    std::size_t fixed_size_;
};

Information basic_information(const cm::Registry::Value& value) {
    const std::vector<WCHAR> name = rtl::to_utf16(value.name);
    KEY_VALUE_BASIC_INFORMATION fixed{};
    fixed.Type = value.type;
    fixed.NameLength = static_cast<ULONG>(name.size() * sizeof(WCHAR));
    Information information(fixed, offsetof(KEY_VALUE_BASIC_INFORMATION, Name));
    information.append(name.data(), fixed.NameLength);
    return information;
}

Information full_information(const cm::Registry::Value& value, std::size_t data_alignment) {
    const std::vector<WCHAR> name = rtl::to_utf16(value.name);
    KEY_VALUE_FULL_INFORMATION fixed{};
    fixed.Type = value.type;
    fixed.NameLength = static_cast<ULONG>(name.size() * sizeof(WCHAR));
    fixed.DataLength = static_cast<ULONG>(value.bytes.size());
    const std::size_t name_end = offsetof(KEY_VALUE_FULL_INFORMATION, Name) + fixed.NameLength;
    const std::size_t data = (name_end + data_alignment - 1) / data_alignment * data_alignment;
    fixed.DataOffset = static_cast<ULONG>(data);
    Information information(fixed, offsetof(KEY_VALUE_FULL_INFORMATION, Name));
    information.append(name.data(), fixed.NameLength);
    if (!value.bytes.empty()) {
        information.pad_to(data);
        information.append(value.bytes.data(), value.bytes.size());
    }
    return information;
}

Information partial_information(const cm::Registry::Value& value) {
    KEY_VALUE_PARTIAL_INFORMATION fixed{};
    fixed.Type = value.type;
    fixed.DataLength = static_cast<ULONG>(value.bytes.size());
    Information information(fixed, offsetof(KEY_VALUE_PARTIAL_INFORMATION, Data));
    information.append(value.bytes.data(), value.bytes.size());
    return information;
}

}  // namespace

// ZwQueryValueKey: type, name and bytes of a value; a null or empty name is the default value.
//
// IRQL       PASSIVE_LEVEL
// Returns    STATUS_BUFFER_TOO_SMALL if not even the fixed fields fit (nothing is written),
//            STATUS_BUFFER_OVERFLOW if the rest does not; ResultLength says what is needed
extern "C" NTSTATUS NTAPI ZwQueryValueKey(HANDLE KeyHandle,
                                          PUNICODE_STRING ValueName,
                                          KEY_VALUE_INFORMATION_CLASS KeyValueInformationClass,
                                          PVOID KeyValueInformation,
                                          ULONG Length,
                                          PULONG ResultLength) {
    ke::require_irql_at_most(PASSIVE_LEVEL, "ZwQueryValueKey");
    System& system = System::current();
    const auto key = system.handles.find(KeyHandle, &ob::key_type);
    if (!key) {
        return key.status();
    }
    const auto value = system.registry.value(static_cast<const cm::Key&>(**key).path(),
                                             rtl::to_utf8(rtl::characters(ValueName)));
    if (!value) {
        return STATUS_OBJECT_NAME_NOT_FOUND;
    }
    switch (KeyValueInformationClass) {
        case KeyValueBasicInformation:
            return basic_information(*value).store(KeyValueInformation, Length, ResultLength);
        case KeyValueFullInformation:
            return full_information(*value, sizeof(ULONG))
                .store(KeyValueInformation, Length, ResultLength);
        case KeyValueFullInformationAlign64:
            return full_information(*value, sizeof(ULONGLONG))
                .store(KeyValueInformation, Length, ResultLength);
        case KeyValuePartialInformation:
            return partial_information(*value).store(KeyValueInformation, Length, ResultLength);
        default:
            return STATUS_INVALID_PARAMETER;
    }
}

}  // namespace owsk::nt::zw
