//! `claw doctor`: repair my `openclaw.json` without losing anything.

use std::path::{Path, PathBuf};

use clap::Args;
use openclaw_core::config::Options;
use openclaw_core::config::doctor::{self, Plan, Repaired};
use openclaw_core::{Error, Result};

use crate::config::configuration;
use crate::render::{Form, Screen};
use crate::status::Status;

/// Show what would repair a configuration, as a diff; with --fix, repair it.
///
/// Comments, order, `$include` and `${VAR}` stay as they are. The old file is kept as openclaw.json.bak; values that are
/// taken out are kept in a file of their own. Exit status: 0 nothing is left to do, 1 something is, 2 not readable,
/// 3 not written.
#[derive(Debug, Args)]
pub struct Doctor {
    /// The file. Without it: the one that OpenClaw uses (OPENCLAW_CONFIG_PATH, OPENCLAW_STATE_DIR,
    /// ~/.openclaw/openclaw.json).
    file: Option<PathBuf>,
    /// Write the repairs.
    #[arg(long)]
    fix: bool,
    /// Write nothing, whatever else is said.
    #[arg(long)]
    dry_run: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    /// Treat a file that a newer OpenClaw has written as one of this version (2026.4.5), so that keys unknown to it go.
    #[arg(long, value_name = "VERSION")]
    assume_version: Option<String>,
}

impl Doctor {
    pub fn run(&self, screen: &mut Screen<'_>) -> Status {
        let form = Form::of(self.json);
        let (file, plan) = match self.examine() {
            Ok(found) => found,
            Err((status, error)) => {
                screen.fail(&error, form, &[]);
                return status;
            }
        };
        let writes = self.fix && !self.dry_run;
        let repaired = match writes.then(|| plan.apply()).transpose() {
            Ok(repaired) => repaired,
            Err(error) => return screen.fail(&error, form, &[]),
        };
        let done = if writes { plan.is_cured() } else { plan.is_clean() };
        let text = if self.json {
            let mut record = plan.to_json(repaired.as_ref());
            record["path"] = file.display().to_string().into();
            record.to_string()
        } else {
            self.words(&file, &plan, repaired.as_ref())
        };
        match screen.line(text.trim_end()) {
            Ok(()) if done => Status::Answer,
            Ok(()) => Status::Invalid,
            Err(error) => screen.output_lost(&error),
        }
    }

    fn examine(&self) -> Result<(PathBuf, Plan), (Status, Error)> {
        let options = Options::of_process();
        let file = configuration(self.file.clone(), &options).map_err(|e| (Status::Unreadable, e))?;
        let mut doctor = doctor::Doctor::new(options);
        if let Some(version) = &self.assume_version {
            doctor = doctor.assume_version(version).map_err(|e| (Status::Unreadable, e))?;
        }
        let plan = doctor.examine(&file).map_err(|e| (Status::Unreadable, e))?;
        Ok((file, plan))
    }

    fn words(&self, file: &Path, plan: &Plan, repaired: Option<&Repaired>) -> String {
        let mut text = plan.render();
        for written in repaired.iter().flat_map(|repaired| &repaired.written) {
            text += &format!("\nWritten: {}", written.path.display());
            if let Some(backup) = &written.backup {
                text += &format!("\nBackup:  {}", backup.display());
            }
        }
        if let Some(kept) = repaired.and_then(|repaired| repaired.kept_in.as_ref()) {
            text += &format!("\nValues that were taken out: {} (delete it when you need them no more)", kept.display());
        }
        if repaired.is_none() && !plan.changes().is_empty() {
            let assumed =
                self.assume_version.as_ref().map(|version| format!("--assume-version {version} ")).unwrap_or_default();
            text += &format!("\nNothing was written. To repair: claw doctor --fix {assumed}{}", file.display());
        }
        text
    }
}
