//! Examples of edits, and the law that every edit keeps.

use std::path::Path;

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::batch::Edit;
use super::path::KeyPath;
use super::sources::Sources;
use super::syntax;

fn open(text: &str) -> Sources {
    with_files(text, &[])
}

fn with_files(text: &str, files: &[(&str, &str)]) -> Sources {
    Sources::new(Path::new("/c/openclaw.json"), text.to_owned(), &Path::to_owned, &|path| {
        files.iter().find(|(name, _)| Path::new("/c").join(name) == path).map(|(_, text)| (*text).to_owned())
    })
    .unwrap()
}

fn path(text: &str) -> KeyPath {
    text.parse().unwrap()
}

#[track_caller]
fn removed(text: &str, paths: &[&str]) -> String {
    let mut sources = open(text);
    sources.remove(&paths.iter().map(|p| path(p)).collect::<Vec<_>>()).unwrap();
    sources.text().to_owned()
}

#[track_caller]
fn set(text: &str, at: &str, value: Value) -> String {
    let mut sources = open(text);
    sources.set(&path(at), value).unwrap();
    sources.text().to_owned()
}

#[test]
fn a_removal_takes_its_line_and_nothing_else() {
    let text = "{\n  // who\n  a: 1, // one\n  b: 2,\n  'c': 3,\n}\n";
    assert_eq!(removed(text, &["b"]), "{\n  // who\n  a: 1, // one\n  'c': 3,\n}\n");
    assert_eq!(removed(text, &["a"]), "{\n  // who\n  // one\n  b: 2,\n  'c': 3,\n}\n");
    assert_eq!(removed(text, &["c"]), "{\n  // who\n  a: 1, // one\n  b: 2,\n}\n");
    assert_eq!(removed(text, &["a", "b", "c"]), "{\n  // who\n  // one\n}\n");
    // Plain JSON stays plain JSON.
    assert_eq!(removed("{\n  \"a\": 1,\n  \"b\": 2\n}", &["b"]), "{\n  \"a\": 1\n}");
    assert_eq!(removed("{\"a\":1,\"b\":2,\"c\":3}", &["b", "c"]), "{\"a\":1}");
    assert_eq!(removed("{ a: 1, b: 2 }", &["b"]), "{ a: 1 }");
    assert_eq!(removed("{ a: 1, b: 2 }", &["a"]), "{ b: 2 }");
    assert_eq!(removed("{a: 1 /* x */, b: 2}", &["a"]), "{ /* x */ b: 2}");
    assert_eq!(removed("{a: 1, b: 2, a: 3}", &["a"]), "{b: 2}");
    assert_eq!(removed("{l: [1, 2, 3]}", &["l[1]"]), "{l: [1, 3]}");
    assert_eq!(removed("{a: 1}", &["b"]), "{a: 1}");
    // Several of one line.
    assert_eq!(removed("{\n  a: 1, b: 2,\n  c: 3,\n}", &["a", "b"]), "{\n  c: 3,\n}");
    assert_eq!(removed("{\n  c: 3,\n  a: 1, b: 2\n}", &["a", "b"]), "{\n  c: 3\n}");
    assert_eq!(removed("{\n  a: 1, b: 2, c: 3, d: 4\n}", &["a", "b", "d"]), "{\n  c: 3\n}");
    assert_eq!(removed("{ a: 1, b: 2, c: 3, d: 4 }", &["b", "c"]), "{ a: 1, d: 4 }");
    assert_eq!(removed("{\r\n\ta: 1,\r\n\tb: 2,\r\n}", &["a"]), "{\r\n\tb: 2,\r\n}");
}

#[test]
fn an_insertion_writes_as_the_person_writes() {
    assert_eq!(
        set("{\n    a: 1, // one\n}\n", "b", json!({"c": [1]})),
        "{\n    a: 1, // one\n    \"b\": {\n        \"c\": [\n            1\n        ]\n    },\n}\n"
    );
    assert_eq!(set("{\n\t\"a\": 1 // one\n}", "b", json!(2)), "{\n\t\"a\": 1, // one\n\t\"b\": 2\n}");
    assert_eq!(set("{\"a\":{}}", "a.b.c", json!("x")), "{\"a\":{\"b\":{\"c\":\"x\"}}}");
    assert_eq!(set("{}", "a.b", json!(1)), "{\n  \"a\": {\n    \"b\": 1\n  }\n}");
    assert_eq!(set("{ a: 1 }", "b", json!(2)), "{ a: 1,\"b\":2 }");
    assert_eq!(set("{\n  o: { a: 1 },\n}", "o.b", json!(2)), "{\n  o: { a: 1, \"b\": 2 },\n}");
    assert_eq!(
        set("{\n  o: {\n    // none yet\n  },\n}", "o.b", json!(2)),
        "{\n  o: {\n    // none yet\n    \"b\": 2\n  },\n}"
    );
    assert_eq!(set("{a: 0x10, b: +1}", "b", json!("z")), "{a: 0x10, b: \"z\"}");
    assert_eq!(set("{l: [1]}", "l[1]", json!(2)), "{l: [1,2]}");
    assert!(open("{a: 1}").set(&path("a.b"), json!(1)).is_err());
    assert!(open("{a: [1]}").set(&path("a[5]"), json!(1)).is_err());
}

