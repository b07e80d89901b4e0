// SPDX-License-Identifier: MIT
// Which Windows a machine says it is: Windows 10 22H2, the last release of Windows 10. Drivers
// choose newer functions by it, and the functions that they then expect are the ones that exist
// here.
#include <wdm.h>

namespace owsk::nt::rtl {

namespace {

constexpr ULONG version_major = 10;
constexpr ULONG version_minor = 0;
constexpr ULONG build = 19045;
constexpr ULONG platform_nt = 2;          // VER_PLATFORM_WIN32_NT
constexpr UCHAR product_workstation = 1;  // VER_NT_WORKSTATION; 19045 is not a server build

}  // namespace

// RtlGetVersion: the version of the operating system. Always succeeds.
//
// IRQL       PASSIVE_LEVEL
extern "C" NTSTATUS NTAPI RtlGetVersion(PRTL_OSVERSIONINFOW lpVersionInformation) {
    lpVersionInformation->dwMajorVersion = version_major;
    lpVersionInformation->dwMinorVersion = version_minor;
    lpVersionInformation->dwBuildNumber = build;
    lpVersionInformation->dwPlatformId = platform_nt;
    lpVersionInformation->szCSDVersion[0] = 0;
    if (lpVersionInformation->dwOSVersionInfoSize == sizeof(RTL_OSVERSIONINFOEXW)) {
        auto* const extended = reinterpret_cast<PRTL_OSVERSIONINFOEXW>(lpVersionInformation);
        extended->wServicePackMajor = 0;
        extended->wServicePackMinor = 0;
        extended->wSuiteMask = 0;
        extended->wProductType = product_workstation;
        extended->wReserved = 0;
    }
    return STATUS_SUCCESS;
}

}  // namespace owsk::nt::rtl
