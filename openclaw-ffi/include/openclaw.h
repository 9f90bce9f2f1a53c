/*
 * libopenclaw: call ChatGPT-plan (Codex) and API-key models, stream their answers, know why a call failed.
 *
 * Made by cbindgen of openclaw-ffi/src; do not edit.
 *
 * Rules for everything below. Handles are opaque; what a function named `_new`, `_from_json`, `_start`, or
 * `openclaw_client_stream` gave is owned by the host and freed by the `_free` of its type, once, in any order. NULL, a
 * handle of another type and a text that is not UTF-8 are answered with a status, or with the neutral value that the
 * function names; a handle that was freed must not be used. A handle that is `const` in a function may be used by several
 * threads at once, unless "Threads" says otherwise. Fallible functions return an `openclaw_status` and take `err` last,
 * see `openclaw_error`. The library prints nothing, installs no signal handler, never ends the process; signals go to
 * threads of the host only. After a fork the child can go on with its clients; streams of before the fork are
 * `OPENCLAW_ERR_FORKED` there and only to be freed, and `openclaw_client_fd` gives it a descriptor of its own.
 */
#ifndef OPENCLAW_H
#define OPENCLAW_H

#include <stddef.h>
#include <stdint.h>

/* With -DOPENCLAW_STATIC the header is for the static library. */
#if defined(_WIN32) && !defined(OPENCLAW_STATIC)
#define OPENCLAW_API __declspec(dllimport)
#else
#define OPENCLAW_API
#endif

#if defined(__GNUC__) || defined(__clang__)
#define OPENCLAW_NODISCARD __attribute__((warn_unused_result))
#else
#define OPENCLAW_NODISCARD
#endif

/** The version of this header. Compare with `openclaw_version_number`. Since 0.1. */
#define OPENCLAW_VERSION "0.1.0"
/** `major << 16 | minor << 8 | patch`. Since 0.1. */
#define OPENCLAW_VERSION_NUMBER 0x000100
/** Compare with `openclaw_abi_version`. Since 0.1. */
#define OPENCLAW_ABI_VERSION 0

/** As `len` of an `openclaw_str` that goes into the library: the text ends with a NUL. Since 0.1. */
#define OPENCLAW_STRLEN SIZE_MAX

#ifdef __cplusplus
/** The size of a struct, for the macros below. Since 0.1. */
#define OPENCLAW_SIZE_OF(type) static_cast<uint32_t>(sizeof(type))
#else
/** The size of a struct, for the macros below. Since 0.1. */
#define OPENCLAW_SIZE_OF(type) (uint32_t)sizeof(type)
#endif

/** An `openclaw_client_options` with nothing set. Since 0.1. */
#define OPENCLAW_CLIENT_OPTIONS_INIT \
  { OPENCLAW_SIZE_OF(openclaw_client_options), OPENCLAW_RUNTIME_DEFAULT, \
    {NULL, 0}, {NULL, 0}, {NULL, 0}, {NULL, 0}, {NULL, 0}, {NULL, 0}, {NULL, 0} }
/** An `openclaw_provider` with nothing set. Since 0.1. */
#define OPENCLAW_PROVIDER_INIT \
  { OPENCLAW_SIZE_OF(openclaw_provider), 0, NULL, {NULL, 0}, {NULL, 0}, NULL, NULL, NULL }
/** An `openclaw_token_source` with nothing set. Since 0.1. */
#define OPENCLAW_TOKEN_SOURCE_INIT \
  { OPENCLAW_SIZE_OF(openclaw_token_source), 0, NULL, NULL, NULL }
/** An `openclaw_config_source` that means the file of OpenClaw itself. Since 0.1. */
#define OPENCLAW_CONFIG_SOURCE_INIT \
  { OPENCLAW_SIZE_OF(openclaw_config_source), {NULL, 0}, {NULL, 0}, {NULL, 0} }
/** An `openclaw_config_issue` to be filled. Since 0.1. */
#define OPENCLAW_CONFIG_ISSUE_INIT \
  { OPENCLAW_SIZE_OF(openclaw_config_issue), 0, 0, 0, {NULL, 0}, {NULL, 0}, {NULL, 0}, {NULL, 0}, {NULL, 0}, \
    {NULL, 0}, {NULL, 0}, {NULL, 0}, {NULL, 0}, NULL, 0, NULL, 0, {NULL, 0}, {NULL, 0} }
/** An `openclaw_event` to be filled. Since 0.1. */
#define OPENCLAW_EVENT_INIT \
  { OPENCLAW_SIZE_OF(openclaw_event), 0, 0, 0, 0, {NULL, 0}, {NULL, 0}, {NULL, 0}, {NULL, 0}, {NULL, 0} }
/** An `openclaw_sign_in_step` to be filled. Since 0.1. */
#define OPENCLAW_SIGN_IN_STEP_INIT \
  { OPENCLAW_SIZE_OF(openclaw_sign_in_step), 0, 0, {NULL, 0}, {NULL, 0}, {NULL, 0}, {NULL, 0} }
/** An `openclaw_attempt` to be filled. Since 0.1. */
#define OPENCLAW_ATTEMPT_INIT \
  { OPENCLAW_SIZE_OF(openclaw_attempt), 0, 0, {NULL, 0}, {NULL, 0}, {NULL, 0}, {NULL, 0} }

/**
 * As `inline` of `settings_json` says; without it as `OPENCLAW_RUNTIME_THREADED`. Since 0.1.
 */
#define OPENCLAW_RUNTIME_DEFAULT 0

/**
 * A worker thread reads ahead; one thread for all such clients of the process. Since 0.1.
 */
#define OPENCLAW_RUNTIME_THREADED 2

/**
 * No thread: whoever waits in `openclaw_stream_next` drives the call. Least time per event; only the blocking
 * functions work, there is no descriptor and no callback. Since 0.1.
 */
#define OPENCLAW_RUNTIME_INLINE 1

/**
 * Works the repair out and shows it; no file is touched. Since 0.1.
 */
#define OPENCLAW_REPAIR_DRY_RUN 0

/**
 * Repairs the file, and those that it includes. A text never is written. Since 0.1.
 */
#define OPENCLAW_REPAIR_WRITE 1

/**
 * The last try failed before output began; the next one follows. `json`: attempt, kind, delay_ms. Since 0.1.
 */
#define OPENCLAW_EVENT_RETRYING 1

/**
 * Something was left out, changed or repaired. `name`: a stable word; `text`: one line for a person. Since 0.1.
 */
#define OPENCLAW_EVENT_WARNING 2

/**
 * The provider accepted the call. `json`: what its headers said. Since 0.1.
 */
#define OPENCLAW_EVENT_OPENED 3

/**
 * Limits of the plan or the quota, in `json`. Since 0.1.
 */
#define OPENCLAW_EVENT_RATE_LIMITS 4

/**
 * The answer has an id: `item_id`; `name`: the model that answers. Since 0.1.
 */
#define OPENCLAW_EVENT_CREATED 5

/**
 * An item begins. `json`: `output_index`, `item`; `call_id` and `name` of a tool call. Since 0.1.
 */
#define OPENCLAW_EVENT_OUTPUT_ITEM_ADDED 6

/**
 * Text of the answer, in `text`. Since 0.1.
 */
#define OPENCLAW_EVENT_TEXT_DELTA 7

/**
 * Text of a refusal, in `text`. Since 0.1.
 */
#define OPENCLAW_EVENT_REFUSAL_DELTA 8

/**
 * Text of the summary of the reasoning, in `text`. Since 0.1.
 */
#define OPENCLAW_EVENT_REASONING_SUMMARY_DELTA 9

/**
 * Text of the reasoning itself, in `text`. Since 0.1.
 */
#define OPENCLAW_EVENT_REASONING_DELTA 10

/**
 * A part of the input of a tool call, in `text`. Since 0.1.
 */
#define OPENCLAW_EVENT_TOOL_INPUT_DELTA 11

/**
 * An item is complete. `json`: `output_index`, `item`; `text`: its text, or the whole input of a tool call. Since 0.1.
 */
#define OPENCLAW_EVENT_OUTPUT_ITEM_DONE 12

/**
 * An event of the provider that this library does not model: `name`, and the whole of it in `json`. Since 0.1.
 */
#define OPENCLAW_EVENT_RAW 13

/**
 * The whole answer, in `json`. `item_id`: its id; `name`: the model; `text`: why it stopped. Nothing follows. Since
 * 0.1.
 */
#define OPENCLAW_EVENT_COMPLETED 14

/**
 * OpenClaw accepts the configuration; something in it will not do what it says. Since 0.1.
 */
#define OPENCLAW_SEVERITY_WARNING 1

/**
 * OpenClaw refuses the configuration. Since 0.1.
 */
#define OPENCLAW_SEVERITY_ERROR 2

/**
 * Show `url`, the address of the sign-in page, and open it in a browser if there is one. Since 0.1.
 */
#define OPENCLAW_SIGN_IN_OPEN_URL 1

/**
 * Show `code` and `url`, the address where it is typed on any device; it is good for `valid_for_ms`. Since 0.1.
 */
#define OPENCLAW_SIGN_IN_SHOW_CODE 2

/**
 * Ask the person for what the page sent back, and give it to `openclaw_sign_in_answer`; `text` says what was wrong with
 * the answer before. The sign-in can end meanwhile: go on with `openclaw_sign_in_next`. Since 0.1.
 */
#define OPENCLAW_SIGN_IN_ASK 3

/**
 * Nothing is to be done: `text` says how far it is, `code` says it in a word: `waiting`, `port_in_use`, `ignored`,
 * `asking_again`, `exchanging`. Since 0.1.
 */
#define OPENCLAW_SIGN_IN_PROGRESS 4

/**
 * The call is under way. Since 0.1.
 */
#define OPENCLAW_STREAM_RUNNING 0

/**
 * The answer is complete. Since 0.1.
 */
#define OPENCLAW_STREAM_COMPLETED 1

/**
 * The call failed. Since 0.1.
 */
#define OPENCLAW_STREAM_FAILED 2

/**
 * The call was cancelled. Since 0.1.
 */
#define OPENCLAW_STREAM_CANCELLED 3

/**
 * In `events` and `revents` of `openclaw_waitfd`: something can be read. Since 0.1.
 */
#define OPENCLAW_POLLIN 1

/**
 * In `events` and `revents` of `openclaw_waitfd`: urgent data can be read. Since 0.1.
 */
#define OPENCLAW_POLLPRI 2

/**
 * In `events` and `revents` of `openclaw_waitfd`: something can be written. Since 0.1.
 */
#define OPENCLAW_POLLOUT 4

/**
 * In `revents` of `openclaw_waitfd`: the descriptor is broken, hung up or not open. Since 0.1.
 */
#define OPENCLAW_POLLERR 8

/**
 * Models that are asked one after the other until one begins to answer, each with the login of its client. It is
 * filled, and then makes clients. Any thread may use it, one at a time. Since 0.1.
 */
typedef struct openclaw_chain openclaw_chain;

/**
 * A client: a provider with its login. Any thread may use it, several at once. Streams outlive it. Since 0.1.
 */
typedef struct openclaw_client openclaw_client;

/**
 * The judgement of a configuration: all that is to be said about it, as OpenClaw 2026.4.5 would judge it. Immutable;
 * any thread may use it. Since 0.1.
 */
typedef struct openclaw_config_report openclaw_config_report;

/**
 * What was found on this machine, what the provider answered, and what is wrong. Nothing of it is secret; ids of
 * profiles hold e-mail addresses. Immutable; any thread may use it. Since 0.1.
 */
typedef struct openclaw_diagnosis openclaw_diagnosis;

/**
 * Why a call failed.
 *
 * Fallible functions take `openclaw_error **err` as their last parameter. It may be NULL. On failure `*err` becomes an
 * object that the host owns and frees with `openclaw_error_free`; otherwise `*err` is not touched. An error object is
 * immutable; any thread may use it, and it outlives the handles that it came from. Since 0.1.
 */
typedef struct openclaw_error openclaw_error;

/**
 * The logins of a store. Any thread may use it, several at once. Since 0.1.
 */
typedef struct openclaw_logins openclaw_logins;

/**
 * The repair of a configuration: what changes, and what is left. Immutable; any thread may use it. Since 0.1.
 */
typedef struct openclaw_repair openclaw_repair;

/**
 * The way to answer one call of an `openclaw_provider` or `openclaw_token_source`: at once, inside the function that got
 * it, or later, from any thread. The host owns it and frees it once; freed without an end, the call fails. It may outlive
 * the stream and the client: then its functions say `OPENCLAW_ERR_CANCELLED`. Since 0.1.
 */
typedef struct openclaw_reply openclaw_reply;

/**
 * What a model is asked. Can be used for any number of calls, and changed between them. Any thread may use it, one at
 * a time. Since 0.1.
 */
typedef struct openclaw_request openclaw_request;

/**
 * A sign-in under way. One thread at a time takes its steps; `openclaw_sign_in_answer` and `openclaw_sign_in_cancel` may
 * be called by any thread at any time. Freeing it cancels it. Since 0.1.
 */
typedef struct openclaw_sign_in openclaw_sign_in;

/**
 * One call of a model and its events.
 *
 * One thread at a time reads it; `openclaw_stream_cancel` and the functions that tell how it ended may be called by
 * any thread at any time. Freeing it cancels the call. Since 0.1.
 */
typedef struct openclaw_stream openclaw_stream;

/**
 * A text that the library made and the host owns. Immutable; any thread. Since 0.1.
 */