#[test]
fn a_move_takes_its_comments_along() {
    let mut sources = open(
        "{\n  // about the pulse\n  heartbeat: {\n    // how often\n    every: '1h', // an hour\n    showOk: true,\n  },\n  agents: { defaults: { heartbeat: { target: 'last' } } },\n}\n",
    );
    let left = sources.absorb(&path("heartbeat"), &path("agents.defaults.heartbeat")).unwrap();
    assert_eq!(left, []);
    assert_eq!(
        sources.text(),
        "{\n  // about the pulse\n  agents: { defaults: { heartbeat: { target: 'last',\n    // how often\n    \"every\": '1h', // an hour\n    \"showOk\": true\n   } } },\n}\n"
    );
    assert_eq!(
        sources.value(),
        json!({"agents": {"defaults": {"heartbeat": {"target": "last", "every": "1h", "showOk": true}}}})
    );
}

#[test]
fn a_moved_line_looks_the_same_in_its_new_place() {
    let mut sources = open(
        "{\n  // the file\n\n  // what to remember\n  memorySearch: {\n    enabled: true, // yes\n    note: 'a\\\n    b',\n  }, // moved\n  agents: {\n    // all\n  },\n}\n",
    );
    sources.relocate(&path("memorySearch"), &path("agents.defaults.memorySearch")).unwrap();
    assert_eq!(
        sources.text(),
        "{\n  // the file\n\n  agents: {\n    // all\n    \"defaults\": {\n      // what to remember\n      \"memorySearch\": {\n        enabled: true, // yes\n        note: 'a\\\n    b',\n      } // moved\n    }\n  },\n}\n"
    );
}

/// A comment that begins with `/*/` does not end there.
#[test]
fn a_comment_that_moves_stays_as_it_is() {
    let mut sources =
        open("{\n  m: {\n    /*/ it's\n    so */\n    e: 1,\n  },\n  n: {\n    o: {\n      p: 1,\n    },\n  },\n}\n");
    sources.relocate(&path("m"), &path("n.o.m")).unwrap();
    assert_eq!(
        sources.text(),
        "{\n  n: {\n    o: {\n      p: 1,\n      \"m\": {\n        /*/ it's\n    so */\n        e: 1,\n      },\n    },\n  },\n}\n"
    );
}

#[test]
fn a_merge_keeps_what_is_there_and_gives_back_the_rest() {
    let mut sources = open("{m: {a: 1, b: {c: 2, d: 'lost'}, e: ''}, n: {b: {d: 3}, e: 4}}");
    let left = sources.absorb(&path("m"), &path("n")).unwrap();
    assert_eq!(sources.value(), json!({"n": {"a": 1, "b": {"c": 2, "d": 3}, "e": 4}}));
    assert_eq!(left.len(), 1);
    assert_eq!(left[0].text, "{b: {d: 'lost'}, e: ''}");
}

#[test]
fn an_included_value_is_edited_where_it_stands() {
    let files = [("agents.json5", "{ defaults: { a: 1 }, // d\n old: 2 }"), ("list.json5", "[1, 2]")];
    let mut sources =
        with_files("{ agents: { $include: './agents.json5', own: 1 }, l: {$include: 'list.json5'} }", &files);
    assert_eq!(sources.value(), json!({"agents": {"defaults": {"a": 1}, "old": 2, "own": 1}, "l": [1, 2]}));
    sources.remove(&[path("agents.old")]).unwrap();
    sources.set(&path("agents.defaults.a"), json!(5)).unwrap();
    sources.set(&path("agents.own"), json!(6)).unwrap();
    sources.set(&path("l[1]"), json!(7)).unwrap();
    sources.set(&path("agents.defaults.b"), json!(8)).unwrap();
    assert_eq!(sources.text(), "{ agents: { $include: './agents.json5', own: 6 }, l: {$include: 'list.json5'} }");
    let texts = sources.included();
    assert_eq!(texts[Path::new("/c/agents.json5")], "{ defaults: { a: 5, \"b\": 8 } // d\n }");
    assert_eq!(texts[Path::new("/c/list.json5")], "[1, 7]");
}

