// libopenclaw for C++17: the C interface of openclaw.h with owners that free, texts that are views, and results that carry
// their error. Header-only, with the folder openclaw/ beside it. Nothing here throws, but for Result::value(), which is there
// only where exceptions are.
//
//   openclaw::ClientOptions options;               // everything may stay empty: then a login of this machine is used
//   auto client = openclaw::Client::make(options);
//   if (!client) return std::puts(client.error().message().data());
//   auto stream = client->stream(openclaw::Request("gpt-5.4").input("Say hello"));
//   for (const openclaw::Event &event : *stream)
//     if (event.kind() == OPENCLAW_EVENT_TEXT_DELTA) std::cout << event.text();
//
// Threads, lifetimes and errors are those that openclaw.h states for the function of the same name. Since 0.1.
#ifndef OPENCLAW_HPP
#define OPENCLAW_HPP

#include <chrono>
#include <cstdint>
#include <functional>
#include <iterator>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "openclaw/config.hpp"
#include "openclaw/diagnose.hpp"
#include "openclaw/logins.hpp"
#include "openclaw/own.hpp"
#include "openclaw/result.hpp"

namespace openclaw {

// Waits for ever.
inline constexpr std::chrono::milliseconds forever{-1};

// What a model is asked. Setters can be chained, on a variable and on a temporary; what was wrong is kept and comes out of
// Client::stream.
class Request {
 public:
  explicit Request(std::string_view model = {}) noexcept {
    openclaw_request *handle = nullptr;
    note([&](openclaw_error **err) { return openclaw_request_new(&handle, err); });
    handle_.reset(handle);
    if (!model.empty()) set(openclaw_request_set_model, model);
  }
  static Result<Request> from_json(std::string_view json) noexcept {
    return detail::made<Request, openclaw_request>(
        [&](openclaw_request **out, openclaw_error **err) { return openclaw_request_from_json(text(json), out, err); });
  }

  Request &model(std::string_view name) & noexcept { return set(openclaw_request_set_model, name); }
  Request &&model(std::string_view name) && noexcept { return std::move(model(name)); }
  Request &instructions(std::string_view text) & noexcept { return set(openclaw_request_set_instructions, text); }
  Request &&instructions(std::string_view text) && noexcept { return std::move(instructions(text)); }
  Request &input(std::string_view prompt) & noexcept { return set(openclaw_request_set_input_text, prompt); }
  Request &&input(std::string_view prompt) && noexcept { return std::move(input(prompt)); }
  Request &input_json(std::string_view items) & noexcept { return set(openclaw_request_set_input_json, items); }
  Request &&input_json(std::string_view items) && noexcept { return std::move(input_json(items)); }
  Request &tools_json(std::string_view tools) & noexcept { return set(openclaw_request_set_tools_json, tools); }
  Request &&tools_json(std::string_view tools) && noexcept { return std::move(tools_json(tools)); }
  Request &field_json(std::string_view name, std::string_view json) & noexcept {
    return set(openclaw_request_set_field_json, name, json);
  }
  Request &&field_json(std::string_view name, std::string_view json) && noexcept {
    return std::move(field_json(name, json));
  }
  Request &option_json(std::string_view name, std::string_view json) & noexcept {
    return set(openclaw_request_set_option_json, name, json);
  }
  Request &&option_json(std::string_view name, std::string_view json) && noexcept {
    return std::move(option_json(name, json));
  }
  Request &header(std::string_view name, std::string_view value) & noexcept {
    return set(openclaw_request_set_header, name, value);
  }
  Request &&header(std::string_view name, std::string_view value) && noexcept { return std::move(header(name, value)); }
  Request &timeout(std::chrono::milliseconds limit) & noexcept {
    const auto ms = static_cast<std::uint64_t>(limit.count() < 0 ? 0 : limit.count());
    return note([&](openclaw_error **err) { return openclaw_request_set_timeout_ms(handle_.get(), ms, err); });
  }
  Request &&timeout(std::chrono::milliseconds limit) && noexcept { return std::move(timeout(limit)); }
  Request &add_text(std::string_view prompt) & noexcept { return set(openclaw_request_add_text, prompt); }
  Request &&add_text(std::string_view prompt) && noexcept { return std::move(add_text(prompt)); }
  Request &add_item_json(std::string_view item) & noexcept { return set(openclaw_request_add_item_json, item); }
  Request &&add_item_json(std::string_view item) && noexcept { return std::move(add_item_json(item)); }
  Request &add_tool_result(std::string_view call_id, std::string_view output) & noexcept {
    return set(openclaw_request_add_tool_result, call_id, output);
  }
  Request &&add_tool_result(std::string_view call_id, std::string_view output) && noexcept {
    return std::move(add_tool_result(call_id, output));
  }
  // Appends a finished answer: the next turn of a conversation.
  template <class Stream>
  Request &add_answer(const Stream &stream) & noexcept {
    return note([&](openclaw_error **err) { return openclaw_request_add_answer(handle_.get(), stream.get(), err); });
  }
  template <class Stream>
  Request &&add_answer(const Stream &stream) && noexcept {
    return std::move(add_answer(stream));
  }

