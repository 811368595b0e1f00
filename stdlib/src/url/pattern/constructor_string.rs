//! Constructor strings: a whole URL with pattern syntax in it. <https://urlpattern.spec.whatwg.org/#constructor-string-parsing>

use super::tokenizer::{Policy, Token, TokenType, tokenize};
use super::{Component, Init, Invalid};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum State {
    Init,
    Authority,
    Component(Component),
    Done,
}

struct Parser<'a> {
    input: &'a [char],
    tokens: Vec<Token>,
    result: Init,
    component_start: usize,
    token_index: usize,
    token_increment: usize,
    group_depth: u32,
    bracket_depth: i32,
    protocol_is_special: bool,
    state: State,
}

use Component::{Hash, Hostname, Password, Pathname, Port, Protocol, Search, Username};

impl Parser<'_> {
    // https://urlpattern.spec.whatwg.org/#get-a-safe-token
    fn token(&self, index: usize) -> Option<&Token> {
        self.tokens.get(index).or(self.tokens.last())
    }

    fn is_type(&self, ty: TokenType) -> bool {
        self.tokens.get(self.token_index).is_some_and(|token| token.ty == ty)
    }

    // https://urlpattern.spec.whatwg.org/#is-a-non-special-pattern-char
    fn is_char(&self, index: usize, value: &str) -> bool {
        self.token(index).is_some_and(|token| {
            token.value == value && matches!(token.ty, TokenType::Char | TokenType::EscapedChar | TokenType::InvalidChar)
        })
    }

    fn here(&self, value: &str) -> bool {
        self.is_char(self.token_index, value)
    }

    // https://urlpattern.spec.whatwg.org/#is-a-search-prefix
    fn is_search_prefix(&self) -> bool {
        if self.here("?") {
            return true;
        }
        if self.tokens.get(self.token_index).is_none_or(|token| token.value != "?") {
            return false;
        }
        let Some(previous) = self.token_index.checked_sub(1) else { return true };
        !self
            .token(previous)
            .is_some_and(|token| matches!(token.ty, TokenType::Name | TokenType::Regexp | TokenType::Close | TokenType::Asterisk))
    }

    // https://urlpattern.spec.whatwg.org/#make-a-component-string
    fn component_string(&self) -> String {
        let end = self.token(self.token_index).map_or(self.input.len(), |token| token.index);
        let start = self.token(self.component_start).map_or(end, |token| token.index);
        self.input.get(start..end).unwrap_or_default().iter().collect()
    }

    // https://urlpattern.spec.whatwg.org/#change-state
    fn change_state(&mut self, new: State, skip: usize) {
        if let State::Component(component) = self.state {
            self.result[component] = Some(self.component_string());
        }
        if self.state != State::Init && new != State::Done {
            let is_before = |components: &[Component]| match self.state {
                State::Authority => true,
                State::Component(component) => components.contains(&component),
                _ => false,
            };
            let leads_to = |components: &[Component]| matches!(new, State::Component(component) if components.contains(&component));
            if is_before(&[Protocol, Username, Password]) && leads_to(&[Port, Pathname, Search, Hash]) && self.result[Hostname].is_none() {
                self.result[Hostname] = Some(String::new());
            }
            let is_before = |components: &[Component]| match self.state {
                State::Authority => true,
                State::Component(component) => components.contains(&component),
                _ => false,
            };
            let before_path = is_before(&[Protocol, Username, Password, Hostname, Port]);
            let before_search = is_before(&[Protocol, Username, Password, Hostname, Port, Pathname]);
            if before_path && leads_to(&[Search, Hash]) && self.result[Pathname].is_none() {
                self.result[Pathname] = Some(if self.protocol_is_special { "/".to_string() } else { String::new() });
            }
            if before_search && leads_to(&[Hash]) && self.result[Search].is_none() {
                self.result[Search] = Some(String::new());
            }
        }
        self.state = new;
        self.token_index += skip;
        self.component_start = self.token_index;
        self.token_increment = 0;
    }

    // https://urlpattern.spec.whatwg.org/#rewind
    fn rewind(&mut self) {
        self.token_index = self.component_start;
        self.token_increment = 0;
    }

    // https://urlpattern.spec.whatwg.org/#rewind-and-set-state
    fn rewind_to(&mut self, component: Component) {
        self.rewind();
        self.state = State::Component(component);
    }

    /// Goes on to the component that a delimiter here begins, one of the path, search and hash.
    fn next_after_authority(&mut self) {
        if self.here("/") {
            self.change_state(State::Component(Pathname), 0);
        } else {
            self.next_after_path();
        }
    }

    fn next_after_path(&mut self) {
        if self.is_search_prefix() {
            self.change_state(State::Component(Search), 1);
        } else if self.here("#") {
            self.change_state(State::Component(Hash), 1);
        }
    }

    fn step<E: From<Invalid>>(&mut self, is_special: &mut impl FnMut(&str) -> Result<bool, E>) -> Result<(), E> {
        match self.state {
            State::Init => {
                if self.here(":") {
                    self.rewind_to(Protocol);
                }
            }
            State::Component(Protocol) => {
                if self.here(":") {
                    self.protocol_is_special = is_special(&self.component_string())?;
                    let slashes = self.is_char(self.token_index + 1, "/") && self.is_char(self.token_index + 2, "/");
                    if slashes {
                        self.change_state(State::Authority, 3);
                    } else if self.protocol_is_special {
                        self.change_state(State::Authority, 1);
                    } else {
                        self.change_state(State::Component(Pathname), 1);
                    }
                }
            }
            State::Authority => {
                if self.here("@") {
                    self.rewind_to(Username);
                } else if self.here("/") || self.is_search_prefix() || self.here("#") {
                    self.rewind_to(Hostname);
                }
            }
            State::Component(Username) => {
                if self.here(":") {
                    self.change_state(State::Component(Password), 1);
                } else if self.here("@") {
                    self.change_state(State::Component(Hostname), 1);
                }
            }
            State::Component(Password) => {
                if self.here("@") {
                    self.change_state(State::Component(Hostname), 1);
                }
            }
            State::Component(Hostname) => {
                if self.here("[") {
                    self.bracket_depth += 1;
                } else if self.here("]") {
                    self.bracket_depth -= 1;
                } else if self.here(":") && self.bracket_depth == 0 {
                    self.change_state(State::Component(Port), 1);
                } else {
                    self.next_after_authority();
                }
            }
            State::Component(Port) => self.next_after_authority(),
            State::Component(Pathname) => self.next_after_path(),
            State::Component(Search) => {
                if self.here("#") {
                    self.change_state(State::Component(Hash), 1);
                }
            }
            State::Component(Hash) | State::Done => {}
        }
        Ok(())
    }
}

