//! Bad input: an error where OpenClaw refuses it, a warning where it accepts it, each with its place, and nothing written.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use openclaw_core::config::doctor::Doctor;
use openclaw_core::config::{Code, ConfigEditor, Files, Issue, Options, Severity, Stage, check_file};

/// What is bad, the bytes of the file, and the issue: severity, code, line, column, file.
type Case = (&'static str, Vec<u8>, Severity, Code, (u32, u32), &'static str);

fn cases() -> Vec<Case> {
    use Severity::{Error, Warning};
    let main = "openclaw.json";
    let case = |name, text: &str, severity, code, place| (name, text.as_bytes().to_vec(), severity, code, place, main);
    vec![
        case("not JSON5", "{\n  gateway: { port 1 } }", Error, Code::Syntax, (2, 19)),
        case("trailing garbage", "{}\n }", Error, Code::Syntax, (2, 2)),
        case("empty", "", Error, Code::Syntax, (1, 1)),
        case("blank", "\n\n", Error, Code::Syntax, (3, 1)),
        ("not UTF-8", b"{\n  ui: { assistant: { name: '\xff' } } }".to_vec(), Warning, Code::Encoding, (2, 29), main),
        ("UTF-16", b"\xff\xfe{\0}\0".to_vec(), Error, Code::Syntax, (1, 1), main),
        case("byte order mark", "\u{feff}{}", Warning, Code::Encoding, (1, 1)),
        case("a key twice", "{ gateway: { port: 1,\n  port: 2 } }", Warning, Code::DuplicateKey, (2, 3)),
        case("NaN for a number", "{ gateway: {\n  port: NaN } }", Error, Code::WrongType, (2, 9)),
        case("Infinity for a number", "{ gateway: {\n  port: -Infinity } }", Error, Code::WrongType, (2, 9)),
        case("NaN for anything", "{ channels: { x: {\n  a: NaN } } }", Warning, Code::NotFinite, (2, 6)),
        case(
            "Infinity for anything",
            "{ plugins: { entries: { x: { config: {\n  a: [Infinity] } } } } }",
            Warning,
            Code::NotFinite,
            (2, 7),
        ),
        case(
            "half a surrogate pair",
            "{ ui: { assistant: {\n  name: '\\ud800' } } }",
            Warning,
            Code::Encoding,
            (2, 10),
        ),
        case("an include that leaves the folder", "{\n  $include: '../x.json' }", Error, Code::IncludeEscapes, (2, 13)),
        case("an include by another path", "{\n  $include: '/etc/hosts' }", Error, Code::IncludeEscapes, (2, 13)),
        ("an include cycle", b"{\n  $include: 'a.json' }".to_vec(), Error, Code::IncludeCycle, (1, 13), "a.json"),
        case("an include of itself", "{\n  $include: 'openclaw.json' }", Error, Code::IncludeCycle, (2, 13)),
        case("an include that is a folder", "{\n  $include: './folder' }", Error, Code::IncludeFailed, (2, 13)),
        case("a variable in a key", "{ channels: {\n  '${A}': 1 } }", Warning, Code::EnvInKey, (2, 3)),
    ]
}

fn content(folder: &Path) -> Vec<(PathBuf, Option<Vec<u8>>)> {
    let mut all: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    all.sort();
    all.into_iter().map(|path| (path.clone(), fs::read(path).ok())).collect()
}

