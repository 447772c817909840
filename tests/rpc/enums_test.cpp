#include "rpc/enums.hpp"

#include <ccrelay/management/v1/management.pb.h>
#include <google/protobuf/descriptor.h>

#include <set>
#include <string>

#include "catch.hpp"

using namespace ccrelay;
namespace messages = management::v1;

namespace {

using google::protobuf::EnumDescriptor;

// The numbers that are told of any enumerator there may be.
template <class Enum>
std::set<int> told_numbers() {
  std::set<int> numbers;
  for (int i = 0; i < 256; ++i) numbers.insert(static_cast<int>(rpc::told(static_cast<Enum>(i))));
  return numbers;
}

std::set<std::string> seen;

template <class Enum>
void check(const EnumDescriptor* described) {
  seen.insert(described->name());
  const auto numbers = told_numbers<Enum>();
  for (int i = 0; i < described->value_count(); ++i) {
    INFO(described->value(i)->name());
    const int number = described->value(i)->number();
    CHECK(numbers.count(number) == 1);
    // And it is read as what it was told of.
    if (number == 0) continue;
    const auto read = rpc::enumerator_of<Enum>(number);
    REQUIRE(read.has_value());
    CHECK(static_cast<int>(rpc::told(*read)) == number);
  }
  CHECK_FALSE(rpc::enumerator_of<Enum>(99).has_value());
  CHECK_FALSE(rpc::enumerator_of<Enum>(-1).has_value());
}

}  // namespace

TEST_CASE("every value of every enum of the contract is one of the Manager's", "[rpc]") {
  seen.clear();
  check<management::Role>(messages::Role_descriptor());
  check<management::ServerState>(messages::ServerState_descriptor());
  check<management::AdminState>(messages::AdminState_descriptor());
  check<management::ProviderHealth>(messages::ProviderHealth_descriptor());
  check<management::BreakerState>(messages::BreakerState_descriptor());
  check<Outcome>(messages::Outcome_descriptor());
  check<management::KeyState>(messages::KeyState_descriptor());
  check<management::BudgetKind>(messages::BudgetKind_descriptor());
  check<management::ClientKind>(messages::ClientKind_descriptor());
  check<management::RequestState>(messages::RequestState_descriptor());
  check<Ending>(messages::Ending_descriptor());
  check<management::RequestEventKind>(messages::RequestEventKind_descriptor());
  check<management::UsageDimension>(messages::UsageDimension_descriptor());
  check<management::UsageInterval>(messages::UsageInterval_descriptor());
  check<management::UsageOrder>(messages::UsageOrder_descriptor());
  check<management::SettingOrigin>(messages::SettingOrigin_descriptor());
  check<management::Severity>(messages::Severity_descriptor());
  check<management::LogLevel>(messages::LogLevel_descriptor());

  const auto& file = *messages::Role_descriptor()->file();
  for (int i = 0; i < file.enum_type_count(); ++i) {
    INFO(file.enum_type(i)->name());
    CHECK(seen.count(file.enum_type(i)->name()) == 1);
  }
}
