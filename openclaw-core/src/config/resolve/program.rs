//! Asks a program for secrets: no shell, nothing of our environment but what it is given, within its limits.
//!
//! One question on its standard input, `{"protocolVersion":1,"provider":"vault","ids":["a"]}`, one answer on its standard
//! output, `{"protocolVersion":1,"values":{"a":"…"},"errors":{"b":{"message":"…"}}}`.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use secrecy::SecretString;
use serde_json::{Value, json};
use tokio::sync::mpsc;

use super::SecretAccess;
use crate::ambient::Ambient;
use crate::config::model::{ExecSecretProvider, SecretResolution};
use crate::error::{Error, Result, redact};
use crate::transport::within;

/// One entry of `secrets.providers` whose source is `exec`, with OpenClaw's limits where it names none.
#[derive(Debug, Clone)]
pub(super) struct Program {
    pub(super) alias: String,
    pub(super) command: String,
    args: Vec<String>,
    limit: Duration,
    silence: Duration,
    most_bytes: usize,
    json_only: bool,
    env: Vec<(String, SecretString)>,
    pass_env: Vec<String>,
    trusted: Vec<String>,
    allow_insecure: bool,
    allow_link: bool,
    most_ids: u64,
    most_question: u64,
}

impl Program {
    pub(super) fn new(alias: &str, provider: &ExecSecretProvider, limits: Option<&SecretResolution>) -> Self {
        let limit = Duration::from_millis(provider.timeout_ms.map_or(5_000, |ms| ms.get()));
        Self {
            alias: alias.to_owned(),
            command: provider.command.to_string(),
            args: provider.args.iter().flat_map(|args| args.iter()).map(|text| text.as_str().to_owned()).collect(),
            silence: provider.no_output_timeout_ms.map_or(limit, |ms| Duration::from_millis(ms.get())),
            limit,
            most_bytes: provider.max_output_bytes.map_or(1 << 20, |most| most.get() as usize),
            json_only: provider.json_only.unwrap_or(true),
            env: provider
                .env
                .iter()
                .flat_map(|env| env.iter())
                .map(|(name, value)| (name.clone(), value.expose().into()))
                .collect(),
            pass_env: provider
                .pass_env
                .iter()
                .flat_map(|names| names.iter())
                .map(|text| text.as_str().to_owned())
                .collect(),
            trusted: provider
                .trusted_dirs
                .iter()
                .flat_map(|dirs| dirs.iter())
                .map(|text| text.as_str().to_owned())
                .collect(),
            allow_insecure: provider.allow_insecure_path.unwrap_or(false),
            allow_link: provider.allow_symlink_command.unwrap_or(false),
            most_ids: limits.and_then(|limits| limits.max_refs_per_provider).map_or(512, |most| most.get()),
            most_question: limits.and_then(|limits| limits.max_batch_bytes).map_or(256 << 10, |most| most.get()),
        }
    }

    /// The program itself, after all that is known of it has been looked at.
    fn path(&self, access: &SecretAccess) -> Result<PathBuf> {
        let failed = |e: std::io::Error| Error::config(e.to_string());
        let mut path = access.path(&self.command)?;
        if std::fs::symlink_metadata(&path).map_err(failed)?.is_symlink() {
            if !self.allow_link {
                return Err(Error::config("it is a symbolic link (allowSymlinkCommand)"));
            }
            path = path.canonicalize().map_err(failed)?;
        }
        if !std::fs::metadata(&path).map_err(failed)?.is_file() {
            return Err(Error::config("it is no regular file"));
        }
        if !self.trusted.is_empty() && !self.is_trusted(&path, access)? {
            return Err(Error::config("it lies in none of trustedDirs"));
        }
        #[cfg(unix)]
        if !self.allow_insecure {
            use std::os::unix::fs::PermissionsExt;
            let mode = std::fs::metadata(&path).map_err(failed)?.permissions().mode() & 0o777;
            if mode & 0o022 != 0 {
                return Err(Error::config(format!("others may change it (mode {mode:04o}); see allowInsecurePath")));
            }
        }
        Ok(path)
    }