  Result<String> json() const noexcept {
    return detail::made<String, openclaw_string>(
        [&](openclaw_string **out, openclaw_error **err) { return openclaw_request_json(handle_.get(), out, err); });
  }
  // What went wrong in a setter, the first of it.
  const std::optional<Error> &error() const noexcept { return error_; }
  std::optional<Error> take_error() noexcept { return std::exchange(error_, std::nullopt); }
  openclaw_request *get() const noexcept { return handle_.get(); }

 private:
  template <class T, class Handle, class Call>
  friend Result<T> detail::made(Call call) noexcept;
  explicit Request(openclaw_request *handle) noexcept : handle_(handle) {}

  template <class Call>
  Request &note(Call call) noexcept {
    openclaw_error *error = nullptr;
    const openclaw_status status = call(&error);
    Error object(status, error);
    if (status < 0 && !error_) error_ = std::move(object);
    return *this;
  }
  template <class Function, class... Texts>
  Request &set(Function function, Texts... texts) noexcept {
    return note([&](openclaw_error **err) { return function(handle_.get(), text(texts)..., err); });
  }

  Owner<openclaw_request, openclaw_request_free> handle_;
  std::optional<Error> error_;
};

// One event; its views live until the next one is taken.
class Event {
 public:
  std::uint32_t kind() const noexcept { return event_.kind; }
  std::uint32_t output_index() const noexcept { return event_.output_index; }
  std::uint32_t part_index() const noexcept { return event_.part_index; }
  std::uint64_t sequence() const noexcept { return event_.sequence; }
  std::string_view text() const noexcept { return view(event_.text); }
  std::string_view item_id() const noexcept { return view(event_.item_id); }
  std::string_view call_id() const noexcept { return view(event_.call_id); }
  std::string_view name() const noexcept { return view(event_.name); }
  std::string_view json() const noexcept { return view(event_.json); }
  openclaw_event &raw() noexcept { return event_; }

 private:
  openclaw_event event_ = OPENCLAW_EVENT_INIT;
};

// One call and its events. Destroying it cancels the call. `for (const Event &event : stream)` ends with the answer or
// with a failure; status() says which.
class Stream {
 public:
  explicit Stream(openclaw_stream *handle) noexcept : handle_(handle) {}

  // True: `event` was filled. False: the answer is complete. OPENCLAW_ERR_WAIT_TIMEOUT when nothing came in time.
  Result<bool> next(Event &event, std::chrono::milliseconds wait = forever) noexcept {
    openclaw_error *error = nullptr;
    const openclaw_status status = openclaw_stream_next(handle_.get(), wait.count(), &event.raw(), &error);
    if (status < 0) return Error(status, error);
    return status == OPENCLAW_EVENT;
  }
  Result<bool> try_next(Event &event) noexcept { return next(event, std::chrono::milliseconds(0)); }
  // Up to `capacity` events at once, for openclaw::view; how many were written, 0 when the answer is complete.
  Result<std::size_t> next_batch(openclaw_event *events, std::size_t capacity,
                                 std::chrono::milliseconds wait = forever) noexcept {
    std::size_t count = 0;
    openclaw_error *error = nullptr;
    const openclaw_status status =
        openclaw_stream_next_batch(handle_.get(), wait.count(), events, capacity, sizeof *events, &count, &error);
    if (status < 0) return Error(status, error);
    return count;
  }
  // Drops all events until the answer is there.
  Result<void> finish(std::chrono::milliseconds wait = forever) noexcept {
    return detail::done([&](openclaw_error **err) { return openclaw_stream_finish(handle_.get(), wait.count(), err); });
  }