typedef struct openclaw_string openclaw_string;

/**
 * A Codex backend on a loopback port, for tests of a host: it plays scenarios and scripts, checks requests as the real
 * one does and records them. It has a thread of its own. Any thread may use it. Since 0.1.
 */
typedef struct openclaw_test_server openclaw_test_server;

/**
 * A text: `len` bytes of UTF-8 at `ptr`.
 *
 * Into the library: `len` may be `OPENCLAW_STRLEN`, then `ptr` ends with a NUL (`openclaw_cstr` makes such a one); the
 * text is copied or read before the call returns. `{NULL, 0}` is the empty text. Out of the library: `ptr` is never
 * NULL, a NUL follows the text, so `%s` works; it lives as long as the function says that gave it. A text of a
 * provider can have NULs inside. Since 0.1.
 */
typedef struct openclaw_str {
  /**
   * The first byte.
   */
  const char *ptr;
  /**
   * The number of bytes, without the NUL.
   */
  size_t len;
} openclaw_str;

/**
 * What a function came to: 0 is success, a negative number is a failure, 1 is what a function says it is.
 *
 * -1 to -99 are the kinds of error of the provider, the network and the host's settings (see `openclaw_error_kind`);
 * from -101 on stands what only exists at this interface. The list grows: treat a number that you do not know as a
 * failure. Since 0.1.
 */
typedef int32_t openclaw_status;

/**
 * One try of a call that was repeated or passed on. The texts live until the error is freed. Since 0.1.
 */
typedef struct openclaw_attempt {
  /**
   * The size of this struct in the host's header; `OPENCLAW_ATTEMPT_INIT` sets it.
   */
  uint32_t struct_size;
  /**
   * How it failed, as a number from -1 on.
   */
  openclaw_status status;
  /**
   * How long it took, in ms.
   */
  uint64_t duration_ms;
  /**
   * How it failed, as a stable word.
   */
  struct openclaw_str kind;
  /**
   * The provider that was asked.
   */
  struct openclaw_str provider;
  /**
   * The model that was asked.
   */
  struct openclaw_str model;
  /**
   * The profile whose credential was used; empty if none is known.
   */
  struct openclaw_str profile;
} openclaw_attempt;

/**
 * One problem of a configuration: where it stands, what is wrong, what would be right. Never the value of a secret.
 *
 * The host makes it with `OPENCLAW_CONFIG_ISSUE_INIT`; the library fills it. Its texts and lists live until the object
 * is freed that it was asked of. What is not known is empty or 0. Since 0.1.
 */
typedef struct openclaw_config_issue {
  /**
   * The size of this struct in the host's header; `OPENCLAW_CONFIG_ISSUE_INIT` sets it.
   */
  uint32_t struct_size;
  /**
   * `OPENCLAW_SEVERITY_…`; the list grows: only an error makes the configuration invalid.
   */
  uint32_t severity;
  /**
   * The line in `file`, from 1.
   */
  uint32_t line;
  /**
   * The column in that line, from 1, in characters.
   */
  uint32_t column;
  /**
   * The step that saw it: `json5`, `include`, `env`, `legacy`, `schema` or `post-schema`.
   */
  struct openclaw_str stage;
  /**
   * What is wrong, as a stable word such as `unknown_key`.
   */
  struct openclaw_str code;
  /**
   * Where, as OpenClaw writes it: names and indexes joined by dots; empty for the root.
   */
  struct openclaw_str path;
  /**
   * Where, as an RFC 6901 JSON pointer; empty for the root.
   */
  struct openclaw_str pointer;
  /**
   * The file in which it stands: the configuration or one that it includes.
   */
  struct openclaw_str file;
  /**
   * What is wrong, in OpenClaw's words.
   */
  struct openclaw_str message;
  /**
   * What was found: a type, or a value that cannot be a secret.
   */
  struct openclaw_str found;
  /**
   * A key or value that was perhaps meant.
   */
  struct openclaw_str suggestion;
  /**
   * What to do, in our words.
   */
  struct openclaw_str hint;
  /**
   * The keys that are not known: `key_count` texts.
   */
  const struct openclaw_str *keys;
  /**
   * How many `keys` there are.
   */
  size_t key_count;
  /**
   * The allowed values as JSON, such as `"lan"` with its quotes, if they can be listed: `allowed_count` texts.
   */
  const struct openclaw_str *allowed;
  /**
   * How many `allowed` there are.
   */
  size_t allowed_count;
  /**
   * The issue as a JSON object, the form that Python and the command line share.
   */
  struct openclaw_str json;
  /**
   * The rule that refuses it, if a JSON Schema cannot hold it, or not wholly: a name of the tables in docs/config.md.
   */
  struct openclaw_str rule;
} openclaw_config_issue;

/**
 * What a client is made of. Begin with `OPENCLAW_CLIENT_OPTIONS_INIT`. Every text may stay empty: then a login that is
 * on this machine is used. Read when the client is made, not kept. Since 0.1.
 */
typedef struct openclaw_client_options {
  /**
   * The size of this struct in the host's header; `OPENCLAW_CLIENT_OPTIONS_INIT` sets it.
   */
  uint32_t struct_size;
  /**
   * `OPENCLAW_RUNTIME_…`: one that is named goes before `inline` of `settings_json`.
   */
  uint32_t runtime;
  /**
   * A JSON object with any of: `provider`, `token`, `api_key`, `base_url`, `profile_file`, `agent`, `profile`,
   * `application`, `allow_plain_http`, `proxy`, `ca_file`, `connect_timeout_ms`, `first_byte_timeout_ms`,
   * `idle_timeout_ms`, `timeout_ms`, `max_retries`, `retry_budget_ms`, `retry_base_delay_ms`, `inline`. What is set beside
   * it in this struct goes before it.
   */
  struct openclaw_str settings_json;
  /**
   * A ChatGPT token; with `anthropic`, a bearer token.
   */
  struct openclaw_str token;
  /**
   * An API key, in place of a token.
   */
  struct openclaw_str api_key;
  /**
   * Another base URL.
   */
  struct openclaw_str base_url;
  /**
   * `openai-codex`, `openai` or `anthropic`.
   */
  struct openclaw_str provider;
  /**
   * The profile of the store.
   */
  struct openclaw_str profile;
  /**
   * The host application, `name/version`.
   */
  struct openclaw_str application;
} openclaw_client_options;

/**
 * Which configuration is meant. Begin with `OPENCLAW_CONFIG_SOURCE_INIT`; as it is then, it means the file that
 * OpenClaw itself would read. Since 0.1.
 */
typedef struct openclaw_config_source {
  /**
   * The size of this struct in the host's header; `OPENCLAW_CONFIG_SOURCE_INIT` sets it.
   */
  uint32_t struct_size;
  /**
   * The configuration itself. If its `ptr` is NULL, it is read from `path`; `openclaw_cstr("")` is an empty one.
   */
  struct openclaw_str text;
  /**
   * The file; of a text, the file that it will be, in whose folder its includes are. If empty and without a text,
   * where OpenClaw looks: `OPENCLAW_CONFIG_PATH`, `OPENCLAW_STATE_DIR`, `~/.openclaw/openclaw.json`.
   */
  struct openclaw_str path;
  /**
   * A JSON object with any of: `env`, all environment variables that there are, those of the process unless given;
   * `files`, what a text can include, by the path from its folder, that of the disk unless given; `assume_version`,
   * for a repair: that of this library, if what a newer OpenClaw has written is to be treated as of this one;
   * `text`; `path`. What is set beside it in this struct goes before it.
   */
  struct openclaw_str settings_json;
} openclaw_config_source;

/**
 * Starts an answer of a host's provider. `request_json` is what is asked, `options_json` the settings of the call: time
 * limits in ms, which the library keeps itself, `max_retries`, `headers`, `strict`, `turn_state`. Both texts live until the
 * function returns. The function owns `reply`.
 *
 * It is called on the library's worker thread, or, with `OPENCLAW_RUNTIME_INLINE`, on the thread that waits for an event.
 * Other calls wait until it returns: it must not block, and leaves long work to a thread or a loop of the host. It may call
 * every function of `reply`, but must not wait for a stream. Since 0.1.
 */
typedef void (*openclaw_stream_function)(void *user_data,
                                         struct openclaw_str request_json,
                                         struct openclaw_str options_json,
                                         struct openclaw_reply *reply);

/**
 * Asks a host's provider for its models, to be answered by `openclaw_reply_models_json`; on the same threads and with the
 * same rules as `openclaw_stream_function`. Since 0.1.
 */
typedef void (*openclaw_models_function)(void *user_data, struct openclaw_reply *reply);

/**
 * Frees what a callback works with; called exactly once, after the last callback. Since 0.1.
 */
typedef void (*openclaw_free_callback)(void *user_data);

/**
 * A provider that the host writes. Begin with `OPENCLAW_PROVIDER_INIT`. Read when the client is made; `user_data` and the
 * functions must stay good until `free` was called. Since 0.1.
 */
typedef struct openclaw_provider {
  /**
   * The size of this struct in the host's header; `OPENCLAW_PROVIDER_INIT` sets it.
   */
  uint32_t struct_size;
  /**
   * 0.
   */
  uint32_t reserved;
  /**
   * Passed to the functions.
   */
  void *user_data;
  /**
   * Its name: no slash and no space, such as `my-model`.
   */
  struct openclaw_str id;
  /**
   * A JSON object with any of: `tools`, `images`, `structured_output`, `efforts`, `context_window`,
   * `max_output_tokens`. Empty: the usual.
   */
  struct openclaw_str capabilities_json;
  /**
   * Starts an answer.
   */
  openclaw_stream_function stream;
  /**
   * Gives the list of models; NULL if there is none.
   */
  openclaw_models_function models;
  /**
   * Frees `user_data`; NULL if nothing is to be freed. Called once, when the client and all of its streams are gone, on
   * whichever thread lets go of the last of them.
   */
  openclaw_free_callback free;
} openclaw_provider;

/**
 * Asks for a token, to be answered by `openclaw_reply_token`; on the same threads and with the same rules as
 * `openclaw_stream_function`. `rejected` is the token that the provider has just refused, and empty if this is not the
 * reason; it lives until the function returns. Since 0.1.
 */
typedef void (*openclaw_token_function)(void *user_data, struct openclaw_str rejected, struct openclaw_reply *reply);

/**
 * Where a client's tokens come from, when the host has them. Begin with `OPENCLAW_TOKEN_SOURCE_INIT`. Read when the client
 * is made; `user_data` and the functions must stay good until `free` was called. Since 0.1.
 */
typedef struct openclaw_token_source {
  /**
   * The size of this struct in the host's header; `OPENCLAW_TOKEN_SOURCE_INIT` sets it.
   */
  uint32_t struct_size;
  /**
   * 1 if they are API keys, 0 if they are tokens.
   */
  uint32_t are_api_keys;
  /**
   * Passed to the functions.
   */
  void *user_data;
  /**
   * Gives a token. It is kept until its last minute, or until it is refused; one call at a time asks for the next.
   */
  openclaw_token_function token;
  /**
   * Frees `user_data`; as in `openclaw_provider`.
   */
  openclaw_free_callback free;
} openclaw_token_source;

/**
 * One step of a sign-in, for the host to take.
 *
 * The host makes it with `OPENCLAW_SIGN_IN_STEP_INIT`; the library fills it. Its texts live until the next call that takes
 * a step of this sign-in. What a step does not have is empty or 0. Since 0.1.
 */
typedef struct openclaw_sign_in_step {
  /**
   * The size of this struct in the host's header; `OPENCLAW_SIGN_IN_STEP_INIT` sets it.
   */
  uint32_t struct_size;
  /**
   * `OPENCLAW_SIGN_IN_…`; the list grows: a kind that the host does not know needs nothing done.
   */
  uint32_t kind;
  /**
   * How long the code is good.
   */
  int64_t valid_for_ms;
  /**
   * The address to open, or where the code is typed.
   */
  struct openclaw_str url;
  /**
   * The code to show; of a progress its word.
   */
  struct openclaw_str code;
  /**
   * What was wrong with an answer; how far it is.
   */
  struct openclaw_str text;
  /**
   * The step as a JSON object, the form that Python has too.
   */
  struct openclaw_str json;
} openclaw_sign_in_step;

/**
 * One event of a stream.
 *
 * The host makes it with `OPENCLAW_EVENT_INIT`; the library fills it. Its texts are borrowed: they live until the next
 * call that takes events of the same stream, or, in a callback, until it returns. Numbers of `kind` that a host does
 * not know are to be ignored; their `json` is there. The five `…_DELTA` kinds leave `json` empty, for they are many
 * and their fields stand here; `openclaw_stream_event_json` makes it. Since 0.1.
 */
typedef struct openclaw_event {
  /**
   * The size of this struct in the host's header; `OPENCLAW_EVENT_INIT` sets it.
   */
  uint32_t struct_size;
  /**
   * `OPENCLAW_EVENT_…`.
   */
  uint32_t kind;
  /**
   * The place of the item in the output.
   */
  uint32_t output_index;
  /**
   * The part of the item: its content index or summary index.
   */
  uint32_t part_index;
  /**
   * Counts the events of the stream from 0.
   */
  uint64_t sequence;
  /**
   * The piece of text of a delta; see the kinds.
   */
  struct openclaw_str text;
  /**
   * The item that it belongs to.
   */
  struct openclaw_str item_id;
  /**
   * The id of a tool call: what the result must name.
   */
  struct openclaw_str call_id;
  /**
   * The name of a tool; see the kinds.
   */
  struct openclaw_str name;
  /**
   * The event as a JSON object, with its name in `type`; empty for deltas.
   */
  struct openclaw_str json;
} openclaw_event;

