#include "ledger/packed.hpp"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>

#include "base/clipped.hpp"

namespace ccrelay::ledger {
namespace {

// Of names that providers and clients make up.
constexpr std::size_t word_bytes_max = 64;

/// How each begins.
struct Head {
  std::uint32_t bytes = 0;  // of all of it
  std::uint32_t attempts = 0;
  Spending spending;
  RowFigures figures;
};

class Packer {
 public:
  explicit Packer(std::string& out) : out_(out) {}

  template <class Figures>
  void figures(const Figures& figures) {
    static_assert(std::is_trivially_copyable_v<Figures>);
    out_.append(reinterpret_cast<const char*>(&figures), sizeof figures);
  }
  void text(std::string_view text) {
    figures(static_cast<std::uint32_t>(text.size()));
    out_.append(text);
  }
  void made_up(std::string_view text, std::size_t bytes_max = base::told_bytes_max) {
    if (text.size() > bytes_max) return this->text(base::clipped(text, bytes_max));
    this->text(text);
  }

 private:
  std::string& out_;
};

class Unpacker {
 public:
  explicit Unpacker(std::string_view packed) : rest_(packed) {}

  template <class Figures>
  void figures(Figures& figures) {
    static_assert(std::is_trivially_copyable_v<Figures>);
    std::memcpy(&figures, take(sizeof figures).data(), sizeof figures);
  }
  void text(std::string_view& text) { text = take(number()); }
  std::uint32_t number() {
    std::uint32_t number = 0;
    figures(number);
    return number;
  }

 private:
  std::string_view take(std::size_t bytes) {
    const std::string_view taken = rest_.substr(0, bytes);
    rest_.remove_prefix(bytes);
    return taken;
  }

  std::string_view rest_;
};

void pack(Packer& to, const Charge& charge) {
  to.figures(ChargeFigures{charge.kind, charge.assumed_ttl, charge.billed, charge.partial,
                           charge.tokens, charge.thinking, charge.web_searches, charge.est_input,
                           charge.est_output, charge.cost_nano_usd});
  to.made_up(charge.model);
  to.text(charge.price);
}

void pack(Packer& to, const AttemptSummary& attempt) {
  const UsageReport& usage = attempt.usage;
  to.figures(AttemptFigures{attempt.outcome, usage.payer, attempt.status, attempt.connect,
                            attempt.first_byte, attempt.total});
  to.text(attempt.provider);
  to.text(attempt.key);
  to.made_up(attempt.model);
  to.made_up(usage.service_tier, word_bytes_max);
  to.made_up(usage.speed, word_bytes_max);
  to.made_up(usage.geo, word_bytes_max);
  to.figures(static_cast<std::uint32_t>(usage.charges.size()));
  for (const Charge& charge : usage.charges) pack(to, charge);
}

void unpack(Unpacker& from, Row::Charge& charge) {
  from.figures(static_cast<ChargeFigures&>(charge));
  from.text(charge.model);
  from.text(charge.price);
}

void unpack(Unpacker& from, Row::Attempt& attempt) {
  from.figures(static_cast<AttemptFigures&>(attempt));
  from.text(attempt.provider);
  from.text(attempt.key);
  from.text(attempt.model);
  from.text(attempt.service_tier);
  from.text(attempt.speed);
  from.text(attempt.geo);
  attempt.charges.resize(from.number());
  for (Row::Charge& charge : attempt.charges) unpack(from, charge);
}

}  // namespace

void append_packed(std::string& out, const RequestSummary& request, const Spending& spending) {
  const std::size_t begin = out.size();
  Packer to(out);
  Head head;
  head.attempts = static_cast<std::uint32_t>(request.attempts.size());
  head.spending = spending;
  head.figures = {request.began,  request.time,       request.stream,    request.ending,
                  request.status, request.bytes_in,   request.bytes_out, request.pings,
                  request.queue,  request.first_byte, request.total};
  to.figures(head);
  to.made_up(request.request_id);
  to.text(request.client_name);
  to.made_up(request.session);
  to.made_up(request.agent);
  to.made_up(request.parent_agent);
  to.made_up(request.model_asked);
  to.text(request.endpoint);
  for (const AttemptSummary& attempt : request.attempts) pack(to, attempt);
  const auto bytes = static_cast<std::uint32_t>(out.size() - begin);
  std::memcpy(out.data() + begin + offsetof(Head, bytes), &bytes, sizeof bytes);
}

Entry unpacked(std::string_view packed) {
  Unpacker from(packed);
  Head head;
  from.figures(head);
  Entry entry;
  entry.spending = head.spending;
  Row& row = entry.row;
  static_cast<RowFigures&>(row) = head.figures;
  from.text(row.request_id);
  from.text(row.client);
  from.text(row.session);
  from.text(row.agent);
  from.text(row.parent_agent);
  from.text(row.model);
  from.text(row.endpoint);
  row.attempts.resize(head.attempts);
  for (Row::Attempt& attempt : row.attempts) unpack(from, attempt);
  return entry;
}

std::size_t packed_bytes(std::string_view packed) {
  std::uint32_t bytes = 0;
  std::memcpy(&bytes, packed.data() + offsetof(Head, bytes), sizeof bytes);
  return bytes;
}

void set_spending(char* packed, const Spending& spending) {
  std::memcpy(packed + offsetof(Head, spending), &spending, sizeof spending);
}

}  // namespace ccrelay::ledger
