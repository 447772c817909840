#pragma once

#include <span>
#include <string>

#include "otel/attributes.hpp"
#include "otel/record.hpp"

namespace ccrelay::otel {

/// The spans of requests as one ExportTraceServiceRequest
/// (opentelemetry/proto/collector/trace/v1/trace_service.proto): of each a SERVER span, which may
/// be a part of the client's trace, and below it a CLIENT span for every attempt.
std::string export_of(std::span<const Record> records, const Resource& resource);

/// How many spans that are.
std::size_t spans_of(const Record& record);

}  // namespace ccrelay::otel