/**
 * What a callback is called with: `event` is the next event of `stream`, or NULL at its end; then `status` is
 * `OPENCLAW_OK` or the failure, and `error` says why. Event and error are borrowed until the callback returns.
 *
 * Called only inside `openclaw_client_dispatch`, by the thread that called it. It may call every function of this
 * library, `openclaw_stream_free` of its own stream too; it must not throw and not jump out. Since 0.1.
 */
typedef void (*openclaw_event_callback)(void *user_data,
                                        struct openclaw_stream *stream,
                                        const struct openclaw_event *event,
                                        openclaw_status status,
                                        const struct openclaw_error *error);

/**
 * A descriptor of the host that `openclaw_client_poll` waits for too. Since 0.1.
 */
typedef struct openclaw_waitfd {
  /**
   * The descriptor; a negative one is left out.
   */
  int32_t fd;
  /**
   * What is waited for: `OPENCLAW_POLL…`.
   */
  int16_t events;
  /**
   * What is there: `OPENCLAW_POLL…`; set by the library.
   */
  int16_t revents;
} openclaw_waitfd;

/**
 * What is wrong, as a number. Append only; the words and the steps that help stand in docs/status.md. Since 0.1.
 */
typedef uint32_t openclaw_verdict;

/**
 * Success. Of `openclaw_stream_next` and its kin: the answer is complete, no event follows. Since 0.1.
 */
#define OPENCLAW_OK 0

/**
 * Of `openclaw_stream_next` and its kin: at least one event was written. Since 0.1.
 */
#define OPENCLAW_EVENT 1

/**
 * A bot challenge, firewall or block page of a network in front of the provider. Never a fault of the login. Since
 * 0.1.
 */
#define OPENCLAW_ERR_EDGE_BLOCKED -1

/**
 * A proxy, captive portal or web filter between us and the provider answered. Since 0.1.
 */
#define OPENCLAW_ERR_PROXY -2

/**
 * The host name could not be resolved. Since 0.1.
 */
#define OPENCLAW_ERR_DNS -3

/**
 * The host was not reached, or the connection broke before an answer. Since 0.1.
 */
#define OPENCLAW_ERR_CONNECT -4

/**
 * A time limit of the call passed. Not the `timeout_ms` of a wait: that is `OPENCLAW_ERR_WAIT_TIMEOUT`. Since 0.1.
 */
#define OPENCLAW_ERR_TIMEOUT -5

/**
 * Certificate or handshake. Since 0.1.
 */
#define OPENCLAW_ERR_TLS -6

/**
 * The token expired or was withdrawn. Since 0.1.
 */
#define OPENCLAW_ERR_AUTH_EXPIRED -7

/**
 * The credential is wrong, revoked or missing. Since 0.1.
 */
#define OPENCLAW_ERR_AUTH_INVALID -8

/**
 * Permission, scope, region or workspace policy. Since 0.1.
 */
#define OPENCLAW_ERR_FORBIDDEN -9

/**
 * Too many requests or tokens for now. Since 0.1.
 */
#define OPENCLAW_ERR_RATE_LIMITED -10

/**
 * The window of the plan is used up. Since 0.1.
 */
#define OPENCLAW_ERR_USAGE_LIMIT -11

/**
 * No credit, or the plan does not include this. Since 0.1.
 */
#define OPENCLAW_ERR_BILLING -12

/**
 * The provider has no capacity for the moment. Since 0.1.
 */
#define OPENCLAW_ERR_OVERLOADED -13

/**
 * The provider, or a machine in front of it, broke. Since 0.1.
 */
#define OPENCLAW_ERR_SERVER_ERROR -14

/**
 * The request does not fit the model's context. Since 0.1.
 */
#define OPENCLAW_ERR_CONTEXT_OVERFLOW -15

/**
 * The request itself is wrong. Since 0.1.
 */
#define OPENCLAW_ERR_INVALID_REQUEST -16

/**
 * The model is unknown, retired, or not open to this account. Since 0.1.
 */
#define OPENCLAW_ERR_MODEL_NOT_FOUND -17

/**
 * A content rule of the provider refused the request or the answer. Since 0.1.
 */
#define OPENCLAW_ERR_CONTENT_POLICY -18

/**
 * The answer stopped before its end. Since 0.1.
 */
#define OPENCLAW_ERR_STREAM_TRUNCATED -19

/**
 * The call was cancelled. Since 0.1.
 */
#define OPENCLAW_ERR_CANCELLED -20

/**
 * A setting is wrong. Since 0.1.
 */
#define OPENCLAW_ERR_CONFIG -21

/**
 * A store of credentials could not be read. Since 0.1.
 */
#define OPENCLAW_ERR_STORE -22

/**
 * The evidence names no cause. Since 0.1.
 */
#define OPENCLAW_ERR_UNKNOWN -23

/**
 * A NULL where something must be, a handle of another type, an impossible number, a struct that is too small. Since
 * 0.1.
 */
#define OPENCLAW_ERR_INVALID_ARGUMENT -101

/**
 * A text that is not valid UTF-8. Since 0.1.
 */
#define OPENCLAW_ERR_INVALID_UTF8 -102

/**
 * `timeout_ms` passed before anything came; ask again. Sets no error object. Since 0.1.
 */
#define OPENCLAW_ERR_WAIT_TIMEOUT -103

/**
 * Nothing is there now; ask again later. Sets no error object. Since 0.1.
 */
#define OPENCLAW_ERR_WOULD_BLOCK -104

/**
 * The runtime was shut down. Since 0.1.
 */
#define OPENCLAW_ERR_CLOSED -105

/**
 * The stream was made before a fork and is used in the child. Since 0.1.
 */
#define OPENCLAW_ERR_FORKED -106

/**
 * A fault inside the library; the handle can only be freed now. Since 0.1.
 */
#define OPENCLAW_ERR_PANIC -107

/**
 * The handle met `OPENCLAW_ERR_PANIC` before; it can only be freed. Since 0.1.
 */
#define OPENCLAW_ERR_POISONED -108

/**
 * Another thread reads this stream now, or its events go to a callback. Since 0.1.
 */
#define OPENCLAW_ERR_BUSY -109

/**
 * The stream has not ended yet. Sets no error object. Since 0.1.
 */
#define OPENCLAW_ERR_NOT_ENDED -110

/**
 * This build, or the mode of this client, cannot do it. Since 0.1.
 */
#define OPENCLAW_ERR_UNSUPPORTED -111

/**
 * Nothing: an answer came. Since 0.1.
 */
#define OPENCLAW_VERDICT_FINE 0

/**
 * Nothing that can be seen without asking the provider. Since 0.1.
 */
#define OPENCLAW_VERDICT_NOT_PROBED 1

/**
 * OpenClaw refuses the configuration. Since 0.1.
 */
#define OPENCLAW_VERDICT_CONFIG_INVALID 2

/**
 * What the configuration says of the model leads nowhere. Since 0.1.
 */
#define OPENCLAW_VERDICT_CANNOT_ASK 3

/**
 * The base URL, or the path, is not one of the provider. Since 0.1.
 */
#define OPENCLAW_VERDICT_WRONG_ADDRESS 4

/**
 * The store of logins cannot be read. Since 0.1.
 */
#define OPENCLAW_VERDICT_STORE_UNREADABLE 5

/**
 * There is no login. Since 0.1.
 */
#define OPENCLAW_VERDICT_NO_LOGIN 6

/**
 * No entry of a login can be used. Since 0.1.
 */
#define OPENCLAW_VERDICT_LOGIN_UNREADABLE 7

/**
 * Every login has ended or was refused for good. Since 0.1.
 */
#define OPENCLAW_VERDICT_SIGN_IN 8

/**
 * Every login rests, or the one that was asked with does. Since 0.1.
 */
#define OPENCLAW_VERDICT_RESTING 9

/**
 * The token has ended. Since 0.1.
 */
#define OPENCLAW_VERDICT_TOKEN_EXPIRED 10

/**
 * The token was refused before its end. Since 0.1.
 */
#define OPENCLAW_VERDICT_TOKEN_REJECTED 11

/**
 * The account or workspace is deactivated. Since 0.1.
 */
#define OPENCLAW_VERDICT_DEACTIVATED 12

/**
 * This machine's clock is wrong. Since 0.1.
 */
#define OPENCLAW_VERDICT_CLOCK 13

/**
 * The token is good; something in front of the provider blocks the calls. Since 0.1.
 */
#define OPENCLAW_VERDICT_EDGE_BLOCKED 14

/**
 * Something in front of the provider blocks all that was asked. Since 0.1.
 */
#define OPENCLAW_VERDICT_EDGE_BLOCKS_ALL 15

/**
 * A proxy, a captive portal or a web filter is in the way. Since 0.1.
 */
#define OPENCLAW_VERDICT_PROXY 16

/**
 * The name of the host cannot be resolved. Since 0.1.
 */
#define OPENCLAW_VERDICT_DNS 17

/**
 * No TLS connection that can be trusted. Since 0.1.
 */
#define OPENCLAW_VERDICT_TLS 18

/**
 * The host cannot be reached. Since 0.1.
 */
#define OPENCLAW_VERDICT_CONNECT 19

/**
 * No answer in time. Since 0.1.
 */
#define OPENCLAW_VERDICT_TIMEOUT 20

/**
 * The plan does not include it. Since 0.1.
 */
#define OPENCLAW_VERDICT_PLAN_LACKS_IT 21

/**
 * No credit. Since 0.1.
 */
#define OPENCLAW_VERDICT_BILLING 22

/**
 * The window of the plan is used up. Since 0.1.
 */
#define OPENCLAW_VERDICT_USAGE_LIMIT 23

/**
 * Too many requests for now. Since 0.1.
 */
#define OPENCLAW_VERDICT_RATE_LIMITED 24

/**
 * The country or region is not served. Since 0.1.
 */
#define OPENCLAW_VERDICT_REGION 25

/**
 * A rule of the workspace forbids it. Since 0.1.
 */
#define OPENCLAW_VERDICT_WORKSPACE_POLICY 26

/**
 * The account may not do it. Since 0.1.
 */
#define OPENCLAW_VERDICT_FORBIDDEN 27

/**
 * The model is unknown, retired, or not open to the account. Since 0.1.
 */
#define OPENCLAW_VERDICT_MODEL_NOT_OPEN 28

/**
 * The provider has no capacity for the moment. Since 0.1.
 */
#define OPENCLAW_VERDICT_OVERLOADED 29

/**
 * The provider is broken for the moment. Since 0.1.
 */
#define OPENCLAW_VERDICT_SERVER_BROKEN 30

/**
 * The evidence names no cause. Since 0.1.
 */
#define OPENCLAW_VERDICT_UNKNOWN 31

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/**
 * The text of a string. Lives until the string is freed. Of NULL: the empty text. Threads: any. Since 0.1.
 */
OPENCLAW_API struct openclaw_str openclaw_string_view(const struct openclaw_string *string);

/**
 * Frees a string. NULL is ignored. Threads: any, once. Since 0.1.
 */
OPENCLAW_API void openclaw_string_free(struct openclaw_string *string);

/**
 * The number of the failure, the one that the function returned that gave this object. Of NULL: 0. Threads: any.
 * Since 0.1.
 */
OPENCLAW_API openclaw_status openclaw_error_status(const struct openclaw_error *error);

/**
 * What happened, as a stable word such as `edge_blocked`; one per number of `openclaw_error_status` from -1 on. Lives
 * until the error is freed. Of NULL: empty. Threads: any. Since 0.1.
 */
OPENCLAW_API struct openclaw_str openclaw_error_kind(const struct openclaw_error *error);

/**
 * How far the call got: `not_sent`, `maybe_sent`, `responded` or `streaming`. Decides whether a repeat can cost
 * anything. Lives until the error is freed. Of NULL: empty. Threads: any. Since 0.1.
 */
OPENCLAW_API struct openclaw_str openclaw_error_stage(const struct openclaw_error *error);

/**
 * What helps: `retry`, `wait`, `refresh`, `sign_in`, `other_profile`, `other_provider`, `fix_request`, `fix_network`,
 * `fix_config` or `none`. Lives until the error is freed. Of NULL: empty. Threads: any. Since 0.1.
 */
OPENCLAW_API struct openclaw_str openclaw_error_advice(const struct openclaw_error *error);

/**
 * One line for a person. Never a secret, never raw HTML. Lives until the error is freed. Of NULL: empty. Threads: any.
 * Since 0.1.
 */
OPENCLAW_API struct openclaw_str openclaw_error_message(const struct openclaw_error *error);

/**
 * The provider that was asked; empty if none was. Lives until the error is freed. Of NULL: empty. Threads: any. Since
 * 0.1.
 */
OPENCLAW_API struct openclaw_str openclaw_error_provider(const struct openclaw_error *error);

/**
 * The model that was asked; empty if none was. Lives until the error is freed. Of NULL: empty. Threads: any. Since
 * 0.1.
 */
OPENCLAW_API struct openclaw_str openclaw_error_model(const struct openclaw_error *error);

/**
 * The profile whose credential was used; empty if none is known. Lives until the error is freed. Of NULL: empty.
 * Threads: any. Since 0.1.
 */
