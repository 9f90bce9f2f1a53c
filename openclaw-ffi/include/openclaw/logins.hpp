// The stored logins, and a sign-in that the host pulls. Part of openclaw.hpp; it can be included alone. Since 0.1.
//
//   auto logins = openclaw::Logins::open();        // those of OpenClaw's main agent
//   auto sign_in = logins->sign_in(R"({"method":"device"})");
//   openclaw::SignInStep step;
//   while (*sign_in->next(step)) if (step.kind() == OPENCLAW_SIGN_IN_SHOW_CODE) std::cout << step.url() << step.code();
#ifndef OPENCLAW_LOGINS_HPP
#define OPENCLAW_LOGINS_HPP

#include <chrono>

#include "result.hpp"

namespace openclaw {

// One step of a sign-in; its views live until the next one is taken.
class SignInStep {
 public:
  std::uint32_t kind() const noexcept { return step_.kind; }
  std::string_view url() const noexcept { return view(step_.url); }
  std::string_view code() const noexcept { return view(step_.code); }
  std::string_view text() const noexcept { return view(step_.text); }
  std::string_view json() const noexcept { return view(step_.json); }
  std::chrono::milliseconds valid_for() const noexcept { return std::chrono::milliseconds(step_.valid_for_ms); }
  openclaw_sign_in_step &raw() noexcept { return step_; }

 private:
  openclaw_sign_in_step step_ = OPENCLAW_SIGN_IN_STEP_INIT;
};

// A sign-in under way. Destroying it cancels it.
class SignIn {
 public:
  explicit SignIn(openclaw_sign_in *handle) noexcept : handle_(handle) {}

  // True: `step` was filled. False: the person is signed in and the login is stored. OPENCLAW_ERR_WAIT_TIMEOUT when nothing
  // came in time. A negative time waits for ever.
  Result<bool> next(SignInStep &step, std::chrono::milliseconds wait = std::chrono::milliseconds(-1)) noexcept {
    openclaw_error *error = nullptr;
    const openclaw_status status = openclaw_sign_in_next(handle_.get(), wait.count(), &step.raw(), &error);
    if (status < 0) return Error(status, error);
    return status == OPENCLAW_EVENT;
  }
  // What an OPENCLAW_SIGN_IN_ASK asked for.
  Result<void> answer(std::string_view text) const noexcept {
    return detail::done(
        [&](openclaw_error **err) { return openclaw_sign_in_answer(handle_.get(), openclaw::text(text), err); });
  }
  Result<std::string_view> result_json() const noexcept {
    return detail::lent(
        [&](openclaw_str *out, openclaw_error **err) { return openclaw_sign_in_result_json(handle_.get(), out, err); });
  }
  void cancel() const noexcept { openclaw_sign_in_cancel(handle_.get()); }
  openclaw_sign_in *get() const noexcept { return handle_.get(); }

 private:
  Owner<openclaw_sign_in, openclaw_sign_in_free> handle_;
};

// The logins of a store.
class Logins {
 public:
  static Result<Logins> open(std::string_view settings_json = {}) noexcept {
    return detail::made<Logins, openclaw_logins>([&](openclaw_logins **out, openclaw_error **err) {
      return openclaw_logins_new(openclaw::text(settings_json), out, err);
    });
  }
  explicit Logins(openclaw_logins *handle) noexcept : handle_(handle) {}

  std::string_view store() const noexcept { return view(openclaw_logins_store(handle_.get())); }
  Result<String> list_json() const noexcept {
    return told([&](openclaw_string **out, openclaw_error **err) {
      return openclaw_logins_list_json(handle_.get(), out, err);
    });
  }
  Result<String> profile_json(std::string_view profile) const noexcept {
    return told([&](openclaw_string **out, openclaw_error **err) {
      return openclaw_logins_profile_json(handle_.get(), text(profile), out, err);
    });
  }
  Result<String> remove(std::string_view profile) const noexcept {
    return told([&](openclaw_string **out, openclaw_error **err) {
      return openclaw_logins_remove(handle_.get(), text(profile), out, err);
    });
  }
  Result<String> repair(std::uint32_t mode = OPENCLAW_REPAIR_WRITE) const noexcept {
    return told([&](openclaw_string **out, openclaw_error **err) {
      return openclaw_logins_repair(handle_.get(), mode, out, err);
    });
  }
  Result<String> clear_health(std::string_view profile = {}, std::string_view provider = {}) const noexcept {
    return told([&](openclaw_string **out, openclaw_error **err) {
      return openclaw_logins_clear_health(handle_.get(), text(profile), text(provider), out, err);
    });
  }
  Result<void> set_order(std::string_view provider, std::string_view order_json) const noexcept {
    return detail::done([&](openclaw_error **err) {
      return openclaw_logins_set_order(handle_.get(), text(provider), text(order_json), err);
    });
  }
  Result<String> refresh(std::string_view profile, bool if_due = false,
                         std::chrono::milliseconds wait = std::chrono::milliseconds(-1)) const noexcept {
    return told([&](openclaw_string **out, openclaw_error **err) {
      return openclaw_logins_refresh(handle_.get(), text(profile), if_due ? 1 : 0, wait.count(), out, err);
    });
  }
  Result<String> sign_out(std::string_view profile = {},
                          std::chrono::milliseconds wait = std::chrono::milliseconds(-1)) const noexcept {
    return told([&](openclaw_string **out, openclaw_error **err) {
      return openclaw_logins_sign_out(handle_.get(), text(profile), wait.count(), out, err);
    });
  }
  Result<SignIn> sign_in(std::string_view settings_json = {}) const noexcept {
    return detail::made<SignIn, openclaw_sign_in>([&](openclaw_sign_in **out, openclaw_error **err) {
      return openclaw_sign_in_start(handle_.get(), text(settings_json), out, err);
    });
  }
  openclaw_logins *get() const noexcept { return handle_.get(); }

 private:
  template <class Call>
  static Result<String> told(Call call) noexcept {
    return detail::made<String, openclaw_string>(call);
  }

  Owner<openclaw_logins, openclaw_logins_free> handle_;
};

}  // namespace openclaw

#endif  // OPENCLAW_LOGINS_HPP
