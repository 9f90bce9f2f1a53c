//! The stream that is measured, and the servers that send it: child processes, so that their CPU does not count.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

/// How the bytes are cut into HTTP chunks.
#[derive(Clone, Copy)]
pub enum Cut {
    EachEvent,
    Bytes(usize),
}

/// One stream: what it holds, and how it is cut.
#[derive(Clone)]
pub struct Case {
    pub name: &'static str,
    pub deltas: usize,
    pub arguments: usize,
    /// Text in `output` of the last event.
    pub output: usize,
    pub cut: Cut,
}

pub fn cases() -> Vec<Case> {
    let usual = |name, cut| Case { name, deltas: 2000, arguments: 50, output: 0, cut };
    let big = |name, mb: usize| Case { name, deltas: 50, arguments: 0, output: mb << 20, cut: Cut::Bytes(1024) };
    let tool = |name, arguments| Case { name, deltas: 0, arguments, output: 0, cut: Cut::EachEvent };
    vec![
        usual("each", Cut::EachEvent),
        usual("37b", Cut::Bytes(37)),
        usual("16k", Cut::Bytes(16 << 10)),
        usual("256k", Cut::Bytes(256 << 10)),
        big("5mb", 5),
        big("10mb", 10),
        tool("tool2000", 2000),
        tool("tool8000", 8000),
    ]
}

/// What a reader must have found.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Found {
    pub text: usize,
    pub arguments: usize,
}

pub struct Stream {
    /// Each with its `event:` line and the empty line behind it.
    pub events: Vec<String>,
    pub found: Found,
}

impl Stream {
    pub fn bytes(&self) -> usize {
        self.events.iter().map(String::len).sum()
    }
}

/// The same stream each time.
pub fn build(case: &Case) -> Stream {
    let mut out = Stream { events: Vec::new(), found: Found::default() };
    let mut number = 0;
    let mut push = |out: &mut Stream, body: String| {
        let kind = body.split('"').nth(3).unwrap_or_default().to_owned();
        // As the backend writes them: `type` first, `sequence_number` next.
        let body = body.replacen(&format!("\"{kind}\","), &format!("\"{kind}\",\"sequence_number\":{number},"), 1);
        number += 1;
        out.events.push(format!("event: {kind}\ndata: {body}\n\n"));
    };
    let head = |status: &str, output: Value, usage: Value| {
        let instructions = "You are a coding agent. Keep to the rules of the project and say what you did. ".repeat(90);
        let tool = json!({"type": "function", "name": "shell", "description": "Runs a command.", "strict": false,
            "parameters": {"type": "object", "properties": {"command": {"type": "string"}}}});
        json!({"id": "resp_0123456789abcdef0123456789abcdef", "object": "response", "created_at": 1_777_000_000, "status": status,
            "background": false, "error": null, "incomplete_details": null, "instructions": instructions,
            "max_output_tokens": null, "model": "gpt-5.4", "output": output, "parallel_tool_calls": true,
            "previous_response_id": null, "reasoning": {"effort": "medium", "summary": "auto"}, "service_tier": "default",
            "store": false, "temperature": 1.0, "text": {"format": {"type": "text"}, "verbosity": "medium"},
            "tool_choice": "auto", "tools": vec![tool; 14], "top_p": 1.0, "truncation": "disabled", "usage": usage,
            "metadata": {}})
    };
    let with = |kind: &str, rest: Value| format!("{{\"type\":\"{kind}\",{}", &rest.to_string()[1..]);
    push(&mut out, with("response.created", json!({"response": head("in_progress", json!([]), Value::Null)})));
    push(&mut out, with("response.in_progress", json!({"response": head("in_progress", json!([]), Value::Null)})));

    let mut done = Vec::new();
    let reasoning = |text: &str| {
        let summary = if text.is_empty() { json!([]) } else { json!([{"type": "summary_text", "text": text}]) };
        json!({"id": "rs_0123456789abcdef0123456789abcdef", "type": "reasoning", "summary": summary,
            "encrypted_content": "gAAAAABo".repeat(60)})
    };
    push(&mut out, with("response.output_item.added", json!({"output_index": 0, "item": reasoning("")})));
    let mut summary = String::new();
    for i in 0..40 {
        let piece = format!("thought {i} ");
        summary.push_str(&piece);
        push(
            &mut out,
            with(
                "response.reasoning_summary_text.delta",
                json!({"item_id": "rs_0123456789abcdef0123456789abcdef",
            "output_index": 0, "summary_index": 0, "delta": piece, "obfuscation": "aB3dE5"}),
            ),
        );
    }
    push(&mut out, with("response.output_item.done", json!({"output_index": 0, "item": reasoning(&summary)})));
    done.push(reasoning(&summary));

    let id = "msg_0123456789abcdef0123456789abcdef";
    let message = |text: &str, status: &str| {
        let part = json!({"type": "output_text", "text": text, "annotations": [], "logprobs": []});
        json!({"id": id, "type": "message", "status": status, "role": "assistant",
            "content": if text.is_empty() { json!([]) } else { json!([part]) }})
    };
    push(&mut out, with("response.output_item.added", json!({"output_index": 1, "item": message("", "in_progress")})));
    let part = json!({"type": "output_text", "text": "", "annotations": [], "logprobs": []});
    push(
        &mut out,
        with(
            "response.content_part.added",
            json!({"item_id": id, "output_index": 1, "content_index": 0, "part": part}),
        ),
    );
    let words = ["the ", "streaming ", "answer", ", \"quoted\" ", "line\n", "gr\u{fc}n ", "of a model ", "and so on"];
    let mut text = String::new();
    for i in 0..case.deltas {
        let piece = words[i * 7 % words.len()];
        text.push_str(piece);
        push(
            &mut out,
            with(
                "response.output_text.delta",
                json!({"item_id": id, "output_index": 1, "content_index": 0,
            "delta": piece, "logprobs": [], "obfuscation": &"kZ8sPq2LmX9vTb4R"[..16 - piece.len().min(15)]}),
            ),
        );
    }
    out.found.text = text.len();
    push(
        &mut out,
        with(
            "response.output_text.done",
            json!({"item_id": id, "output_index": 1, "content_index": 0, "text": text,
        "logprobs": []}),
        ),
    );
    push(&mut out, with("response.output_item.done", json!({"output_index": 1, "item": message(&text, "completed")})));
    done.push(message(&text, "completed"));

    for (n, count) in [case.arguments, case.arguments.min(50)].into_iter().enumerate() {
        if count == 0 {
            continue;
        }
        let id = format!("fc_{n}123456789abcdef0123456789abcdef");
        let index = n + 2;
        let call = |arguments: &str, status: &str| {
            json!({"id": id, "type": "function_call", "status": status, "call_id": format!("call_{n}"), "name": "shell",
                "arguments": arguments})
        };
        push(
            &mut out,
            with("response.output_item.added", json!({"output_index": index, "item": call("", "in_progress")})),
        );
        let mut arguments = String::new();
        for i in 0..count {
            let piece = match i {
                0 => "{\"command\":\"".to_owned(),
                i if i + 1 == count => "\"}".to_owned(),
                i => format!("echo {i}; "),
            };
            arguments.push_str(&piece);
            push(
                &mut out,
                with(
                    "response.function_call_arguments.delta",
                    json!({"item_id": id, "output_index": index,
                "delta": piece, "obfuscation": "p0Qr5T"}),
                ),
            );
        }
        out.found.arguments += arguments.len();
        push(
            &mut out,
            with(
                "response.function_call_arguments.done",
                json!({"item_id": id, "output_index": index,
            "name": "shell", "arguments": arguments}),
            ),
        );
        push(
            &mut out,
            with("response.output_item.done", json!({"output_index": index, "item": call(&arguments, "completed")})),
        );
        done.push(call(&arguments, "completed"));
    }
    if case.output > 0 {
        done.push(message(&"0123456789abcde ".repeat(case.output / 16), "completed"));
    }
    let usage = json!({"input_tokens": 12_000, "input_tokens_details": {"cached_tokens": 10_240, "cache_write_tokens": 0},
        "output_tokens": 3000, "output_tokens_details": {"reasoning_tokens": 120}, "total_tokens": 15_000});
    push(&mut out, with("response.completed", json!({"response": head("completed", Value::Array(done), usage)})));
    out
}

