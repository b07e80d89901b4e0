// SPDX-License-Identifier: MIT
#include <gmock/gmock.h>
#include <openwsk/faults.h>

#include <stdexcept>

namespace owsk {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string complaint_about(const std::string& text) {
    try {
        parse_fault_setting(text);
    } catch (const std::invalid_argument& error) {
        return error.what();
    }
    return "nothing is wrong with it";
}

TEST(FaultNames, EachFaultIsFoundByItsName) {
    for (std::size_t i = 0; i < fault_count; ++i) {
        const auto fault = static_cast<Fault>(i);
        EXPECT_EQ(fault_of(fault_name(fault)), fault);
        EXPECT_FALSE(std::string(fault_text(fault)).empty());
        EXPECT_THAT(all_fault_names(), HasSubstr(fault_name(fault)));
    }
    EXPECT_EQ(fault_of("irp"), std::nullopt);
    EXPECT_EQ(fault_of(""), std::nullopt);
}

TEST(FaultNames, AFormerNameIsStillTaken) {
    EXPECT_EQ(parse_fault_setting("drop_request=nth:2").fault, Fault::drop_inspected);
    EXPECT_THAT(all_fault_names(), Not(HasSubstr("drop_request")));
}

TEST(FaultNames, OnlyFaultsOfTheNetworkAreThat) {
    EXPECT_TRUE(is_network_fault(Fault::short_send));
    EXPECT_TRUE(is_network_fault(Fault::drop_disconnecting));
    EXPECT_FALSE(is_network_fault(Fault::pool_allocation));
    EXPECT_FALSE(is_network_fault(Fault::indication_chain));
}

TEST(FaultSettings, TheNthOccasion) {
    const FaultSetting setting = parse_fault_setting("irp_allocation=nth:3");
    EXPECT_EQ(setting.fault, Fault::irp_allocation);
    EXPECT_EQ(setting.nth, 3U);
}

TEST(FaultSettings, APercentageMayHaveAPoint) {
    EXPECT_DOUBLE_EQ(parse_fault_setting("short_send=percent:5").probability, 0.05);
    EXPECT_DOUBLE_EQ(parse_fault_setting("short_send=percent:0.5").probability, 0.005);
    EXPECT_DOUBLE_EQ(parse_fault_setting("short_send=percent:100").probability, 1);
    EXPECT_EQ(parse_fault_setting("short_send=percent:100").nth, 0U);
}

TEST(FaultSettings, AreSetAsTheySay) {
    Faults faults(7);
    faults.set(parse_fault_setting("pool_allocation=nth:2"));
    EXPECT_FALSE(faults.strikes(Fault::pool_allocation));
    EXPECT_TRUE(faults.strikes(Fault::pool_allocation));
    faults.set(parse_fault_setting("irp_allocation=percent:100"));
    EXPECT_TRUE(faults.strikes(Fault::irp_allocation));
}

TEST(FaultSettings, AnUnknownNameGetsTheListOfThem) {
    EXPECT_THAT(complaint_about("pol=nth:1"), HasSubstr("no fault \"pol\""));
    EXPECT_THAT(complaint_about("pol=nth:1"), HasSubstr("pool_allocation, irp_allocation"));
}

TEST(FaultSettings, WithoutATimeItSaysTheForm) {
    EXPECT_THAT(complaint_about("pool_allocation"), HasSubstr("NAME=nth:NUMBER"));
    EXPECT_THAT(complaint_about(""), HasSubstr("NAME=percent:NUMBER"));
}

TEST(FaultSettings, ATimeThatIsNoneGetsTheAllowedOnes) {
    for (const char* when : {"",
                             "3",
                             "nth:",
                             "nth:0",
                             "nth:-1",
                             "nth:3x",
                             "nth:99999999999999999999",
                             "percent:",
                             "percent:-1",
                             "percent:101",
                             "percent:nan",
                             "percent:5%"}) {
        const std::string text = std::string("short_send=") + when;
        EXPECT_THAT(complaint_about(text), HasSubstr("whole number from 1 on")) << text;
        EXPECT_THAT(complaint_about(text), HasSubstr("0 to 100")) << text;
    }
}

}  // namespace
}  // namespace owsk