#[test]
fn lists_of_several_files_stand_one_behind_the_other() {
    let mut sources = with_files(
        "{ $include: ['a.json5', 'b.json5'], l: [3] }",
        &[("a.json5", "{ l: [1], k: { x: 1 } }"), ("b.json5", "{ l: [2], k: { y: 2, x: 3 } }")],
    );
    assert_eq!(sources.value(), json!({"l": [1, 2, 3], "k": {"x": 3, "y": 2}}));
    sources.set(&path("l[1]"), json!(20)).unwrap();
    sources.set(&path("l[2]"), json!(30)).unwrap();
    sources.remove(&[path("k.x")]).unwrap();
    assert_eq!(sources.value(), json!({"l": [1, 20, 30], "k": {"y": 2}}));
    sources.rename(&path("k.y"), "z").unwrap();
    assert_eq!(sources.value(), json!({"l": [1, 20, 30], "k": {"z": 2}}));
}

/// With the square of the length of the line this would take many minutes.
#[test]
fn many_edits_of_one_line_are_all_made() {
    let many = vec!["{a:1}"; 60_000].join(",");
    let mut sources = open(&format!("{{\n  l: [{many}],\n}}\n"));
    let place = |i: usize| KeyPath::new(["l", &i.to_string(), "a"]);
    let edits: Vec<[Edit; 1]> = (0..60_000).map(|i| [Edit::Set(place(i), json!(2))]).collect();
    sources.edit_all(edits.iter().map(|edit| edit.as_slice())).unwrap();
    assert_eq!(sources.text().matches("{a:2}").count(), 60_000);
}

#[test]
fn a_cycle_of_includes_ends_and_one_outside_is_not_read() {
    let sources = with_files(
        "{ $include: 'a.json5', x: { $include: '../../etc/passwd' } }",
        &[("a.json5", "{ $include: './openclaw.json', k: 1 }")],
    );
    assert_eq!(sources.value()["k"], json!(1));
    assert_eq!(sources.files().len(), 2);
}

// --- the law: an edit changes the value as it says, and no byte outside the place it says

fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(json!(null)),
        any::<bool>().prop_map(Value::from),
        (-1000i64..1000).prop_map(Value::from),
        "[a-z'\"\\\\\n\u{e9}\u{2028}/*{},:]{0,6}".prop_map(Value::from),
    ]
}

fn document() -> impl Strategy<Value = Value> {
    let inner = scalar().prop_recursive(4, 40, 5, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::btree_map("[a-e]|x-y|z w", inner, 0..5)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    });
    proptest::collection::btree_map("[a-e]|x-y|z w", inner, 0..5)
        .prop_map(|map| Value::Object(map.into_iter().collect()))
}

/// Writes a value as a careless person would: any quotes, comments, spaces, commas, spellings.
struct Scribe {
    seed: u64,
    out: String,
}

impl Scribe {
    fn pick(&mut self, of: u64) -> u64 {
        self.seed = self.seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.seed >> 33) % of
    }

    fn space(&mut self) {
        let some = ["", "", "", " ", " ", "\n  ", "\r\n\t", " /* {,} */ ", " // ',]\n", "\u{a0}", "\n\n"];
        let at = self.pick(some.len() as u64) as usize;
        self.out.push_str(some[at]);
    }

    fn text(&mut self, text: &str) {
        let quote = if self.pick(2) == 0 { '"' } else { '\'' };
        self.out.push(quote);
        for c in text.chars() {
            match c {
                '\n' => self.out.push_str("\\n"),
                '\\' => self.out.push_str("\\\\"),
                c if c == quote => {
                    self.out.push('\\');
                    self.out.push(c);
                }
                c if self.pick(6) == 0 && (c as u32) < 0x10000 => self.out.push_str(&format!("\\u{:04x}", c as u32)),
                c => {
                    if self.pick(12) == 0 {
                        self.out.push_str("\\\n");
                    }
                    self.out.push(c);
                }
            }
        }
        self.out.push(quote);
    }

    fn key(&mut self, key: &str) {
        if key.len() == 1 && self.pick(2) == 0 { self.out.push_str(key) } else { self.text(key) }
    }

    fn value(&mut self, value: &Value) {
        match value {
            Value::Object(map) => {
                self.out.push('{');
                let count = map.len();
                for (i, (key, value)) in map.iter().enumerate() {
                    if self.pick(8) == 0 {
                        // The first of two is nothing.
                        self.space();
                        self.key(key);
                        self.out.push_str(": 'shadowed',");
                    }
                    self.space();
                    self.key(key);
                    self.space();
                    self.out.push(':');
                    self.space();
                    self.value(value);
                    self.space();
                    if i + 1 < count || self.pick(2) == 0 {
                        self.out.push(',');
                    }
                }
                self.space();
                self.out.push('}');
            }
            Value::Array(values) => {
                self.out.push('[');
                let count = values.len();
                for (i, value) in values.iter().enumerate() {
                    self.space();
                    self.value(value);
                    self.space();
                    if i + 1 < count || self.pick(2) == 0 {
                        self.out.push(',');
                    }
                }
                self.space();
                self.out.push(']');
            }
            Value::String(text) => self.text(text),
            Value::Number(number) => match (number.as_i64(), self.pick(3)) {
                (Some(n), 0) if n >= 0 => self.out.push_str(&format!("0x{n:X}")),
                (Some(n), 1) if n > 0 => self.out.push_str(&format!("+{n}.")),
                _ => self.out.push_str(&number.to_string()),
            },
            other => self.out.push_str(&other.to_string()),
        }
    }
}