OPENCLAW_API struct openclaw_str openclaw_error_profile(const struct openclaw_error *error);

/**
 * The address that was asked, without query and credentials; empty if none was. Lives until the error is freed. Of
 * NULL: empty. Threads: any. Since 0.1.
 */
OPENCLAW_API struct openclaw_str openclaw_error_url(const struct openclaw_error *error);

/**
 * The provider's id of the call; empty if it gave none. Lives until the error is freed. Of NULL: empty. Threads: any.
 * Since 0.1.
 */
OPENCLAW_API struct openclaw_str openclaw_error_request_id(const struct openclaw_error *error);

/**
 * Cloudflare's id of the call (`cf-ray`); empty if there is none. Lives until the error is freed. Of NULL: empty.
 * Threads: any. Since 0.1.
 */
OPENCLAW_API struct openclaw_str openclaw_error_cf_ray(const struct openclaw_error *error);

/**
 * The network in front of the provider that answered in its place: `cloudflare`, `akamai`, … or `unknown`; empty if
 * none did. Lives until the error is freed. Of NULL: empty. Threads: any. Since 0.1.
 */
OPENCLAW_API struct openclaw_str openclaw_error_edge_vendor(const struct openclaw_error *error);

/**
 * What that network did: `challenge`, `waf`, `block_page`, `rate_limit`, `origin_error`; empty if none did. Lives
 * until the error is freed. Of NULL: empty. Threads: any. Since 0.1.
 */
OPENCLAW_API struct openclaw_str openclaw_error_edge_action(const struct openclaw_error *error);

/**
 * That network's own code, such as `1020`; empty if it gave none. Lives until the error is freed. Of NULL: empty.
 * Threads: any. Since 0.1.
 */
OPENCLAW_API struct openclaw_str openclaw_error_edge_code(const struct openclaw_error *error);

/**
 * At most 200 characters of the body, tags and secrets removed; empty if there was none. Lives until the error is
 * freed. Of NULL: empty. Threads: any. Since 0.1.
 */
OPENCLAW_API struct openclaw_str openclaw_error_body_preview(const struct openclaw_error *error);

/**
 * The provider's own error code or type as it was sent, or ours where the library itself refused (`invalid_argument`,
 * `closed`, …); empty if there is none. Lives until the error is freed. Of NULL: empty. Threads: any. Since 0.1.
 */
OPENCLAW_API struct openclaw_str openclaw_error_code(const struct openclaw_error *error);

/**
 * The HTTP status that really came, never an invented one; 0 if none did. Of NULL: 0. Threads: any. Since 0.1.
 */
OPENCLAW_API int32_t openclaw_error_http_status(const struct openclaw_error *error);

/**
 * 1 if the same call can succeed later, at once or after the delay that is named; else 0. Of NULL: 0. Threads: any.
 * Since 0.1.
 */
OPENCLAW_API int32_t openclaw_error_retryable(const struct openclaw_error *error);

/**
 * The delay that the provider asked for, in ms; -1 if it asked for none. Of NULL: -1. Threads: any. Since 0.1.
 */
OPENCLAW_API int64_t openclaw_error_retry_after_ms(const struct openclaw_error *error);

/**
 * When the used-up window opens again, in seconds since 1970; -1 if it is not known. Of NULL: -1. Threads: any. Since
 * 0.1.
 */
OPENCLAW_API int64_t openclaw_error_resets_at(const struct openclaw_error *error);

/**
 * The soonest time at which something that a failover chain could ask is free again, in seconds since 1970; -1 if it is
 * not known. Of NULL: -1. Threads: any. Since 0.1.
 */
OPENCLAW_API int64_t openclaw_error_usable_at(const struct openclaw_error *error);

/**
 * How many tries were made when there was more than one, else 0. Of NULL: 0. Threads: any. Since 0.1.
 */
OPENCLAW_API size_t openclaw_error_attempt_count(const struct openclaw_error *error);

/**
 * Writes try `index` of the error, from 0, to `*out`, whose `struct_size` is set.
 *
 * Errors: `OPENCLAW_ERR_INVALID_ARGUMENT` for a NULL, a struct that is too small, or an index that is too large.
 * Threads: any. Since 0.1.
 */
OPENCLAW_API
openclaw_status openclaw_error_attempt(const struct openclaw_error *error,
                                       size_t index,
                                       struct openclaw_attempt *out,
                                       struct openclaw_error **err);

/**
 * How many errors are known below this one, such as that of the network or the system. Of NULL: 0. Threads: any.
 * Since 0.1.
 */
OPENCLAW_API size_t openclaw_error_cause_count(const struct openclaw_error *error);

/**
 * What the error `index` below this one says, from 0, the nearest; secrets are removed. Lives until the error is freed. Of
 * NULL, and if there is none at `index`: empty. Threads: any. Since 0.1.
 */
OPENCLAW_API
struct openclaw_str openclaw_error_cause(const struct openclaw_error *error,
                                         size_t index);

/**
 * How many problems of a configuration the error is made of; 0 for every other error. Of NULL: 0. Threads: any. Since
 * 0.1.
 */
OPENCLAW_API size_t openclaw_error_issue_count(const struct openclaw_error *error);

/**
 * Writes problem `index` of a configuration, from 0, to `*out`, whose `struct_size` is set.
 *
 * Errors: `OPENCLAW_ERR_INVALID_ARGUMENT` for a NULL, a struct that is too small, or an index that is too large.
 * Threads: any. Since 0.1.
 */
OPENCLAW_API
openclaw_status openclaw_error_issue(const struct openclaw_error *error,
                                     size_t index,
                                     struct openclaw_config_issue *out,
                                     struct openclaw_error **err);

/**
 * Every field that is known, as a JSON object: the form that logs, Python and C share. Lives until the error is freed.
 * Of NULL: empty. Threads: any. Since 0.1.
 */
OPENCLAW_API struct openclaw_str openclaw_error_to_json(const struct openclaw_error *error);

/**
 * Frees an error. NULL is ignored. Threads: any, once. Since 0.1.
 */
OPENCLAW_API void openclaw_error_free(struct openclaw_error *error);

/**
 * Makes an empty chain. `settings_json` is empty or a JSON object with any of: `attempts` (at most in one call; 10),
 * `time_ms` (until output begins, all attempts together; 600000), `first_event_timeout_ms` (of one attempt; 330000),
 * `timeout_ms` (of a whole call), `max_retries` and `retry_budget_ms` (of the same again), `inline`.
 *
 * `*out` becomes a chain that the host owns. Errors: `OPENCLAW_ERR_CONFIG`, which names the field;
 * `OPENCLAW_ERR_INVALID_UTF8`, `OPENCLAW_ERR_INVALID_ARGUMENT`. Threads: any. Since 0.1.
 */
OPENCLAW_API
openclaw_status openclaw_chain_new(struct openclaw_str settings_json,
                                   struct openclaw_chain **out,
                                   struct openclaw_error **err);

/**
 * Adds a model behind the others: `provider/model`, asked with the provider and the login of this client. The client
 * stays the host's and may be freed at once; connections are not shared with it.
 *
 * Errors: `OPENCLAW_ERR_INVALID_REQUEST` for a name that is no `provider/model`, `OPENCLAW_ERR_INVALID_UTF8`,
 * `OPENCLAW_ERR_INVALID_ARGUMENT`. Threads: any, one at a time. Since 0.1.
 */
OPENCLAW_API
openclaw_status openclaw_chain_add(struct openclaw_chain *chain,
                                   struct openclaw_str model,
                                   const struct openclaw_client *client,
                                   struct openclaw_error **err);

/**
 * Makes a client of the chain, which stays as it is. A request names the model that is asked first, as `provider/model`
 * or by its own name; one without a model asks the first of the chain. `Retrying` events say that and why it moved on.
 *
 * `*out` becomes a client that the host owns. Errors: `OPENCLAW_ERR_CONFIG` for a chain without a model, or with the same
 * one twice; those of `openclaw_client_new`. Threads: any. Since 0.1.
 */
OPENCLAW_API
openclaw_status openclaw_chain_client(const struct openclaw_chain *chain,
                                      struct openclaw_client **out,
                                      struct openclaw_error **err);

/**
 * Frees a chain. Clients that it made live on. NULL is ignored. Threads: any, once, while nothing else uses it. Since 0.1.
 */
OPENCLAW_API
void openclaw_chain_free(struct openclaw_chain *chain);

/**
 * Makes a client that follows OpenClaw's configuration: the primary model of the agent, then its fallbacks, with the
 * profiles of the agent's store. `settings_json` is empty or a JSON object with any of: `path` (of the configuration;
 * where OpenClaw looks unless given), `agent`, `profile` (the only one that may be asked), `application`, and what
 * `openclaw_chain_new` takes.
 *
 * `*out` becomes a client that the host owns. Errors: `OPENCLAW_ERR_CONFIG` for a configuration that is not there or is
 * wrong, `OPENCLAW_ERR_STORE`, `OPENCLAW_ERR_INVALID_UTF8`, `OPENCLAW_ERR_INVALID_ARGUMENT`. Threads: any. Since 0.1.
 */
OPENCLAW_API
openclaw_status openclaw_client_from_config(struct openclaw_str settings_json,
                                            struct openclaw_client **out,
                                            struct openclaw_error **err);

/**
 * Makes a client: looks for the login, reads certificates, opens no connection. NULL options are the usual ones.
 *
 * `*out` becomes a client that the host owns. Errors: `OPENCLAW_ERR_CONFIG` for settings that are wrong or do not fit
 * each other, `OPENCLAW_ERR_AUTH_INVALID` without a login, `OPENCLAW_ERR_AUTH_EXPIRED`, `OPENCLAW_ERR_STORE`,
 * `OPENCLAW_ERR_INVALID_UTF8`, `OPENCLAW_ERR_INVALID_ARGUMENT`. Threads: any. Since 0.1.
 */
OPENCLAW_API
openclaw_status openclaw_client_new(const struct openclaw_client_options *options,
                                    struct openclaw_client **out,
                                    struct openclaw_error **err);

/**
 * Frees a client. Its streams live on, to be read with `openclaw_stream_next`; take its descriptor out of your loop
 * before. NULL is ignored. Threads: any, once, while nothing else uses the client; inside a callback too. Since 0.1.
 */
OPENCLAW_API void openclaw_client_free(struct openclaw_client *client);

/**
 * The models that the login can use, as a JSON array. Waits for the answer, for at most `timeout_ms`; for ever if
 * negative.
 *
 * `*out` becomes a string that the host owns. Errors: `OPENCLAW_ERR_WAIT_TIMEOUT`; those of the provider and the
 * network. Threads: any. Since 0.1.
 */
OPENCLAW_API
openclaw_status openclaw_client_models_json(const struct openclaw_client *client,
                                            int64_t timeout_ms,
                                            struct openclaw_string **out,
                                            struct openclaw_error **err);

/**
 * How much of the plan is used, as a JSON object. Waits for the answer, for at most `timeout_ms`; for ever if
 * negative.
 *
 * `*out` becomes a string that the host owns. Errors: `OPENCLAW_ERR_WAIT_TIMEOUT`; those of the provider and the
 * network. Threads: any. Since 0.1.
 */
OPENCLAW_API
openclaw_status openclaw_client_plan_usage_json(const struct openclaw_client *client,
                                                int64_t timeout_ms,
                                                struct openclaw_string **out,
                                                struct openclaw_error **err);

/**
 * Which login the client uses, as a JSON object: `source`, `profile` if it has one, `notes`. Nothing of it is secret.
 *
 * `*out` becomes a string that the host owns. Errors: `OPENCLAW_ERR_CLOSED`. Threads: any. Since 0.1.
 */
OPENCLAW_API
openclaw_status openclaw_client_login_json(const struct openclaw_client *client,
                                           struct openclaw_string **out,
                                           struct openclaw_error **err);

/**
 * Judges a configuration: of a text, of a file, or, for NULL, of the file that OpenClaw itself would read.
 *
 * Gives `OPENCLAW_OK` for an invalid one too, and for a file that cannot be read: what is wrong with it stands in the
 * report. `*out` becomes a report that the host owns. Errors: `OPENCLAW_ERR_INVALID_REQUEST` for settings that are
 * wrong, `OPENCLAW_ERR_CONFIG` when neither text nor path is given and no home folder is known,
 * `OPENCLAW_ERR_INVALID_UTF8`, `OPENCLAW_ERR_INVALID_ARGUMENT`. Threads: any. Since 0.1.
 */
OPENCLAW_API
openclaw_status openclaw_config_check(const struct openclaw_config_source *source,
                                      struct openclaw_config_report **out,
                                      struct openclaw_error **err);

/**
 * 1 if OpenClaw accepts the configuration, else 0: no issue of it is an error. Of NULL: 0. Threads: any. Since 0.1.
 */
OPENCLAW_API int32_t openclaw_config_report_valid(const struct openclaw_config_report *report);

/**
 * The judgement as a status, for a host that needs a valid configuration: `OPENCLAW_OK`, or `OPENCLAW_ERR_CONFIG`
 * (`OPENCLAW_ERR_STORE` for a file that cannot be read) with an error that names the first problem and has all of
 * them, see `openclaw_error_issue`. Threads: any. Since 0.1.
 */
OPENCLAW_API
openclaw_status openclaw_config_report_status(const struct openclaw_config_report *report,
                                              struct openclaw_error **err);

/**
 * The file that was judged; empty for a text without one. Lives until the report is freed. Of NULL: empty. Threads:
 * any. Since 0.1.
 */
