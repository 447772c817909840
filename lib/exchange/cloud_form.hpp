#pragma once

#include <ccrelay/provider.hpp>
#include <ccrelay/result.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "dialect/dialect.hpp"
#include "exchange/client_request.hpp"

namespace ccrelay::exchange {

/// Clients of Bedrock's and Vertex's form at a provider that speaks another: what they ask is
/// Anthropic's request in other clothes, and what they get its answer. Pure.

bool is_cloud_form(Dialect client);

/// The request's body as Anthropic's own API has it, with the model in it; the betas of Bedrock's
/// stand in a header there (anthropic_betas()). `cut` are thinking blocks to leave out of it. An
/// error where it is none.
Result<std::string> as_anthropic(const ClientRequest& request, const std::vector<Splice>& cut = {});
/// Of header and body, for the header `anthropic-beta`; empty without any.
std::string anthropic_betas(const ClientRequest& request);

/// Anthropic's events as the frames of Bedrock's InvokeModelWithResponseStream. `events`, if there
/// is one, makes the events out of what is fed.
std::unique_ptr<dialect::StreamTranslator> bedrock_frames(
    std::unique_ptr<dialect::StreamTranslator> events);
/// Anthropic's count of tokens as Bedrock's CountTokens tells it.
std::string bedrock_count(std::string_view anthropic);

}  // namespace ccrelay::exchange
