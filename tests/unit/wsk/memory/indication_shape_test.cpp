// SPDX-License-Identifier: MIT
#include "wsk/memory/indication_shape.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <string>

namespace owsk::wsk {
namespace {

std::string text_of(const WSK_BUF& buffer) {
    std::string text;
    SIZE_T offset = buffer.Offset;
    for (PMDL mdl = buffer.Mdl; mdl != nullptr && text.size() < buffer.Length; mdl = mdl->Next) {
        const SIZE_T length =
            std::min<SIZE_T>(MmGetMdlByteCount(mdl) - offset, buffer.Length - text.size());
        const char* bytes =
            static_cast<const char*>(MmGetSystemAddressForMdlSafe(mdl, NormalPagePriority));
        text.append(bytes + offset, length);
        offset = 0;
    }
    return text;
}

std::string text_of(const WSK_DATA_INDICATION* list) {
    std::string text;
    for (; list != nullptr; list = list->Next) {
        text += text_of(list->Buffer);
    }
    return text;
}

std::size_t mdls_of(const WSK_BUF& buffer) {
    std::size_t count = 0;
    for (PMDL mdl = buffer.Mdl; mdl != nullptr; mdl = mdl->Next) {
        ++count;
    }
    return count;
}

class IndicationShapeTest : public testing::Test {
  protected:
    ~IndicationShapeTest() override {
        if (indication_ != nullptr) {
            pool_.release(*indication_);
        }
    }
    // An indication that shows `text`.
    DataIndication& receive(const std::string& text) {
        indication_ = pool_.carve<DataIndication>(0);
        std::memcpy(indication_->data, text.data(), text.size());
        indication_->length = text.size();
        pool_.keep(*indication_);
        indication_->show(0, text.size());
        return *indication_;
    }

  private:
    BlockPool pool_;
    DataIndication* indication_ = nullptr;
};

TEST_F(IndicationShapeTest, AListHasSeveralPartsWithTheSameBytes) {
    const std::string text = "the quick brown fox jumps over the lazy dog";
    DataIndication& indication = receive(text);
    for (std::uint64_t how = 0; how < 200; ++how) {
        indication.show(0, text.size());
        reshape(indication, 0, how, std::nullopt);
        EXPECT_NE(indication.api.Next, nullptr);
        EXPECT_EQ(text_of(&indication.api), text);
        for (const WSK_DATA_INDICATION* part = &indication.api; part != nullptr;
             part = part->Next) {
            EXPECT_NE(part->Buffer.Length, 0U);
            EXPECT_EQ(part->Buffer.Offset, 0U);
            EXPECT_EQ(mdls_of(part->Buffer), 1U);
        }
    }
}

TEST_F(IndicationShapeTest, AChainHasAnOffsetInsideItsFirstMdl) {
    const std::string text = "the quick brown fox jumps over the lazy dog";
    DataIndication& indication = receive(text);
    std::size_t longest = 0;
    for (std::uint64_t how = 0; how < 200; ++how) {
        indication.show(0, text.size());
        reshape(indication, 0, std::nullopt, how);
        const WSK_BUF& buffer = indication.api.Buffer;
        EXPECT_EQ(indication.api.Next, nullptr);
        EXPECT_GT(buffer.Offset, 0U);
        EXPECT_LT(buffer.Offset, MmGetMdlByteCount(buffer.Mdl));
        EXPECT_EQ(text_of(&indication.api), text);
        longest = std::max(longest, mdls_of(buffer));
    }
    EXPECT_EQ(longest, 3U);
}

TEST_F(IndicationShapeTest, BothAtOnceAndFromTheMiddle) {
    const std::string text(60'000, 'x');
    DataIndication& indication = receive(text + "the end");
    for (std::uint64_t how = 0; how < 200; ++how) {
        indication.show(text.size(), 7);
        reshape(indication, text.size(), how, how + 1);
        EXPECT_EQ(text_of(&indication.api), "the end");
        EXPECT_EQ(indication.shown, 7U);
    }
}

TEST_F(IndicationShapeTest, AWholeBlockHasRoomForItsPages) {
    const std::string text(block_size, 'x');
    DataIndication& indication = receive(text);
    for (std::uint64_t how = 0; how < 50; ++how) {
        indication.show(0, text.size());
        reshape(indication, 0, how, how);
        EXPECT_EQ(text_of(&indication.api), text);
    }
}

TEST_F(IndicationShapeTest, OneByteIsNoList) {
    DataIndication& indication = receive("x");
    reshape(indication, 0, 1, 1);
    EXPECT_EQ(indication.api.Next, nullptr);
    EXPECT_EQ(text_of(&indication.api), "x");
}

TEST_F(IndicationShapeTest, ShowingItAnewIsPlainAgain) {
    DataIndication& indication = receive("abcdef");
    reshape(indication, 0, 1, 1);
    indication.show(2, 4);
    EXPECT_EQ(indication.api.Next, nullptr);
    EXPECT_EQ(indication.api.Buffer.Offset, 0U);
    EXPECT_EQ(mdls_of(indication.api.Buffer), 1U);
    EXPECT_EQ(text_of(&indication.api), "cdef");
}

}  // namespace
}  // namespace owsk::wsk
