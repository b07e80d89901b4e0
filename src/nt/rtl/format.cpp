// SPDX-License-Identifier: MIT
// The conversions of a format string.
#include "nt/rtl/format.h"

#include <span>
#include <type_traits>

#include "nt/rtl/format_spec.h"
#include "nt/rtl/utf.h"

namespace owsk::nt::rtl {

namespace {

constexpr char null_text[] = "(null)";

// The digits of a number, written from the right.
class Digits {
  public:
    Digits(std::uint64_t value, unsigned base, bool upper_case) noexcept {
        const char* const alphabet = upper_case ? "0123456789ABCDEF" : "0123456789abcdef";
        for (; value != 0; value /= base) {
            buffer_[--first_] = alphabet[value % base];
        }
    }
    std::span<const char> text() const noexcept { return std::span(buffer_).subspan(first_); }

  private:
    static constexpr std::size_t capacity = 22;  // 64 bits in octal
    char buffer_[capacity] = {};
    std::size_t first_ = capacity;
};

template <typename Char>
class Formatter {
  public:
    Formatter(TextSink<Char>& sink, Arguments& arguments) noexcept
        : sink_(sink), arguments_(arguments) {}

    void run(const Char* format) noexcept {
        while (*format != 0) {
            if (*format != '%') {
                sink_.put(*format++);
                continue;
            }
            const FormatSpec spec = parse_format_spec(format + 1, arguments_);
            if (!convert(spec)) {
                for (std::size_t i = 0; i <= spec.length; ++i) {
                    sink_.put(format[i]);
                }
            }
            format += spec.length + 1;
        }
    }

  private:
    // False if there is no such conversion.
    bool convert(const FormatSpec& spec) noexcept {
        switch (spec.conversion) {
            case '%':
                sink_.put('%');
                return true;
            case 'd':
            case 'i':
                put_signed(spec);
                return true;
            case 'u':
                put_unsigned(spec, 10, "");
                return true;
            case 'o':
                put_unsigned(spec, 8, "0");
                return true;
            case 'x':
                put_unsigned(spec, 16, "0x");
                return true;
            case 'X':
                put_unsigned(spec, 16, "0X");
                return true;
            case 'p':
                put_pointer(spec);
                return true;
            case 'c':
            case 'C':
                put_character(spec);
                return true;
            case 's':
            case 'S':
                put_string(spec);
                return true;
            case 'Z':
                put_counted_string(spec);
                return true;
            case 'a':
            case 'A':
            case 'e':
            case 'E':
            case 'f':
            case 'F':
            case 'g':
            case 'G':
                arguments_.next_double();
                return false;
            default:
                return false;
        }
    }

    static bool takes_64_bits(FormatSize size) noexcept {
        return size == FormatSize::word64 || size == FormatSize::pointer;
    }

    void put_signed(const FormatSpec& spec) noexcept {
        std::int64_t value =
            takes_64_bits(spec.size) ? arguments_.next_int64() : arguments_.next_int32();
        if (spec.size == FormatSize::half) {
            value = static_cast<std::int16_t>(value);
        } else if (spec.size == FormatSize::byte) {
            value = static_cast<std::int8_t>(value);
        }
        const bool negative = value < 0;
        const auto bits = static_cast<std::uint64_t>(value);
        const char* const sign = negative ? "-" : spec.plus_sign ? "+" : spec.space_sign ? " " : "";
        put_number(spec, sign, Digits(negative ? 0 - bits : bits, 10, false).text());
    }

    void put_unsigned(const FormatSpec& spec, unsigned base, const char* prefix) noexcept {
        std::uint64_t value = takes_64_bits(spec.size)
                                  ? static_cast<std::uint64_t>(arguments_.next_int64())
                                  : static_cast<std::uint32_t>(arguments_.next_int32());
        if (spec.size == FormatSize::half) {
            value = static_cast<std::uint16_t>(value);
        } else if (spec.size == FormatSize::byte) {
            value = static_cast<std::uint8_t>(value);
        }
        const bool prefixed = spec.alternate && (value != 0 || base == 8);
        put_number(
            spec, prefixed ? prefix : "", Digits(value, base, spec.conversion == 'X').text());
    }

    // A pointer is always written with all its digits.
    void put_pointer(FormatSpec spec) noexcept {
        spec.has_precision = true;
        spec.precision = 2 * sizeof(void*);
        const auto value = reinterpret_cast<std::uintptr_t>(arguments_.next_pointer());
        put_number(spec, spec.alternate ? "0X" : "", Digits(value, 16, true).text());
    }

    void put_number(const FormatSpec& spec,
                    const char* prefix,
                    std::span<const char> digits) noexcept {
        std::size_t prefix_length = bounded_length(prefix);
        std::size_t zeros = minimum_digits(spec, prefix_length);
        zeros = zeros > digits.size() ? zeros - digits.size() : 0;
        if (spec.conversion == 'o' && zeros != 0) {
            prefix_length = 0;  // the first of them says that it is octal
        }
        const std::size_t length = prefix_length + zeros + digits.size();
        pad_left(spec, length);
        put_ascii({prefix, prefix_length});
        repeat('0', zeros);
        put_ascii(digits);
        pad_right(spec, length);
    }

