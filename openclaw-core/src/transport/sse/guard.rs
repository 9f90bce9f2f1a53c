//! Finds whole blocks in a stream of bytes.

use std::collections::VecDeque;
use std::ops::Range;

use bytes::{Buf, Bytes, BytesMut};
use memchr::memchr2;

use super::fallback::Fallback;
use super::{SseError, SseEvent};

const BOM: [u8; 3] = [0xEF, 0xBB, 0xBF];
/// A carried block up to this size shares its buffer with the next one; a longer one takes its buffer along, so that
/// one long event does not hold its memory until the stream ends.
const SHARED_CARRY: usize = 64 << 10;

/// Bytes in, events out. Knows LF, CRLF and CR, all of them split over chunks, and takes off a byte order mark.
pub(crate) struct SseFramer {
    /// The chunk that is being looked at.
    chunk: Bytes,
    /// The first byte of it that was not looked at.
    at: usize,
    /// Where the part of the block that lies in it begins.
    begin: usize,
    waiting: VecDeque<Bytes>,
    /// The block's bytes of earlier chunks.
    carry: BytesMut,
    /// Where the current line begins, from the beginning of the block.
    line: usize,
    /// The first two lines of the block, without their ends, from the beginning of the block.
    lines: [Range<usize>; 2],
    /// How many lines the block has.
    count: usize,
    /// A CR was the last byte: an LF that follows belongs to it.
    skip_lf: bool,
    /// How many bytes of a byte order mark were seen; `None` when its place is behind us.
    bom: Option<usize>,
    limit: usize,
    ended: bool,
    /// Nothing will come any more.
    over: bool,
    fallback: Option<Box<Fallback>>,
    /// For tests: no block takes the short way.
    #[cfg(any(test, feature = "testing"))]
    only_fallback: bool,
    #[cfg(test)]
    pub(super) work: Work,
}

/// What a test counts instead of time.
#[cfg(test)]
#[derive(Debug, Default)]
pub(super) struct Work {
    pub looked: usize,
    pub copied: usize,
    pub in_fallback: usize,
}

impl SseFramer {
    /// A framer that refuses longer events.
    pub fn new(max_event_bytes: usize) -> Self {
        Self {
            chunk: Bytes::new(),
            at: 0,
            begin: 0,
            waiting: VecDeque::new(),
            carry: BytesMut::new(),
            line: 0,
            lines: [0..0, 0..0],
            count: 0,
            skip_lf: false,
            bom: Some(0),
            limit: max_event_bytes,
            ended: false,
            over: false,
            fallback: None,
            #[cfg(any(test, feature = "testing"))]
            only_fallback: false,
            #[cfg(test)]
            work: Work::default(),
        }
    }

    /// Sends every block through `eventsource-stream`.
    #[cfg(any(test, feature = "testing"))]
    pub fn only_fallback(mut self) -> Self {
        self.only_fallback = true;
        self
    }

    /// Adds bytes as they came.
    pub fn push(&mut self, chunk: Bytes) {
        if !chunk.is_empty() && !self.ended {
            self.waiting.push_back(chunk);
        }
    }

    /// The bytes have ended: what is left counts as a whole block.
    pub fn finish(&mut self) {
        self.ended = true;
    }

    /// The next event, if there is a whole one. After an error there is none.
    pub fn next_event(&mut self) -> Option<Result<SseEvent, SseError>> {
        loop {
            if self.over {
                return None;
            }
            if self.at >= self.chunk.len() && !self.next_chunk() {
                if self.carry.len() > self.limit {
                    return Some(Err(self.too_long()));
                }
                return if self.ended { self.last_block().map(Ok) } else { None };
            }
            if self.carry.len() > self.limit {
                return Some(Err(self.too_long()));
            }
            if let Some(block) = self.find_block() {
                if block > self.limit {
                    return Some(Err(self.too_long()));
                }
                if let Some(event) = self.take_block(block) {
                    return Some(Ok(event));
                }
            }
        }
    }

    /// Keeps what is left of a chunk that was looked at, and goes to the next one.
    fn next_chunk(&mut self) -> bool {
        let rest = self.chunk.get(self.begin..).unwrap_or_default();
        if !rest.is_empty() {
            if self.carry.capacity() == 0 {
                self.carry.reserve(4096);
            }
            self.carry.extend_from_slice(rest);
            #[cfg(test)]
            {
                self.work.copied += rest.len();
            }
        }
        self.at = 0;
        self.begin = 0;
        self.chunk = self.waiting.pop_front().unwrap_or_default();
        if self.chunk.is_empty() {
            return false;
        }
        while let Some(seen) = self.bom {
            match (self.chunk.first(), BOM.get(seen)) {
                (Some(byte), Some(expected)) if byte == expected => {
                    self.chunk.advance(1);
                    self.bom = Some(seen + 1);
                }
                (None, Some(_)) => break,
                (_, None) => self.bom = None,
                (Some(_), Some(_)) => self.no_bom(),
            }
        }
        true
    }

