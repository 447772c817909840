#pragma once

#include <ccrelay/provider.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace ccrelay::provider {

// What the requests to clouds with a form of their own have in common.

/// What a cloud that has Anthropic's form gets of a client's query: `?beta=true`, or nothing.
std::string beta_query(std::string_view query);

/// What such a cloud gets of a client's headers: those that Anthropic's API and its SDKs are known
/// to send. Anything else might be meant for the cloud's own front.
Headers known_headers(const Headers& from_client);

/// Of the client's headers what a cloud with a form of its own can know: content type, what is
/// accepted, the user agent; then the betas that it takes. For a client that speaks the cloud's own
/// form also those that belong to it.
Headers cloud_headers(const ProviderRequest& request);

/// A key or an access token as `Authorization: Bearer`; false where the credential is neither.
bool add_bearer(Headers& headers, const Credential& credential);

/// What the configuration adds to each request, over all else.
void add_configured(Headers& headers, const ProviderConfig& config);

/// What `anthropic_version` says in a body that has none: a client's version after 2023-06-01 is
/// passed on, as the SDKs for the clouds do; up to then they had a version of their own.
std::string_view version_for(const ProviderRequest& request, std::string_view of_the_cloud);

/// AWS's id of the request as Anthropic's, which the SDKs show.
void name_request(Headers& headers);

/// Asks the host for anything, without a credential.
OutboundRequest unsigned_check(const std::string& base_url);

}  // namespace ccrelay::provider
