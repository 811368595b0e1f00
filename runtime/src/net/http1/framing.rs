//! Where the body of a response ends, and what of it has come. <https://www.rfc-editor.org/rfc/rfc9112#name-message-body-length>

use bytes::{Buf, Bytes, BytesMut};

use super::head::Head;

/// Bytes of a line between chunks, and of all trailers together.
const MOST_LINE: usize = 16 << 10;

/// What is to come of a body.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum State {
    /// So many bytes.
    Length(u64),
    /// The line before a chunk.
    Size,
    /// So many bytes of a chunk, and the end of its line.
    Chunk(u64),
    /// The end of a chunk's line.
    Line,
    /// Trailers; bytes that they had so far.
    Trailers(usize),
    /// Everything up to the end of the connection.
    UntilClose,
    /// Nothing.
    Over,
}

/// Takes a body out of what a connection gives.
#[derive(Debug)]
pub(super) struct Framing {
    state: State,
    /// Another response may follow on the connection.
    pub keeps_connection: bool,
}

/// What a step gives.
#[derive(PartialEq, Eq, Debug)]
pub(super) enum Step {
    /// A piece of the body; never empty.
    Piece(Bytes),
    /// More must come first.
    Hungry,
    /// The body is complete.
    End,
}

impl Framing {
    // https://www.rfc-editor.org/rfc/rfc9112#section-6.3
    /// The framing that a head tells of. `has_none`: the request was of a kind whose responses have no body.
    ///
    /// # Errors
    /// Where the head contradicts itself.
    pub(super) fn of(head: &Head, has_none: bool) -> Result<Framing, String> {
        // https://www.rfc-editor.org/rfc/rfc9112#name-persistence
        let connection = head.fields.members("connection");
        let has = |option: &str| connection.iter().any(|member| member == option);
        let persists = !has("close") && (head.minor >= 1 || has("keep-alive"));
        let framing = |state: State, keeps_connection: bool| Ok(Framing { state, keeps_connection });
        if has_none || matches!(head.status, 101 | 204 | 304) {
            // After 101, another protocol is spoken. A 204 that tells a length (https://www.rfc-editor.org/rfc/rfc9110#section-8.6 forbids it)
            // is often followed by a body all the same, which the next response must not begin with.
            let is_odd = head.status == 204
                && (head.fields.contains("transfer-encoding") || head.fields.get("content-length").is_some_and(|length| length != b"0"));
            return framing(State::Over, persists && head.status != 101 && !is_odd);
        }
        let codings = head.fields.members("transfer-encoding");
        let has_length = head.fields.contains("content-length");
        if head.fields.contains("transfer-encoding") {
            return match codings.iter().filter(|coding| !coding.is_empty()).map(String::as_str).collect::<Vec<_>>().as_slice() {
                // Somebody on the way may have understood a length, or an old version, in another way: nothing after this can be trusted.
                ["chunked"] => framing(State::Size, persists && !has_length && head.minor >= 1),
                [] | ["identity"] => framing(State::UntilClose, false),
                codings => Err(format!("the response has an unknown transfer coding: {}", codings.join(", "))),
            };
        }
        if !has_length {
            return framing(State::UntilClose, false);
        }
        let lengths = head.fields.members("content-length");
        let is_number = |text: &String| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let length = lengths.first().filter(|text| is_number(text)).and_then(|text| text.parse::<u64>().ok());
        match length {
            Some(length) if lengths.iter().all(|other| other == &lengths[0]) => {
                framing(if length == 0 { State::Over } else { State::Length(length) }, persists)
            }
            _ => Err(format!("the response's length is not valid: {}", lengths.join(", "))),
        }
    }