    /// What looked like a byte order mark was none: its bytes belong to the first line.
    fn no_bom(&mut self) {
        let seen = self.bom.take().unwrap_or_default();
        self.carry.extend_from_slice(BOM.get(..seen).unwrap_or_default());
    }

    /// Looks at the chunk up to the end of the block; the answer is the block's length without the empty line.
    fn find_block(&mut self) -> Option<usize> {
        let chunk: &[u8] = &self.chunk;
        let base = self.carry.len();
        if self.skip_lf && self.at < chunk.len() {
            self.skip_lf = false;
            if chunk.get(self.at) == Some(&b'\n') {
                self.at += 1;
                if self.count == 0 {
                    self.begin = self.at;
                } else {
                    self.line += 1;
                }
            }
        }
        loop {
            let rest = chunk.get(self.at..).unwrap_or_default();
            let (end, byte) = match rest.first() {
                Some(&byte @ (b'\n' | b'\r')) => (self.at, byte),
                _ => match memchr2(b'\n', b'\r', rest) {
                    Some(length) => (self.at + length, rest.get(length).copied().unwrap_or_default()),
                    None => {
                        #[cfg(test)]
                        {
                            self.work.looked += rest.len();
                        }
                        self.at = chunk.len();
                        return None;
                    }
                },
            };
            let mut next = end + 1;
            if byte == b'\r' {
                match chunk.get(next) {
                    Some(b'\n') => next += 1,
                    Some(_) => {}
                    None => self.skip_lf = true,
                }
            }
            #[cfg(test)]
            {
                self.work.looked += next - self.at;
            }
            self.at = next;
            let end = base + end - self.begin;
            if end > self.line {
                if let Some(slot) = self.lines.get_mut(self.count) {
                    *slot = self.line..end;
                }
                self.count += 1;
                self.line = base + next - self.begin;
            } else if self.count == 0 {
                self.begin = next;
            } else {
                return Some(self.line);
            }
        }
    }

    /// Takes the block out, whose bytes were all looked at.
    fn take_block(&mut self, length: usize) -> Option<SseEvent> {
        let block = if self.carry.is_empty() {
            part(&self.chunk, self.begin..self.begin + length)
        } else {
            let missing = length.saturating_sub(self.carry.len());
            let rest = self.chunk.get(self.begin..self.begin + missing).unwrap_or_default();
            self.carry.extend_from_slice(rest);
            #[cfg(test)]
            {
                self.work.copied += rest.len();
            }
            if self.carry.len() > SHARED_CARRY {
                std::mem::take(&mut self.carry).freeze()
            } else {
                self.carry.split().freeze()
            }
        };
        let data = self.usual_shape(&block);
        self.begin = self.at;
        self.line = 0;
        self.count = 0;
        match data {
            Some(range) => Some(SseEvent { data: part(&block, range), repaired: false }),
            None => {
                #[cfg(test)]
                {
                    self.work.in_fallback += 1;
                }
                self.fallback.get_or_insert_default().block(&block)
            }
        }
    }

    /// Where the data lies in a block of the usual shape.
    fn usual_shape(&self, block: &[u8]) -> Option<Range<usize>> {
        #[cfg(any(test, feature = "testing"))]
        if self.only_fallback {
            return None;
        }
        let [first, second] = &self.lines;
        let data = match self.count {
            1 => first,
            2 if block.get(first.clone())?.starts_with(b"event:") => second,
            _ => return None,
        };
        let value = block.get(data.clone())?.strip_prefix(b"data:")?;
        let value = value.strip_prefix(b" ").unwrap_or(value);
        Some(data.end - value.len()..data.end)
    }

    /// The bytes have ended: what is left is a block.
    fn last_block(&mut self) -> Option<SseEvent> {
        self.no_bom();
        self.over = true;
        let length = self.carry.len();
        if length > self.line {
            if let Some(slot) = self.lines.get_mut(self.count) {
                *slot = self.line..length;
            }
            self.count += 1;
        }
        if self.count == 0 { None } else { self.take_block(length) }
    }

    fn too_long(&mut self) -> SseError {
        self.over = true;
        self.carry = BytesMut::new();
        self.chunk = Bytes::new();
        self.waiting.clear();
        SseError::TooLong { limit: self.limit }
    }
}

