#include "config/meant.hpp"

#include "base/ascii.hpp"
#include "config/words.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace ccrelay::config {
namespace {

/// What is written elsewhere, and what it is here. Names are lower case without "_" and "-".
struct Meant {
  std::string_view table;
  std::string_view names;    ///< with a blank between them
  std::string_view setting;  ///< that is meant
  std::string_view how;      ///< to write it
};

constexpr std::string_view one_key = "[[providers.keys]] and below it key = \"…\"";
constexpr std::string_view variable_key = "[[providers.keys]] and below it key = \"${VARIABLE}\"";
constexpr std::string_view address = "listen = \"127.0.0.1:8787\"";

constexpr Meant table[] = {
    {"", "provider upstream upstreams backend backends model models", "providers",
     "[[providers]] for each of them"},
    {"", "listen port host address bind url", "server.listen",
     "[server] and below it listen = \"127.0.0.1:8787\""},
    {"", "auth authentication", "server.auth", "[server.auth]"},
    {"", "tls ssl https", "server.tls", "[server.tls]"},
    {"", "key keys apikey apikeys", "providers.keys", one_key},
    {"", "log logs loglevel", "logging", "[logging] and below it level = \"info\""},
    {"", "strategy affinity modelfallback defaultprovider maxattempts retries", "routing",
     "[routing] and the setting below it"},
    {"", "modelmapping mapping aliases", "providers.model_mapping",
     "[providers.model_mapping] behind its [[providers]]"},
    {"", "circuitbreaker breaker", "health.circuit_breaker", "[health.circuit_breaker]"},
    {"", "healthcheck", "health.health_check", "[health.health_check]"},
    {"", "timeout", "timeouts", "[timeouts] and the setting below it"},
    {"", "clients client users user teams virtualkeys", "server.auth.clients",
     "[[server.auth.clients]] for each of them"},
    {"", "pricesfile price", "pricing.prices_file",
     "[pricing] and below it prices_file = \"…\", or [[prices]] for each of them"},
    {"", "usage usagedb database db accounting", "ledger", "[ledger]"},
    {"", "prometheus metric", "metrics", "[metrics]"},
    {"", "opentelemetry otlp telemetry tracing traces", "otel",
     "[otel] and below it endpoint = \"http://127.0.0.1:4318\""},
    {"", "admin management dashboard ui web", "manage",
     "[manage] and below it listen = \"127.0.0.1:9091\""},
    {"", "debug", "routing.debug", "[routing] and below it debug = true"},
    {"server",
     "port host hostname address addr bind bindaddress bindhost listenaddress listenaddr "
     "listenport listenhost interface ip url httpport",
     "server.listen", address},
    {"server", "socket unixsocket unix socketpath", "server.listen", "listen = \"unix:/path\""},
    {"server", "key token authtoken password secret bearer masterkey", "server.auth.api_key",
     "[server.auth] and below it api_key = \"…\""},
    {"server", "bearersecret bearertoken", "server.auth.bearer_secret",
     "[server.auth] and below it bearer_secret = \"…\""},
    {"server", "allowbearer allowsubscription", "server.auth.allow_subscription",
     "[server.auth] and below it allow_subscription = true"},
    {"server", "cert certfile certificate tlscert sslcert", "server.tls.cert_file",
     "[server.tls] and below it cert_file = \"…\""},
    {"server", "keyfile tlskey sslkey", "server.tls.key_file",
     "[server.tls] and below it key_file = \"…\""},
    {"server", "timeout timeouts requesttimeout", "server.timeout_ms", "timeout_ms = 600000"},
    {"server", "bodylimit maxbody maxbodysize maxrequestsize", "server.max_body_bytes",
     "max_body_bytes = 67108864"},
    {"server", "threads processes numworkers", "server.workers", "workers = 1"},
    {"server", "concurrency maxrequests", "server.max_concurrent", "max_concurrent = 100"},
    {"server", "loglevel", "logging.level", "[logging] and below it level = \"info\""},
    {"server", "trustedproxy trustproxy", "server.trusted_proxies",
     "trusted_proxies = [\"10.0.0.0/8\"]"},
    {"server.auth", "key token apitoken password apikeys keys", "server.auth.api_key",
     "api_key = \"…\""},
    {"server.auth", "secret bearer bearertoken", "server.auth.bearer_secret",
     "bearer_secret = \"…\""},
    {"server.auth", "subscription anybearer", "server.auth.allow_subscription",
     "allow_subscription = true"},
    {"server", "clients client users", "server.auth.clients",
     "[[server.auth.clients]] for each of them"},
    {"server.auth", "client users user virtualkeys", "server.auth.clients",
     "[[server.auth.clients]] for each of them"},
    {"server.auth.clients", "apikey token secret password keys", "server.auth.clients.key",
     "key = \"${VARIABLE}\""},
    {"server.auth.clients", "sha256 hash keyhash keysha hashedkey",
     "server.auth.clients.key_sha256", "key_sha256 = \"…\""},
    {"server.auth.clients", "id label title user", "server.auth.clients.name", "name = \"…\""},
    {"server.auth.clients", "model allowedmodels", "server.auth.clients.models",
     "models = [\"claude-*\"]"},
    {"server.auth.clients", "provider allowedproviders", "server.auth.clients.providers",
     "providers = [\"…\"]"},
    {"server.auth.clients", "rpm requestsperminute", "server.auth.clients.rpm_limit",
     "rpm_limit = 60"},
    {"server.auth.clients", "itpm inputtokensperminute", "server.auth.clients.itpm_limit",
     "itpm_limit = 30000"},
    {"server.auth.clients", "otpm outputtokensperminute", "server.auth.clients.otpm_limit",
     "otpm_limit = 8000"},
    {"server.auth.clients", "tpm tokensperminute", "server.auth.clients.tpm_limit",
     "tpm_limit = 40000"},
    {"server.auth.clients", "concurrency maxconcurrent", "server.auth.clients.max_in_flight",
     "max_in_flight = 10"},
    {"server.auth.clients", "budget maxbudget budgetusd dailybudget budgetday",
     "server.auth.clients.budget_usd_day", "budget_usd_day = 20.0"},
    {"server.auth.clients", "monthlybudget budgetmonth", "server.auth.clients.budget_usd_month",
     "budget_usd_month = 300.0"},
    {"server.auth.clients", "expiry expiration expiresat until validuntil",
     "server.auth.clients.expires", "expires = 2027-01-01"},
    {"server.auth.clients", "disabled disable active enable", "server.auth.clients.enabled",
     "enabled = false"},
    {"server.tls", "cert certificate crt certpath", "server.tls.cert_file", "cert_file = \"…\""},
    {"server.tls", "key privatekey keypath", "server.tls.key_file", "key_file = \"…\""},
    {"server.tls", "ca cafile clientca", "server.tls.client_ca_file", "client_ca_file = \"…\""},
    {"providers",
     "apikey key token authtoken apitoken accesstoken secret secretkey password "
     "credential authkey anthropicapikey",
     "providers.keys.key", one_key},
    {"providers", "apikeys tokens secrets", "providers.keys",
     "[[providers.keys]] for each of them"},
    {"providers", "apikeyenv envkey keyenv env apikeyvar apikeyfile", "providers.keys.key",
     variable_key},
    {"providers",
     "url baseurl baseuri base uri endpoint apibase apiurl apibaseurl apiendpoint "
     "host address server baseurlpath openaiapibase anthropicbaseurl",
     "providers.base_url", "base_url = \"https://…\""},
    {"providers", "kind provider vendor providertype protocol format", "providers.type",
     "type = \"anthropic\""},
    {"providers", "id label title", "providers.name", "name = \"…\""},
    {"providers", "model modelname modellist", "providers.models", "models = [\"…\"]"},
    {"providers",
     "mapping map alias aliases modelmap modelaliases modelaliasmap rewrite "
     "modelrewrite modelmappings",
     "providers.model_mapping", "[providers.model_mapping] and below it \"asked-*\" = \"sent\""},
    {"providers", "disabled disable active enable", "providers.enabled", "enabled = false"},
    {"providers", "discount costfactor pricemultiplier", "providers.price_factor",
     "price_factor = 0.85"},
    {"prices", "model name id", "prices.models", "models = [\"…\"]"},
    {"prices", "inputcost inputprice prompt inputusd", "prices.input", "input = 2.5"},
    {"prices", "outputcost outputprice completion outputusd", "prices.output", "output = 10.0"},
    {"prices", "cachewrite cachecreation", "prices.cache_write_5m",
     "cache_write_5m = 2.5, and cache_write_1h = 4.0"},
    {"prices", "cached cacheread cachehit", "prices.cache_read", "cache_read = 0.1"},
    {"prices", "alias aliasof like", "prices.same_as", "same_as = \"…\""},
    {"pricing", "file path prices", "pricing.prices_file", "prices_file = \"…\""},
    {"ledger", "file database db", "ledger.path", "path = \"…\""},
    {"ledger", "retention keepdays days", "ledger.retention_days", "retention_days = 400"},
    {"ledger", "zone tz", "ledger.timezone", "timezone = \"UTC\""},
    {"otel", "url address collector otlpendpoint host", "otel.endpoint",
     "endpoint = \"http://127.0.0.1:4318\""},
    {"grpc", "address host port bind url", "grpc.listen", "listen = \"127.0.0.1:9090\""},
    {"grpc", "unix unixsocket socket path socketpath", "grpc.listen", "listen = \"unix:/path\""},
    {"manage", "address host port bind url", "manage.listen", "listen = \"127.0.0.1:9091\""},
    {"manage", "unix unixsocket path socketpath", "manage.socket", "socket = \"/path\""},
    {"manage", "hosts", "manage.allowed_hosts", "allowed_hosts = [\"relay.example\"]"},
    {"manage", "token tokens key apikey secret password", "manage.auth.tokens",
     "[[manage.auth.tokens]] and below it name = \"…\" and token = \"…\""},
    {"manage", "users user", "manage.auth.users", "[manage.auth] and below it users = [\"…\"]"},
    {"otel", "header token apikey key secret", "otel.headers",
     "[otel.headers] and below it authorization = \"Bearer …\""},
    {"otel", "service name servicename", "otel.service_name", "service_name = \"cc-relay\""},
    {"otel", "sampling samplerate ratio sampleratio", "otel.sample_ratio", "sample_ratio = 0.1"},
    {"metrics", "token secret bearer bearertoken key apikey", "metrics.bearer_secret",
     "bearer_secret = \"…\""},
    {"providers", "order rank prio", "providers.priority", "priority = 1"},
    {"providers", "extraheaders customheaders httpheaders defaultheaders header",
     "providers.headers", "[providers.headers] and below it name = \"value\""},
    {"providers", "httpproxy httpsproxy proxyurl", "providers.proxy", "proxy = \"http://…\""},
    {"providers", "ca cacert cabundle cert", "providers.ca_file", "ca_file = \"…\""},
    {"providers", "timeout timeoutms requesttimeout readtimeout", "providers.first_byte_ms",
     "first_byte_ms = 120000"},
    {"providers", "connecttimeout connecttimeoutms", "providers.connect_ms", "connect_ms = 10000"},
    {"providers", "concurrency maxconcurrent maxconcurrency", "providers.max_in_flight",
     "max_in_flight = 10"},
    {"providers", "rpm rpmlimit tpm tpmlimit itpmlimit otpmlimit ratelimit", "providers.keys",
     "[[providers.keys]] and below its key rpm_limit = 50"},
    {"providers", "region awsregion", "providers.aws_region",
     "aws_region = \"…\" (or gcp_region, for type \"vertex\")"},
    {"providers", "project projectid vertexproject", "providers.gcp_project_id",
     "gcp_project_id = \"…\""},
    {"providers", "awsprofilename", "providers.aws_profile", "aws_profile = \"…\""},
    {"providers", "resource resourcename", "providers.azure_resource_name",
     "azure_resource_name = \"…\""},
    {"providers.keys", "apikey value secret token authtoken", "providers.keys.key", "key = \"…\""},
    {"providers.keys", "env apikeyenv variable var envvar", "providers.keys.key",
     "key = \"${VARIABLE}\""},
    {"providers.keys", "id label title alias", "providers.keys.name", "name = \"…\""},
    {"providers.keys", "rpm requestsperminute", "providers.keys.rpm_limit", "rpm_limit = 50"},
    {"providers.keys", "itpm inputtokensperminute", "providers.keys.itpm_limit",
     "itpm_limit = 30000"},
    {"providers.keys", "otpm outputtokensperminute", "providers.keys.otpm_limit",
     "otpm_limit = 8000"},
    {"providers.keys", "tpm tokensperminute", "providers.keys.tpm_limit", "tpm_limit = 40000"},
    {"providers.keys", "concurrency maxconcurrent", "providers.keys.max_in_flight",
     "max_in_flight = 10"},
    {"routing", "mode policy algorithm loadbalancing routingstrategy", "routing.strategy",
     "strategy = \"failover\""},
    {"routing", "default defaultmodel", "routing.default_provider", "default_provider = \"…\""},
    {"routing", "fallback", "routing.model_fallback", "model_fallback = true"},
    {"routing", "retries maxretries numretries attempts", "routing.max_attempts",
     "max_attempts = 6"},
    {"routing", "sticky stickysessions session", "routing.affinity", "affinity = \"conversation\""},
    {"routing", "mapping models aliases", "routing.model_mapping",
     "[routing.model_mapping] and below it \"claude-\" = \"a provider's name\""},
    {"logging", "file path logfile filename destination", "logging.output",
     "output = \"/var/log/cc-relay.log\""},
    {"logging", "loglevel verbosity verbose", "logging.level", "level = \"info\""},
    {"logging", "logformat json", "logging.format", "format = \"json\""},
    {"timeouts", "connect connecttimeout dial", "timeouts.connect_ms", "connect_ms = 10000"},
    {"timeouts", "read response request firstbyte ttfb", "timeouts.first_byte_ms",
     "first_byte_ms = 120000"},
    {"timeouts", "idle stream streamidle", "timeouts.stream_idle_ms", "stream_idle_ms = 300000"},
};

/// `apiKey`, `API-KEY` and `api_key` are one name.
std::string folded(std::string_view name) {
  std::string out;
  for (const char c : base::lower(name)) {
    if (c != '_' && c != '-') out += c;
  }
  return out;
}

bool is_among(std::string_view words, std::string_view word) {
  while (!words.empty()) {
    const auto end = words.find(' ');
    if (words.substr(0, end) == word) return true;
    if (end == words.npos) return false;
    words.remove_prefix(end + 1);
  }
  return false;
}

const Value* first_of(const Value& members, std::initializer_list<std::string_view> names) {
  for (const Member& member : members.members) {
    for (const std::string_view name : names) {
      if (folded(member.key) == name) return &member.value;
    }
  }
  return nullptr;
}

std::string text_of(const Value* value, std::string_view usual) {
  if (value && value->kind == Kind::integer) return fmt::format("{}", value->integer);
  // A login in it would be a secret.
  if (value && value->kind == Kind::string && !value->text.empty() &&
      value->text.find('@') == value->text.npos) {
    return plain(value->text);
  }
  return std::string(usual);
}

/// `listen` as it is made of the host and port that are written.
std::string listen_of(const Value& members) {
  const Value* host =
      first_of(members, {"host", "hostname", "address", "addr", "bind", "bindaddress", "bindhost",
                         "listenaddress", "listenaddr", "listenhost", "interface", "ip", "url"});
  const Value* port = first_of(members, {"port", "listenport", "httpport"});
  std::string name = text_of(host, "127.0.0.1");
  if (const auto scheme = name.find("://"); scheme != name.npos) name.erase(0, scheme + 3);
  // One that has its port already, as `0.0.0.0:80` and unlike `::1`.
  const bool has_port = std::count(name.begin(), name.end(), ':') == 1;
  if (!has_port && name.find(':') != name.npos && !name.starts_with('[')) name = '[' + name + ']';
  return fmt::format(
      "listen = {}",
      toml_string(has_port && !port
                      ? name
                      : fmt::format("{}:{}", name.substr(0, has_port ? name.find(':') : name.npos),
                                    text_of(port, "8787"))));
}

}  // namespace