/// The whole answer, HTTP head and chunks included, so that the server only writes.
fn answer(case: &Case) -> Vec<u8> {
    let stream = build(case);
    let mut out = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n".to_vec();
    let mut chunk = |bytes: &[u8]| {
        out.extend(format!("{:x}\r\n", bytes.len()).bytes());
        out.extend(bytes);
        out.extend(b"\r\n");
    };
    match case.cut {
        Cut::EachEvent => stream.events.iter().for_each(|event| chunk(event.as_bytes())),
        Cut::Bytes(size) => stream.events.concat().as_bytes().chunks(size).for_each(chunk),
    }
    out.extend(b"0\r\n\r\n");
    out
}

/// A child that answers every request with the stream of one case.
pub struct Server {
    child: Child,
    pub port: u16,
}

impl Server {
    pub fn start(case: &Case) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["serve", case.name])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        Self { child, port: line.trim().parse().unwrap() }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The child itself.
pub fn serve(name: &str) {
    let case = cases().into_iter().find(|case| case.name == name).expect("an unknown case");
    let answer: &[u8] = answer(&case).leak();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    println!("{}", listener.local_addr().unwrap().port());
    // It ends with its parent.
    std::thread::spawn(|| {
        let _ = std::io::stdin().read(&mut [0]);
        std::process::exit(0);
    });
    for connection in listener.incoming().flatten() {
        std::thread::spawn(move || {
            let _ = talk(connection, answer);
        });
    }
}

fn talk(mut connection: TcpStream, answer: &[u8]) -> std::io::Result<()> {
    connection.set_nodelay(true)?;
    let mut reader = BufReader::new(connection.try_clone()?);
    loop {
        let mut length = 0;
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line)? == 0 {
                return Ok(());
            }
            if line == "\r\n" {
                break;
            }
            if let Some((name, value)) = line.split_once(':') {
                if name.eq_ignore_ascii_case("content-length") {
                    length = value.trim().parse().unwrap_or(0);
                }
            }
        }
        std::io::copy(&mut (&mut reader).take(length), &mut std::io::sink())?;
        connection.write_all(answer)?;
    }
}
