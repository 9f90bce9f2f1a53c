//! The page of `claw status`, for a terminal: what was found, what was answered, the plan's windows, the verdict.

use std::fmt::Write as _;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use openclaw_core::PlanUsage;
use openclaw_core::auth::Readiness;
use openclaw_core::chat::LimitWindow;
use openclaw_core::diagnose::{
    Answer, ConfigurationState, Diagnosis, EndpointState, LoginState, Outcome, Probe, StoreState, VerdictKind,
};

use crate::render::{Paint, Screen, duration, visible};

/// How many places a bar has.
const BAR: usize = 24;

/// The page. Texts that came from outside cannot take over the terminal.
pub fn page(diagnosis: &Diagnosis, screen: &Screen<'_>) -> String {
    let now = diagnosis.at.unwrap_or(UNIX_EPOCH);
    let mut page = Page { text: String::new(), screen };
    page.verdict(diagnosis);
    page.configuration(&diagnosis.configuration);
    page.logins(&diagnosis.stores, &diagnosis.profiles);
    page.ways(&diagnosis.endpoints);
    if let Some(probe) = &diagnosis.probe {
        page.answers(probe);
        if let Some(plan) = &probe.plan {
            page.plan(plan, now);
        }
    }
    page.text
}

struct Page<'p, 's> {
    text: String,
    screen: &'p Screen<'s>,
}

/// A mark in front of a line, and its colour.
#[derive(Clone, Copy)]
enum Mark {
    Good,
    Bad,
    Careful,
    None,
}

impl Page<'_, '_> {
    fn verdict(&mut self, diagnosis: &Diagnosis) {
        let verdict = &diagnosis.verdict;
        let mark = match verdict.kind {
            VerdictKind::Fine => Mark::Good,
            VerdictKind::NotProbed => Mark::None,
            VerdictKind::Resting | VerdictKind::TokenExpired => Mark::Careful,
            _ => Mark::Bad,
        };
        self.line(mark, &verdict.says);
        for (number, step) in (1..).zip(&verdict.steps) {
            self.line(Mark::None, &format!("  {number}. {step}"));
        }
    }

    fn configuration(&mut self, configuration: &ConfigurationState) {
        self.title("Configuration");
        let path = configuration.path.as_deref().unwrap_or("no home folder is known");
        let (mark, state) = match (configuration.found, configuration.valid) {
            (_, false) => (Mark::Bad, "invalid"),
            (true, true) => (Mark::Good, "valid"),
            (false, true) => (Mark::None, "not there; OpenClaw runs without"),
        };
        self.line(mark, &format!("{path}  {state}"));
        for issue in &configuration.issues {
            let mark = if issue.is_error() { Mark::Bad } else { Mark::Careful };
            self.line(mark, &format!("  {issue}"));
        }
        for repair in &configuration.repairs {
            self.line(Mark::Careful, &format!("  claw doctor would repair {}: {}", repair.path, repair.message));
        }
    }

    fn logins(&mut self, stores: &[StoreState], logins: &[LoginState]) {
        self.title("Logins");
        let width = |of: &dyn Fn(&LoginState) -> usize| logins.iter().map(of).max().unwrap_or_default();
        let (ids, states) = (width(&|l| l.id.chars().count()), width(&|l| l.condition.state.as_str().len()));
        for store in stores {
            let state = match (store.found, store.used) {
                (false, _) => "  nothing there",
                (true, true) => "",
                (true, false) => "  (not used: an earlier place has logins)",
            };
            self.line(Mark::None, &format!("{}{state}", store.place));
            if let Some(error) = &store.error {
                self.line(Mark::Bad, &format!("  {error}"));
            } else if let Some(newer) = &store.newer {
                self.line(
                    Mark::Careful,
                    &format!("  {newer} is the store of a newer OpenClaw; this file may be out of date"),
                );
            }
            for note in &store.notes {
                self.line(Mark::Careful, &format!("  {note}"));
            }
            for login in logins.iter().filter(|login| login.store == store.place) {
                let condition = &login.condition;
                let mark = match condition.state {
                    _ if !login.used => Mark::None,
                    Readiness::Usable => Mark::Good,
                    Readiness::ExpiresSoon | Readiness::ExpiredRenewable | Readiness::Resting => Mark::Careful,
                    _ => Mark::Bad,
                };
                let out = login.left_out.map(|why| format!(" (left out: {why})")).unwrap_or_default();
                let good = if login.last_good { " (answered last)" } else { "" };
                let kind = login.kind.as_deref().unwrap_or("-");
                let (id, state) = (pad(&login.id, ids), pad(condition.state.as_str(), states));
                self.line(mark, &format!("  {id}  {kind:7}  {state}  {}{good}{out}", condition.why));
            }
        }
    }

    fn ways(&mut self, endpoints: &[EndpointState]) {
        if endpoints.is_empty() {
            return;
        }
        self.title("Addresses");
        for endpoint in endpoints {
            let address = endpoint.address.as_deref().unwrap_or("-");
            let set = if endpoint.configured { "set in the configuration" } else { "the provider's own" };
            let with = endpoint.credential.as_ref().map(|with| format!(", with {with}")).unwrap_or_default();
            let mark = if endpoint.problem.is_some() { Mark::Bad } else { Mark::None };
            self.line(mark, &format!("{}  {address}  ({set}{with})", endpoint.provider));
            for (mark, text) in [(Mark::Bad, &endpoint.problem), (Mark::Careful, &endpoint.note)] {
                if let Some(text) = text {
                    self.line(mark, &format!("  {text}"));
                }
            }
            if let Some(proxy) = &endpoint.proxy {
                self.line(Mark::None, &format!("  proxy {} ({})", proxy.address, proxy.named_by));
            }
            if let Some(certificates) = &endpoint.certificates {
                let named = certificates.named_by.as_ref().map(|name| format!(" ({name})")).unwrap_or_default();
                let count = certificates.count.map(|count| format!(", {count} read")).unwrap_or_default();
                self.line(Mark::None, &format!("  further certificates {}{named}{count}", certificates.place));
                if let Some(problem) = &certificates.problem {
                    self.line(Mark::Bad, &format!("  {problem}"));
                }
            }
        }
    }

