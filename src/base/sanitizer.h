// SPDX-License-Identifier: MIT
// OWSK_ADDRESS_SANITIZER: 1 in a build with the address sanitizer, else 0.
#pragma once

#if defined(__has_feature)
#define OWSK_ADDRESS_SANITIZER __has_feature(address_sanitizer)
#elif defined(__SANITIZE_ADDRESS__)
#define OWSK_ADDRESS_SANITIZER 1
#else
#define OWSK_ADDRESS_SANITIZER 0
#endif