  class Iterator {
   public:
    using iterator_category = std::input_iterator_tag;
    using value_type = Event;
    using difference_type = std::ptrdiff_t;
    using pointer = const Event *;
    using reference = const Event &;
    Iterator() noexcept = default;
    explicit Iterator(Stream *stream) noexcept : stream_(stream) { step(); }
    const Event &operator*() const noexcept { return event_; }
    const Event *operator->() const noexcept { return &event_; }
    Iterator &operator++() noexcept {
      step();
      return *this;
    }
    void operator++(int) noexcept { step(); }
    bool operator==(const Iterator &other) const noexcept { return stream_ == other.stream_; }
    bool operator!=(const Iterator &other) const noexcept { return stream_ != other.stream_; }

   private:
    void step() noexcept {
      const Result<bool> more = stream_->next(event_);
      if (!more || !*more) stream_ = nullptr;
    }
    Stream *stream_ = nullptr;
    Event event_;
  };
  Iterator begin() noexcept { return Iterator(this); }
  Iterator end() noexcept { return Iterator(); }

  // How it ended, any number of times.
  Result<void> status() const noexcept {
    return detail::done([&](openclaw_error **err) { return openclaw_stream_status(handle_.get(), err); });
  }
  int state() const noexcept { return openclaw_stream_state(handle_.get()); }
  std::uint64_t number() const noexcept { return openclaw_stream_number(handle_.get()); }
  Result<std::string_view> text() const noexcept {
    return detail::lent(
        [&](openclaw_str *out, openclaw_error **err) { return openclaw_stream_text(handle_.get(), out, err); });
  }
  Result<std::string_view> final_json() const noexcept {
    return detail::lent(
        [&](openclaw_str *out, openclaw_error **err) { return openclaw_stream_final_json(handle_.get(), out, err); });
  }
  // What is known of the call by now.
  Result<String> info_json() const noexcept {
    return detail::made<String, openclaw_string>(
        [&](openclaw_string **out, openclaw_error **err) { return openclaw_stream_info_json(handle_.get(), out, err); });
  }
  Result<std::string_view> event_json(std::size_t index = 0) const noexcept {
    return detail::lent([&](openclaw_str *out, openclaw_error **err) {
      return openclaw_stream_event_json(handle_.get(), index, out, err);
    });
  }
  void cancel() const noexcept { openclaw_stream_cancel(handle_.get()); }
  void pause() const noexcept { openclaw_stream_pause(handle_.get()); }
  void resume() const noexcept { openclaw_stream_resume(handle_.get()); }
  openclaw_stream *get() const noexcept { return handle_.get(); }

  // What a callback is called with: an event, or at the end none and the error if it failed.
  using Callback = std::function<void(const openclaw_event *event, openclaw_status status, const openclaw_error *error)>;
  // Called inside Client::dispatch only. It must not throw.
  Result<void> on_event(Callback callback) noexcept {
    auto owned = std::make_unique<Callback>(std::move(callback));
    Result<void> result = detail::done([&](openclaw_error **err) {
      return openclaw_stream_set_callback(handle_.get(), call, owned.get(), drop, err);
    });
    if (result) owned.release();
    return result;
  }

 private:
  static void call(void *data, openclaw_stream *, const openclaw_event *event, openclaw_status status,
                   const openclaw_error *error) noexcept {
    (*static_cast<Callback *>(data))(event, status, error);
  }
  static void drop(void *data) noexcept { delete static_cast<Callback *>(data); }

  Owner<openclaw_stream, openclaw_stream_free> handle_;
};

// What a client is made of; views that are read when it is made.
struct ClientOptions {
  std::uint32_t runtime = OPENCLAW_RUNTIME_DEFAULT;
  std::string_view settings_json, token, api_key, base_url, provider, profile, application;
};

// A client: a provider with its login.
class Client {
 public:
  static Result<Client> make(const ClientOptions &from = {}) noexcept {
    const openclaw_client_options options = raw(from);
    return detail::made<Client, openclaw_client>(
        [&](openclaw_client **out, openclaw_error **err) { return openclaw_client_new(&options, out, err); });
  }
  // Follows OpenClaw's configuration; see openclaw_client_from_config.
  static Result<Client> from_config(std::string_view settings_json = {}) noexcept {
    return detail::made<Client, openclaw_client>([&](openclaw_client **out, openclaw_error **err) {
      return openclaw_client_from_config(openclaw::text(settings_json), out, err);
    });
  }
  // Around a provider of your own.
  static Result<Client> make(Provider provider, const ClientOptions &from = {}) noexcept {
    const openclaw_client_options options = raw(from);
    return detail::owning<Client>(std::move(provider), [&](auto *own, openclaw_client **out, openclaw_error **err) {
      return openclaw_client_new_with_provider(&options, own, out, err);
    });
  }
  // With tokens, or API keys, of your own.
  static Result<Client> make(TokenSource tokens, const ClientOptions &from = {}) noexcept {
    const openclaw_client_options options = raw(from);
    return detail::owning<Client>(std::move(tokens), [&](auto *own, openclaw_client **out, openclaw_error **err) {
      return openclaw_client_new_with_tokens(&options, own, out, err);
    });
  }
  explicit Client(openclaw_client *handle) noexcept : handle_(handle) {}

