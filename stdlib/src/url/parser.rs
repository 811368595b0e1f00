//! The basic URL parser. <https://url.spec.whatwg.org/#concept-basic-url-parser>

use super::host;
use super::record::{Path, Record, special_port};

/// States of the parser; some serve as state overrides of setters.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum State {
    SchemeStart,
    Scheme,
    NoScheme,
    SpecialRelativeOrAuthority,
    PathOrAuthority,
    Relative,
    RelativeSlash,
    SpecialAuthoritySlashes,
    SpecialAuthorityIgnoreSlashes,
    Authority,
    Host,
    Hostname,
    Port,
    File,
    FileSlash,
    FileHost,
    PathStart,
    Path,
    OpaquePath,
    Query,
    Fragment,
}

/// Percent-encode sets. <https://url.spec.whatwg.org/#percent-encoded-bytes>
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Set {
    C0Control,
    Fragment,
    Query,
    SpecialQuery,
    Path,
    Userinfo,
}

impl Set {
    /// Whether a byte of a code point's UTF-8 is percent-encoded.
    #[inline]
    pub(super) fn contains(self, byte: u8) -> bool {
        MEMBERS[self as usize][usize::from(byte)]
    }

    const fn has(self, byte: u8) -> bool {
        if byte <= 0x1F || byte > 0x7E {
            return true;
        }
        match self {
            Set::C0Control => false,
            Set::Fragment => matches!(byte, b' ' | b'"' | b'<' | b'>' | b'`'),
            Set::Query => matches!(byte, b' ' | b'"' | b'#' | b'<' | b'>'),
            Set::SpecialQuery => Set::Query.has(byte) || byte == b'\'',
            Set::Path => Set::Query.has(byte) || matches!(byte, b'?' | b'^' | b'`' | b'{' | b'}'),
            Set::Userinfo => Set::Path.has(byte) || matches!(byte, b'/' | b':' | b';' | b'=' | b'@' | b'[' | b'\\' | b']' | b'|'),
        }
    }

    const fn members(self) -> [bool; 256] {
        let mut members = [false; 256];
        let mut byte = 0;
        while byte < 256 {
            members[byte] = self.has(byte as u8);
            byte += 1;
        }
        members
    }
}

/// The members of each [`Set`], by its number.
static MEMBERS: [[bool; 256]; 6] = [
    Set::C0Control.members(),
    Set::Fragment.members(),
    Set::Query.members(),
    Set::SpecialQuery.members(),
    Set::Path.members(),
    Set::Userinfo.members(),
];

// https://url.spec.whatwg.org/#utf-8-percent-encode
fn encode_into(target: &mut String, c: char, set: Set) {
    let mut buffer = [0; 4];
    encode_text_into(target, c.encode_utf8(&mut buffer), set);
}

/// Appends a text, percent-encoded.
pub(super) fn encode_text_into(target: &mut String, text: &str, set: Set) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    let members = &MEMBERS[set as usize];
    let mut from = 0;
    for (at, &byte) in text.as_bytes().iter().enumerate() {
        if !members[usize::from(byte)] {
            continue;
        }
        // What is not encoded is ASCII, so that a run of it begins and ends at characters.
        if at > from {
            target.push_str(&text[from..at]);
        }
        target.push('%');
        target.push(char::from(HEX[usize::from(byte >> 4)]));
        target.push(char::from(HEX[usize::from(byte & 15)]));
        from = at + 1;
    }
    target.push_str(&text[from..]);
}

/// Percent-encodes a text.
pub(super) fn encode(text: &str, set: Set) -> String {
    let mut result = String::with_capacity(text.len());
    encode_text_into(&mut result, text, set);
    result
}

// https://url.spec.whatwg.org/#windows-drive-letter
pub(super) fn is_drive_letter(text: &str) -> bool {
    matches!(text.as_bytes(), [letter, b':' | b'|'] if letter.is_ascii_alphabetic())
}

// https://url.spec.whatwg.org/#normalized-windows-drive-letter
pub(super) fn is_normalized_drive_letter(text: &str) -> bool {
    matches!(text.as_bytes(), [letter, b':'] if letter.is_ascii_alphabetic())
}

// https://url.spec.whatwg.org/#start-with-a-windows-drive-letter
fn starts_with_drive_letter(text: &[char]) -> bool {
    match text {
        [letter, ':' | '|'] => letter.is_ascii_alphabetic(),
        [letter, ':' | '|', '/' | '\\' | '?' | '#', ..] => letter.is_ascii_alphabetic(),
        _ => false,
    }
}