OPENCLAW_API struct openclaw_str openclaw_config_report_path(const struct openclaw_config_report *report);

/**
 * How many issues there are, errors and warnings. Of NULL: 0. Threads: any. Since 0.1.
 */
OPENCLAW_API size_t openclaw_config_report_issue_count(const struct openclaw_config_report *report);

/**
 * Writes issue `index`, from 0, in OpenClaw's order, to `*out`, whose `struct_size` is set.
 *
 * Errors: `OPENCLAW_ERR_INVALID_ARGUMENT` for a NULL, a struct that is too small, or an index that is too large.
 * Threads: any. Since 0.1.
 */
OPENCLAW_API
openclaw_status openclaw_config_report_issue(const struct openclaw_config_report *report,
                                             size_t index,
                                             struct openclaw_config_issue *out,
                                             struct openclaw_error **err);

/**
 * The issues for a person: each with its line of the file, a mark below it, and what may be meant; empty if there are
 * none. Texts in that line are blotted out. Lives until the report is freed. Of NULL: empty. Threads: any. Since 0.1.
 */
OPENCLAW_API struct openclaw_str openclaw_config_report_rendered(const struct openclaw_config_report *report);

/**
 * The report as a JSON object: `valid`, `issues`, `rendered`, and `path` if there is one. Lives until the report is
 * freed. Of NULL: empty. Threads: any. Since 0.1.
 */
OPENCLAW_API struct openclaw_str openclaw_config_report_to_json(const struct openclaw_config_report *report);

/**
 * Frees a report. NULL is ignored. Threads: any, once. Since 0.1.
 */
OPENCLAW_API void openclaw_config_report_free(struct openclaw_config_report *report);

/**
 * Works out how a configuration is repaired: unknown keys go, moved keys go where they belong, wrong addresses of the
 * Codex backend are set right; comments, order and everything else stay byte for byte. NULL is the file that OpenClaw
 * itself would read.
 *
 * `mode` is `OPENCLAW_REPAIR_DRY_RUN` or `OPENCLAW_REPAIR_WRITE`: then the file is written, whole or not at all, with
 * a backup beside it; a credential that a repair takes out is kept in a file of its own. Gives `OPENCLAW_OK` also when
 * something is left that cannot be repaired, see `openclaw_repair_valid`. `*out` becomes a result that the host owns.
 * Errors: `OPENCLAW_ERR_STORE` when a file cannot be read or written, or changed meanwhile; `OPENCLAW_ERR_CONFIG` for
 * an `assume_version` that is not known here; those of `openclaw_config_check`. Threads: any. Since 0.1.
 */
OPENCLAW_API
openclaw_status openclaw_config_repair(const struct openclaw_config_source *source,
                                       uint32_t mode,
                                       struct openclaw_repair **out,
                                       struct openclaw_error **err);

/**
 * 1 if OpenClaw accepts the repaired configuration, else 0. Of NULL: 0. Threads: any. Since 0.1.
 */
OPENCLAW_API int32_t openclaw_repair_valid(const struct openclaw_repair *result);

/**
 * How many things are repaired; 0 if there is nothing to do. Of NULL: 0. Threads: any. Since 0.1.
 */
OPENCLAW_API size_t openclaw_repair_change_count(const struct openclaw_repair *result);

/**
 * What changes, as a unified diff over all files; empty if nothing does. Secrets are blotted out. Lives until the
 * result is freed. Of NULL: empty. Threads: any. Since 0.1.
 */
OPENCLAW_API struct openclaw_str openclaw_repair_diff(const struct openclaw_repair *result);

/**
 * The repairs, the diff and what is left, for a person. Lives until the result is freed. Of NULL: empty. Threads: any.
 * Since 0.1.
 */
OPENCLAW_API struct openclaw_str openclaw_repair_rendered(const struct openclaw_repair *result);

/**
 * The repaired text, if a text was given; empty for a file. It may hold secrets. Lives until the result is freed. Of
 * NULL: empty. Threads: any. Since 0.1.
 */
OPENCLAW_API struct openclaw_str openclaw_repair_text(const struct openclaw_repair *result);

/**
 * The result as a JSON object: `changes`, `diff`, `before` and `after` (reports), `valid`, `withheld` (what only a
 * newer OpenClaw knows), `repaired` (the files that were written and their backups, or null), `rendered`, `path` if
 * there is one; of a text also `text` and `files`, which may hold secrets. Lives until the result is freed. Of NULL:
 * empty. Threads: any. Since 0.1.
 */
OPENCLAW_API struct openclaw_str openclaw_repair_to_json(const struct openclaw_repair *result);

/**
 * Frees a result. NULL is ignored. Threads: any, once. Since 0.1.
 */
OPENCLAW_API void openclaw_repair_free(struct openclaw_repair *result);

/**
 * The JSON Schema (draft 2020-12) of `openclaw.json` for OpenClaw 2026.4.5. It accepts whatever OpenClaw accepts;
 * rules over several keys are only in `openclaw_config_check`.
 *
 * Lives for ever. Threads: any. Since 0.1.
 */
OPENCLAW_API struct openclaw_str openclaw_config_schema_json(void);

/**
 * The version of this library, such as `0.1.0`; lives for ever. Compare it with `OPENCLAW_VERSION`, which is that of
 * the header. Threads: any. Since 0.1.
 */
OPENCLAW_API const char *openclaw_version(void);

/**
 * The same as a number: `major << 16 | minor << 8 | patch`. Threads: any. Since 0.1.
 */
OPENCLAW_API uint32_t openclaw_version_number(void);

/**
 * The number of the binary interface. A host can run with every library whose number is the header's
 * `OPENCLAW_ABI_VERSION`; the name of the shared library ends with it. Threads: any. Since 0.1.
 */
OPENCLAW_API uint32_t openclaw_abi_version(void);

/**
 * How this library was built, as a JSON object: `version`, `abi`, `openclaw_version` (whose configuration is known), `os`,
 * `arch`, `debug`, `testing`. Lives for ever.
 * Threads: any. Since 0.1.
 */
OPENCLAW_API
struct openclaw_str openclaw_build_info(void);

/**
 * Ends the threads of the library: calls under way end with `OPENCLAW_ERR_CLOSED`, then the threads are joined, for at
 * most `timeout_ms`.
 *
 * Needed only where a host, or its leak checker, wants no thread left; the end of the process does without. It is the
 * last word: threaded clients made afterwards are refused with `OPENCLAW_ERR_CLOSED`; handles must still be freed.
 * Threads: any, not inside a callback. Since 0.1.
 */
OPENCLAW_API void openclaw_global_shutdown(uint32_t timeout_ms);

/**
 * Judges one failure that was seen elsewhere: `line` is a JSON object with `provider`, `status` (a number or null),
 * `headers` (an object), `body` (a text) and, if known, `id` and `url`.
 *
 * `*out` becomes a JSON object with every field of `openclaw_error_to_json`, and the `id`; the host owns it. Errors:
 * `OPENCLAW_ERR_INVALID_REQUEST` when `line` is no such object, `OPENCLAW_ERR_INVALID_UTF8`. Threads: any. Since 0.1.
 */
OPENCLAW_API
openclaw_status openclaw_classify_json(struct openclaw_str line,
                                       struct openclaw_string **out,
                                       struct openclaw_error **err);

/**
 * The `data:` address of an image, from its bytes: what `image_url` of an input part takes.
 *
 * `media_type` may be empty for a PNG, JPEG, GIF or WebP. `*out` becomes a string that the host owns. Errors:
 * `OPENCLAW_ERR_INVALID_REQUEST` without bytes or when their type is neither seen nor named,
 * `OPENCLAW_ERR_INVALID_ARGUMENT`, `OPENCLAW_ERR_INVALID_UTF8`. Threads: any. Since 0.1.
 */
OPENCLAW_API
openclaw_status openclaw_image_url(const void *bytes,
                                   size_t len,
                                   struct openclaw_str media_type,
                                   struct openclaw_string **out,
                                   struct openclaw_error **err);

/**
 * Looks where the logins are, and reads certificates; opens no connection.
 *
 * `settings_json` is a JSON object with any of: `store` (an `auth-profiles.json`, an `auth.json` of the Codex command
 * line, or the folder of either program; that of OpenClaw unless given), `agent`, `share_codex_login`, `issuer` (the
 * login server of new logins), `application`, `proxy`, `ca_file`, `inline`; empty for the usual ones. `*out` becomes an
 * object that the host owns. Errors: `OPENCLAW_ERR_CONFIG` for settings that are wrong or do not fit each other,
 * `OPENCLAW_ERR_STORE`, `OPENCLAW_ERR_INVALID_UTF8`, `OPENCLAW_ERR_INVALID_ARGUMENT`. Threads: any. Since 0.1.
 */
OPENCLAW_API
openclaw_status openclaw_logins_new(struct openclaw_str settings_json,
                                    struct openclaw_logins **out,
                                    struct openclaw_error **err);

/**
 * Where the logins are: a path. Lives until the object is freed. Of NULL: empty. Threads: any. Since 0.1.
 */
OPENCLAW_API struct openclaw_str openclaw_logins_store(const struct openclaw_logins *logins);

/**
 * All logins, as a JSON object: `store`, `profiles`, `order` (by provider, where a person set one), `notes` (entries that
 * cannot be read, a newer store beside it).
 *
 * A profile has `id`, `provider`, `kind` (`oauth`, `token`, `api_key`), `state` (`usable`, `resting`, `expired`,
 * `refused`, `unusable`), `reasons`, `renewable`, `last_good`, `health`, and if they are known `until`, `expires_at` (Unix
 * seconds), `email`, `display_name`, `account_id`, `user_id`, `plan`, `issuer`, `kept_in`. Never a secret. `*out` becomes a
 * string that the host owns. Errors: `OPENCLAW_ERR_STORE`. Threads: any. Since 0.1.
 */
OPENCLAW_API
openclaw_status openclaw_logins_list_json(const struct openclaw_logins *logins,
                                          struct openclaw_string **out,
                                          struct openclaw_error **err);

/**
 * One login, as a JSON object: see `openclaw_logins_list_json`. `*out` becomes a string that the host owns. Errors:
 * `OPENCLAW_ERR_CONFIG` when there is none of this name; `OPENCLAW_ERR_STORE`. Threads: any. Since 0.1.
 */
OPENCLAW_API
openclaw_status openclaw_logins_profile_json(const struct openclaw_logins *logins,
                                             struct openclaw_str profile,
                                             struct openclaw_string **out,
                                             struct openclaw_error **err);

/**
 * Deletes a login from the store and from `openclaw.json`. Its login server is not told, see `openclaw_logins_sign_out`.
 *
 * `*out` becomes a JSON object with `id`, `store`, `written` (the configuration files that changed); the host owns it.
 * Errors: `OPENCLAW_ERR_CONFIG` when there is none of this name; `OPENCLAW_ERR_STORE`. Threads: any. Since 0.1.
 */
OPENCLAW_API
openclaw_status openclaw_logins_remove(const struct openclaw_logins *logins,
                                       struct openclaw_str profile,
                                       struct openclaw_string **out,
                                       struct openclaw_error **err);

/**
 * Merges logins of one person in one account, which older versions of OpenClaw left behind. `mode` is
 * `OPENCLAW_REPAIR_DRY_RUN` or `OPENCLAW_REPAIR_WRITE`.
 *
 * `*out` becomes a JSON array, one object for each login that took another's place: `profile`, `retired`, `replaced`,
 * `kept`, `unknown`, `store`, `written`, `notes`; then, with nothing in `replaced`, one for each login that stays because it
 * fits the different ones in `unknown`. The host owns it. Errors: `OPENCLAW_ERR_STORE`. Threads: any. Since 0.1.
 */
OPENCLAW_API
openclaw_status openclaw_logins_repair(const struct openclaw_logins *logins,
                                       uint32_t mode,
                                       struct openclaw_string **out,
                                       struct openclaw_error **err);

/**
 * Forgets the faults of a login, of all logins of a provider if `profile` is empty, or of all if both are: rests,
 * counters, and that a refresh was refused.
 *
 * `*out` becomes a JSON array with the names of those that had any; the host owns it. Errors: `OPENCLAW_ERR_CONFIG` when
 * there is no login of this name; `OPENCLAW_ERR_STORE`. Threads: any. Since 0.1.
 */
OPENCLAW_API
openclaw_status openclaw_logins_clear_health(const struct openclaw_logins *logins,
                                             struct openclaw_str profile,
                                             struct openclaw_str provider,
                                             struct openclaw_string **out,
                                             struct openclaw_error **err);

/**
 * Sets the order in which the logins of a provider are asked: `order_json` is a JSON array of their names; empty or
 * `null` takes the order away. Logins that it does not name are not asked at all.
 *
 * Errors: `OPENCLAW_ERR_CONFIG` for a name that is none of a login of this provider; `OPENCLAW_ERR_STORE`. Threads: any.
 * Since 0.1.
 */
OPENCLAW_API
openclaw_status openclaw_logins_set_order(const struct openclaw_logins *logins,
                                          struct openclaw_str provider,
                                          struct openclaw_str order_json,
                                          struct openclaw_error **err);

