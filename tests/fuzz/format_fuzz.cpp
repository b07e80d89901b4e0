// SPDX-License-Identifier: MIT
// Whatever a format string says: a buffer gets the beginning of what a long one gets, both widths
// say the same, and where C has the same conversion, the C library agrees.
#include <ntdef.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "base/assert.h"
#include "nt/rtl/format.h"

namespace owsk::nt::rtl {
namespace {

template <typename Char>
class LongSink final : public TextSink<Char> {
  public:
    void put(Char unit) noexcept override { text.push_back(unit); }
    std::vector<Char> text;
};

template <typename Char>
void put_formatted(TextSink<Char>* sink, const Char* format, ...) {
    OWSK_VA_LIST list;
    OWSK_VA_START(list, format);
    {
        Arguments arguments(list);
        format_text(*sink, format, arguments);
    }
    OWSK_VA_END(list);
}

// The format takes at most half as many arguments as it has letters: "%d%d...". The same pointer is
// good for each: a text in both widths, and a counted string in both.
constexpr std::size_t longest_format = 16;
WCHAR counted_text[] = L"counted";
UNICODE_STRING anything = {6, 6, counted_text};

// `format` ends with a zero.
template <typename Char>
void put_anything(TextSink<Char>& sink, const std::vector<Char>& format) {
    const void* const p = &anything;
    put_formatted(&sink, format.data(), p, p, p, p, p, p, p, p, p, p, p, p, p, p, p, p);
}

template <typename Char>
std::vector<Char> check_bounds(const std::vector<Char>& format) {
    LongSink<Char> whole;
    put_anything(whole, format);
    Char room[12];
    BufferSink<Char> buffer(room, std::size(room));
    put_anything(buffer, format);
    OWSK_ASSERT(buffer.length() == std::min(whole.text.size(), std::size(room)));
    OWSK_ASSERT(buffer.overflowed() == (whole.text.size() > std::size(room)));
    OWSK_ASSERT(std::equal(room, room + buffer.length(), whole.text.begin()));
    if (std::find(format.begin(), format.end(), Char{'%'}) == format.end()) {
        OWSK_ASSERT(std::equal(whole.text.begin(), whole.text.end(), format.begin()));
        OWSK_ASSERT(whole.text.size() + 1 == format.size());
    }
    return whole.text;
}

void check_any_format(std::string_view text) {
    const std::string format(text.substr(0, std::min(text.find('\0'), longest_format)));
    const char* const end = format.c_str() + format.size() + 1;
    const std::vector<char> narrow = check_bounds(std::vector<char>(format.c_str(), end));
    const auto is_ascii = [](char unit) { return static_cast<unsigned char>(unit) < 0x80; };
    if (std::all_of(format.begin(), format.end(), is_ascii)) {
        const std::vector<WCHAR> wide = check_bounds(std::vector<WCHAR>(format.c_str(), end));
        const bool depends_on_width = format.find_first_of("cCsSZ") != std::string::npos;
        OWSK_ASSERT(depends_on_width ||
                    std::equal(wide.begin(), wide.end(), narrow.begin(), narrow.end()));
    }
}

// One conversion that C has too, made from a few bytes.
class Conversion {
  public:
    explicit Conversion(const std::uint8_t* choices) {
        static constexpr char letters[] = "diuoxXcs";
        static constexpr const char* sizes[] = {"", "hh", "h", "ll"};
        letter_ = letters[choices[0] % 8];
        const bool is_text = letter_ == 'c' || letter_ == 's';
        for (unsigned i = 0; i < 5; ++i) {
            // C leaves it open what a text is filled with.
            if ((choices[1] >> i & 1) != 0 && !(is_text && "-+ #0"[i] == '0')) {
                format_ += "-+ #0"[i];
            }
        }
        format_ += choices[2] % 2 != 0 ? std::to_string(1 + choices[2] % 40) : "";
        format_ += choices[3] % 2 != 0 ? "." + std::to_string(choices[3] / 4 % 40) : "";
        size_ = is_text ? "" : sizes[choices[4] % 4];
        format_ += size_;
        format_ += letter_;
    }

    void check(std::int64_t value, const std::string& text) const {
        if (letter_ == 's') {
            check_value(text.c_str());
        } else if (size_ == "ll") {
            check_value(value);
        } else {
            check_value(static_cast<std::int32_t>(value));
        }
    }

  private:
    template <typename Value>
    void check_value(Value value) const {
        char expected[512];
        const int length = std::snprintf(expected, sizeof expected, format_.c_str(), value);
        OWSK_ASSERT(length >= 0 && static_cast<std::size_t>(length) < sizeof expected);
        LongSink<char> sink;
        put_formatted<char>(&sink, format_.c_str(), value);
        const std::string text(sink.text.begin(), sink.text.end());
        const bool agrees = text == std::string_view(expected, static_cast<std::size_t>(length));
        if (!agrees) {
            std::fprintf(stderr, "%s: \"%s\" is \"%s\"\n", format_.c_str(), expected, text.c_str());
        }
        OWSK_ASSERT(agrees);
    }

    std::string format_ = "%";
    std::string size_;
    char letter_ = 0;
};

void check(const std::uint8_t* data, std::size_t size) {
    constexpr std::size_t choices = 5;
    constexpr std::size_t front = choices + sizeof(std::int64_t);
    if (size < front) {
        return;
    }
    std::int64_t value = 0;
    std::memcpy(&value, data + choices, sizeof value);
    const std::string_view rest(reinterpret_cast<const char*>(data) + front, size - front);
    const auto is_plain = [](char unit) { return unit > 0; };
    if (std::all_of(rest.begin(), rest.end(), is_plain)) {
        Conversion(data).check(value, std::string(rest));
    }
    check_any_format(rest);
}

}  // namespace
}  // namespace owsk::nt::rtl

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    owsk::nt::rtl::check(data, size);
    return 0;
}