// https://url.spec.whatwg.org/#single-dot-path-segment
pub(super) fn is_single_dot(segment: &str) -> bool {
    segment == "." || segment.eq_ignore_ascii_case("%2e")
}

// https://url.spec.whatwg.org/#double-dot-path-segment
pub(super) fn is_double_dot(segment: &str) -> bool {
    ["..", ".%2e", "%2e.", "%2e%2e"].iter().any(|dots| segment.eq_ignore_ascii_case(dots))
}

/// Parses a URL state by state; `None` is failure.
#[cfg(test)]
pub(super) fn parse_by_states(input: &str, base: Option<&Record>) -> Option<Record> {
    let input = input.trim_matches(|c| c <= ' ');
    let mut url = Record::default();
    Parser::new(input, base, None).run(&mut url).ok()?;
    Some(url)
}

/// Parses into an existing record from a state on, as setters do; false is failure. What was changed before a failure stays changed.
pub(super) fn parse_with_override(input: &str, url: &mut Record, state: State) -> bool {
    Parser::new(input, None, Some(state)).run(url).is_ok()
}

/// The parser met a failure.
struct Failure;

/// Whether a state ends the parser.
enum Step {
    Continue,
    Return,
}

struct Parser<'a> {
    input: Vec<char>,
    base: Option<&'a Record>,
    state_override: Option<State>,
    state: State,
    /// Index of `c`; -1 for a moment before a restart.
    pointer: isize,
    buffer: String,
    at_sign_seen: bool,
    inside_brackets: bool,
    password_token_seen: bool,
}

impl<'a> Parser<'a> {
    fn new(input: &str, base: Option<&'a Record>, state_override: Option<State>) -> Parser<'a> {
        Parser {
            input: input.chars().filter(|c| !matches!(c, '\t' | '\n' | '\r')).collect(),
            base,
            state_override,
            state: state_override.unwrap_or(State::SchemeStart),
            pointer: 0,
            buffer: String::new(),
            at_sign_seen: false,
            inside_brackets: false,
            password_token_seen: false,
        }
    }

    fn current(&self) -> Option<char> {
        usize::try_from(self.pointer).ok().and_then(|at| self.input.get(at)).copied()
    }

    /// From the pointer on.
    fn rest(&self) -> &[char] {
        usize::try_from(self.pointer).ok().and_then(|at| self.input.get(at..)).unwrap_or_default()
    }

    /// What follows the pointer's code point.
    fn remaining(&self) -> &[char] {
        self.rest().get(1..).unwrap_or_default()
    }

    fn is_override(&self) -> bool {
        self.state_override.is_some()
    }

    fn run(&mut self, url: &mut Record) -> Result<(), Failure> {
        loop {
            let c = self.current();
            if let Step::Return = self.step(url, c)? {
                return Ok(());
            }
            // A step back from the end of the input leads to the same end again, in another state.
            if c.is_none() && self.pointer >= self.input.len() as isize {
                return Ok(());
            }
            self.pointer += 1;
        }
    }

    fn step(&mut self, url: &mut Record, c: Option<char>) -> Result<Step, Failure> {
        match self.state {
            State::SchemeStart | State::Scheme | State::NoScheme => self.scheme_states(url, c),
            State::SpecialRelativeOrAuthority
            | State::PathOrAuthority
            | State::Relative
            | State::RelativeSlash
            | State::SpecialAuthoritySlashes
            | State::SpecialAuthorityIgnoreSlashes => {
                self.relative_states(url, c);
                Ok(Step::Continue)
            }
            State::Authority => self.authority(url, c),
            State::Host | State::Hostname => self.host(url, c),
            State::Port => self.port(url, c),
            State::File | State::FileSlash => {
                self.file_states(url, c);
                Ok(Step::Continue)
            }
            State::FileHost => self.file_host(url, c),
            State::PathStart => {
                self.path_start(url, c);
                Ok(Step::Continue)
            }
            State::Path => {
                self.path(url, c);
                Ok(Step::Continue)
            }
            State::OpaquePath | State::Query | State::Fragment => {
                self.tail_states(url, c);
                Ok(Step::Continue)
            }
        }
    }

    fn scheme_states(&mut self, url: &mut Record, c: Option<char>) -> Result<Step, Failure> {
        match (self.state, c) {
            (State::SchemeStart, Some(c)) if c.is_ascii_alphabetic() => {
                self.buffer.push(c.to_ascii_lowercase());
                self.state = State::Scheme;
            }
            (State::SchemeStart, _) if !self.is_override() => {
                self.state = State::NoScheme;
                self.pointer -= 1;
            }
            (State::SchemeStart, _) => return Err(Failure),
            (State::Scheme, Some(c)) if c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.') => {
                self.buffer.push(c.to_ascii_lowercase())
            }
            (State::Scheme, Some(':')) => return Ok(self.end_scheme(url)),
            (State::Scheme, _) if !self.is_override() => {
                self.buffer.clear();
                self.state = State::NoScheme;
                self.pointer = -1;
            }
            (State::Scheme, _) => return Err(Failure),
            // No scheme.
            _ => {
                let base = self.base.ok_or(Failure)?;
                if base.has_opaque_path() {
                    if c != Some('#') {
                        return Err(Failure);
                    }
                    *url = Record { fragment: Some(String::new()), ..base.clone() };
                    self.state = State::Fragment;
                } else {
                    self.state = if base.scheme == "file" { State::File } else { State::Relative };
                    self.pointer -= 1;
                }
            }
        }
        Ok(Step::Continue)
    }

