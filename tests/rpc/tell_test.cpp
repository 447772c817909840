// The contract's file is what is walked here: a field or message that is added to it and not told
// fails these tests, and so does a struct's field that it does not know.
#include "rpc/tell.hpp"

#include <ccrelay/management/v1/management.pb.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <fstream>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "catch.hpp"
#include "rpc/whole.hpp"
#include "support/paths.hpp"

using namespace ccrelay;
namespace messages = management::v1;

namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// What was looked into, and which choices of a oneof were made.
struct Seen {
  std::set<std::string> messages;
  std::set<std::string> choices;
  std::vector<std::string> unfilled;
};

void look_into(const Message& message, const std::string& path, Seen& seen) {
  seen.messages.insert(message.GetDescriptor()->full_name());
  const auto& reflection = *message.GetReflection();
  for (int i = 0; i < message.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor& field = *message.GetDescriptor()->field(i);
    const std::string name = path + "." + field.name();
    const bool is_filled = field.is_repeated() ? reflection.FieldSize(message, &field) > 0
                                               : reflection.HasField(message, &field);
    if (field.real_containing_oneof()) {
      if (!is_filled) continue;
      seen.choices.insert(field.full_name());
    } else if (!is_filled) {
      seen.unfilled.push_back(name);
      continue;
    }
    if (field.cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE || field.is_map()) continue;
    look_into(field.is_repeated() ? reflection.GetRepeatedMessage(message, &field, 0)
                                  : reflection.GetMessage(message, &field),
              name, seen);
  }
}

template <class Out, class Struct>
void look_at(const Struct& whole, Seen& seen) {
  Out out;
  rpc::tell(whole, out);
  look_into(out, Out::descriptor()->name(), seen);
}

Seen all_told() {
  using namespace management;
  Seen seen;
  messages::ServerInfo info;
  rpc::tell(test::whole_info(), info);
  rpc::tell(Caller{"uid:1", Role::viewer}, *info.mutable_caller());
  look_into(info, "ServerInfo", seen);
  look_at<messages::Status>(test::whole_status(), seen);
  look_at<messages::Provider>(test::whole_provider(), seen);
  look_at<messages::Key>(test::whole_key(), seen);
  look_at<messages::Client>(test::whole_client(), seen);
  look_at<messages::Request>(test::whole_request(), seen);
  const std::vector<decltype(Event::what)> kinds{
      Existing{test::whole_request()},
      Synced{1},
      Started{test::whole_request()},
      AttemptStarted{"1f", test::whole_attempt()},
      AttemptEnded{"1f", test::whole_attempt()},
      FirstByte{"1f", "a", 200, 1},
      Progress{"1f", RequestState::streaming, 1, test::whole_usage(), 2},
      Ended{test::whole_request()},
      Lost{3, 2, 1},
  };
  for (const auto& what : kinds) {
    look_at<messages::WatchRequestsResponse>(Event{1, test::whole_time(), what}, seen);
  }
  management::UsageReport report;
  report.rows = {{test::whole_time(), {"a"}, test::whole_totals()}};
  report.total = test::whole_totals();
  report.next_page_token = "next";
  report.ledger_start_time = test::whole_time();
  report.pending = 1;
  look_at<messages::QueryUsageResponse>(report, seen);
  look_at<messages::ListUsageRecordsResponse>(UsageRecords{{test::whole_request()}, "next"}, seen);
  look_at<messages::GetConfigResponse>(test::whole_config(), seen);
  look_at<messages::ValidateConfigResponse>(
      Validation{true, {test::whole_diagnostic()}, {test::whole_change()}}, seen);
  look_at<messages::ReloadConfigResponse>(
      ReloadReport{1, {test::whole_change()}, {test::whole_diagnostic()}}, seen);
  look_at<messages::GetLogLevelResponse>(
      LogLevelState{LogLevel::debug, LogLevel::info, test::whole_time()}, seen);
  LogLine line{test::whole_time(), LogLevel::info, "managed", "words", "1f", "req", {{"a", "b"}}};
  look_at<messages::WatchLogsResponse>(LogEvent(line), seen);
  look_at<messages::WatchLogsResponse>(LogEvent(LinesLost{1}), seen);
  return seen;
}

bool ends_with(const std::string& text, const std::string& end) {
  return text.size() > end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

const google::protobuf::FileDescriptor& contract() {
  return *messages::ServerInfo::descriptor()->file();
}

}  // namespace

TEST_CASE("every field of every message is told", "[rpc]") {
  const Seen seen = all_told();
  CHECK(seen.unfilled == std::vector<std::string>{});
  std::set<std::string> unseen;
  for (int i = 0; i < contract().message_type_count(); ++i) {
    const auto& message = *contract().message_type(i);
    // What is asked is read, not told; what only wraps something told above is a service's.
    if (ends_with(message.name(), "Request") || ends_with(message.name(), "Response") ||
        ends_with(message.name(), "Filter") || message.name() == "Heartbeat") {
      continue;
    }
    if (seen.messages.count(message.full_name()) == 0) unseen.insert(message.name());
  }
  CHECK(unseen == std::set<std::string>{});
}

TEST_CASE("every kind of event has its place in a message", "[rpc]") {
  const Seen seen = all_told();
  for (const auto* message :
       {messages::WatchRequestsResponse::descriptor(), messages::WatchLogsResponse::descriptor()}) {
    const auto& event = *message->oneof_decl(0);
    for (int i = 0; i < event.field_count(); ++i) {
      INFO(event.field(i)->full_name());
      // That is the stream's own, for when nothing happens.
      CHECK((event.field(i)->name() == "heartbeat" ||
             seen.choices.count(event.field(i)->full_name()) == 1));
    }
  }
}

TEST_CASE("a struct of the Manager has no field that the contract does not know", "[rpc]") {
  const std::regex begin(R"(^struct (\w+) \{$)"), field(R"(^  [\w:<>, ]+ (\w+)( = [^;]*|\{\})?;)");
  int seen = 0;
  for (const char* header : {"types", "config", "logs", "usage", "status", "events", "access"}) {
    std::ifstream text(testing::source_root() + std::string("/include/ccrelay/manage_") + header +
                       ".hpp");
    REQUIRE(text.good());
    const google::protobuf::Descriptor* message = nullptr;
    std::smatch found;
    for (std::string line; std::getline(text, line);) {
      if (std::regex_search(line, found, begin)) {
        message = contract().FindMessageTypeByName(found[1]);
      } else if (line == "};") {
        message = nullptr;
      } else if (message && std::regex_search(line, found, field)) {
        INFO(message->name() << "::" << found[1]);
        ++seen;
        CHECK(message->FindFieldByName(found[1]) != nullptr);
      }
    }
  }
  CHECK(seen > 150);
}

TEST_CASE("a time before 1970 and between two seconds is the same time", "[rpc]") {
  google::protobuf::Timestamp told;
  rpc::tell(WallTime(std::chrono::milliseconds(-1)), told);
  CHECK(told.seconds() == -1);
  CHECK(told.nanos() == 999'000'000);
}
