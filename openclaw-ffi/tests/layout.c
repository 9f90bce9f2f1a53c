/* The layout of every struct that crosses the border, on machines with 64 bits. A failure here is a break of the binary
 * interface: fields are appended, never moved. */
#include <stddef.h>

#include "openclaw.h"

#if UINTPTR_MAX == UINT64_MAX
#define AT(type, field, offset) _Static_assert(offsetof(type, field) == (offset), #type "." #field " moved")
#define SIZE(type, size) _Static_assert(sizeof(type) == (size), "the size of " #type " changed")

SIZE(openclaw_status, 4);

SIZE(openclaw_str, 16);
AT(openclaw_str, ptr, 0);
AT(openclaw_str, len, 8);

SIZE(openclaw_event, 104);
AT(openclaw_event, struct_size, 0);
AT(openclaw_event, kind, 4);
AT(openclaw_event, output_index, 8);
AT(openclaw_event, part_index, 12);
AT(openclaw_event, sequence, 16);
AT(openclaw_event, text, 24);
AT(openclaw_event, item_id, 40);
AT(openclaw_event, call_id, 56);
AT(openclaw_event, name, 72);
AT(openclaw_event, json, 88);

SIZE(openclaw_client_options, 120);
AT(openclaw_client_options, struct_size, 0);
AT(openclaw_client_options, runtime, 4);
AT(openclaw_client_options, settings_json, 8);
AT(openclaw_client_options, token, 24);
AT(openclaw_client_options, api_key, 40);
AT(openclaw_client_options, base_url, 56);
AT(openclaw_client_options, provider, 72);
AT(openclaw_client_options, profile, 88);
AT(openclaw_client_options, application, 104);

SIZE(openclaw_attempt, 80);
AT(openclaw_attempt, struct_size, 0);
AT(openclaw_attempt, status, 4);
AT(openclaw_attempt, duration_ms, 8);
AT(openclaw_attempt, kind, 16);
AT(openclaw_attempt, provider, 32);
AT(openclaw_attempt, model, 48);
AT(openclaw_attempt, profile, 64);

SIZE(openclaw_config_source, 56);
AT(openclaw_config_source, struct_size, 0);
AT(openclaw_config_source, text, 8);
AT(openclaw_config_source, path, 24);
AT(openclaw_config_source, settings_json, 40);

SIZE(openclaw_config_issue, 224);
AT(openclaw_config_issue, struct_size, 0);
AT(openclaw_config_issue, severity, 4);
AT(openclaw_config_issue, line, 8);
AT(openclaw_config_issue, column, 12);
AT(openclaw_config_issue, stage, 16);
AT(openclaw_config_issue, code, 32);
AT(openclaw_config_issue, path, 48);
AT(openclaw_config_issue, pointer, 64);
AT(openclaw_config_issue, file, 80);
AT(openclaw_config_issue, message, 96);
AT(openclaw_config_issue, found, 112);
AT(openclaw_config_issue, suggestion, 128);
AT(openclaw_config_issue, hint, 144);
AT(openclaw_config_issue, keys, 160);
AT(openclaw_config_issue, key_count, 168);
AT(openclaw_config_issue, allowed, 176);
AT(openclaw_config_issue, allowed_count, 184);
AT(openclaw_config_issue, json, 192);
AT(openclaw_config_issue, rule, 208);

SIZE(openclaw_sign_in_step, 80);
AT(openclaw_sign_in_step, struct_size, 0);
AT(openclaw_sign_in_step, kind, 4);
AT(openclaw_sign_in_step, valid_for_ms, 8);
AT(openclaw_sign_in_step, url, 16);
AT(openclaw_sign_in_step, code, 32);
AT(openclaw_sign_in_step, text, 48);
AT(openclaw_sign_in_step, json, 64);

SIZE(openclaw_waitfd, 8);
AT(openclaw_waitfd, fd, 0);
AT(openclaw_waitfd, events, 4);
AT(openclaw_waitfd, revents, 6);

SIZE(openclaw_provider, 72);
AT(openclaw_provider, struct_size, 0);
AT(openclaw_provider, reserved, 4);
AT(openclaw_provider, user_data, 8);
AT(openclaw_provider, id, 16);
AT(openclaw_provider, capabilities_json, 32);
AT(openclaw_provider, stream, 48);
AT(openclaw_provider, models, 56);
AT(openclaw_provider, free, 64);

SIZE(openclaw_token_source, 32);
AT(openclaw_token_source, struct_size, 0);
AT(openclaw_token_source, are_api_keys, 4);
AT(openclaw_token_source, user_data, 8);
AT(openclaw_token_source, token, 16);
AT(openclaw_token_source, free, 24);
#endif

int main(void) { return 0; }