    /// Takes the next piece out of what has come.
    ///
    /// # Errors
    /// Where the body is not well-formed.
    pub(super) fn step(&mut self, buffer: &mut BytesMut) -> Result<Step, String> {
        loop {
            match self.state {
                State::Over => return Ok(Step::End),
                State::UntilClose | State::Length(_) | State::Chunk(_) if buffer.is_empty() => return Ok(Step::Hungry),
                State::UntilClose => return Ok(Step::Piece(buffer.split().freeze())),
                State::Length(left) => {
                    let (piece, left) = take(buffer, left);
                    self.state = if left == 0 { State::Over } else { State::Length(left) };
                    return Ok(Step::Piece(piece));
                }
                State::Chunk(left) => {
                    let (piece, left) = take(buffer, left);
                    self.state = if left == 0 { State::Line } else { State::Chunk(left) };
                    return Ok(Step::Piece(piece));
                }
                State::Line | State::Size | State::Trailers(_) => {
                    let Some(length) = buffer.iter().position(|&byte| byte == b'\n') else {
                        return self.check_part_of_line(buffer).map(|()| Step::Hungry);
                    };
                    let line = buffer.split_to(length);
                    buffer.advance(1);
                    let line = line.strip_suffix(b"\r").unwrap_or(&line);
                    self.state = match self.state {
                        State::Line if line.is_empty() => State::Size,
                        State::Line => return Err("a chunk of the response is longer than it said".to_string()),
                        State::Trailers(_) if line.is_empty() => State::Over,
                        State::Trailers(had) if had + line.len() > MOST_LINE => {
                            return Err("the response's trailers are too long".to_string());
                        }
                        State::Trailers(had) => State::Trailers(had + line.len() + 1),
                        _ => match chunk_size(line)? {
                            0 => State::Trailers(0),
                            size => State::Chunk(size),
                        },
                    };
                }
            }
        }
    }

    /// Looks at a line whose end has not come: what cannot become right is told at once, as nothing more may follow.
    fn check_part_of_line(&self, line: &[u8]) -> Result<(), String> {
        if line.len() > MOST_LINE {
            return Err("a line between the chunks of the response is too long".to_string());
        }
        let part = line.strip_suffix(b"\r").unwrap_or(line);
        match self.state {
            State::Line if !part.is_empty() => Err("a chunk of the response is longer than it said".to_string()),
            State::Size if !part.is_empty() => chunk_size(part).map(|_| ()),
            _ => Ok(()),
        }
    }

    /// The connection has ended.
    ///
    /// # Errors
    /// Where something is missing.
    pub(super) fn end(&self) -> Result<(), String> {
        match self.state {
            State::UntilClose | State::Over => Ok(()),
            _ => Err("the connection was closed before the body's end".to_string()),
        }
    }
}

/// As much as has come of the bytes that are left, and how many are left then.
fn take(buffer: &mut BytesMut, left: u64) -> (Bytes, u64) {
    let count = usize::try_from(left).unwrap_or(usize::MAX).min(buffer.len());
    (buffer.split_to(count).freeze(), left - count as u64)
}

