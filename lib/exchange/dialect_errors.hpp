#pragma once

#include <string>
#include <string_view>

#include "exchange/errors.hpp"

namespace ccrelay::exchange {

/// Puts an error of the relay's own into the form of Bedrock's
/// (https://docs.aws.amazon.com/bedrock/latest/APIReference/CommonErrors.html).
void in_words_of_bedrock(Answer& answer);

/// The frame that ends a stream of Bedrock's in which something has gone wrong.
std::string bedrock_stream_error(std::string_view message);

}  // namespace ccrelay::exchange