/**
 * Refreshes a login now; with `if_due` not 0 only if it ends within 5 minutes. Waits for at most `timeout_ms`; for ever
 * if negative. All who refresh a login at once, in this process and in others, spend one refresh token.
 *
 * `*out` becomes a JSON object with `how` (`refreshed`; `adopted` when another process was quicker; `still_good`) and
 * `profile`; the host owns it. Errors: `OPENCLAW_ERR_AUTH_EXPIRED` and `OPENCLAW_ERR_AUTH_INVALID` with the advice
 * `sign_in` when only a person can renew it; `OPENCLAW_ERR_CONFIG` for a key; `OPENCLAW_ERR_WAIT_TIMEOUT`;
 * `OPENCLAW_ERR_STORE`; those of the network. Threads: any. Since 0.1.
 */
OPENCLAW_API
openclaw_status openclaw_logins_refresh(const struct openclaw_logins *logins,
                                        struct openclaw_str profile,
                                        int32_t if_due,
                                        int64_t timeout_ms,
                                        struct openclaw_string **out,
                                        struct openclaw_error **err);

/**
 * Withdraws a login at its own login server and deletes it from the store and from `openclaw.json`; it is deleted also
 * when the login server cannot be asked. An empty `profile` is the only sign-in that is stored. Waits for at most
 * `timeout_ms`; for ever if negative.
 *
 * `*out` becomes a JSON object with `id`, `store`, `written`, `revoked`, `notes` (what a person should know besides), and if
 * it was not withdrawn `not_revoked`, which says why; the host owns it. Errors: those of `openclaw_logins_remove`; `OPENCLAW_ERR_WAIT_TIMEOUT`. Threads: any. Since
 * 0.1.
 */
OPENCLAW_API
openclaw_status openclaw_logins_sign_out(const struct openclaw_logins *logins,
                                         struct openclaw_str profile,
                                         int64_t timeout_ms,
                                         struct openclaw_string **out,
                                         struct openclaw_error **err);

/**
 * Frees the object; sign-ins of it go on. NULL is ignored. Threads: any, once, while nothing else uses it. Since 0.1.
 */
OPENCLAW_API void openclaw_logins_free(struct openclaw_logins *logins);

/**
 * Makes a client around a provider that the host writes. Of `options` only the time limits, `max_retries`,
 * `retry_budget_ms` and the runtime are for it; NULL options are the usual ones.
 *
 * `*out` becomes a client that the host owns. From then on the library owns `user_data`; after a failure it does not.
 * Errors: `OPENCLAW_ERR_CONFIG` for a setting that only a provider of the library takes, for `id` and for
 * `capabilities_json`; `OPENCLAW_ERR_INVALID_ARGUMENT`, also without `stream`; `OPENCLAW_ERR_INVALID_UTF8`. Threads: any.
 * Since 0.1.
 */
OPENCLAW_API
openclaw_status openclaw_client_new_with_provider(const struct openclaw_client_options *options,
                                                  const struct openclaw_provider *provider,
                                                  struct openclaw_client **out,
                                                  struct openclaw_error **err);

/**
 * Makes a client whose tokens, or API keys, come from the host. `options` as in `openclaw_client_new`, without `token` and
 * `api_key`.
 *
 * `*out` becomes a client that the host owns. From then on the library owns `user_data`; after a failure it does not.
 * Errors: those of `openclaw_client_new`; `OPENCLAW_ERR_INVALID_ARGUMENT` also without `token`. Threads: any. Since 0.1.
 */
OPENCLAW_API
openclaw_status openclaw_client_new_with_tokens(const struct openclaw_client_options *options,
                                                const struct openclaw_token_source *tokens,
                                                struct openclaw_client **out,
                                                struct openclaw_error **err);

/**
 * Gives a piece of the text of the answer. The library makes the item around it.
 *
 * Errors: `OPENCLAW_ERR_CANCELLED` when nobody wants it any more: stop working on it; `OPENCLAW_ERR_CLOSED` after the end;
 * `OPENCLAW_ERR_WOULD_BLOCK` when thousands of pieces wait, see `openclaw_reply_wait`; `OPENCLAW_ERR_INVALID_ARGUMENT` for
 * a reply that is not for a stream; `OPENCLAW_ERR_INVALID_UTF8`. Threads: any. Since 0.1.
 */
OPENCLAW_API
openclaw_status openclaw_reply_text(const struct openclaw_reply *reply,
                                    struct openclaw_str text,
                                    struct openclaw_error **err);

/**
 * Gives an event in its JSON form, as `openclaw_stream_event_json` writes it, or a whole item such as
 * `{"type":"function_call","call_id":"c","name":"f","arguments":"{}"}`. Of a delta without `item_id` the library makes the
 * item. `{"type":"completed"}` ends the answer and may say `finish_reason` and `usage`; every field may be left out.
 *
 * Errors: those of `openclaw_reply_text`; `OPENCLAW_ERR_INVALID_ARGUMENT` for what is no event: the message names what is
 * wrong, and the call goes on. Threads: any. Since 0.1.
 */
OPENCLAW_API
openclaw_status openclaw_reply_event_json(const struct openclaw_reply *reply,
                                          struct openclaw_str json,
                                          struct openclaw_error **err);

/**
 * Ends the answer of a stream well. Errors: those of `openclaw_reply_text`. Threads: any. Since 0.1.
 */
OPENCLAW_API openclaw_status openclaw_reply_done(const struct openclaw_reply *reply, struct openclaw_error **err);

/**
 * Ends the call with an error. `kind` is one of `OPENCLAW_ERR_EDGE_BLOCKED` (-1) to `OPENCLAW_ERR_UNKNOWN` (-23); secrets
 * are taken out of `message`.
 *
 * Errors: `OPENCLAW_ERR_CANCELLED`, `OPENCLAW_ERR_CLOSED` as `openclaw_reply_text`; `OPENCLAW_ERR_INVALID_ARGUMENT` for a
 * `kind` that is none. Threads: any. Since 0.1.
 */
OPENCLAW_API
openclaw_status openclaw_reply_fail(const struct openclaw_reply *reply,
                                    openclaw_status kind,
                                    struct openclaw_str message,
                                    struct openclaw_error **err);

/**
 * The same with all that the host knows: an error in the form of `openclaw_error_to_json`; `kind` and `message` are enough.
 *
 * Errors: as `openclaw_reply_fail`. Threads: any. Since 0.1.
 */
OPENCLAW_API
openclaw_status openclaw_reply_fail_json(const struct openclaw_reply *reply,
                                         struct openclaw_str json,
                                         struct openclaw_error **err);

/**
 * Answers with the models of a provider: a JSON array of names, or of objects as `openclaw_client_models_json` gives them.
 *
 * Errors: `OPENCLAW_ERR_CANCELLED`, `OPENCLAW_ERR_CLOSED` as `openclaw_reply_text`; `OPENCLAW_ERR_INVALID_ARGUMENT` for
 * what is no such list, and for another reply. Threads: any. Since 0.1.
 */
OPENCLAW_API
openclaw_status openclaw_reply_models_json(const struct openclaw_reply *reply,
                                           struct openclaw_str json,
                                           struct openclaw_error **err);

/**
 * Answers with a token, or an API key. `account_id` may be empty: then it is read from the token. `expires_at` is in Unix
 * seconds; 0 if it is not known.
 *
 * Errors: `OPENCLAW_ERR_CANCELLED`, `OPENCLAW_ERR_CLOSED` as `openclaw_reply_text`; `OPENCLAW_ERR_INVALID_ARGUMENT` for a
 * token that is empty or has a space in it, a negative time, and another reply; `OPENCLAW_ERR_INVALID_UTF8`. No message
 * ever shows the token. Threads: any. Since 0.1.
 */
OPENCLAW_API
openclaw_status openclaw_reply_token(const struct openclaw_reply *reply,
                                     struct openclaw_str token,
                                     struct openclaw_str account_id,
                                     int64_t expires_at,
                                     struct openclaw_error **err);

/**
 * Waits until a further piece is welcome, for at most `timeout_ms`; for ever if negative. A host that waits before each
 * piece never has more than a few dozen that nobody read. Not inside the function that got the reply: there nobody reads.
 *
 * Errors: `OPENCLAW_ERR_WAIT_TIMEOUT`; `OPENCLAW_ERR_CANCELLED` when nobody wants the answer any more. Threads: any. Since
 * 0.1.
 */
OPENCLAW_API
openclaw_status openclaw_reply_wait(const struct openclaw_reply *reply,
                                    int64_t timeout_ms,
                                    struct openclaw_error **err);

/**
 * Whether somebody still waits for the answer: 1, or 0 after its end and when the call was cancelled. Of NULL: 0. Threads:
 * any. Since 0.1.
 */
OPENCLAW_API
int32_t openclaw_reply_wanted(const struct openclaw_reply *reply);

/**
 * Frees a reply. Without an end before, its call fails. NULL is ignored. Threads: any, once. Since 0.1.
 */
OPENCLAW_API void openclaw_reply_free(struct openclaw_reply *reply);

/**
 * Makes an empty request. `*out` becomes a request that the host owns. Errors: `OPENCLAW_ERR_INVALID_ARGUMENT`.
 * Threads: any. Since 0.1.
 */
OPENCLAW_API openclaw_status openclaw_request_new(struct openclaw_request **out, struct openclaw_error **err);

/**
 * Makes a request of a JSON object: `model`, `instructions`, `input` (a text or a list of items), `tools`,
 * `tool_choice`, `parallel_tool_calls`, `reasoning` or, for short, `effort`, `text`, `service_tier`, `session_id`, `max_output_tokens`,
 * `temperature`, `top_p`, `extra`. Without a model the first one of the provider's list is asked.
 *
 * `*out` becomes a request that the host owns. Errors: `OPENCLAW_ERR_INVALID_REQUEST`, which names the field;
 * `OPENCLAW_ERR_INVALID_UTF8`. Threads: any. Since 0.1.
 */
OPENCLAW_API
openclaw_status openclaw_request_from_json(struct openclaw_str json,
                                           struct openclaw_request **out,
                                           struct openclaw_error **err);

/**
 * Frees a request. Calls that it was used for go on. NULL is ignored. Threads: any, once. Since 0.1.
 */
OPENCLAW_API void openclaw_request_free(struct openclaw_request *request);

/**
 * Sets the model. Errors: `OPENCLAW_ERR_INVALID_UTF8`. Threads: one at a time. Since 0.1.
 */
OPENCLAW_API
openclaw_status openclaw_request_set_model(const struct openclaw_request *request,
                                           struct openclaw_str model,
                                           struct openclaw_error **err);

/**
 * Sets the instructions, also known as the system prompt. Errors: `OPENCLAW_ERR_INVALID_UTF8`. Threads: one at a time.
 * Since 0.1.
 */
OPENCLAW_API
openclaw_status openclaw_request_set_instructions(const struct openclaw_request *request,
                                                  struct openclaw_str instructions,
                                                  struct openclaw_error **err);

/**
 * Sets the input to one message of a person. Errors: `OPENCLAW_ERR_INVALID_UTF8`. Threads: one at a time. Since 0.1.
 */
OPENCLAW_API
openclaw_status openclaw_request_set_input_text(const struct openclaw_request *request,
                                                struct openclaw_str prompt,
                                                struct openclaw_error **err);

/**
 * Sets the input to a JSON array of items: the history of a conversation, with images and results of tools. Errors:
 * `OPENCLAW_ERR_INVALID_REQUEST`, which names what is wrong; `OPENCLAW_ERR_INVALID_UTF8`. Threads: one at a time.
 * Since 0.1.
 */
OPENCLAW_API
openclaw_status openclaw_request_set_input_json(const struct openclaw_request *request,
                                                struct openclaw_str items,
                                                struct openclaw_error **err);

/**
 * Sets the tools, a JSON array such as
 * `[{"type":"function","name":"f","parameters":{}}]`. Errors: `OPENCLAW_ERR_INVALID_REQUEST`, which names
 * what is wrong; `OPENCLAW_ERR_INVALID_UTF8`. Threads: one at a time. Since 0.1.
 */
OPENCLAW_API
openclaw_status openclaw_request_set_tools_json(const struct openclaw_request *request,
                                                struct openclaw_str tools,
                                                struct openclaw_error **err);

/**
 * Sets any field of the request (see `openclaw_request_from_json`) to a JSON value. Errors:
 * `OPENCLAW_ERR_INVALID_REQUEST`, which names what is wrong; `OPENCLAW_ERR_INVALID_UTF8`. Threads: one at a time.
 * Since 0.1.
 */
OPENCLAW_API
openclaw_status openclaw_request_set_field_json(const struct openclaw_request *request,
                                                struct openclaw_str name,
                                                struct openclaw_str json,
                                                struct openclaw_error **err);

/**
 * Sets an option of the calls to a JSON value: `timeout_ms`, `first_byte_timeout_ms`, `idle_timeout_ms`,
 * `max_retries`, `retry_budget_ms`, `retry_base_delay_ms`, `strict`, `turn_state`, `headers`. Errors:
 * `OPENCLAW_ERR_INVALID_REQUEST`, which names what is wrong; `OPENCLAW_ERR_INVALID_UTF8`. Threads: one at a time.
 * Since 0.1.
 */
OPENCLAW_API
openclaw_status openclaw_request_set_option_json(const struct openclaw_request *request,
                                                 struct openclaw_str name,
                                                 struct openclaw_str json,
                                                 struct openclaw_error **err);

/**
 * Appends a message of a person to the input. Errors: `OPENCLAW_ERR_INVALID_UTF8`. Threads: one at a time. Since 0.1.
 */
OPENCLAW_API
openclaw_status openclaw_request_add_text(const struct openclaw_request *request,
                                          struct openclaw_str prompt,
                                          struct openclaw_error **err);