std::string meant_by(std::string_view path, std::string_view key, const Value& members) {
  const std::string name = folded(key);
  for (const Meant& one : table) {
    if (one.table != path || !is_among(one.names, name)) continue;
    const std::string how = one.how == address ? listen_of(members) : std::string(one.how);
    return fmt::format("{} is meant; write {}", one.setting, how);
  }
  return {};
}

std::string how_to_write_list(std::string_view path, const Value& found) {
  if (path.ends_with("keys")) {
    return found.kind == Kind::table ? "[[providers.keys]], in two brackets"
                                     : std::string(one_key) + ", for each of them";
  }
  for (const std::string_view list : {"prices", "clients"}) {
    if (path != list) continue;
    const std::string_view whole = list == "clients" ? "server.auth.clients" : list;
    return found.kind == Kind::table
               ? fmt::format("[[{}]], in two brackets", whole)
               : fmt::format("[[{}]] and below it its settings, for each of them", whole);
  }
  if (path != "providers") return {};
  if (found.kind != Kind::table) return "[[providers]] and below it its settings, for each of them";
  const bool named = !found.members.empty() &&
                     std::all_of(found.members.begin(), found.members.end(),
                                 [](const Member& one) { return one.value.kind == Kind::table; });
  if (!named) return "[[providers]], in two brackets";
  return fmt::format("[[providers]] and below it name = {}, for each of them",
                     in_quotes(found.members.front().key));
}

}  // namespace ccrelay::config