// https://urlpattern.spec.whatwg.org/#parse-a-constructor-string
/// `is_special` says whether a protocol pattern matches a special scheme.
pub(super) fn parse<E: From<Invalid>>(input: &str, mut is_special: impl FnMut(&str) -> Result<bool, E>) -> Result<Init, E> {
    let characters: Vec<char> = input.chars().collect();
    let mut parser = Parser {
        input: &characters,
        tokens: tokenize(&characters, Policy::Lenient)?,
        result: Init::default(),
        component_start: 0,
        token_index: 0,
        token_increment: 1,
        group_depth: 0,
        bracket_depth: 0,
        protocol_is_special: false,
        state: State::Init,
    };
    while parser.token_index < parser.tokens.len() {
        parser.token_increment = 1;
        if parser.is_type(TokenType::End) {
            match parser.state {
                State::Init => {
                    parser.rewind();
                    if parser.here("#") {
                        parser.change_state(State::Component(Hash), 1);
                    } else if parser.is_search_prefix() {
                        parser.change_state(State::Component(Search), 1);
                    } else {
                        parser.change_state(State::Component(Pathname), 0);
                    }
                }
                State::Authority => parser.rewind_to(Hostname),
                _ => {
                    parser.change_state(State::Done, 0);
                    break;
                }
            }
            parser.token_index += parser.token_increment;
            continue;
        }
        if parser.is_type(TokenType::Open) {
            parser.group_depth += 1;
            parser.token_index += parser.token_increment;
            continue;
        }
        if parser.group_depth > 0 {
            if parser.is_type(TokenType::Close) {
                parser.group_depth -= 1;
            } else {
                parser.token_index += parser.token_increment;
                continue;
            }
        }
        parser.step(&mut is_special)?;
        parser.token_index += parser.token_increment;
    }
    if parser.result[Hostname].is_some() && parser.result[Port].is_none() {
        parser.result[Port] = Some(String::new());
    }
    Ok(parser.result)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn init(text: &str) -> Vec<Option<String>> {
        let special = |scheme: &str| Ok::<bool, Invalid>(matches!(scheme, "http" | "https" | "http{s}?"));
        let init = parse(text, special).expect("parses");
        Component::ALL.iter().map(|component| init[*component].clone()).collect()
    }

    fn some(parts: [Option<&str>; 8]) -> Vec<Option<String>> {
        parts.map(|part| part.map(str::to_string)).to_vec()
    }

    #[test]
    fn components() {
        let none = None;
        assert_eq!(
            init("http{s}?://u\\:p@h.:tld:8*/a?b#c"),
            some([Some("http{s}?"), Some("u"), Some("p"), Some("h.:tld"), Some("8*"), Some("/a"), Some("b"), Some("c")])
        );
        // Before a name, `:` begins a group.
        assert_eq!(init("https://u:p@h")[1].as_deref(), Some("u:p"));
        assert_eq!(init("/a/:b?"), some([none, none, none, none, none, Some("/a/:b?"), none, none]));
        assert_eq!(init("?q"), some([none, none, none, none, none, none, Some("q"), none]));
        assert_eq!(init("https://[::1]?q"), some([Some("https"), none, none, Some("[::1]"), Some(""), Some("/"), Some("q"), none]));
        assert_eq!(init("data\\:x#y"), some([Some("data"), none, none, Some(""), Some(""), Some("x"), Some(""), Some("y")]));
    }
}