    /// The `:` after a scheme.
    fn end_scheme(&mut self, url: &mut Record) -> Step {
        if self.is_override() {
            if url.is_special() != special_port(&self.buffer).is_some()
                || ((url.includes_credentials() || url.port.is_some()) && self.buffer == "file")
                || (url.scheme == "file" && url.host.as_deref() == Some(""))
            {
                return Step::Return;
            }
            url.scheme = std::mem::take(&mut self.buffer);
            if special_port(&url.scheme) == Some(url.port) {
                url.port = None;
            }
            return Step::Return;
        }
        url.scheme = std::mem::take(&mut self.buffer);
        if url.scheme == "file" {
            self.state = State::File;
        } else if url.is_special() {
            let same = self.base.is_some_and(|base| base.scheme == url.scheme);
            self.state = if same { State::SpecialRelativeOrAuthority } else { State::SpecialAuthoritySlashes };
        } else if self.remaining().first() == Some(&'/') {
            self.state = State::PathOrAuthority;
            self.pointer += 1;
        } else {
            url.path = Path::Opaque(String::new());
            self.state = State::OpaquePath;
        }
        Step::Continue
    }

    fn relative_states(&mut self, url: &mut Record, c: Option<char>) {
        let backslash = c == Some('\\');
        match self.state {
            State::SpecialRelativeOrAuthority => {
                if c == Some('/') && self.remaining().first() == Some(&'/') {
                    self.state = State::SpecialAuthorityIgnoreSlashes;
                    self.pointer += 1;
                } else {
                    self.state = State::Relative;
                    self.pointer -= 1;
                }
            }
            State::PathOrAuthority => {
                if c == Some('/') {
                    self.state = State::Authority;
                } else {
                    self.state = State::Path;
                    self.pointer -= 1;
                }
            }
            State::Relative => {
                let Some(base) = self.base else { return };
                url.scheme.clone_from(&base.scheme);
                if c == Some('/') || (url.is_special() && backslash) {
                    self.state = State::RelativeSlash;
                    return;
                }
                *url = Record { fragment: None, ..base.clone() };
                self.after_base(url, c);
            }
            State::RelativeSlash => {
                let special = url.is_special();
                if special && (c == Some('/') || backslash) {
                    self.state = State::SpecialAuthorityIgnoreSlashes;
                } else if c == Some('/') {
                    self.state = State::Authority;
                } else {
                    if let Some(base) = self.base {
                        url.username.clone_from(&base.username);
                        url.password.clone_from(&base.password);
                        url.host.clone_from(&base.host);
                        url.port = base.port;
                    }
                    self.state = State::Path;
                    self.pointer -= 1;
                }
            }
            State::SpecialAuthoritySlashes => {
                self.state = State::SpecialAuthorityIgnoreSlashes;
                if c == Some('/') && self.remaining().first() == Some(&'/') {
                    self.pointer += 1;
                } else {
                    self.pointer -= 1;
                }
            }
            _ => {
                if c != Some('/') && !backslash {
                    self.state = State::Authority;
                    self.pointer -= 1;
                }
            }
        }
    }

    /// The end of the relative and file states: the base's parts are in the URL, and the input's take their place from here on.
    fn after_base(&mut self, url: &mut Record, c: Option<char>) {
        match c {
            Some('?') => {
                url.query = Some(String::new());
                self.state = State::Query;
            }
            Some('#') => {
                url.fragment = Some(String::new());
                self.state = State::Fragment;
            }
            Some(_) => {
                url.query = None;
                if self.state == State::File && starts_with_drive_letter(self.rest()) {
                    url.path = Path::default();
                } else {
                    url.shorten_path();
                }
                self.state = State::Path;
                self.pointer -= 1;
            }
            None => {}
        }
    }