    // A precision switches the zero flag off, and so does left alignment.
    static std::size_t minimum_digits(const FormatSpec& spec, std::size_t prefix_length) noexcept {
        if (spec.has_precision) {
            return spec.precision;
        }
        if (spec.zero_padded && !spec.left_aligned && spec.width > prefix_length) {
            return spec.width - prefix_length;
        }
        return 1;
    }

    // The capital letter is the other width than that of the output; h, l and w say it outright.
    static bool is_wide(const FormatSpec& spec) noexcept {
        switch (spec.size) {
            case FormatSize::byte:
            case FormatSize::half:
                return false;
            case FormatSize::word32:
            case FormatSize::wide:
                return true;
            default:
                break;
        }
        const bool same_as_output = spec.conversion == 'c' || spec.conversion == 's';
        return same_as_output == std::is_same_v<Char, WCHAR>;
    }

    void put_character(const FormatSpec& spec) noexcept {
        const std::int32_t value = arguments_.next_int32();
        if (is_wide(spec)) {
            const auto unit = static_cast<WCHAR>(value);
            put_field(spec, std::span(&unit, 1));
        } else {
            const auto unit = static_cast<char>(value);
            put_field(spec, std::span(&unit, 1));
        }
    }

    void put_string(const FormatSpec& spec) noexcept {
        const void* const text = arguments_.next_pointer();
        const std::size_t limit = spec.has_precision ? spec.precision : SIZE_MAX;
        if (text == nullptr) {
            put_field(spec, std::span(null_text, bounded_length(null_text, limit)));
        } else if (is_wide(spec)) {
            const auto* const wide = static_cast<const WCHAR*>(text);
            put_field(spec, std::span(wide, bounded_length(wide, limit)));
        } else {
            const auto* const narrow = static_cast<const char*>(text);
            put_field(spec, std::span(narrow, bounded_length(narrow, limit)));
        }
    }

    void put_counted_string(const FormatSpec& spec) noexcept {
        const void* const string = arguments_.next_pointer();
        if (spec.size == FormatSize::wide || spec.size == FormatSize::word32) {
            put_counted(spec, static_cast<const UNICODE_STRING*>(string));
        } else {
            put_counted(spec, static_cast<const STRING*>(string));
        }
    }

    template <typename String>
    void put_counted(const FormatSpec& spec, const String* string) noexcept {
        const std::size_t limit = spec.has_precision ? spec.precision : SIZE_MAX;
        if (string == nullptr || string->Buffer == nullptr) {
            put_field(spec, std::span(null_text, bounded_length(null_text, limit)));
            return;
        }
        const auto text = characters(string);
        put_field(spec, text.first(text.size() < limit ? text.size() : limit));
    }

    template <typename Source>
    void put_field(const FormatSpec& spec, std::span<const Source> text) noexcept {
        std::size_t length = 0;
        if (spec.width != 0) {
            each_unit(text, [&length](Char) { ++length; });
        }
        pad_left(spec, length);
        each_unit(text, [this](Char unit) { sink_.put(unit); });
        pad_right(spec, length);
    }

    template <typename Source, typename Visit>
    static void each_unit(std::span<const Source> text, Visit visit) noexcept {
        if constexpr (std::is_same_v<Source, Char>) {
            for (const Char unit : text) {
                visit(unit);
            }
        } else {
            while (!text.empty()) {
                const Decoded next = decode(text);
                const Encoded<Char> encoded = encode<Char>(next.code_point);
                for (std::size_t i = 0; i < encoded.length; ++i) {
                    visit(encoded.units[i]);
                }
                text = text.subspan(next.length);
            }
        }
    }

    void put_ascii(std::span<const char> text) noexcept {
        for (const char unit : text) {
            sink_.put(static_cast<Char>(unit));
        }
    }

    void pad_left(const FormatSpec& spec, std::size_t length) noexcept {
        if (!spec.left_aligned && length < spec.width) {
            repeat(spec.zero_padded && !spec.has_precision ? '0' : ' ', spec.width - length);
        }
    }
    void pad_right(const FormatSpec& spec, std::size_t length) noexcept {
        if (spec.left_aligned && length < spec.width) {
            repeat(' ', spec.width - length);
        }
    }
    void repeat(char unit, std::size_t count) noexcept {
        for (; count != 0; --count) {
            sink_.put(static_cast<Char>(unit));
        }
    }

    TextSink<Char>& sink_;
    Arguments& arguments_;
};

}  // namespace

template <typename Char>
void format_text(TextSink<Char>& sink, const Char* format, Arguments& arguments) noexcept {
    Formatter<Char>(sink, arguments).run(format);
}

template void format_text(TextSink<char>&, const char*, Arguments&) noexcept;
template void format_text(TextSink<WCHAR>&, const WCHAR*, Arguments&) noexcept;

}  // namespace owsk::nt::rtl
