//! Route patterns: which requests a worker takes, by host and path.
//!
//! As Cloudflare writes them: `example.com/api/*`, `*.example.com/*`; without a host, `/api/*` means every host. `*` stands only where a
//! host begins and where a path ends. The query plays no part. Of several routes that match, the most specific one counts: an exact host
//! before a host with `*` before none, then an exact path before a longer beginning before a shorter one.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use http::{Request, header};

#[derive(Clone, PartialEq, Eq, Debug)]
enum Host {
    Any,
    /// `*.example.com`, `*example.com`: what follows the star.
    EndsWith(String),
    Exact(String),
}

#[derive(Clone, PartialEq, Eq, Debug)]
enum Path {
    /// `/api/*`, `/api*`: what comes before the star.
    BeginsWith(String),
    Exact(String),
}

/// Which requests a worker takes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Route {
    host: Host,
    path: Path,
}

/// `ROUTE=FILE` of the command line.
#[derive(Clone, Debug)]
pub struct RoutedFile {
    /// Which requests it takes.
    pub route: Route,
    /// The worker or image.
    pub file: PathBuf,
}

impl FromStr for Route {
    type Err = String;

    fn from_str(pattern: &str) -> Result<Route, String> {
        let slash = pattern.find('/').ok_or_else(|| format!("the route {pattern:?} has no path: write {pattern}/* for all of a host"))?;
        let (host, path) = pattern.split_at(slash);
        if host.contains("://") || path.starts_with("//") {
            return Err(format!("the route {pattern:?} has a scheme: leave it out"));
        }
        let host_text = host.strip_prefix('*').unwrap_or(host).to_ascii_lowercase();
        let path_text = path.strip_suffix('*').unwrap_or(path).to_string();
        if host_text.contains('*') || path_text.contains('*') {
            return Err(format!("the route {pattern:?} has a * elsewhere than at the host's beginning or the path's end"));
        }
        if path.contains(['?', '#']) {
            return Err(format!("the route {pattern:?} has a query: routes are told apart by host and path"));
        }
        let host = match (host_text.is_empty(), host.starts_with('*')) {
            (true, _) => Host::Any,
            (false, true) => Host::EndsWith(host_text),
            (false, false) => Host::Exact(host_text),
        };
        let path = if path.ends_with('*') { Path::BeginsWith(path_text) } else { Path::Exact(path_text) };
        Ok(Route { host, path })
    }
}

impl Route {
    /// Whether a request for this host (with or without a port) and path belongs here.
    pub fn matches(&self, host: &str, path: &str) -> bool {
        let fits = |host: &str| match &self.host {
            Host::Any => true,
            Host::EndsWith(end) => host
                .len()
                .checked_sub(end.len())
                .and_then(|from| host.get(from..))
                .is_some_and(|host_end| host_end.eq_ignore_ascii_case(end)),
            Host::Exact(exact) => host.eq_ignore_ascii_case(exact),
        };
        (fits(host) || fits(without_port(host)))
            && match &self.path {
                Path::BeginsWith(start) => path.starts_with(start.as_str()),
                Path::Exact(exact) => path == exact,
            }
    }

    /// Greater for the route that is tried first.
    pub fn specificity(&self) -> (u8, usize, u8, usize) {
        let (host, host_length) = match &self.host {
            Host::Any => (0, 0),
            Host::EndsWith(end) => (1, end.len()),
            Host::Exact(exact) => (2, exact.len()),
        };
        let (path, path_length) = match &self.path {
            Path::BeginsWith(start) => (0, start.len()),
            Path::Exact(exact) => (1, exact.len()),
        };
        (host, host_length, path, path_length)
    }
}

impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.host {
            Host::Any => {}
            Host::EndsWith(end) => write!(f, "*{end}")?,
            Host::Exact(exact) => f.write_str(exact)?,
        }
        match &self.path {
            Path::BeginsWith(start) => write!(f, "{start}*"),
            Path::Exact(exact) => f.write_str(exact),
        }
    }
}

