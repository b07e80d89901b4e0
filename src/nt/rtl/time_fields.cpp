// SPDX-License-Identifier: MIT
// System time (100 ns units since 1601-01-01) as a date and back, in the Gregorian calendar.
#include <wdm.h>

#include <chrono>
#include <cstdint>

namespace owsk::nt::rtl {

namespace {

using Days = std::chrono::sys_days;

constexpr std::int64_t units_per_millisecond = 10'000;
constexpr std::int64_t milliseconds_per_day = 86'400'000;
constexpr Days epoch = std::chrono::year(1601) / 1 / 1;
constexpr int year_min = 1601;
constexpr int year_max = 30827;  // the last one whose days a LARGE_INTEGER can count

}  // namespace

// RtlTimeToTimeFields: takes a system time apart.
//
// IRQL       any
extern "C" VOID NTAPI RtlTimeToTimeFields(PLARGE_INTEGER Time, PTIME_FIELDS TimeFields) {
    const std::int64_t milliseconds = Time->QuadPart / units_per_millisecond;
    const std::int64_t days = milliseconds / milliseconds_per_day;
    const std::int64_t within_day = milliseconds % milliseconds_per_day;
    // std::chrono::year ends at 32767; no valid system time comes there.
    const Days day = epoch + std::chrono::days(days);
    const std::chrono::year_month_day date(day);
    TimeFields->Year = static_cast<CSHORT>(static_cast<int>(date.year()));
    TimeFields->Month = static_cast<CSHORT>(static_cast<unsigned>(date.month()));
    TimeFields->Day = static_cast<CSHORT>(static_cast<unsigned>(date.day()));
    TimeFields->Hour = static_cast<CSHORT>(within_day / 3'600'000);
    TimeFields->Minute = static_cast<CSHORT>(within_day / 60'000 % 60);
    TimeFields->Second = static_cast<CSHORT>(within_day / 1'000 % 60);
    TimeFields->Milliseconds = static_cast<CSHORT>(within_day % 1'000);
    TimeFields->Weekday = static_cast<CSHORT>(std::chrono::weekday(day).c_encoding());
}

// RtlTimeFieldsToTime: puts a system time together; FALSE if there is no such date.
//
// IRQL       any
extern "C" BOOLEAN NTAPI RtlTimeFieldsToTime(PTIME_FIELDS TimeFields, PLARGE_INTEGER Time) {
    const TIME_FIELDS& fields = *TimeFields;
    if (fields.Year < year_min || fields.Year > year_max || fields.Month < 1 || fields.Day < 1 ||
        fields.Hour < 0 || fields.Hour > 23 || fields.Minute < 0 || fields.Minute > 59 ||
        fields.Second < 0 || fields.Second > 59 || fields.Milliseconds < 0 ||
        fields.Milliseconds > 999) {
        return FALSE;
    }
    const std::chrono::year_month_day date(std::chrono::year(fields.Year),
                                           std::chrono::month(static_cast<unsigned>(fields.Month)),
                                           std::chrono::day(static_cast<unsigned>(fields.Day)));
    if (!date.ok()) {
        return FALSE;
    }
    const std::int64_t days = (Days(date) - epoch).count();
    const std::int64_t within_day =
        ((fields.Hour * 60 + fields.Minute) * 60 + fields.Second) * std::int64_t{1000} +
        fields.Milliseconds;
    Time->QuadPart = (days * milliseconds_per_day + within_day) * units_per_millisecond;
    return TRUE;
}

}  // namespace owsk::nt::rtl
