#pragma once

#include "base/rng.hpp"
#include "identity/desk.hpp"
#include "loop/loop.hpp"
#include "upstream/client.hpp"
#include "wire/answer_view.hpp"
#include "wire/request_view.hpp"
#include "worker/body_memory.hpp"
#include "worker/census.hpp"
#include "worker/directory.hpp"
#include "worker/figures.hpp"
#include "worker/reporter.hpp"
#include "worker/shared.hpp"
#include "worker/tally.hpp"
#include "worker/watchers.hpp"

namespace ccrelay::worker {

/// What the requests of one worker use. One thread.
struct Tools {
  loop::Loop& loop;
  upstream::Client& upstream;
  identity::Desk& identity;
  Shared& shared;
  Reporter& report;
  base::Rng& rng;
  wire::RequestReader& request_reader;
  BodyMemory& bodies;
  wire::AnswerFacts& answer_reader;
  Figures& figures;
  Census::Member& member;  // of shared.census
  Running& running;        // of shared.directory
  Tally& tally;            // of shared.tallies
};

}  // namespace ccrelay::worker