#[test]
fn it_is_said_with_its_place_and_nothing_is_written() {
    for (name, bytes, severity, code, place, file) in cases() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("openclaw.json");
        fs::write(&path, bytes).unwrap();
        fs::write(folder.path().join("a.json"), "{ $include: 'openclaw.json' }").unwrap();
        fs::create_dir(folder.path().join("folder")).unwrap();
        let before = content(folder.path());
        let options = Options::of_process().env([]);

        let report = check_file(&path, &options);
        assert_eq!(report.valid, severity == Severity::Warning, "{name}: {report}");
        let issue: &Issue =
            report.issues.iter().find(|issue| issue.code == code).unwrap_or_else(|| panic!("{name}: {report}"));
        assert_eq!((issue.severity, (issue.line, issue.column)), (severity, (Some(place.0), Some(place.1))), "{name}");
        assert!(issue.file.as_ref().is_some_and(|found| Path::new(found).ends_with(file)), "{name}: {:?}", issue.file);
        assert!(report.render().contains(&format!("{file}:{}:{}\n", place.0, place.1)), "{name}: {}", report.render());
        // One problem is said once.
        assert_eq!(report.errors().count(), usize::from(severity == Severity::Error), "{name}: {report}");

        if let Ok(plan) = Doctor::new(options.clone()).examine(&path) {
            assert!(plan.changes().is_empty() && plan.apply().unwrap().written.is_empty(), "{name}");
        }
        if let Ok(editor) = ConfigEditor::open_with(&path, &options) {
            assert!(editor.save().unwrap().is_empty(), "{name}");
        } else {
            assert!(matches!(code, Code::Syntax | Code::Encoding), "{name}: it could have been edited");
        }
        assert!(content(folder.path()) == before, "{name}: something was written");
    }
}

#[test]
fn what_may_be_included_may_be_edited_and_what_is_not_read_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("openclaw.json");
    let options = Options::of_process().env([]);
    fs::write(folder.path().join("agent.json"), "{}").unwrap();
    for (times, valid) in [(1000, true), (1001, false)] {
        let agents = (0..times).map(|i| format!("{{ id: 'a{i}', $include: './agent.json' }}")).collect::<Vec<_>>();
        fs::write(&path, format!("{{ agents: {{ list: [{}] }} }}", agents.join(","))).unwrap();
        assert_eq!(check_file(&path, &options).valid, valid, "{times}");
        assert_eq!(ConfigEditor::open_with(&path, &options).is_ok(), valid, "{times}");
        assert_eq!(Doctor::new(options.clone()).examine(&path).unwrap().after().valid, valid, "{times}");
    }
    let deep = format!("{{ channels: {}1{} }}", "[".repeat(300), "]".repeat(300));
    for (text, code) in [(deep, "too_deep"), (format!("{{ a: '{}' }}", "x".repeat(9 << 20)), "too_large")] {
        fs::write(&path, text).unwrap();
        assert_eq!(ConfigEditor::open_with(&path, &options).unwrap_err().code(), Some(code));
    }
}

/// A disk that gives nothing away.
#[derive(Debug)]
struct Denied;

impl Files for Denied {
    fn read(&self, _: &Path) -> io::Result<Vec<u8>> {
        Err(io::ErrorKind::PermissionDenied.into())
    }

    fn resolve(&self, path: &Path) -> io::Result<PathBuf> {
        Ok(path.to_owned())
    }
}

#[test]
fn what_cannot_be_read_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let unreadable = |path: &Path, options: &Options| {
        let report = check_file(path, options);
        let issue = &report.issues[0];
        assert_eq!((report.valid, issue.code, report.issues.len()), (false, Code::Unreadable, 1), "{report}");
        assert_eq!(issue.file.as_deref(), path.to_str());
        issue.message.clone()
    };
    let options = Options::of_process();
    assert!(unreadable(folder.path(), &options).contains("not a regular file"));
    unreadable(&folder.path().join("none.json"), &options);
    let denied = Options::default().files(Arc::new(Denied));
    assert!(unreadable(&folder.path().join("openclaw.json"), &denied).contains("denied"));
    // An included file that may not be read: the include is named, at its place.
    let path = folder.path().join("openclaw.json");
    let report = openclaw_core::config::check_text("{\n  $include: 'a.json' }", &denied.path(&path));
    assert_eq!(
        (report.issues[0].code, report.issues[0].line, report.issues[0].column),
        (Code::IncludeFailed, Some(2), Some(13))
    );
    assert!(ConfigEditor::open(folder.path()).is_err() && Doctor::new(options.clone()).examine(folder.path()).is_err());

    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::write(&path, "{ zz: 1 }").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o000)).unwrap();
        if fs::read(&path).is_ok() {
            println!("skipped: this user may read everything");
            return;
        }
        assert!(unreadable(&path, &options).contains("denied"));
        assert!(Doctor::new(options).examine(&path).is_err());
    }
}