  // Starts a call. What a setter of the request refused is the error here.
  Result<Stream> stream(Request &&request) const noexcept { return stream(request); }
  Result<Stream> stream(Request &request) const noexcept {
    if (auto error = request.take_error()) return std::move(*error);
    return detail::made<Stream, openclaw_stream>([&](openclaw_stream **out, openclaw_error **err) {
      return openclaw_client_stream(handle_.get(), request.get(), out, err);
    });
  }
  Result<String> models_json(std::chrono::milliseconds wait = forever) const noexcept {
    return detail::made<String, openclaw_string>([&](openclaw_string **out, openclaw_error **err) {
      return openclaw_client_models_json(handle_.get(), wait.count(), out, err);
    });
  }
  Result<String> plan_usage_json(std::chrono::milliseconds wait = forever) const noexcept {
    return detail::made<String, openclaw_string>([&](openclaw_string **out, openclaw_error **err) {
      return openclaw_client_plan_usage_json(handle_.get(), wait.count(), out, err);
    });
  }
  Result<String> login_json() const noexcept {
    return detail::made<String, openclaw_string>(
        [&](openclaw_string **out, openclaw_error **err) { return openclaw_client_login_json(handle_.get(), out, err); });
  }
  Result<int> fd() const noexcept {
    std::int32_t fd = -1;
    openclaw_error *error = nullptr;
    const openclaw_status status = openclaw_client_fd(handle_.get(), &fd, &error);
    if (status < 0) return Error(status, error);
    return static_cast<int>(fd);
  }
  // A stream that has something to take; borrowed, so compare it with Stream::get().
  openclaw_stream *ready_stream() const noexcept { return openclaw_client_ready_stream(handle_.get()); }
  Result<int> poll(std::chrono::milliseconds wait, openclaw_waitfd *fds = nullptr, std::size_t count = 0) const noexcept {
    std::int32_t ready = 0;
    openclaw_error *error = nullptr;
    const openclaw_status status = openclaw_client_poll(handle_.get(), wait.count(), fds, count, &ready, &error);
    if (status < 0) return Error(status, error);
    return static_cast<int>(ready);
  }
  Result<void> wakeup() const noexcept {
    return detail::done([&](openclaw_error **err) { return openclaw_client_wakeup(handle_.get(), err); });
  }
  Result<int> dispatch(std::chrono::milliseconds wait = forever) const noexcept {
    std::int32_t calls = 0;
    openclaw_error *error = nullptr;
    const openclaw_status status = openclaw_client_dispatch(handle_.get(), wait.count(), &calls, &error);
    if (status < 0) return Error(status, error);
    return static_cast<int>(calls);
  }
  openclaw_client *get() const noexcept { return handle_.get(); }

 private:
  static openclaw_client_options raw(const ClientOptions &from) noexcept {
    openclaw_client_options options = OPENCLAW_CLIENT_OPTIONS_INIT;
    options.runtime = from.runtime;
    options.settings_json = openclaw::text(from.settings_json);
    options.token = openclaw::text(from.token);
    options.api_key = openclaw::text(from.api_key);
    options.base_url = openclaw::text(from.base_url);
    options.provider = openclaw::text(from.provider);
    options.profile = openclaw::text(from.profile);
    options.application = openclaw::text(from.application);
    return options;
  }

  Owner<openclaw_client, openclaw_client_free> handle_;
};

// Models that are asked one after the other, each with the login of its client: Chain().add(...).add(...).client().
class Chain {
 public:
  explicit Chain(std::string_view settings_json = {}) noexcept {
    openclaw_chain *chain = nullptr;
    openclaw_error *error = nullptr;
    const openclaw_status status = openclaw_chain_new(openclaw::text(settings_json), &chain, &error);
    if (status < 0) error_.emplace(status, error);
    handle_.reset(chain);
  }
  // What is refused is the error of client().
  Chain &add(std::string_view model, const Client &client) noexcept {
    openclaw_error *error = nullptr;
    if (error_) return *this;
    const openclaw_status status = openclaw_chain_add(handle_.get(), openclaw::text(model), client.get(), &error);
    if (status < 0) error_.emplace(status, error);
    return *this;
  }
  Result<Client> client() noexcept {
    if (error_) {
      Error error = std::move(*error_);
      error_.reset();
      return error;
    }
    return detail::made<Client, openclaw_client>(
        [&](openclaw_client **out, openclaw_error **err) { return openclaw_chain_client(handle_.get(), out, err); });
  }
  openclaw_chain *get() const noexcept { return handle_.get(); }

