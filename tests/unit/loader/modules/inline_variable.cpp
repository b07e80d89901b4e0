// SPDX-License-Identifier: MIT
// A C++ driver with a variable that the compiler would rather keep once for the whole process.
#include <ntddk.h>

extern "C" DRIVER_INITIALIZE DriverEntry;

template <typename T>
struct Counter {
    inline static int starts = 0;
};

extern "C" NTSTATUS NTAPI DriverEntry(PDRIVER_OBJECT, PUNICODE_STRING) {
    return ++Counter<int>::starts;
}