/**
 * Appends an item, a JSON object, to the input. Errors: `OPENCLAW_ERR_INVALID_REQUEST`, which names
 * what is wrong; `OPENCLAW_ERR_INVALID_UTF8`. Threads: one at a time. Since 0.1.
 */
OPENCLAW_API
openclaw_status openclaw_request_add_item_json(const struct openclaw_request *request,
                                               struct openclaw_str item,
                                               struct openclaw_error **err);

/**
 * Appends the result of a tool call to the input; `call_id` is that of the event. Errors:
 * `OPENCLAW_ERR_INVALID_REQUEST`, which names what is wrong; `OPENCLAW_ERR_INVALID_UTF8`. Threads: one at a time.
 * Since 0.1.
 */
OPENCLAW_API
openclaw_status openclaw_request_add_tool_result(const struct openclaw_request *request,
                                                 struct openclaw_str call_id,
                                                 struct openclaw_str output,
                                                 struct openclaw_error **err);

/**
 * Sets a header of the calls, in addition to those of the library. Errors: `OPENCLAW_ERR_INVALID_UTF8`. Threads: one
 * at a time. Since 0.1.
 */
OPENCLAW_API
openclaw_status openclaw_request_set_header(const struct openclaw_request *request,
                                            struct openclaw_str name,
                                            struct openclaw_str value,
                                            struct openclaw_error **err);

/**
 * Limits a whole call, its repeats included. Threads: one at a time. Since 0.1.
 */
OPENCLAW_API
openclaw_status openclaw_request_set_timeout_ms(const struct openclaw_request *request,
                                                uint64_t timeout_ms,
                                                struct openclaw_error **err);

/**
 * Appends the items of a finished answer to the input: the next turn of a conversation. Errors:
 * `OPENCLAW_ERR_NOT_ENDED`; the error of the stream if it failed. Threads: one at a time for the request, any for the
 * stream. Since 0.1.
 */
OPENCLAW_API
openclaw_status openclaw_request_add_answer(const struct openclaw_request *request,
                                            const struct openclaw_stream *stream,
                                            struct openclaw_error **err);

/**
 * The request as a JSON object, as it will be asked. `*out` becomes a string that the host owns. Threads: one at a
 * time. Since 0.1.
 */
OPENCLAW_API
openclaw_status openclaw_request_json(const struct openclaw_request *request,
                                      struct openclaw_string **out,
                                      struct openclaw_error **err);

/**
 * Signs a person in with ChatGPT. The host takes the steps with `openclaw_sign_in_next`, on its own thread; nothing of
 * the library calls it.
 *
 * `settings_json` is a JSON object with any of: `method` (`browser`, `paste`, `device`), `provider` (`openai-codex`, or
 * `openai` for plan sharing), `ask` (whether the host can ask for what the page sent back; with `paste` it must),
 * `timeout_ms`, `callback_ports`, `workspaces`, `login_hint`, `host_id`; empty for a browser. Proxy, certificates, login
 * server and the application's name are those of `logins`. `*out` becomes a sign-in that the host owns. Errors:
 * `OPENCLAW_ERR_CONFIG` for settings that no sign-in can follow. Threads: any. Since 0.1.
 */
OPENCLAW_API
openclaw_status openclaw_sign_in_start(const struct openclaw_logins *logins,
                                       struct openclaw_str settings_json,
                                       struct openclaw_sign_in **out,
                                       struct openclaw_error **err);

/**
 * Takes the next step, waiting for at most `timeout_ms`: for ever if negative, not at all if 0.
 *
 * Gives `OPENCLAW_EVENT` when `*step` was filled, `OPENCLAW_OK` when the person is signed in and the login is stored (see
 * `openclaw_sign_in_result_json`), else a failure: `OPENCLAW_ERR_WAIT_TIMEOUT` (`OPENCLAW_ERR_WOULD_BLOCK` if 0) when
 * nothing came yet, `OPENCLAW_ERR_BUSY` while another thread takes a step, and when the sign-in failed its error, every
 * time it is asked again: `OPENCLAW_ERR_CANCELLED` when the person declined or the host cancelled, `OPENCLAW_ERR_TIMEOUT`
 * when nobody finished it in time. With `inline` the sign-in goes on only in here. Threads: one at a time. Since 0.1.
 */
OPENCLAW_API
OPENCLAW_NODISCARD
openclaw_status openclaw_sign_in_next(const struct openclaw_sign_in *sign_in,
                                      int64_t timeout_ms,
                                      struct openclaw_sign_in_step *step,
                                      struct openclaw_error **err);

/**
 * Answers an `OPENCLAW_SIGN_IN_ASK`: `text` is the whole address of the page that came, its query, `code#state`, or the
 * code. Whether it is right comes out of `openclaw_sign_in_next`. After the end it is ignored.
 *
 * Errors: `OPENCLAW_ERR_INVALID_UTF8`, `OPENCLAW_ERR_INVALID_ARGUMENT`. Threads: any. Since 0.1.
 */
OPENCLAW_API
openclaw_status openclaw_sign_in_answer(const struct openclaw_sign_in *sign_in,
                                        struct openclaw_str text,
                                        struct openclaw_error **err);

/**
 * What the sign-in came to, as a JSON object: `profile` (see `openclaw_logins_list_json`), `store`, `id`, `replaced` and
 * `retired` (profiles of the same person whose place it took), `kept`, `unknown` (profiles of which nobody can tell whether
 * they are the same login), `written` (the configuration files that changed), `notes` (what a person should know besides,
 * such as why a configuration could not be changed). Nothing of it is secret. Lives until the sign-in is freed.
 *
 * Errors: `OPENCLAW_ERR_NOT_ENDED` before `openclaw_sign_in_next` gave `OPENCLAW_OK`. Threads: any. Since 0.1.
 */
OPENCLAW_API
openclaw_status openclaw_sign_in_result_json(const struct openclaw_sign_in *sign_in,
                                             struct openclaw_str *out,
                                             struct openclaw_error **err);

/**
 * Ends a sign-in: when this returns, the port of its callback is free. What was stored stays; does nothing after the end.
 * NULL is ignored. Threads: any, also while another thread waits for a step. Since 0.1.
 */
OPENCLAW_API
void openclaw_sign_in_cancel(const struct openclaw_sign_in *sign_in);

/**
 * Frees a sign-in, and cancels it if it has not ended. NULL is ignored. Threads: any, once, while nothing else uses it.
 * Since 0.1.
 */
OPENCLAW_API void openclaw_sign_in_free(struct openclaw_sign_in *sign_in);

/**
 * Starts a call. It goes out on its own in a threaded client, with the first `openclaw_stream_next` in an inline one.
 *
 * `*out` becomes a stream that the host owns; the request can be freed or changed at once. Errors: what is wrong with
 * the request as a whole; everything that goes wrong on the way arrives in the stream. Threads: any for the client,
 * one at a time for the request. Since 0.1.
 */
OPENCLAW_API
openclaw_status openclaw_client_stream(const struct openclaw_client *client,
                                       const struct openclaw_request *request,
                                       struct openclaw_stream **out,
                                       struct openclaw_error **err);

/**
 * Takes the next event, waiting for at most `timeout_ms`: for ever if negative, not at all if 0.
 *
 * Gives `OPENCLAW_EVENT` when `*event` was filled, `OPENCLAW_OK` when the answer is complete, else a failure:
 * `OPENCLAW_ERR_WAIT_TIMEOUT` (`OPENCLAW_ERR_WOULD_BLOCK` if 0) when nothing came yet, `OPENCLAW_ERR_BUSY` while
 * another thread reads, and when the call failed its error, every time it is asked again. The texts of the event live
 * until the next call that takes events of this stream. Threads: one at a time. Since 0.1.
 */
OPENCLAW_API
OPENCLAW_NODISCARD
openclaw_status openclaw_stream_next(const struct openclaw_stream *stream,
                                     int64_t timeout_ms,
                                     struct openclaw_event *event,
                                     struct openclaw_error **err);

/**
 * `openclaw_stream_next` without waiting: for hosts with a loop, see `openclaw_client_fd`. Threads: one at a time.
 * Since 0.1.
 */
OPENCLAW_API
OPENCLAW_NODISCARD
openclaw_status openclaw_stream_try_next(const struct openclaw_stream *stream,
                                         struct openclaw_event *event,
                                         struct openclaw_error **err);

/**
 * Takes up to `capacity` events at once, at most 64, waiting for the first one as `openclaw_stream_next` does.
 *
 * `events` is an array whose elements are `stride` bytes apart: `sizeof *events`. Elements need no initialisation;
 * `struct_size` is set. `*count` becomes the number of events that were written. The texts of all of them live until
 * the next call that takes events of this stream. Gives what `openclaw_stream_next` gives. Threads: one at a time.
 * Since 0.1.
 */
OPENCLAW_API
OPENCLAW_NODISCARD
openclaw_status openclaw_stream_next_batch(const struct openclaw_stream *stream,
                                           int64_t timeout_ms,
                                           struct openclaw_event *events,
                                           size_t capacity,
                                           size_t stride,
                                           size_t *count,
                                           struct openclaw_error **err);

/**
 * The JSON form of event `index` of those that were taken last: 0 after `openclaw_stream_next`, and in a callback.
 *
 * `*out` lives as long as the texts of the event. Errors: `OPENCLAW_ERR_INVALID_ARGUMENT` when there is no such event,
 * `OPENCLAW_ERR_BUSY`. Threads: the one that reads. Since 0.1.
 */
OPENCLAW_API
openclaw_status openclaw_stream_event_json(const struct openclaw_stream *stream,
                                           size_t index,
                                           struct openclaw_str *out,
                                           struct openclaw_error **err);

/**
 * Takes and drops all events until the answer is there, waiting for at most `timeout_ms` for each; for ever if
 * negative.
 *
 * Gives `OPENCLAW_OK` when it is complete, else as `openclaw_stream_next`. Threads: one at a time. Since 0.1.
 */
OPENCLAW_API
OPENCLAW_NODISCARD
openclaw_status openclaw_stream_finish(const struct openclaw_stream *stream,
                                       int64_t timeout_ms,
                                       struct openclaw_error **err);

/**
 * Ends the call: what was not taken is gone, and the stream fails with `OPENCLAW_ERR_CANCELLED`. Does nothing after
 * the end, and nothing the second time. NULL is ignored. Threads: any, also inside a callback and while another thread
 * waits. Since 0.1.
 */
OPENCLAW_API void openclaw_stream_cancel(const struct openclaw_stream *stream);

/**
 * Makes the stream not ready, whatever waits in it: the client's descriptor, `openclaw_client_poll`,
 * `openclaw_client_ready_stream` and `openclaw_client_dispatch` leave it out, and soon its connection is not read any
 * more. The call's time limits go on, but not those for the pause between two bytes. NULL is ignored. Threads: any.
 * Since 0.1.
 */
OPENCLAW_API void openclaw_stream_pause(const struct openclaw_stream *stream);

/**
 * Ends a pause. NULL is ignored. Threads: any. Since 0.1.
 */
OPENCLAW_API void openclaw_stream_resume(const struct openclaw_stream *stream);

/**
 * How the call stands: `OPENCLAW_STREAM_…`. Known before the events are taken that came before the end. Of NULL:
 * running. Threads: any. Since 0.1.
 */
OPENCLAW_API int32_t openclaw_stream_state(const struct openclaw_stream *stream);

/**
 * How the call ended, any number of times: `OPENCLAW_OK`, `OPENCLAW_ERR_NOT_ENDED`, or its error. Threads: any. Since
 * 0.1.
 */
OPENCLAW_API openclaw_status openclaw_stream_status(const struct openclaw_stream *stream, struct openclaw_error **err);

/**
 * What is known of the call by now, as a JSON object: `began`; once `OPENCLAW_EVENT_OPENED` was taken or the call ended
 * `request_id`, `cf_ray`, `model`, `profile`, `http_status`, `headers` (pairs of name and value, without credentials and
 * cookies), `attempts` (the tries that failed before), and what else the head of the answer said.
 *
 * `*out` becomes a string that the host owns. Threads: any. Since 0.1.
 */
OPENCLAW_API
openclaw_status openclaw_stream_info_json(const struct openclaw_stream *stream,
                                          struct openclaw_string **out,
                                          struct openclaw_error **err);

/**
 * The whole answer as a JSON object, any number of times. `*out` lives until the stream is freed. Errors:
 * `OPENCLAW_ERR_NOT_ENDED`; the error of the call. Threads: any. Since 0.1.
 */
OPENCLAW_API
openclaw_status openclaw_stream_final_json(const struct openclaw_stream *stream,
                                           struct openclaw_str *out,
                                           struct openclaw_error **err);

/**
 * All text that the model wrote, any number of times. `*out` lives until the stream is freed. Errors:
 * `OPENCLAW_ERR_NOT_ENDED`; the error of the call. Threads: any. Since 0.1.
 */
OPENCLAW_API
openclaw_status openclaw_stream_text(const struct openclaw_stream *stream,
                                     struct openclaw_str *out,
                                     struct openclaw_error **err);

/**
 * Keeps a pointer of the host's with the stream. It is not looked at and not freed. NULL is ignored. Threads: any.
 * Since 0.1.
 */
OPENCLAW_API void openclaw_stream_set_user_data(const struct openclaw_stream *stream, void *user_data);

/**
 * The pointer that was kept; NULL unless one was. Of NULL: NULL. Threads: any. Since 0.1.
 */