fn part(bytes: &Bytes, range: Range<usize>) -> Bytes {
    if range.start <= range.end && range.end <= bytes.len() { bytes.slice(range) } else { Bytes::new() }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The rules of the HTML standard, as short as they can be; what is left at the end counts as a block.
    fn reference(bytes: &[u8]) -> Vec<String> {
        let text = String::from_utf8_lossy(bytes.strip_prefix(&BOM).unwrap_or(bytes)).into_owned();
        let text = text.replace("\r\n", "\n").replace('\r', "\n") + "\n\n";
        let mut events = Vec::new();
        let mut data = String::new();
        for line in text.split('\n') {
            if line.is_empty() {
                if let Some(all) = data.strip_suffix('\n') {
                    events.push(all.to_owned());
                }
                data.clear();
            } else if !line.starts_with(':') {
                let (field, value) = line.split_once(':').unwrap_or((line, ""));
                if field == "data" {
                    data.push_str(value.strip_prefix(' ').unwrap_or(value));
                    data.push('\n');
                }
            }
        }
        events
    }

    fn drain(framer: &mut SseFramer, out: &mut Vec<Result<(String, bool), SseError>>) {
        while let Some(event) = framer.next_event() {
            out.push(event.map(|event| {
                let (text, repaired) = event.text();
                (text.into_owned(), repaired)
            }));
        }
    }

    fn run<'a>(mut framer: SseFramer, chunks: impl Iterator<Item = &'a [u8]>) -> Vec<Result<(String, bool), SseError>> {
        let mut out = Vec::new();
        for chunk in chunks {
            framer.push(Bytes::copy_from_slice(chunk));
            drain(&mut framer, &mut out);
        }
        framer.finish();
        drain(&mut framer, &mut out);
        assert!(framer.next_event().is_none());
        out
    }

    fn texts(bytes: &[u8], size: usize) -> Vec<String> {
        run(SseFramer::new(1 << 20), bytes.chunks(size)).into_iter().map(|event| event.unwrap().0).collect()
    }

    #[test]
    fn the_usual_shapes_in_any_chunking() {
        let cases: &[(&[u8], &[&str])] = &[
            (b"event: a\ndata: {\"x\":1}\n\ndata: 2\n\n", &["{\"x\":1}", "2"]),
            (b"event: a\r\ndata: 1\r\n\r\ndata:2\r\n\r\n", &["1", "2"]),
            (b"event: a\rdata: 1\r\rdata: 2\r\r", &["1", "2"]),
            (b"\xEF\xBB\xBFdata: 1\n\n", &["1"]),
            (b"\xEF\xBB\xBF\xEF\xBB\xBF\n\ndata: 1\n\n", &["1"]),
            (b"\xEF\xBBdata: 1\n\ndata: 2\n\n", &["2"]),
            (b": ping\n\n: ping\n\ndata: 1\n\n:\n", &["1"]),
            (b"data: 1\ndata:  2\ndata\n\n", &["1\n 2\n"]),
            (b"id: 7\nretry: 10\nevent: x\ndata: 1\nunknown\n\n", &["1"]),
            (b"event: x\n\ndata: 1", &["1"]),
            (b"data\n\ndata:\n\n", &["", ""]),
            (b"\n\r\n\r\rdata: 1\n\n\n\n\n", &["1"]),
            (b"data: 1\r", &["1"]),
            ("data: gr\u{fc}n \u{1F600}\n\n".as_bytes(), &["gr\u{fc}n \u{1F600}"]),
            (b"data: a\xFFb\n\ndata: 2\n\n", &["a\u{FFFD}b", "2"]),
            (b"", &[]),
            (b"\xEF", &[]),
            (b"datax: 1\n\n data: 2\n\n", &[]),
        ];
        for (bytes, expected) in cases {
            assert_eq!(reference(bytes), *expected, "reference, {:?}", String::from_utf8_lossy(bytes));
            for size in 1..=bytes.len().max(1) {
                assert_eq!(texts(bytes, size), *expected, "{:?} by {size}", String::from_utf8_lossy(bytes));
            }
        }
    }

    #[test]
    fn invalid_utf8_is_told_and_costs_one_event_only() {
        let events = run(SseFramer::new(100), [&b"data: \xC3\n\ndata: ok\n\nid: 1\ndata: \xFF\n\n"[..]].into_iter());
        let expected = [("\u{FFFD}", true), ("ok", false), ("\u{FFFD}", true)];
        assert_eq!(events, expected.map(|(text, repaired)| Ok((text.to_owned(), repaired))));
    }

    #[test]
    fn an_event_in_one_chunk_is_not_copied() {
        let mut framer = SseFramer::new(100);
        let chunk = Bytes::from_static(b"event: a\ndata: hello\n\n");
        framer.push(chunk.clone());
        let event = framer.next_event().unwrap().unwrap();
        assert_eq!(event.data.as_ptr(), chunk[15..].as_ptr());
        assert_eq!(framer.work.copied, 0);
    }

    #[test]
    fn too_long_an_event_ends_it_whatever_the_chunks() {
        let long = [b"data: ".as_slice(), &[b'x'; 200], b"\n\ndata: 1\n\n"].concat();
        for size in 1..=long.len() {
            for framer in [SseFramer::new(100), SseFramer::new(100).only_fallback()] {
                assert_eq!(run(framer, long.chunks(size)), [Err(SseError::TooLong { limit: 100 })], "by {size}");
            }
        }
        let comments = b": ping\n".repeat(100);
        assert_eq!(run(SseFramer::new(100), comments.chunks(9)), [Err(SseError::TooLong { limit: 100 })]);
    }

    #[test]
    fn a_long_event_in_small_chunks_is_linear() {
        let work = |length: usize| {
            let mut framer = SseFramer::new(64 << 20);
            let bytes = [b"event: x\ndata: ".as_slice(), &vec![b'x'; length], b"\n\n"].concat();
            let mut events = Vec::new();
            for chunk in bytes.chunks(1024) {
                framer.push(Bytes::copy_from_slice(chunk));
                drain(&mut framer, &mut events);
            }
            assert_eq!(events.len(), 1);
            assert_eq!(framer.work.looked, bytes.len());
            assert!(framer.work.copied <= bytes.len());
            assert_eq!(framer.work.in_fallback, 0);
        };
        work(5 << 20);
        work(10 << 20);
    }

    #[test]
    fn many_events_in_big_chunks_are_linear() {
        let bytes =
            b"event: response.output_text.delta\ndata: {\"type\":\"x\",\"delta\":\"hello\"}\n\n".repeat(100_000);
        let mut framer = SseFramer::new(1 << 20);
        let mut count = 0;
        for chunk in bytes.chunks(256 << 10) {
            framer.push(Bytes::copy_from_slice(chunk));
            while framer.next_event().is_some() {
                count += 1;
            }
        }
        assert_eq!(count, 100_000);
        assert_eq!(framer.work.looked, bytes.len());
        // At most one block per chunk is carried.
        assert!(framer.work.copied < 100 * (bytes.len() / (256 << 10) + 1));
    }

    #[test]
    fn a_block_of_many_lines_is_linear_in_the_other_parser_too() {
        // 200,000 lines in one block: eventsource-stream alone would copy the rest of the block for each of them.
        let bytes = [b"data: x\n".repeat(200_000).as_slice(), b"\n"].concat();
        let events = run(SseFramer::new(64 << 20), bytes.chunks(256 << 10));
        assert_eq!(events.len(), 1);
        assert_eq!(events[0].as_ref().unwrap().0.len(), 2 * 200_000 - 1);
    }

    fn sse_like() -> impl Strategy<Value = Vec<u8>> {
        let piece = prop_oneof![
            4 => prop::sample::select(vec![
                &b"data: "[..], b"data:", b"data", b"event: a", b"event:", b"id: 1", b"id", b"retry: 5", b": c", b":",
                b"\n", b"\n", b"\n\n", b"\r\n", b"\r", b"\r\n\r\n", b"\xEF\xBB\xBF", b"\xEF", b"\xBB", b" ", b"{\"type\":\"x\"}",
                b"data: {\"type\":\"x\"}\n\n", b"event: y\ndata: {}\n\n", b"\0", b"\xC3\xA9", b"\xF0\x9F",
            ]).prop_map(<[u8]>::to_vec),
            1 => prop::collection::vec(any::<u8>(), 0..6),
        ];
        prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1500))]
        #[test]
        fn both_ways_and_the_standard_agree(bytes in sse_like(), sizes in prop::collection::vec(1usize..9, 1..20)) {
            let chunks = || {
                let mut rest = &bytes[..];
                let mut sizes = sizes.iter().cycle();
                std::iter::from_fn(move || {
                    let (chunk, left) = rest.split_at((*sizes.next()?).min(rest.len()));
                    rest = left;
                    (!chunk.is_empty()).then_some(chunk)
                })
            };
            let short = run(SseFramer::new(1 << 20), chunks());
            prop_assert_eq!(&short, &run(SseFramer::new(1 << 20).only_fallback(), chunks()));
            prop_assert_eq!(&short, &run(SseFramer::new(1 << 20), [&bytes[..]].into_iter()));
            let texts: Vec<String> = short.into_iter().map(|event| event.unwrap().0).collect();
            prop_assert_eq!(texts, reference(&bytes));
        }

        #[test]
        fn the_limit_does_not_depend_on_chunks(bytes in sse_like(), size in 1usize..9) {
            prop_assert_eq!(
                run(SseFramer::new(12), bytes.chunks(size)),
                run(SseFramer::new(12), [&bytes[..]].into_iter())
            );
        }
    }
}
