#pragma once

#include <ccrelay/provider.hpp>

#include <optional>
#include <string>
#include <string_view>

#include "provider/body_edit.hpp"

namespace ccrelay::provider {

// What the requests to clouds with a form of their own have in common.

/// The client's query with its `?`, without `beta=true`, which means something to Anthropic alone.
std::string query_without_beta(std::string_view query);

/// Of the client's headers what such a cloud can know: content type, what is accepted, the user
/// agent, and those of the cloud's own, which begin with `prefix`; then the betas that it takes. In
/// the cloud's own form all of Anthropic's go on as they are.
Headers cloud_headers(const ProviderRequest& request, std::string_view prefix);

/// A key or an access token as `Authorization: Bearer`; false where the credential is neither.
bool add_bearer(Headers& headers, const Credential& credential);

/// What the configuration adds to each request, over all else.
void add_configured(Headers& headers, const ProviderConfig& config);

/// What `anthropic_version` says in a body that has none: a client's version after 2023-06-01 is
/// passed on, as the SDKs for the clouds do; up to then they had a version of their own.
std::string_view version_for(const ProviderRequest& request, std::string_view of_the_cloud);

/// `NAME`, or `tools[].NAME`.
void remove_field(BodyEdit& edit, std::string_view field);

/// AWS's id of the request as Anthropic's, which the SDKs show.
void name_request(Headers& headers);

/// Asks the host for anything, without a credential.
OutboundRequest unsigned_check(const std::string& base_url);

}  // namespace ccrelay::provider