impl FromStr for RoutedFile {
    type Err = String;

    fn from_str(text: &str) -> Result<RoutedFile, String> {
        match text.split_once('=') {
            Some((route, file)) if !file.is_empty() => Ok(RoutedFile { route: route.parse()?, file: PathBuf::from(file) }),
            _ => Err("a worker is given as ROUTE=FILE, as in /api/*=api.js".to_string()),
        }
    }
}

fn without_port(host: &str) -> &str {
    match host.rfind(':') {
        // The colons within an IPv6 address separate no port.
        Some(at) if !host[at..].contains(']') => &host[..at],
        _ => host,
    }
}

/// Host that a request is for, as it was sent.
pub fn host_of<B>(request: &Request<B>) -> Option<&str> {
    match request.uri().authority() {
        Some(authority) => Some(authority.as_str()),
        None => request.headers().get(header::HOST).and_then(|host| host.to_str().ok()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn route(pattern: &str) -> Route {
        pattern.parse().unwrap_or_else(|error| panic!("{error}"))
    }

    #[test]
    fn hosts_and_paths() {
        for (pattern, host, path, wanted) in [
            ("/api/*", "any.example", "/api/x", true),
            ("/api/*", "", "/api/", true),
            ("/api/*", "any.example", "/api", false),
            ("/api*", "any.example", "/apiary", true),
            ("/api", "any.example", "/api", true),
            ("/api", "any.example", "/api/", false),
            ("*/x", "any.example", "/x", true),
            ("example.com/*", "example.com", "/", true),
            ("example.com/*", "EXAMPLE.com:8080", "/", true),
            ("example.com:81/*", "example.com:81", "/", true),
            ("example.com:81/*", "example.com:82", "/", false),
            ("example.com/*", "www.example.com", "/", false),
            ("*.example.com/*", "www.example.com", "/", true),
            ("*.example.com/*", "www.example.com:1", "/", true),
            ("*.example.com/*", "example.com", "/", false),
            ("*example.com/*", "example.com", "/", true),
            ("*.example.com/*", "é", "/", false),
            ("[::1]/*", "[::1]:80", "/", true),
            ("[::1]/*", "[::1]", "/", true),
        ] {
            assert_eq!(route(pattern).matches(host, path), wanted, "{pattern} {host} {path}");
        }
    }

    #[test]
    fn the_most_specific_comes_first() {
        let ordered = ["a.b/x", "a.b/x/y*", "a.b/*", "*.a.b/*", "*.b/x", "/x", "/x/y/*", "/x/*", "/*"];
        for pair in ordered.windows(2) {
            assert!(route(pair[0]).specificity() > route(pair[1]).specificity(), "{pair:?}");
        }
    }

    #[test]
    fn what_is_no_route() {
        for (pattern, wanted) in [
            ("example.com", "no path"),
            ("", "no path"),
            ("http://example.com/", "scheme"),
            ("//x", "scheme"),
            ("a*b/", "* elsewhere"),
            ("/a*b", "* elsewhere"),
            ("/a**", "* elsewhere"),
            ("/a?b", "query"),
        ] {
            let error = pattern.parse::<Route>().err().unwrap_or_else(|| panic!("{pattern} was accepted"));
            assert!(error.contains(wanted), "{pattern}: {error}");
        }
        for text in ["/a", "=a.js", "/a=", "a.js"] {
            assert!(text.parse::<RoutedFile>().is_err(), "{text}");
        }
        let routed: RoutedFile = "/a=b=c.js".parse().unwrap_or_else(|error| panic!("{error}"));
        assert_eq!((routed.route, routed.file), (route("/a"), PathBuf::from("b=c.js")));
    }

    #[test]
    fn routes_are_shown_as_they_were_written() {
        for pattern in ["/api/*", "example.com/x", "*.example.com/*"] {
            assert_eq!(route(pattern).to_string(), pattern);
        }
    }
}