fn scribble(value: &Value, seed: u64) -> String {
    let mut scribe = Scribe { seed, out: String::new() };
    scribe.space();
    scribe.value(value);
    scribe.space();
    scribe.out
}

#[derive(Debug, Clone)]
enum Op {
    Set(prop::sample::Index, Value),
    Add(prop::sample::Index, String, Value),
    Remove(prop::sample::Index),
    Rename(prop::sample::Index, String),
    Move(prop::sample::Index, prop::sample::Index, String),
}

fn op() -> impl Strategy<Value = Op> {
    let key = "[a-h]|k l".prop_map(String::from);
    prop_oneof![
        (any::<prop::sample::Index>(), document()).prop_map(|(at, value)| Op::Set(at, value)),
        (any::<prop::sample::Index>(), scalar()).prop_map(|(at, value)| Op::Set(at, value)),
        (any::<prop::sample::Index>(), key.clone(), document()).prop_map(|(at, key, value)| Op::Add(at, key, value)),
        any::<prop::sample::Index>().prop_map(Op::Remove),
        (any::<prop::sample::Index>(), key.clone()).prop_map(|(at, key)| Op::Rename(at, key)),
        (any::<prop::sample::Index>(), any::<prop::sample::Index>(), key)
            .prop_map(|(from, to, key)| Op::Move(from, to, key)),
    ]
}

fn paths(value: &Value, at: &KeyPath, all: &mut Vec<KeyPath>) {
    all.push(at.clone());
    match value {
        Value::Object(map) => map.iter().for_each(|(key, value)| paths(value, &at.join(key), all)),
        Value::Array(values) => {
            values.iter().enumerate().for_each(|(i, value)| paths(value, &at.join(&i.to_string()), all));
        }
        _ => {}
    }
}

fn at<'v>(value: &'v mut Value, path: &KeyPath) -> &'v mut Value {
    path.keys().fold(value, |value, key| match value {
        Value::Array(values) => &mut values[key.parse::<usize>().unwrap()],
        Value::Object(map) => map.get_mut(key).unwrap(),
        _ => unreachable!(),
    })
}

fn take(value: &mut Value, path: &KeyPath) -> Value {
    let (above, key) = path.split_last().unwrap();
    match at(value, &above) {
        Value::Array(values) => values.remove(key.parse().unwrap()),
        Value::Object(map) => map.remove(key).unwrap(),
        _ => unreachable!(),
    }
}

fn object<'v>(value: &'v mut Value, path: &KeyPath) -> Option<&'v mut Map<String, Value>> {
    at(value, path).as_object_mut()
}