    fn answers(&mut self, probe: &Probe) {
        self.title("Answers");
        let whom = probe.profile.as_deref().map(|profile| format!(" as {profile}")).unwrap_or_default();
        match &probe.why_not {
            Some(why) => return self.line(Mark::Careful, &format!("nothing was sent{whom}: {why}")),
            None => self.line(
                Mark::None,
                &format!("{}{whom}, model {}", probe.provider, probe.model.as_deref().unwrap_or("-")),
            ),
        }
        for (name, answer) in probe.answers() {
            let (mark, said) = told(name, answer, probe);
            let time = duration(Duration::from_millis(answer.duration_ms));
            let time = if matches!(answer.outcome, Outcome::Answered | Outcome::Failed) { time } else { String::new() };
            self.line(mark, &format!("  {name:9}  {time:>7}  {said}"));
        }
        if let Some(ahead) = probe.clock_off() {
            let (off, side) =
                (duration(Duration::from_secs(ahead.unsigned_abs())), if ahead < 0 { "behind" } else { "ahead" });
            self.line(Mark::Bad, &format!("  this machine's clock is {off} {side}"));
        }
    }

    fn plan(&mut self, plan: &PlanUsage, now: SystemTime) {
        self.title(&format!("Plan {}", plan.plan_type.as_deref().unwrap_or("(not named)")));
        for family in &plan.rate_limits.families {
            for window in [&family.primary, &family.secondary].into_iter().flatten() {
                let name = family.name.as_deref().unwrap_or(&family.id);
                let length = window.window_minutes.map(window_length).unwrap_or_default();
                let (bar, paint) = self.bar(window.used_percent);
                let end = window_end(window, now);
                let label = visible(name).into_owned();
                let bar = self.screen.on_out(paint, &bar);
                let _ = writeln!(self.text, "  {label:12} {length:>5}  {bar} {:>4.0} %{end}", window.used_percent);
            }
        }
        if let Some(credits) = plan.rate_limits.credits.as_ref().filter(|credits| credits.has_credits) {
            let balance =
                credits.balance.as_deref().unwrap_or(if credits.unlimited { "without limit" } else { "some" });
            self.line(Mark::None, &format!("credits {balance}"));
        }
    }

    /// A bar of a window: blocks on a terminal, plain signs elsewhere.
    fn bar(&self, percent: f64) -> (String, Paint) {
        let share = if percent.is_finite() { percent.clamp(0.0, 100.0) / 100.0 } else { 0.0 };
        let full = (share * BAR as f64).round() as usize;
        let (on, off) = if self.screen.is_terminal() { ("█", "░") } else { ("#", "-") };
        let paint = match share {
            _ if share >= 1.0 => Paint::Bad,
            _ if share >= 0.8 => Paint::Careful,
            _ => Paint::Good,
        };
        (format!("{}{}", on.repeat(full), off.repeat(BAR - full)), paint)
    }

    fn title(&mut self, title: &str) {
        let title = self.screen.on_out(Paint::Title, &visible(title));
        let _ = write!(self.text, "\n{title}\n");
    }

    fn line(&mut self, mark: Mark, text: &str) {
        let (sign, paint) = match (mark, self.screen.is_terminal()) {
            (Mark::Good, true) => ("✓", Paint::Good),
            (Mark::Good, false) => ("+", Paint::Good),
            (Mark::Bad, true) => ("✗", Paint::Bad),
            (Mark::Bad, false) => ("x", Paint::Bad),
            (Mark::Careful, _) => ("!", Paint::Careful),
            (Mark::None, _) => (" ", Paint::Plain),
        };
        let sign = self.screen.on_out(paint, sign);
        let _ = writeln!(self.text, "{sign} {}", visible(text).replace('\n', " "));
    }
}

/// What became of a question, in one line.
fn told(name: &str, answer: &Answer, probe: &Probe) -> (Mark, String) {
    match (answer.outcome, &answer.error) {
        (Outcome::Answered, _) => {
            let said = match name {
                "models" => probe.models_listed.map_or_else(String::new, |count| format!("{count} models")),
                "usage" => "see below".to_owned(),
                _ => "an answer came".to_owned(),
            };
            (Mark::Good, said)
        }
        (Outcome::Failed, Some(error)) => (Mark::Bad, error.to_string()),
        (Outcome::NotOffered, _) => (Mark::None, "the provider has no such question".to_owned()),
        _ => (Mark::None, "not asked".to_owned()),
    }
}

fn window_length(minutes: u64) -> String {
    match minutes {
        0..60 => format!("{minutes}min"),
        60..2_880 => format!("{}h", minutes / 60),
        _ => format!("{}d", minutes / 1_440),
    }
}

/// When the window starts anew.
fn window_end(window: &LimitWindow, now: SystemTime) -> String {
    let Some(end) = window.resets_at.and_then(|at| UNIX_EPOCH.checked_add(Duration::from_secs(at))) else {
        return String::new();
    };
    match end.duration_since(now) {
        Ok(left) => format!("  anew in {}, {} UTC", duration(left), clock_time(end)),
        Err(_) => "  anew by now".to_owned(),
    }
}

/// `14:05`.
fn clock_time(time: SystemTime) -> String {
    let minutes = time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs() / 60 % 1_440);
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}

fn pad(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(text.chars().count())))
}
