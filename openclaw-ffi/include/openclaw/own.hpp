// A provider and a token source of your own, by functions. Part of openclaw.hpp; it can be included alone. Since 0.1.
//
//   openclaw::Provider mine;
//   mine.id = "mine";
//   mine.stream = [](std::string_view request, std::string_view, openclaw::Reply reply) {
//     (void)reply.text("Hello");
//     (void)reply.done();
//   };
//   auto client = openclaw::Client::make(std::move(mine));
//
// The functions must not throw and not block; on which thread they are called, openclaw.h says.
#ifndef OPENCLAW_OWN_HPP
#define OPENCLAW_OWN_HPP

#include <functional>

#include "result.hpp"

namespace openclaw {

// The way to answer, at once or later, from any thread. Destroyed without an end, the call fails.
class Reply {
 public:
  explicit Reply(openclaw_reply *handle) noexcept : handle_(handle) {}

  Result<void> text(std::string_view text) const noexcept { return put(openclaw_reply_text, openclaw::text(text)); }
  Result<void> event_json(std::string_view json) const noexcept {
    return put(openclaw_reply_event_json, openclaw::text(json));
  }
  Result<void> done() const noexcept { return put(openclaw_reply_done); }
  Result<void> fail(openclaw_status kind, std::string_view message) const noexcept {
    return put(openclaw_reply_fail, kind, openclaw::text(message));
  }
  Result<void> fail_json(std::string_view json) const noexcept {
    return put(openclaw_reply_fail_json, openclaw::text(json));
  }
  Result<void> models_json(std::string_view json) const noexcept {
    return put(openclaw_reply_models_json, openclaw::text(json));
  }
  // `expires_at` in Unix seconds; 0 if it is not known.
  Result<void> token(std::string_view token, std::string_view account_id = {}, std::int64_t expires_at = 0) const noexcept {
    return put(openclaw_reply_token, openclaw::text(token), openclaw::text(account_id), expires_at);
  }
  // Waits until a further piece is welcome. Not inside the function that got the reply.
  Result<void> wait(std::chrono::milliseconds limit) const noexcept { return put(openclaw_reply_wait, limit.count()); }
  bool wanted() const noexcept { return openclaw_reply_wanted(handle_.get()) != 0; }
  openclaw_reply *get() const noexcept { return handle_.get(); }

 private:
  template <class Function, class... Arguments>
  Result<void> put(Function function, Arguments... arguments) const noexcept {
    return detail::done([&](openclaw_error **err) { return function(handle_.get(), arguments..., err); });
  }

  Owner<openclaw_reply, openclaw_reply_free> handle_;
};

// A provider of your own. Without `models` it has no list of them.
struct Provider {
  std::string id, capabilities_json;
  std::function<void(std::string_view request_json, std::string_view options_json, Reply reply)> stream;
  std::function<void(Reply reply)> models;
};

// Tokens, or API keys, of your own. `rejected` is the token that was just refused, or empty.
struct TokenSource {
  std::function<void(std::string_view rejected, Reply reply)> token;
  bool are_api_keys = false;
};

namespace detail {

inline openclaw_provider raw(Provider &own) noexcept {
  openclaw_provider provider = OPENCLAW_PROVIDER_INIT;
  provider.user_data = &own;
  provider.id = openclaw::text(own.id);
  provider.capabilities_json = openclaw::text(own.capabilities_json);
  if (own.stream)
    provider.stream = [](void *data, openclaw_str request, openclaw_str options, openclaw_reply *reply) {
      static_cast<Provider *>(data)->stream(view(request), view(options), Reply(reply));
    };
  if (own.models)
    provider.models = [](void *data, openclaw_reply *reply) { static_cast<Provider *>(data)->models(Reply(reply)); };
  provider.free = [](void *data) { delete static_cast<Provider *>(data); };
  return provider;
}

inline openclaw_token_source raw(TokenSource &own) noexcept {
  openclaw_token_source tokens = OPENCLAW_TOKEN_SOURCE_INIT;
  tokens.are_api_keys = own.are_api_keys ? 1 : 0;
  tokens.user_data = &own;
  if (own.token)
    tokens.token = [](void *data, openclaw_str rejected, openclaw_reply *reply) {
      static_cast<TokenSource *>(data)->token(view(rejected), Reply(reply));
    };
  tokens.free = [](void *data) { delete static_cast<TokenSource *>(data); };
  return tokens;
}

// A client that owns what is asked; if it does not come to be, that is freed here.
template <class Client, class Own, class Make>
Result<Client> owning(Own own, Make make) noexcept {
  auto kept = std::make_unique<Own>(std::move(own));
  const auto interface = raw(*kept);
  Result<Client> client = made<Client, openclaw_client>(
      [&](openclaw_client **out, openclaw_error **err) { return make(&interface, out, err); });
  if (client) (void)kept.release();
  return client;
}

}  // namespace detail

}  // namespace openclaw

#endif  // OPENCLAW_OWN_HPP