    /// Whether a code point ends the authority.
    fn ends_authority(url: &Record, c: Option<char>) -> bool {
        match c {
            None | Some('/' | '?' | '#') => true,
            Some('\\') => url.is_special(),
            Some(_) => false,
        }
    }

    fn authority(&mut self, url: &mut Record, c: Option<char>) -> Result<Step, Failure> {
        if c == Some('@') {
            if self.at_sign_seen {
                self.buffer.insert_str(0, "%40");
            }
            self.at_sign_seen = true;
            for c in std::mem::take(&mut self.buffer).chars() {
                if c == ':' && !self.password_token_seen {
                    self.password_token_seen = true;
                    continue;
                }
                let target = if self.password_token_seen { &mut url.password } else { &mut url.username };
                encode_into(target, c, Set::Userinfo);
            }
        } else if Self::ends_authority(url, c) {
            if self.at_sign_seen && self.buffer.is_empty() {
                return Err(Failure);
            }
            self.pointer -= self.buffer.chars().count() as isize + 1;
            self.buffer.clear();
            self.state = State::Host;
        } else if let Some(c) = c {
            self.buffer.push(c);
        }
        Ok(Step::Continue)
    }

    fn host(&mut self, url: &mut Record, c: Option<char>) -> Result<Step, Failure> {
        if self.is_override() && url.scheme == "file" {
            self.pointer -= 1;
            self.state = State::FileHost;
        } else if c == Some(':') && !self.inside_brackets {
            if self.buffer.is_empty() || self.state_override == Some(State::Hostname) {
                return Err(Failure);
            }
            url.host = Some(host::parse(&self.buffer, !url.is_special()).ok_or(Failure)?);
            self.buffer.clear();
            self.state = State::Port;
        } else if Self::ends_authority(url, c) {
            self.pointer -= 1;
            if self.buffer.is_empty() && (url.is_special() || (self.is_override() && (url.includes_credentials() || url.port.is_some()))) {
                return Err(Failure);
            }
            url.host = Some(host::parse(&self.buffer, !url.is_special()).ok_or(Failure)?);
            self.buffer.clear();
            self.state = State::PathStart;
            if self.is_override() {
                return Ok(Step::Return);
            }
        } else if let Some(c) = c {
            match c {
                '[' => self.inside_brackets = true,
                ']' => self.inside_brackets = false,
                _ => {}
            }
            self.buffer.push(c);
        }
        Ok(Step::Continue)
    }

    fn port(&mut self, url: &mut Record, c: Option<char>) -> Result<Step, Failure> {
        if let Some(digit) = c.filter(char::is_ascii_digit) {
            self.buffer.push(digit);
            return Ok(Step::Continue);
        }
        if !Self::ends_authority(url, c) && !self.is_override() {
            return Err(Failure);
        }
        if !self.buffer.is_empty() {
            let digits = self.buffer.trim_start_matches('0');
            let port = if digits.is_empty() { 0 } else { digits.parse::<u16>().map_err(|_| Failure)? };
            url.port = if special_port(&url.scheme) == Some(Some(port)) { None } else { Some(port) };
            self.buffer.clear();
            if self.is_override() {
                return Ok(Step::Return);
            }
        }
        if self.is_override() {
            return Err(Failure);
        }
        self.state = State::PathStart;
        self.pointer -= 1;
        Ok(Step::Continue)
    }

    fn file_states(&mut self, url: &mut Record, c: Option<char>) {
        let slash = matches!(c, Some('/' | '\\'));
        let file_base = self.base.filter(|base| base.scheme == "file");
        if self.state == State::File {
            url.scheme = "file".to_string();
            url.host = Some(String::new());
            if slash {
                self.state = State::FileSlash;
            } else if let Some(base) = file_base {
                url.host.clone_from(&base.host);
                url.path.clone_from(&base.path);
                url.query.clone_from(&base.query);
                self.after_base(url, c);
            } else {
                self.state = State::Path;
                self.pointer -= 1;
            }
            return;
        }
        if slash {
            self.state = State::FileHost;
            return;
        }
        if let Some(base) = file_base {
            url.host.clone_from(&base.host);
            if !starts_with_drive_letter(self.rest())
                && let (Path::Segments(segments), Path::Segments(own)) = (&base.path, &mut url.path)
                && let Some(first) = segments.first().filter(|first| is_normalized_drive_letter(first))
            {
                own.push(first.clone());
            }
        }
        self.state = State::Path;
        self.pointer -= 1;
    }