/// Files that include each other again and again are answered as fast as others: by all who look at them.
#[test]
fn includes_without_end_are_told_and_not_followed() {
    let many = |name: &str, times: usize| format!("$include: [{}]", vec![format!("'{name}'"); times].join(","));
    let itself = |times: usize| vec![("openclaw.json", format!("{{ {}, zzz: 1 }}", many("./openclaw.json", times)))];
    // No circle: each of them names the next so often.
    let names = ["openclaw.json", "a.json", "b.json", "c.json", "d.json", "e.json", "f.json"];
    let fan = |first: &str| {
        let files = names.windows(2).map(|pair| {
            let next = many(pair[1], 40);
            (pair[0], format!("{{ {} }}", next.replacen("['", &format!("[{first}'"), 1)))
        });
        files.chain([("f.json", "{ zzz: 1 }".to_owned())]).collect::<Vec<_>>()
    };
    // Each as deep as a file may be, with the next one at its bottom.
    let names =
        ["openclaw.json", "a.json", "b.json", "c.json", "d.json", "e.json", "f.json", "g.json", "h.json", "i.json"];
    let shaft = names.iter().enumerate().map(|(i, name)| {
        let bottom = names.get(i + 1).map_or("{ zz: 1 }".to_owned(), |next| format!("{{ $include: './{next}' }}"));
        let text = format!("{}{bottom}{}", "{ a: ".repeat(195), " }".repeat(195));
        (*name, if i == 0 { format!("{{ zzz: 1, channels: {{ x: {text} }} }}") } else { text })
    });
    // Eleven in a row: the last one is not followed, and the rest is as always.
    let names = [names.as_slice(), &["j.json", "k.json", "l.json"]].concat();
    let row = names.windows(2).map(|pair| (pair[0], format!("{{ $include: './{}' }}", pair[1])));
    let cases = [
        ("eleven in a row", row.collect()),
        ("a shaft", shaft.collect()),
        ("below", vec![("openclaw.json", "{ gateway: { $include: './openclaw.json' }, zzz: 1 }".to_owned())]),
        ("three times", itself(3)),
        ("ten times", itself(10)),
        ("a fan", fan("")),
        // The validator leaves the rest of such a list alone.
        ("a fan behind one that is not there", fan("'gone.json',")),
    ];
    for (name, files) in cases {
        let folder = tempfile::tempdir().unwrap();
        for (file, text) in &files {
            fs::write(folder.path().join(file), text).unwrap();
        }
        let before = content(folder.path());
        let path = folder.path().join("openclaw.json");
        let options = Options::of_process().env([]);
        let report = check_file(&path, &options);
        assert!(!report.valid && report.issues.iter().any(|issue| issue.stage == Stage::Include), "{name}: {report}");
        let plan = Doctor::new(options.clone()).examine(&path).unwrap();
        assert!(!plan.after().valid && !plan.render().is_empty(), "{name}");
        match ConfigEditor::open_with(&path, &options) {
            Ok(mut editor) => {
                assert!(!name.starts_with("a "), "{name}: what is in it was not looked at to the end");
                editor.set("logging.level", "warn").unwrap();
                assert_eq!(editor.get("logging.level").unwrap(), Some("warn".into()), "{name}");
            }
            Err(error) => {
                let code = if name == "a shaft" { "too_deep" } else { "too_large" };
                assert_eq!((name.starts_with("a "), error.code()), (true, Some(code)), "{name}: {error}");
            }
        }
        assert!(content(folder.path()) == before, "{name}: something was written");
    }
}