 private:
  Owner<openclaw_chain, openclaw_chain_free> handle_;
  std::optional<Error> error_;
};

// The data: address of an image, from its bytes.
inline Result<String> image_url(std::string_view bytes, std::string_view media_type = {}) noexcept {
  return detail::made<String, openclaw_string>([&](openclaw_string **out, openclaw_error **err) {
    return openclaw_image_url(bytes.data(), bytes.size(), text(media_type), out, err);
  });
}

// Judges one failure that was seen elsewhere.
inline Result<String> classify_json(std::string_view line) noexcept {
  return detail::made<String, openclaw_string>(
      [&](openclaw_string **out, openclaw_error **err) { return openclaw_classify_json(text(line), out, err); });
}

// The embedded server, for tests.
class TestServer {
 public:
  static Result<TestServer> start(std::string_view scenario = {}, std::string_view script_json = {}) noexcept {
    return detail::made<TestServer, openclaw_test_server>([&](openclaw_test_server **out, openclaw_error **err) {
      return openclaw_test_server_start(openclaw::text(scenario), openclaw::text(script_json), out, err);
    });
  }
  explicit TestServer(openclaw_test_server *handle) noexcept : handle_(handle) {}
  std::string_view url() const noexcept { return view(openclaw_test_server_url(handle_.get())); }
  std::string_view platform_url() const noexcept { return view(openclaw_test_server_platform_url(handle_.get())); }
  std::string_view token() const noexcept { return view(openclaw_test_server_token(handle_.get())); }
  std::string_view issuer_url() const noexcept { return view(openclaw_test_server_issuer_url(handle_.get())); }
  // Clicks on a sign-in page; where the browser is sent then.
  Result<String> decide_sign_in(std::string_view url, bool allow = true) const noexcept {
    return detail::made<String, openclaw_string>([&](openclaw_string **out, openclaw_error **err) {
      return openclaw_test_server_decide_sign_in(handle_.get(), openclaw::text(url), allow ? 1 : 0, out, err);
    });
  }
  Result<void> decide_device(std::string_view code, bool allow = true) const noexcept {
    return detail::done([&](openclaw_error **err) {
      return openclaw_test_server_decide_device(handle_.get(), openclaw::text(code), allow ? 1 : 0, err);
    });
  }
  Result<void> fail_sign_in(std::string_view fault, std::uint32_t times = 1) const noexcept {
    return detail::done([&](openclaw_error **err) {
      return openclaw_test_server_fail_sign_in(handle_.get(), openclaw::text(fault), times, err);
    });
  }
  Result<String> issuer_counts_json() const noexcept {
    return detail::made<String, openclaw_string>([&](openclaw_string **out, openclaw_error **err) {
      return openclaw_test_server_issuer_counts_json(handle_.get(), out, err);
    });
  }
  Result<String> requests_json() const noexcept {
    return detail::made<String, openclaw_string>([&](openclaw_string **out, openclaw_error **err) {
      return openclaw_test_server_requests_json(handle_.get(), out, err);
    });
  }
  Result<void> play(std::string_view scenario, std::string_view script_json = {}) const noexcept {
    return detail::done([&](openclaw_error **err) {
      return openclaw_test_server_play(handle_.get(), openclaw::text(scenario), openclaw::text(script_json), err);
    });
  }
  // Waits until exactly so many connections are open.
  Result<void> wait_connections(std::size_t count) const noexcept {
    return detail::done(
        [&](openclaw_error **err) { return openclaw_test_server_wait_connections(handle_.get(), count, err); });
  }
  std::size_t open_connections() const noexcept { return openclaw_test_server_open_connections(handle_.get()); }
  openclaw_test_server *get() const noexcept { return handle_.get(); }

 private:
  Owner<openclaw_test_server, openclaw_test_server_free> handle_;
};

static_assert(sizeof(Client) == sizeof(void *) && sizeof(Stream) == sizeof(void *) && sizeof(String) == sizeof(void *));

}  // namespace openclaw

#endif  // OPENCLAW_HPP
