// SPDX-License-Identifier: MIT
// Taking a conversion specification apart: flags, width, precision, size, conversion.
#include "nt/rtl/format_spec.h"

namespace owsk::nt::rtl {

namespace {

// More padding than this is a mistake of the caller and would only keep the machine busy.
constexpr std::size_t field_limit = 65536;

template <typename Char>
class SpecReader {
  public:
    SpecReader(const Char* text, Arguments& arguments) noexcept
        : start_(text), next_(text), arguments_(arguments) {}

    FormatSpec read() noexcept {
        read_flags();
        read_width();
        read_precision();
        read_size();
        if (*next_ != 0) {
            // Outside ASCII nothing is a conversion; '?' is not one either.
            spec_.conversion = *next_ > 0 && *next_ < 0x7F ? static_cast<char>(*next_) : '?';
            ++next_;
        }
        spec_.length = static_cast<std::size_t>(next_ - start_);
        return spec_;
    }

  private:
    void read_flags() noexcept {
        for (;; ++next_) {
            switch (*next_) {
                case '-':
                    spec_.left_aligned = true;
                    break;
                case '+':
                    spec_.plus_sign = true;
                    break;
                case ' ':
                    spec_.space_sign = true;
                    break;
                case '#':
                    spec_.alternate = true;
                    break;
                case '0':
                    spec_.zero_padded = true;
                    break;
                default:
                    return;
            }
        }
    }

    void read_width() noexcept {
        if (*next_ != '*') {
            spec_.width = read_number();
            return;
        }
        ++next_;
        const std::int64_t width = arguments_.next_int32();
        spec_.left_aligned = spec_.left_aligned || width < 0;
        spec_.width = limited(static_cast<std::size_t>(width < 0 ? -width : width));
    }

    void read_precision() noexcept {
        if (*next_ != '.') {
            return;
        }
        ++next_;
        if (*next_ != '*') {
            spec_.has_precision = true;
            spec_.precision = read_number();
            return;
        }
        ++next_;
        const std::int32_t precision = arguments_.next_int32();
        spec_.has_precision = precision >= 0;
        spec_.precision = spec_.has_precision ? limited(static_cast<std::size_t>(precision)) : 0;
    }

    void read_size() noexcept {
        static constexpr struct {
            char text[4];
            FormatSize size;
        } sizes[] = {
            // A longer name stands before the one that it begins with.
            {"hh", FormatSize::byte},
            {"h", FormatSize::half},
            {"ll", FormatSize::word64},
            {"l", FormatSize::word32},
            {"I64", FormatSize::word64},
            {"I32", FormatSize::word32},
            {"I", FormatSize::pointer},
            {"z", FormatSize::pointer},
            {"t", FormatSize::pointer},
            {"j", FormatSize::word64},
            {"w", FormatSize::wide},
        };
        for (const auto& candidate : sizes) {
            if (skip(candidate.text)) {
                spec_.size = candidate.size;
                return;
            }
        }
    }

    bool skip(const char* prefix) noexcept {
        std::size_t length = 0;
        for (; prefix[length] != 0; ++length) {
            if (next_[length] != static_cast<Char>(prefix[length])) {
                return false;
            }
        }
        next_ += length;
        return true;
    }

    std::size_t read_number() noexcept {
        std::size_t value = 0;
        for (; *next_ >= '0' && *next_ <= '9'; ++next_) {
            value = limited(value * 10 + static_cast<std::size_t>(*next_ - '0'));
        }
        return value;
    }

    static std::size_t limited(std::size_t value) noexcept {
        return value < field_limit ? value : field_limit;
    }

    const Char* const start_;
    const Char* next_;
    Arguments& arguments_;
    FormatSpec spec_;
};

}  // namespace

template <typename Char>
FormatSpec parse_format_spec(const Char* text, Arguments& arguments) noexcept {
    return SpecReader<Char>(text, arguments).read();
}

template FormatSpec parse_format_spec(const char*, Arguments&) noexcept;
template FormatSpec parse_format_spec(const WCHAR*, Arguments&) noexcept;

}  // namespace owsk::nt::rtl
