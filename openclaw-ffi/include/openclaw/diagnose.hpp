// What is wrong on this machine, and what helps. Part of openclaw.hpp; it can be included alone. Since 0.1.
//
//   auto found = openclaw::Diagnosis::make(R"({"probe":true})");
//   if (found && found->verdict() != OPENCLAW_VERDICT_FINE) std::cerr << found->says() << '\n';
#ifndef OPENCLAW_DIAGNOSE_HPP
#define OPENCLAW_DIAGNOSE_HPP

#include "result.hpp"

namespace openclaw {

// What was found, and the verdict. The views live as long as this object.
class Diagnosis {
 public:
  // Settings as `openclaw_diagnose` has them; a negative time is as long as it takes.
  static Result<Diagnosis> make(std::string_view settings_json = {}, std::int64_t timeout_ms = -1) noexcept {
    const openclaw_str settings = openclaw::text(settings_json);
    return detail::made<Diagnosis, openclaw_diagnosis>([&](openclaw_diagnosis **out, openclaw_error **err) {
      return openclaw_diagnose(settings, timeout_ms, out, err);
    });
  }
  explicit Diagnosis(openclaw_diagnosis *handle) noexcept : handle_(handle) {}

  openclaw_verdict verdict() const noexcept { return openclaw_diagnosis_verdict(handle_.get()); }
  // 0 something can be used, 1 nothing can, 2 a login ends soon.
  int check() const noexcept { return openclaw_diagnosis_check(handle_.get()); }
  std::string_view says() const noexcept { return view(openclaw_diagnosis_says(handle_.get())); }
  std::string_view json() const noexcept { return view(openclaw_diagnosis_to_json(handle_.get())); }
  openclaw_diagnosis *get() const noexcept { return handle_.get(); }

 private:
  Owner<openclaw_diagnosis, openclaw_diagnosis_free> handle_;
};

}  // namespace openclaw

#endif  // OPENCLAW_DIAGNOSE_HPP
