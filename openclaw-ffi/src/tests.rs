//! What can be tested without a C compiler: the header is that of this source, and says what it must.

use std::fs;
use std::path::Path;

fn made() -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let config = cbindgen::Config::from_file(folder.join("cbindgen.toml")).unwrap();
    let bindings = cbindgen::Builder::new().with_crate(folder).with_config(config).generate().unwrap();
    let mut text = Vec::new();
    bindings.write(&mut text);
    String::from_utf8(text).unwrap()
}

#[test]
fn the_header_is_that_of_the_source() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("include/openclaw.h");
    let made = made();
    if std::env::var_os("OPENCLAW_BLESS").is_some() {
        fs::write(&path, &made).unwrap();
    }
    let kept = fs::read_to_string(&path).unwrap_or_default();
    assert!(kept == made, "include/openclaw.h is not that of src/: OPENCLAW_BLESS=1 cargo test -p openclaw-ffi");
}

#[test]
fn every_item_of_the_header_says_since_when_and_every_function_on_which_threads() {
    let header = made();
    let mut comment = String::new();
    let mut functions = 0;
    for line in header.lines() {
        let bare = line.trim_start_matches(['/', '*', ' ']).trim();
        if line.starts_with("/**") {
            comment.clear();
        }
        if line.starts_with("/**") || line.starts_with(" *") {
            comment.push(' ');
            comment.push_str(bare.trim_end_matches("*/").trim());
        } else if line.contains(" openclaw_") && line.contains('(') && !line.starts_with([' ', '#']) {
            if line.starts_with("typedef") || line.starts_with("static") {
                continue;
            }
            functions += 1;
            assert!(comment.contains("Threads:") && comment.contains("Since 0.1"), "{line}\n{comment}");
        } else if line.starts_with("#define OPENCLAW_") && line.split(' ').count() > 2 && !line.contains("__") {
            assert!(comment.contains("Since 0.1") || line.contains("OPENCLAW_API"), "{line}\n{comment}");
            comment.clear();
        }
    }
    assert!(functions > 60, "{functions}");
}

#[test]
fn the_number_of_the_version_is_that_of_the_header() {
    let header = made();
    assert!(header.contains(&format!("#define OPENCLAW_VERSION \"{}\"", env!("CARGO_PKG_VERSION"))));
    assert!(header.contains(&format!("OPENCLAW_VERSION_NUMBER 0x{:06x}", crate::openclaw_version_number())));
    assert!(header.contains(&format!("OPENCLAW_ABI_VERSION {}", crate::openclaw_abi_version())));
}