    fn is_trusted(&self, path: &Path, access: &SecretAccess) -> Result<bool> {
        // A path with `..` is inside a folder by its words alone.
        let path = path.canonicalize().map_err(|e| Error::config(e.to_string()))?;
        for folder in &self.trusted {
            if access.path(folder)?.canonicalize().is_ok_and(|folder| path.starts_with(folder)) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn start(&self, path: &Path, access: &SecretAccess) -> Result<Running> {
        use secrecy::ExposeSecret;
        let mut command = Command::new(path);
        command.args(&self.args).env_clear().stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        command.current_dir(path.parent().unwrap_or(Path::new("/")));
        command.envs(self.pass_env.iter().filter_map(|name| Some((name, access.var(name)?))));
        command.envs(self.env.iter().map(|(name, value)| (name, value.expose_secret())));
        command.spawn().map(Running).map_err(|e| Error::config(format!("it does not start: {e}")))
    }
}

/// A program that ends when nobody waits for it any more.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // An error here says that it has ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The secrets by id.
pub(super) async fn ask(
    program: &Program,
    ids: &[&str],
    access: &SecretAccess,
) -> Result<BTreeMap<String, SecretString>> {
    let question = json!({ "protocolVersion": 1, "provider": program.alias, "ids": ids }).to_string();
    if ids.len() as u64 > program.most_ids || question.len() as u64 > program.most_question {
        return Err(Error::config("more secrets are asked of it than secrets.resolution allows"));
    }
    let path = program.path(access)?;
    let ambient = &*access.ambient;
    let run = async {
        let mut running = program.start(&path, access)?;
        let output = output(&mut running, question, program, ambient).await?;
        let code = loop {
            match running.0.try_wait().map_err(|e| Error::config(e.to_string()))? {
                Some(status) => break status,
                None => ambient.sleep(Duration::from_millis(5)).await,
            }
        };
        match code.success() {
            true => Ok(output),
            false => Err(Error::config(format!("it ended with {code}"))),
        }
    };
    let seconds = program.limit.as_secs_f64();
    let output = within(ambient, Some(program.limit), run)
        .await
        .unwrap_or_else(|| Err(Error::config(format!("it did not end within {seconds} s (timeoutMs)"))))?;
    answers(&output, ids, program.json_only)
}

/// Writes the question and reads all that comes. Threads do it, because pipes block; they end with the program.
async fn output(running: &mut Running, question: String, program: &Program, ambient: &dyn Ambient) -> Result<Vec<u8>> {
    let (stdin, stdout) = (running.0.stdin.take(), running.0.stdout.take());
    std::thread::spawn(move || {
        // A program that does not read its question may still answer.
        let _ = stdin.map(|mut pipe| pipe.write_all(question.as_bytes()));
    });
    let (send, mut receive) = mpsc::channel::<Vec<u8>>(4);
    std::thread::spawn(move || {
        let Some(mut pipe) = stdout else { return };
        let mut buffer = [0; 8192];
        while let Ok(read @ 1..) = pipe.read(&mut buffer) {
            let chunk = buffer.get(..read).unwrap_or_default().to_vec();
            if send.blocking_send(chunk).is_err() {
                return;
            }
        }
    });
    let mut output = Vec::new();
    loop {
        match within(ambient, Some(program.silence), receive.recv()).await {
            Some(Some(chunk)) => output.extend(chunk),
            Some(None) => return Ok(output),
            None => {
                let seconds = program.silence.as_secs_f64();
                return Err(Error::config(format!("it printed nothing for {seconds} s (noOutputTimeoutMs)")));
            }
        }
        if output.len() > program.most_bytes {
            return Err(Error::config(format!("it printed more than {} bytes (maxOutputBytes)", program.most_bytes)));
        }
    }
}

fn answers(output: &[u8], ids: &[&str], json_only: bool) -> Result<BTreeMap<String, SecretString>> {
    let text = std::str::from_utf8(output).map_err(|_| Error::config("its answer is not UTF-8"))?.trim();
    if text.is_empty() {
        return Err(Error::config("its answer is empty"));
    }
    let parsed = serde_json::from_str::<Value>(text).ok();
    // A program that was not written for this prints the one secret.
    if let ([id], false) = (ids, json_only) {
        match &parsed {
            None => return Ok([((*id).to_owned(), text.into())].into()),
            Some(Value::String(secret)) => return Ok([((*id).to_owned(), secret.as_str().into())].into()),
            Some(_) => {}
        }
    }
    let answer = parsed.ok_or_else(|| Error::config("its answer is no JSON"))?;
    if answer.get("protocolVersion").and_then(Value::as_f64) != Some(1.0) {
        return Err(Error::config("its answer does not say \"protocolVersion\": 1"));
    }
    let mut found = BTreeMap::new();
    for id in ids {
        if let Some(error) = answer.get("errors").and_then(|errors| errors.get(id)) {
            let message = error.get("message").and_then(Value::as_str).unwrap_or_default();
            let message: String = redact(message).chars().take(200).collect();
            return Err(Error::config(format!("it has no {id}: {message}")));
        }
        match answer.get("values").and_then(|values| values.get(id)) {
            Some(Value::String(secret)) => found.insert((*id).to_owned(), secret.as_str().into()),
            Some(_) => return Err(Error::config(format!("its answer for {id} is no text"))),
            None => return Err(Error::config(format!("its answer has no {id}"))),
        };
    }
    Ok(found)
}