/// Applies the edit to both; whether there was one to apply.
fn carry_out(op: &Op, sources: &mut Sources, model: &mut Value) -> bool {
    let mut all = Vec::new();
    paths(model, &KeyPath::default(), &mut all);
    match op {
        Op::Set(place, value) => {
            let path = place.get(&all);
            sources.set(path, value.clone()).unwrap();
            *at(model, path) = value.clone();
        }
        Op::Add(place, key, value) => {
            let path = place.get(&all);
            let Some(map) = object(model, path) else { return false };
            map.insert(key.clone(), value.clone());
            sources.set(&path.join(key), value.clone()).unwrap();
        }
        Op::Remove(place) => {
            let path = place.get(&all);
            if path.is_empty() {
                return false;
            }
            take(model, path);
            sources.remove(std::slice::from_ref(path)).unwrap();
        }
        Op::Rename(place, key) => {
            let path = place.get(&all);
            let Some((above, old)) = path.split_last() else { return false };
            let Some(map) = object(model, &above).filter(|map| !map.contains_key(key)) else { return false };
            let value = map.remove(old).unwrap();
            map.insert(key.clone(), value);
            sources.rename(path, key).unwrap();
        }
        Op::Move(from, to, key) => {
            let (from, to) = (from.get(&all), to.get(&all));
            let member = from.split_last().is_some_and(|(above, _)| object(model, &above).is_some());
            let free = object(model, to).is_some_and(|map| !map.contains_key(key));
            if !member || !free || to.starts_with(from) {
                return false;
            }
            let value = take(model, from);
            object(model, to).unwrap().insert(key.clone(), value);
            sources.relocate(from, &to.join(key)).unwrap();
        }
    }
    true
}

/// What the text holds besides values: every comment, in no order.
fn comments(text: &str) -> Vec<String> {
    let mut all: Vec<String> =
        syntax::comments(text, 0..text.len()).into_iter().map(|span| text[span].to_owned()).collect();
    all.sort();
    all
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, ..ProptestConfig::default() })]

    #[test]
    fn an_edited_text_says_what_the_edited_value_says(
        value in document(), seed in any::<u64>(), ops in proptest::collection::vec(op(), 1..6)
    ) {
        let text = scribble(&value, seed);
        let mut sources = open(&text);
        let mut model = value;
        prop_assert_eq!(&sources.value(), &model, "{}", text);
        for op in &ops {
            let before = sources.text().to_owned();
            if carry_out(op, &mut sources, &mut model) {
                if let Op::Move(..) = op {
                    prop_assert_eq!(comments(sources.text()).len(), comments(&before).len(), "{:?}\n{}\n---\n{}", op, before, sources.text());
                }
                prop_assert_eq!(&sources.value(), &model, "{:?}\n{}\n---\n{}", op, before, sources.text());
            } else {
                prop_assert_eq!(sources.text(), before);
            }
        }
    }

    #[test]
    fn a_removal_keeps_every_byte_of_the_rest(value in document(), seed in any::<u64>(), place in any::<prop::sample::Index>()) {
        let text = scribble(&value, seed);
        let mut sources = open(&text);
        let mut all = Vec::new();
        paths(&value, &KeyPath::default(), &mut all);
        let path = place.get(&all);
        prop_assume!(!path.is_empty());
        let taken = sources.remove(std::slice::from_ref(path)).unwrap();
        prop_assert!(!taken.is_empty());
        // Apart from what went, only space and commas may have gone, and nothing may have come.
        let mut kept = sources.text().chars();
        let mut rest = text.as_str();
        let mut missing = String::new();
        for c in kept.by_ref() {
            loop {
                let next = rest.chars().next().expect("something came");
                rest = &rest[next.len_utf8()..];
                if next == c {
                    break;
                }
                missing.push(next);
            }
        }
        prop_assert!(rest.chars().chain(missing.chars()).count() >= taken.iter().map(|r| r.entry.chars().count()).sum::<usize>());
        prop_assert_eq!(comments(sources.text()).len() + inner_comments(&taken), comments(&text).len(), "{}\n---\n{}", text, sources.text());
    }

    #[test]
    fn a_replaced_value_is_all_that_changes(value in document(), seed in any::<u64>(), place in any::<prop::sample::Index>(), new in scalar()) {
        let text = scribble(&value, seed);
        let mut sources = open(&text);
        let mut all = Vec::new();
        paths(&value, &KeyPath::default(), &mut all);
        let path = place.get(&all);
        let span = sources.layers(path).pop().unwrap().node.span.clone();
        sources.set(path, new.clone()).unwrap();
        prop_assert_eq!(sources.text(), format!("{}{}{}", &text[..span.start], new, &text[span.end..]));
    }

    #[test]
    fn an_insertion_keeps_every_byte(value in document(), seed in any::<u64>(), new in document()) {
        let text = scribble(&value, seed);
        let mut sources = open(&text);
        sources.set(&path("brand_new"), new).unwrap();
        let mut rest = sources.text().chars();
        for c in text.chars() {
            prop_assert!(rest.any(|other| other == c), "{}\n---\n{}", text, sources.text());
        }
        prop_assert_eq!(comments(sources.text()), comments(&text));
    }
}

fn inner_comments(taken: &[super::sources::Removed]) -> usize {
    taken.iter().map(|removed| comments(&removed.entry).len()).sum()
}