    fn file_host(&mut self, url: &mut Record, c: Option<char>) -> Result<Step, Failure> {
        let (None | Some('/' | '\\' | '?' | '#')) = c else {
            self.buffer.extend(c);
            return Ok(Step::Continue);
        };
        self.pointer -= 1;
        if !self.is_override() && is_drive_letter(&self.buffer) {
            // The buffer goes on into the path.
            self.state = State::Path;
            return Ok(Step::Continue);
        }
        let mut host = String::new();
        if !self.buffer.is_empty() {
            host = host::parse(&self.buffer, !url.is_special()).ok_or(Failure)?;
            if host == "localhost" {
                host.clear();
            }
        }
        url.host = Some(host);
        if self.is_override() {
            return Ok(Step::Return);
        }
        self.buffer.clear();
        self.state = State::PathStart;
        Ok(Step::Continue)
    }

    fn path_start(&mut self, url: &mut Record, c: Option<char>) {
        if url.is_special() {
            self.state = State::Path;
            if !matches!(c, Some('/' | '\\')) {
                self.pointer -= 1;
            }
            return;
        }
        match c {
            Some('?') if !self.is_override() => {
                url.query = Some(String::new());
                self.state = State::Query;
            }
            Some('#') if !self.is_override() => {
                url.fragment = Some(String::new());
                self.state = State::Fragment;
            }
            Some(c) => {
                self.state = State::Path;
                if c != '/' {
                    self.pointer -= 1;
                }
            }
            None => {
                if self.is_override()
                    && url.host.is_none()
                    && let Path::Segments(segments) = &mut url.path
                {
                    segments.push(String::new());
                }
            }
        }
    }

    fn path(&mut self, url: &mut Record, c: Option<char>) {
        let slash = c == Some('/') || (url.is_special() && c == Some('\\'));
        let ends = c.is_none() || slash || (!self.is_override() && matches!(c, Some('?' | '#')));
        if !ends {
            if let Some(c) = c {
                encode_into(&mut self.buffer, c, Set::Path);
            }
            return;
        }
        let mut segment = std::mem::take(&mut self.buffer);
        let is_file = url.scheme == "file";
        let double_dot = is_double_dot(&segment);
        if double_dot {
            url.shorten_path();
        }
        if let Path::Segments(segments) = &mut url.path {
            if double_dot || is_single_dot(&segment) {
                if !slash {
                    segments.push(String::new());
                }
            } else {
                if is_file && segments.is_empty() && is_drive_letter(&segment) {
                    segment.replace_range(1..2, ":");
                }
                segments.push(segment);
            }
        }
        match c {
            Some('?') => {
                url.query = Some(String::new());
                self.state = State::Query;
            }
            Some('#') => {
                url.fragment = Some(String::new());
                self.state = State::Fragment;
            }
            _ => {}
        }
    }

    fn tail_states(&mut self, url: &mut Record, c: Option<char>) {
        match (self.state, c) {
            (State::OpaquePath, Some('?')) => {
                url.query = Some(String::new());
                self.state = State::Query;
            }
            (State::OpaquePath, Some('#')) | (State::Query, Some('#')) if self.state == State::OpaquePath || !self.is_override() => {
                self.end_query(url);
                url.fragment = Some(String::new());
                self.state = State::Fragment;
            }
            (State::OpaquePath, Some(c)) => {
                let before_delimiter = matches!(self.remaining().first(), Some('?' | '#'));
                if let Path::Opaque(path) = &mut url.path {
                    match c {
                        ' ' if before_delimiter => path.push_str("%20"),
                        ' ' => path.push(' '),
                        c => encode_into(path, c, Set::C0Control),
                    }
                }
            }
            (State::Query, Some(c)) => self.buffer.push(c),
            (State::Query, None) => self.end_query(url),
            (State::Fragment, Some(c)) => encode_into(url.fragment.get_or_insert_default(), c, Set::Fragment),
            _ => {}
        }
    }

    fn end_query(&mut self, url: &mut Record) {
        if self.state == State::Query {
            let set = if url.is_special() { Set::SpecialQuery } else { Set::Query };
            let query = encode(&std::mem::take(&mut self.buffer), set);
            url.query.get_or_insert_default().push_str(&query);
        }
    }
}
