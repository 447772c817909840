#include "identity/files.hpp"
#include "identity/google_links.hpp"
#include "identity/refusal.hpp"
#include "identity/token_answer.hpp"
#include "identity/url.hpp"

namespace ccrelay::identity {

// https://cloud.google.com/compute/docs/metadata/querying-metadata
Step google_metadata(const Environment& env) {
  if (is_on(env, "NO_GCE_CHECK")) return Pass{};
  // A name that exists nowhere else, so that off Google's cloud this fails at once.
  const std::string host = variable(env, "GCE_METADATA_HOST").value_or("metadata.google.internal");
  Ask ask;
  ask.who = "Google's metadata server";
  ask.url = "http://" + host + "/computeMetadata/v1/instance/service-accounts/default/token?" +
            Form().add("scopes", google_scope).text();
  ask.plain = Plain::anywhere;
  ask.headers.add("Metadata-Flavor", "Google");
  ask.then = [](const Answer& answer) -> Step {
    // The server names itself; something else may answer to a name like this.
    if (succeeded(answer) && answer.headers.get("Metadata-Flavor") != "Google")
      return unusable(answer, "without the header Metadata-Flavor: Google: this is something else");
    return token_answered(answer, "does the instance have a service account?");
  };
  return ask;
}

}  // namespace ccrelay::identity
