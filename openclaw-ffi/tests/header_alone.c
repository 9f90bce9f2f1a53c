#include "openclaw.h"
#include "openclaw.h"

int main(void) {
  openclaw_event event = OPENCLAW_EVENT_INIT;
  openclaw_client_options options = OPENCLAW_CLIENT_OPTIONS_INIT;
  openclaw_attempt attempt = OPENCLAW_ATTEMPT_INIT;
  openclaw_config_source source = OPENCLAW_CONFIG_SOURCE_INIT;
  openclaw_config_issue issue = OPENCLAW_CONFIG_ISSUE_INIT;
  openclaw_provider provider = OPENCLAW_PROVIDER_INIT;
  openclaw_token_source tokens = OPENCLAW_TOKEN_SOURCE_INIT;
  openclaw_sign_in_step step = OPENCLAW_SIGN_IN_STEP_INIT;
  openclaw_str text = openclaw_cstr("x");
  return event.kind != 0 || options.runtime != OPENCLAW_RUNTIME_THREADED || attempt.status != OPENCLAW_OK || text.len == 0 ||
         source.struct_size == issue.struct_size || provider.struct_size == tokens.struct_size || step.kind != 0;
}
