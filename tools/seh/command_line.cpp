// SPDX-License-Identifier: MIT
#include "command_line.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <initializer_list>
#include <string_view>

namespace seh {

namespace {

using namespace std::string_view_literals;

bool is_one_of(std::string_view word, std::initializer_list<std::string_view> words) {
    for (const std::string_view one : words) {
        if (word == one) {
            return true;
        }
    }
    return false;
}

std::optional<Language> language_of(const std::string& source) {
    const std::string ending = std::filesystem::path(source).extension();
    if (ending == ".c") {
        return Language::c;
    }
    if (is_one_of(ending, {".cpp", ".cc", ".cxx", ".c++", ".C", ".CPP"})) {
        return Language::cpp;
    }
    return std::nullopt;
}

// Options whose value may be the next word. What only the preprocessor knows is unused, and a
// warning of clang, in the second step.
constexpr std::array preprocessing_with_value{"-I"sv,
                                              "-D"sv,
                                              "-U"sv,
                                              "-include"sv,
                                              "-isystem"sv,
                                              "-idirafter"sv,
                                              "-iquote"sv,
                                              "-imacros"sv,
                                              "-iprefix"sv};
constexpr std::array others_with_value{
    "-Xclang"sv, "-target"sv, "--param"sv, "-arch"sv, "-isysroot"sv};

bool is_preprocessing(std::string_view word) {
    return std::ranges::any_of(preprocessing_with_value,
                               [&](std::string_view option) { return word.starts_with(option); });
}

bool has_value(std::string_view word) {
    return std::ranges::find(preprocessing_with_value, word) != preprocessing_with_value.end() ||
           std::ranges::find(others_with_value, word) != others_with_value.end();
}

}  // namespace

std::optional<CommandLine> understand(const std::vector<std::string>& command) {
    CommandLine line{};
    bool compiles = false;
    for (std::size_t at = 0; at < command.size(); ++at) {
        const std::string& word = command[at];
        const bool more = at + 1 < command.size();
        if (word == "-c") {
            compiles = true;
        } else if (word == "-x" || word.starts_with('@')) {
            return std::nullopt;
        } else if (word == "-o" && more) {
            line.output = command[++at];
        } else if (is_one_of(word, {"-MD", "-MMD", "-MP", "-MG"})) {
            line.dependencies.push_back(word);
        } else if (is_one_of(word, {"-MF", "-MT", "-MQ"}) && more) {
            line.dependencies.push_back(word);
            line.dependencies.push_back(command[++at]);
        } else if (is_preprocessing(word) || has_value(word)) {
            auto& words = is_preprocessing(word) ? line.preprocessing : line.words;
            words.push_back(word);
            if (has_value(word) && more) {
                words.push_back(command[++at]);
            }
        } else if (const auto language = language_of(word);
                   at > 0 && language && !word.starts_with('-')) {
            if (!line.source.empty()) {
                return std::nullopt;
            }
            line.source = word;
            line.language = *language;
        } else {
            line.words.push_back(word);
        }
    }
    if (!compiles || line.source.empty()) {
        return std::nullopt;
    }
    if (line.output.empty()) {
        line.output = std::filesystem::path(line.source).stem().string() + ".o";
    }
    return line;
}

std::vector<std::string> CommandLine::preprocess_to(const std::string& file) const {
    std::vector<std::string> all = words;
    all.insert(all.end(), preprocessing.begin(), preprocessing.end());
    all.insert(all.end(), dependencies.begin(), dependencies.end());
    if (!dependencies.empty()) {
        bool has_file = false;
        bool has_target = false;
        for (const std::string& word : dependencies) {
            has_file = has_file || word == "-MF";
            has_target = has_target || word == "-MT" || word == "-MQ";
        }
        // Otherwise they follow from the output, which is another one here.
        if (!has_file) {
            all.insert(all.end(),
                       {"-MF", std::filesystem::path(output).replace_extension(".d").string()});
        }
        if (!has_target) {
            all.insert(all.end(), {"-MT", output});
        }
    }
    all.insert(all.end(), {"-DOWSK_GUARDED_BLOCKS", "-E", source, "-o", file});
    return all;
}

std::vector<std::string> CommandLine::compile_from(const std::string& file) const {
    std::vector<std::string> all = words;
    // Comments that say so are gone.
    all.emplace_back("-Wno-implicit-fallthrough");
    all.insert(all.end(),
               {"-x",
                language == Language::c ? "cpp-output" : "c++-cpp-output",
                "-c",
                file,
                "-o",
                output});
    return all;
}

}  // namespace seh