OPENCLAW_API void *openclaw_stream_user_data(const struct openclaw_stream *stream);

/**
 * Counts the streams of a client from 0: a name for logs. Of NULL: 0. Threads: any. Since 0.1.
 */
OPENCLAW_API uint64_t openclaw_stream_number(const struct openclaw_stream *stream);

/**
 * Frees a stream, and cancels its call if it is under way. NULL is ignored.
 *
 * If another thread is in its callback, waits for its return, and until then the callback can use the stream; then
 * calls `user_data_free`. No callback of it runs when this returns. Inside its own callback it can be called too;
 * `user_data_free` then follows the callback. Two callbacks that free each other's stream at the same time would wait
 * for ever. Threads: any, once, while nothing else uses the stream but `openclaw_client_dispatch` and its callback.
 * Since 0.1.
 */
OPENCLAW_API void openclaw_stream_free(struct openclaw_stream *stream);

/**
 * Starts a server on a free port of 127.0.0.1.
 *
 * `scenario` is one of `plain`, `tool_call`, `usage_limit`, `overloaded`, `context_overflow`, `truncated`, `stall`,
 * `challenge`, `waf`, `captive_portal`, `slow`; `plain` if empty. `script_json`, if not empty, is a script that goes
 * before it (see docs of openclaw-core). `*out` becomes a server that the host owns. Errors:
 * `OPENCLAW_ERR_UNSUPPORTED` if the library was built without it, `OPENCLAW_ERR_CONFIG` for a script that is wrong.
 * Threads: any. Since 0.1.
 */
OPENCLAW_API
openclaw_status openclaw_test_server_start(struct openclaw_str scenario,
                                           struct openclaw_str script_json,
                                           struct openclaw_test_server **out,
                                           struct openclaw_error **err);

/**
 * The base URL for a ChatGPT-plan client. Lives as long as the server. Of NULL: empty. Threads: any. Since 0.1.
 */
OPENCLAW_API struct openclaw_str openclaw_test_server_url(const struct openclaw_test_server *server);

/**
 * The base URL for a client with an API key; any key that begins with `sk-` is good. Lives as long as the server. Of
 * NULL: empty. Threads: any. Since 0.1.
 */
OPENCLAW_API struct openclaw_str openclaw_test_server_platform_url(const struct openclaw_test_server *server);

/**
 * A forged ChatGPT token that the server takes. Lives as long as the server. Of NULL: empty. Threads: any. Since 0.1.
 */
OPENCLAW_API struct openclaw_str openclaw_test_server_token(const struct openclaw_test_server *server);

/**
 * The address of the login server, for `issuer` of `openclaw_logins_new`. Lives as long as the server. Of NULL: empty.
 * Threads: any. Since 0.1.
 */
OPENCLAW_API struct openclaw_str openclaw_test_server_issuer_url(const struct openclaw_test_server *server);

/**
 * Clicks on the sign-in page of `url`, as the person would: to continue if `allow` is not 0, else to deny.
 *
 * `*out` becomes the address that the browser is sent to then, which a test opens or pastes; the host owns it. Errors:
 * `OPENCLAW_ERR_CONFIG` when `url` is none of a sign-in page. Threads: any. Since 0.1.
 */
OPENCLAW_API
openclaw_status openclaw_test_server_decide_sign_in(const struct openclaw_test_server *server,
                                                    struct openclaw_str url,
                                                    int32_t allow,
                                                    struct openclaw_string **out,
                                                    struct openclaw_error **err);

/**
 * Types a device code, as the person would, and continues if `allow` is not 0, else denies. Errors:
 * `OPENCLAW_ERR_INVALID_ARGUMENT` when no sign-in waits with this code. Threads: any. Since 0.1.
 */
OPENCLAW_API
openclaw_status openclaw_test_server_decide_device(const struct openclaw_test_server *server,
                                                   struct openclaw_str code,
                                                   int32_t allow,
                                                   struct openclaw_error **err);

/**
 * Lets the next `times` requests for tokens, device codes and revocations meet a fault, such as `refresh_token_expired`,
 * `edge_block`, `unavailable`, `stall`. Errors: `OPENCLAW_ERR_INVALID_ARGUMENT`, which names them all. Threads: any. Since
 * 0.1.
 */
OPENCLAW_API
openclaw_status openclaw_test_server_fail_sign_in(const struct openclaw_test_server *server,
                                                  struct openclaw_str fault,
                                                  uint32_t times,
                                                  struct openclaw_error **err);

/**
 * What the login server was asked, as a JSON object of numbers: `sign_in_pages`, `exchanges`, `refreshes`, `reused`,
 * `device_codes`, `device_polls`, `revocations`, `api_keys`. `*out` becomes a string that the host owns. Threads: any. Since
 * 0.1.
 */
OPENCLAW_API
openclaw_status openclaw_test_server_issuer_counts_json(const struct openclaw_test_server *server,
                                                        struct openclaw_string **out,
                                                        struct openclaw_error **err);

/**
 * Changes what calls get from now on: `scenario`, `script_json`, or both, as in `openclaw_test_server_start`. Errors:
 * `OPENCLAW_ERR_INVALID_ARGUMENT`, `OPENCLAW_ERR_CONFIG`. Threads: any. Since 0.1.
 */
OPENCLAW_API
openclaw_status openclaw_test_server_play(const struct openclaw_test_server *server,
                                          struct openclaw_str scenario,
                                          struct openclaw_str script_json,
                                          struct openclaw_error **err);

/**
 * The requests that came so far, as a JSON array; credentials are masked. `*out` becomes a string that the host owns.
 * Threads: any. Since 0.1.
 */
OPENCLAW_API
openclaw_status openclaw_test_server_requests_json(const struct openclaw_test_server *server,
                                                   struct openclaw_string **out,
                                                   struct openclaw_error **err);

/**
 * How many connections are open now. Of NULL: 0. Threads: any. Since 0.1.
 */
OPENCLAW_API size_t openclaw_test_server_open_connections(const struct openclaw_test_server *server);

/**
 * Waits until exactly `count` connections are open, for at most 10 s: 0 proves that a cancelled call closed its own.
 * Errors: `OPENCLAW_ERR_TIMEOUT`. Threads: any. Since 0.1.
 */
OPENCLAW_API
openclaw_status openclaw_test_server_wait_connections(const struct openclaw_test_server *server,
                                                      size_t count,
                                                      struct openclaw_error **err);

/**
 * Stops a server. NULL is ignored. Threads: any, once. Since 0.1.
 */
OPENCLAW_API void openclaw_test_server_free(struct openclaw_test_server *server);

/**
 * Lets the events of a stream go to a callback. From then on only `openclaw_client_dispatch` takes them.
 *
 * `user_data_free` may be NULL; else it is called exactly once with `user_data`, when the stream is freed. On failure
 * it is not called. Errors: `OPENCLAW_ERR_BUSY` if there is a callback already, `OPENCLAW_ERR_UNSUPPORTED` for a
 * stream of an inline client, `OPENCLAW_ERR_INVALID_ARGUMENT`. Threads: the one that reads. Since 0.1.
 */
OPENCLAW_API
openclaw_status openclaw_stream_set_callback(const struct openclaw_stream *stream,
                                             openclaw_event_callback callback,
                                             void *user_data,
                                             openclaw_free_callback user_data_free,
                                             struct openclaw_error **err);

/**
 * A descriptor that is readable exactly while a stream of this client that is not paused has an event, or an end, that
 * was not taken. Level-triggered: wait for it with `poll`, `epoll`, `kqueue` or a loop of your own, never read it.
 *
 * `*out` belongs to the client and lives as long as it; the same one every time, but in the child of a fork, which has to
 * ask for one of its own: that of before stays the parent's. Ask `openclaw_client_ready_stream`
 * and take with `openclaw_stream_try_next`, or call `openclaw_client_dispatch`. Errors: `OPENCLAW_ERR_UNSUPPORTED` for
 * an inline client. Threads: any. Since 0.1.
 */
OPENCLAW_API
openclaw_status openclaw_client_fd(const struct openclaw_client *client,
                                   int32_t *out,
                                   struct openclaw_error **err);

/**
 * A stream without a callback that has something to take, each in its turn; NULL if there is none. Borrowed: the host
 * owns it already. Of NULL and of an inline client: NULL. Threads: any, but not while another one frees streams. Since
 * 0.1.
 */
OPENCLAW_API struct openclaw_stream *openclaw_client_ready_stream(const struct openclaw_client *client);

/**
 * Waits until a stream is ready, a descriptor of the host is, `openclaw_client_wakeup` is called, a signal comes, or
 * `timeout_ms` passed; for ever if negative.
 *
 * `fds` are `count` descriptors of the host, or NULL and 0. `*ready`, unless NULL, becomes the number of those that
 * are ready, plus one if a stream is; 0 after a wakeup, a signal or the time. Errors: `OPENCLAW_ERR_UNSUPPORTED` for
 * an inline client, `OPENCLAW_ERR_INVALID_ARGUMENT`. Threads: any. Since 0.1.
 */
OPENCLAW_API
openclaw_status openclaw_client_poll(const struct openclaw_client *client,
                                     int64_t timeout_ms,
                                     struct openclaw_waitfd *fds,
                                     size_t count,
                                     int32_t *ready,
                                     struct openclaw_error **err);

/**
 * Ends the wait of a thread that is in `openclaw_client_poll` or `openclaw_client_dispatch`, or else the next one at
 * once. Errors: `OPENCLAW_ERR_UNSUPPORTED` for an inline client. Threads: any. Since 0.1.
 */
OPENCLAW_API openclaw_status openclaw_client_wakeup(const struct openclaw_client *client, struct openclaw_error **err);

/**
 * Waits as `openclaw_client_poll` does if no stream with a callback is ready, then calls the callbacks of those that
 * are: for each stream at most 64 events, so that none starves the others.
 *
 * `*calls`, unless NULL, becomes the number of calls. Errors: `OPENCLAW_ERR_UNSUPPORTED` for an inline client.
 * Threads: any; several may dispatch one client, and each stream is delivered by one of them at a time. Inside a
 * callback it leaves the stream of that callback out. Since 0.1.
 */
OPENCLAW_API
openclaw_status openclaw_client_dispatch(const struct openclaw_client *client,
                                         int64_t timeout_ms,
                                         int32_t *calls,
                                         struct openclaw_error **err);

/**
 * Looks at the configuration, the logins and the way to the providers, and says what is wrong; asks the provider too if
 * the settings say so: once each for its models, the use of the plan, and an answer. Nothing is repeated, no login is
 * renewed, no file is changed.
 *
 * `settings_json` is a JSON object with any of `probe` (true: ask the provider), `config`, `agent`, `profile_file`,
 * `profile`, `model`, `timeout_ms` (for each request, 30000 unless set), `application`, and `env` (all environment
 * variables that there are, those of the process unless given); empty is what `claw status` shows. `timeout_ms` is how
 * long the caller waits: negative is as long as it takes; after `OPENCLAW_ERR_WAIT_TIMEOUT` the questions are given up.
 * `*out` becomes a diagnosis that the host owns; that something is wrong is no error. Errors:
 * `OPENCLAW_ERR_INVALID_REQUEST` for settings that are wrong, `OPENCLAW_ERR_CONFIG` for an agent that cannot exist,
 * `OPENCLAW_ERR_INVALID_UTF8`, `OPENCLAW_ERR_INVALID_ARGUMENT`. Threads: any. Since 0.1.
 */
OPENCLAW_API
openclaw_status openclaw_diagnose(struct openclaw_str settings_json,
                                  int64_t timeout_ms,
                                  struct openclaw_diagnosis **out,
                                  struct openclaw_error **err);

/**
 * What is wrong. Of NULL: `OPENCLAW_VERDICT_UNKNOWN`. Threads: any. Since 0.1.
 */
OPENCLAW_API openclaw_verdict openclaw_diagnosis_verdict(const struct openclaw_diagnosis *diagnosis);

/**
 * The whole in one number, as `claw status --check` ends with: 0 something can be used, 1 nothing can, 2 something can
 * and a login ends within 24 h without being renewed. Of NULL: 1. Threads: any. Since 0.1.
 */
OPENCLAW_API int32_t openclaw_diagnosis_check(const struct openclaw_diagnosis *diagnosis);

/**
 * What is wrong in one line for a person; the steps that help are `verdict.steps` of the JSON. Lives until the diagnosis
 * is freed. Of NULL: empty. Threads: any. Since 0.1.
 */
OPENCLAW_API
struct openclaw_str openclaw_diagnosis_says(const struct openclaw_diagnosis *diagnosis);

/**
 * The whole as a JSON object, that of `claw status --json`; docs/status.md names its fields. Lives until the diagnosis is
 * freed. Of NULL: empty. Threads: any. Since 0.1.
 */
OPENCLAW_API
struct openclaw_str openclaw_diagnosis_to_json(const struct openclaw_diagnosis *diagnosis);

/**
 * Frees a diagnosis. NULL is ignored. Threads: any, once. Since 0.1.
 */
OPENCLAW_API void openclaw_diagnosis_free(struct openclaw_diagnosis *diagnosis);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

/** A text that ends with a NUL, for the library. NULL is the empty text. Since 0.1. */
static inline openclaw_str openclaw_cstr(const char *text) {
  openclaw_str str;
  str.ptr = text;
  str.len = text ? OPENCLAW_STRLEN : 0;
  return str;
}

#endif /* OPENCLAW_H */
