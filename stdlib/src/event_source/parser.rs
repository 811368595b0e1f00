//! The event stream format. <https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream>

/// Most bytes of an event that is not complete.
const MOST_BYTES: usize = 16 << 20;

/// What a stream says.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Item {
    /// An event.
    Event {
        /// Its type.
        event_type: String,
        /// Its data.
        data: String,
        /// The last event ID by then.
        id: String,
    },
    /// Only the last event ID has changed.
    Id(String),
    /// A new reconnection time, in milliseconds.
    Retry(f64),
}

/// An event is larger than anybody can want.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct TooLarge;

/// A stream as far as it was read.
#[derive(Default)]
pub(super) struct Parser {
    /// The line that is not complete.
    line: Vec<u8>,
    /// The last byte ended a line as a carriage return: a line feed belongs to it.
    after_return: bool,
    /// The first line is done, which may begin with a byte order mark.
    has_begun: bool,
    data: String,
    event_type: String,
    last_event_id: String,
}

impl Parser {
    /// A parser for a new connection, with the last event ID of the former ones.
    pub(super) fn new(last_event_id: String) -> Parser {
        Parser { last_event_id, ..Parser::default() }
    }

    /// Takes more bytes. What is not complete at the end of a stream is dropped with the parser.
    pub(super) fn feed(&mut self, bytes: &[u8]) -> Result<Vec<Item>, TooLarge> {
        let mut items = Vec::new();
        let mut rest = bytes;
        while let Some(&first) = rest.first() {
            if std::mem::take(&mut self.after_return) && first == b'\n' {
                rest = &rest[1..];
                continue;
            }
            let Some(end) = memchr::memchr2(b'\r', b'\n', rest) else {
                self.line.extend_from_slice(rest);
                break;
            };
            self.line.extend_from_slice(&rest[..end]);
            self.after_return = rest[end] == b'\r';
            rest = &rest[end + 1..];
            let line = std::mem::take(&mut self.line);
            self.take_line(&line, &mut items);
        }
        if self.line.len() + self.data.len() > MOST_BYTES { Err(TooLarge) } else { Ok(items) }
    }

    fn take_line(&mut self, line: &[u8], items: &mut Vec<Item>) {
        // Streams are decoded with UTF-8 decode, which strips one byte order mark.
        let line = if std::mem::replace(&mut self.has_begun, true) { line } else { line.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(line) };
        if line.is_empty() {
            self.dispatch(items);
            return;
        }
        let line = String::from_utf8_lossy(line);
        let (field, value) = match line.split_once(':') {
            // A comment.
            Some(("", _)) => return,
            Some((field, value)) => (field, value.strip_prefix(' ').unwrap_or(value)),
            None => (&*line, ""),
        };
        match field {
            "event" => self.event_type = value.to_string(),
            "data" => {
                self.data.push_str(value);
                self.data.push('\n');
            }
            "id" if !value.contains('\0') => self.last_event_id = value.to_string(),
            "retry" if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) => {
                items.push(Item::Retry(value.parse().unwrap_or(f64::MAX)));
            }
            _ => {}
        }
    }

    // https://html.spec.whatwg.org/multipage/server-sent-events.html#dispatchMessage
    fn dispatch(&mut self, items: &mut Vec<Item>) {
        let id = self.last_event_id.clone();
        let event_type = std::mem::take(&mut self.event_type);
        let mut data = std::mem::take(&mut self.data);
        if data.is_empty() {
            items.push(Item::Id(id));
            return;
        }
        data.pop();
        let event_type = if event_type.is_empty() { "message".to_string() } else { event_type };
        items.push(Item::Event { event_type, data, id });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(event_type: &str, data: &str, id: &str) -> Item {
        Item::Event { event_type: event_type.into(), data: data.into(), id: id.into() }
    }

    fn parse(pieces: &[&str]) -> Vec<Item> {
        let mut parser = Parser::new(String::new());
        pieces.iter().flat_map(|piece| parser.feed(piece.as_bytes()).unwrap()).collect()
    }

    #[test]
    fn examples_of_the_specification() {
        assert_eq!(parse(&["data: YHOO\ndata: +2\ndata: 10\n\n"]), [event("message", "YHOO\n+2\n10", "")]);
        let text = ": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n\n";
        let expected = [
            Item::Id(String::new()),
            event("message", "first event", "1"),
            event("message", "second event", ""),
            event("message", " third event", ""),
        ];
        assert_eq!(parse(&[text]), expected);
        assert_eq!(parse(&["data\n\ndata\ndata\n\ndata:"]), [event("message", "", ""), event("message", "\n", "")]);
        assert_eq!(parse(&["data:test\n\ndata: test\n\n"]), [event("message", "test", ""), event("message", "test", "")]);
    }

    #[test]
    fn line_ends_and_pieces() {
        assert_eq!(parse(&["event: a\r\ndata: 1\r\n\r\n"]), [event("a", "1", "")]);
        assert_eq!(parse(&["data: 1\r", "\n\r", "\n", "data: 2\r\r"]), [event("message", "1", ""), event("message", "2", "")]);
        let bytes = "\u{FEFF}data: ä\n\n".as_bytes();
        let mut parser = Parser::new("old".into());
        let items: Vec<Item> = bytes.iter().flat_map(|byte| parser.feed(&[*byte]).unwrap()).collect();
        assert_eq!(items, [event("message", "ä", "old")]);
    }

    #[test]
    fn fields() {
        assert_eq!(
            parse(&["retry: 30\nretry: 3x\nretry:\nid: a\0b\nfoo: bar\nData: x\ndata: y\n\n"]),
            [Item::Retry(30.0), event("message", "y", "")]
        );
        assert_eq!(parse(&["event: a\n\ndata: b\n\n"]), [Item::Id(String::new()), event("message", "b", "")]);
    }

    #[test]
    fn endless_lines_are_refused() {
        let mut parser = Parser::default();
        let piece = [b'x'; 1 << 20];
        assert_eq!((0..20).map(|_| parser.feed(&piece)).find(Result::is_err), Some(Err(TooLarge)));
    }
}