// https://www.rfc-editor.org/rfc/rfc9112#name-chunked-transfer-coding
fn chunk_size(line: &[u8]) -> Result<u64, String> {
    let malformed = || "the response has a malformed chunk".to_string();
    let text = line.split(|&byte| byte == b';').next().unwrap_or_default();
    let text = std::str::from_utf8(text).map_err(|_| malformed())?.trim_end_matches([' ', '\t']);
    if text.is_empty() || text.len() > 16 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(malformed());
    }
    u64::from_str_radix(text, 16).map_err(|_| malformed())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::http1::head::parse;

    fn framing(head: &str) -> Result<Framing, String> {
        Framing::of(&parse(format!("HTTP/1.1 200 OK\r\n{head}\r\n\r\n").as_bytes()).unwrap(), false)
    }

    /// What of `bytes` is the body, given in pieces of `size` bytes, and what is left over.
    fn read(head: &str, bytes: &str, size: usize) -> Result<(String, String), String> {
        let mut framing = framing(head)?;
        let (mut buffer, mut body) = (BytesMut::new(), Vec::new());
        let mut chunks = bytes.as_bytes().chunks(size);
        loop {
            match framing.step(&mut buffer)? {
                Step::Piece(piece) => {
                    assert!(!piece.is_empty());
                    body.extend_from_slice(&piece);
                }
                Step::End => break,
                Step::Hungry => match chunks.next() {
                    Some(chunk) => buffer.extend_from_slice(chunk),
                    None => {
                        framing.end()?;
                        break;
                    }
                },
            }
        }
        chunks.for_each(|chunk| buffer.extend_from_slice(chunk));
        Ok((String::from_utf8(body).unwrap(), String::from_utf8(buffer.to_vec()).unwrap()))
    }

    #[test]
    fn bodies() {
        for (head, bytes, body, rest) in [
            ("content-length: 3", "abcd", "abc", "d"),
            ("content-length: 3, 3\r\nContent-Length: 3", "abcd", "abc", "d"),
            ("content-length: 0", "x", "", "x"),
            ("a: b", "everything", "everything", ""),
            ("transfer-encoding: chunked", "3\r\nabc\r\n01;x=\"y\"\r\nd\r\n0\r\n\r\nrest", "abcd", "rest"),
            ("transfer-encoding: Chunked\r\ncontent-length: 1", "A \nabcdefghij\n000\nt: u\r\nv: w\n\n", "abcdefghij", ""),
        ] {
            for size in [1, 2, 7, 100] {
                assert_eq!(read(head, bytes, size).as_ref().map(|(a, b)| (&**a, &**b)), Ok((body, rest)), "{head} {bytes} {size}");
            }
        }
    }

    #[test]
    fn what_is_malformed() {
        for head in [
            "content-length: -1",
            "content-length: ",
            "content-length: 1, 2",
            "content-length: 99999999999999999999",
            "transfer-encoding: gzip, chunked",
        ] {
            assert!(framing(head).is_err(), "{head}");
        }
        for bytes in [
            "3\r\nabcd\r\n0\r\n\r\n",
            "\r\n",
            "x\r\n",
            "+3\r\nabc",
            "-1\r\n",
            "11111111111111111\r\n",
            "3\r\nab",
            "3\r\nabc\r\n",
            "0\r\n",
            "0\r\na: b\r\n",
        ] {
            assert!(read("transfer-encoding: chunked", bytes, 100).is_err(), "{bytes}");
        }
        assert!(read("content-length: 3", "ab", 100).is_err());
        // Nothing more may come of a server that sends such things.
        let begun = |bytes: &str| {
            let mut buffer = BytesMut::from(bytes);
            let mut framing = framing("transfer-encoding: chunked").unwrap();
            loop {
                match framing.step(&mut buffer) {
                    Ok(Step::Piece(_)) => {}
                    outcome => return outcome,
                }
            }
        };
        for bytes in ["garbage", "1\r\nab", "1x"] {
            assert!(begun(bytes).is_err(), "{bytes}");
        }
        for bytes in ["", "\r", "a", "a \r", "a;b=\"", "1\r\na", "1\r\na\r", "0\r\na"] {
            assert_eq!(begun(bytes), Ok(Step::Hungry), "{bytes}");
        }
        assert!(read("transfer-encoding: chunked", &"1".repeat(MOST_LINE + 2), 100).is_err());
        assert!(read("transfer-encoding: chunked", &format!("0\r\n{}", "a: b\r\n".repeat(MOST_LINE / 4)), 100).is_err());
    }

    #[test]
    fn what_persists() {
        for (head, persists) in [
            ("content-length: 1", true),
            ("content-length: 1\r\nconnection: x, Close", false),
            ("a: b", false),
            ("transfer-encoding: chunked", true),
            ("transfer-encoding: chunked\r\ncontent-length: 1", false),
        ] {
            assert_eq!(framing(head).unwrap().keeps_connection, persists, "{head}");
        }
        let old =
            |connection: &str| parse(format!("HTTP/1.0 200 OK\r\ncontent-length: 0\r\nconnection: {connection}\r\n").as_bytes()).unwrap();
        assert!(!Framing::of(&old("x"), false).unwrap().keeps_connection);
        assert!(Framing::of(&old("keep-alive"), false).unwrap().keeps_connection);
        for (text, persists) in
            [("204 a", true), ("204 a\r\ncontent-length: 0", true), ("204 a\r\ncontent-length: 3", false), ("101 a", false)]
        {
            let head = parse(format!("HTTP/1.1 {text}\r\n\r\n").as_bytes()).unwrap();
            assert_eq!(Framing::of(&head, false).unwrap().keeps_connection, persists, "{text}");
        }
        assert!(Framing::of(&parse(b"HTTP/1.1 304 a\r\ncontent-length: 3\r\n\r\n").unwrap(), false).unwrap().keeps_connection);
        let mut head = Framing::of(&parse(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n").unwrap(), true).unwrap();
        assert_eq!(head.step(&mut BytesMut::from(&b"x"[..])), Ok(Step::End));
    }
}
