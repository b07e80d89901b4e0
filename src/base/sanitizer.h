// SPDX-License-Identifier: MIT
// OWSK_ADDRESS_SANITIZER, OWSK_THREAD_SANITIZER: 1 in a build with that sanitizer, else 0.
#pragma once

#if defined(__has_feature)
#define OWSK_ADDRESS_SANITIZER __has_feature(address_sanitizer)
#define OWSK_THREAD_SANITIZER __has_feature(thread_sanitizer)
#else
#if defined(__SANITIZE_ADDRESS__)
#define OWSK_ADDRESS_SANITIZER 1
#else
#define OWSK_ADDRESS_SANITIZER 0
#endif
#if defined(__SANITIZE_THREAD__)
#define OWSK_THREAD_SANITIZER 1
#else
#define OWSK_THREAD_SANITIZER 0
#endif
#endif
