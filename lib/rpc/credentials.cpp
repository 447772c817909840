#include "rpc/credentials.hpp"

#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/security/tls_credentials_options.h>

#include <fstream>
#include <string>

namespace ccrelay::rpc {
namespace {

constexpr unsigned looked_at_every_seconds = 10;

bool can_be_read(const std::string& path) {
  return std::ifstream(path).good();
}

grpc_ssl_client_certificate_request_type asked_for(ClientAuth auth) {
  switch (auth) {
    case ClientAuth::none:
      return GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE;
    case ClientAuth::optional:
      return GRPC_SSL_REQUEST_CLIENT_CERTIFICATE_AND_VERIFY;
    case ClientAuth::required:
      return GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY;
  }
  return GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY;
}

}  // namespace

Result<std::shared_ptr<::grpc::ServerCredentials>> server_credentials(const TlsConfig& tls) {
  if (!tls.enabled()) return ::grpc::InsecureServerCredentials();
  // There is nothing in TlsServerCredentialsOptions (gRPC 1.51) to say it with.
  if (tls.min_version == "1.3") {
    return Error{
        ErrorCode::config,
        "manage.tls.min_version \"1.3\" can't be kept by gRPC, which takes TLS 1.2 too; set "
        "it to \"1.2\", or let grpc.listen be \"unix:/path\""};
  }
  // grpc would only begin to refuse connections.
  for (const std::string* file : {&tls.cert_file, &tls.key_file, &tls.client_ca_file}) {
    if (!file->empty() && !can_be_read(*file)) {
      return Error{ErrorCode::config, "manage.tls: " + *file + " can't be read"};
    }
  }
  namespace with_tls = ::grpc::experimental;
  auto files = std::make_shared<with_tls::FileWatcherCertificateProvider>(
      tls.key_file, tls.cert_file, tls.client_ca_file, looked_at_every_seconds);
  with_tls::TlsServerCredentialsOptions options(files);
  options.watch_identity_key_cert_pairs();
  if (tls.client_auth != ClientAuth::none) options.watch_root_certs();
  options.set_cert_request_type(asked_for(tls.client_auth));
  return with_tls::TlsServerCredentials(options);
}

}  // namespace ccrelay::rpc
