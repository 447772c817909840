#include <fmt/format.h>
#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <chrono>
#include <memory>
#include <string>

#include "files.hpp"
#include "table.hpp"

namespace ccrelay::app::checks {
namespace {

constexpr const char* tls_certificate_id = "tls.certificate";
constexpr std::size_t pem_bytes_max = 1 << 20;
constexpr int days_warned = 14;

struct FreeCertificate {
  void operator()(X509* certificate) const { X509_free(certificate); }
};
using Certificate = std::unique_ptr<X509, FreeCertificate>;

Certificate first_of(const std::string& path) {
  const auto text = read_file(path, pem_bytes_max);
  if (!text || !*text) return nullptr;
  BIO* in = BIO_new_mem_buf((*text)->data(), static_cast<int>((*text)->size()));
  Certificate found(PEM_read_bio_X509_AUX(in, nullptr, nullptr, nullptr));
  BIO_free(in);
  return found;
}

int days_left(const X509& certificate, std::chrono::system_clock::time_point now) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(now);
  ASN1_TIME* from = ASN1_TIME_set(nullptr, seconds);
  int days = 0;
  int rest = 0;
  ASN1_TIME_diff(&days, &rest, from, X509_get0_notAfter(&certificate));
  ASN1_TIME_free(from);
  return days;
}

}  // namespace

void check_tls_certificate(const Facts& facts, Findings& out) {
  const TlsConfig& tls = facts.config.server.tls;
  if (!tls.enabled()) {
    out.skipped(tls_certificate_id, "", "no server.tls");
    return;
  }
  if (facts.mistakes.find("server.tls.") != std::string::npos) {  // said already
    out.skipped(tls_certificate_id, tls.cert_file, "the configuration has a mistake there");
    return;
  }
  const auto checked = check_certificate(tls, facts.now);
  if (!checked) {
    const auto [message, advice] = halves(checked.error().message);
    out.error(
        tls_certificate_id, tls.cert_file, message,
        advice.empty() ? "name files that fit together and can be read (server.tls)" : advice);
    return;
  }
  bool fine = true;
  const auto warn = [&](const std::string& message, const std::string& advice) {
    fine = false;
    out.warning(tls_certificate_id, tls.cert_file, message, advice);
  };
  for (const std::string& warning : *checked) {
    const auto [message, advice] = halves(warning);
    warn(message, advice.empty() ? "look whether it is meant so" : advice);
  }
  const Certificate certificate = first_of(tls.cert_file);
  if (!certificate) return;  // it was there a moment ago
  const int days = days_left(*certificate, facts.now);
  if (days < days_warned) {
    warn(fmt::format("it expires in {} day{}", days, days == 1 ? "" : "s"),
         "renew it; the relay takes the new one by itself");
  }
  // `cc-relay claude` and `config cc init` have Claude Code trust it; no other client does.
  if (X509_check_issued(certificate.get(), certificate.get()) == X509_V_OK) {
    warn("it is self-signed: clients trust it only where they are told to",
         "give them the file (NODE_EXTRA_CA_CERTS, SSL_CERT_FILE), or take one of a CA that they "
         "know");
  }
  if (fine)
    out.ok(tls_certificate_id, tls.cert_file, fmt::format("fits its key, {} days left", days));
}

}  // namespace ccrelay::app::checks
