//! Cookies as plain data. <https://httpwg.org/http-extensions/draft-ietf-httpbis-rfc6265bis.html>

/// Longest name and value together, in bytes.
const NAME_VALUE_BYTES: usize = 4096;
/// Longest attribute, in bytes.
const ATTRIBUTE_BYTES: usize = 1024;

/// When a cookie goes along with requests from other sites.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum SameSite {
    Strict,
    Lax,
    None,
}

/// A cookie to be set.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Cookie {
    pub name: String,
    pub value: String,
    pub domain: Option<String>,
    pub path: Option<String>,
    /// Milliseconds since 1970.
    pub expires_ms: Option<f64>,
    pub same_site: SameSite,
    pub is_partitioned: bool,
}

// https://cookiestore.spec.whatwg.org/#normalize
pub(super) fn normalize(text: &str) -> &str {
    text.trim_matches([' ', '\t'])
}

/// Whether a text begins with another one in any case.
fn begins_with(text: &str, beginning: &str) -> bool {
    text.as_bytes().get(..beginning.len()).is_some_and(|start| start.eq_ignore_ascii_case(beginning.as_bytes()))
}

impl Cookie {
    /// A cookie of a session, for all of the host.
    pub(super) fn new(name: &str, value: &str) -> Cookie {
        Cookie {
            name: name.to_string(),
            value: value.to_string(),
            domain: None,
            path: Some("/".to_string()),
            expires_ms: None,
            same_site: SameSite::Strict,
            is_partitioned: false,
        }
    }

    // https://cookiestore.spec.whatwg.org/#set-a-cookie
    /// The cookie in its final form, or why it cannot be set. `host` is the request's, if it is known.
    pub(super) fn checked(self, host: Option<&str>) -> Result<Cookie, &'static str> {
        let name = normalize(&self.name).to_string();
        let value = normalize(&self.value).to_string();
        let is_forbidden = |c: char| c == ';' || c == '\u{7F}' || c < ' ' && c != '\t';
        if name.contains(is_forbidden) || value.contains(is_forbidden) {
            return Err("Cookie name and value cannot contain ';' or control characters");
        }
        if name.contains('=') {
            return Err("Cookie name cannot contain '='");
        }
        if name.is_empty() {
            if value.is_empty() {
                return Err("Cookie name and value both cannot be empty");
            }
            if value.contains('=') {
                return Err("Cookie value cannot contain '=' if the name is empty");
            }
            if ["__Host-", "__Host-Http-", "__Http-", "__Secure-"].iter().any(|prefix| begins_with(&value, prefix)) {
                return Err("Cookie value cannot begin with a cookie prefix if the name is empty");
            }
        }
        // Such cookies are not for scripts to set.
        if begins_with(&name, "__Http-") || begins_with(&name, "__Host-Http-") {
            return Err("Cookies with the prefix '__Http-' or '__Host-Http-' cannot be set by scripts");
        }
        if name.len() + value.len() > NAME_VALUE_BYTES {
            return Err("Cookie name and value cannot be longer than 4096 bytes together");
        }
        let is_host = begins_with(&name, "__Host-");
        let domain = match self.domain {
            None => None,
            Some(domain) => {
                let domain = domain.to_ascii_lowercase();
                if domain.starts_with('.') {
                    return Err("Cookie domain cannot start with \".\"");
                }
                if is_host {
                    return Err("Cookies with the prefix '__Host-' cannot have a domain");
                }
                if domain.len() > ATTRIBUTE_BYTES {
                    return Err("Cookie domain size cannot be larger than 1024");
                }
                let is_plain = !domain.is_empty() && domain.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'));
                let is_suffix = |host: &str| host == domain || host.strip_suffix(&domain).is_some_and(|before| before.ends_with('.'));
                if !is_plain || !host.is_none_or(is_suffix) {
                    return Err("Cookie domain must domain-match current host");
                }
                Some(domain)
            }
        };
        let path = match self.path {
            None => None,
            Some(path) => {
                if !path.starts_with('/') {
                    return Err("Cookie path must start with \"/\"");
                }
                if path.contains(is_forbidden) {
                    return Err("Cookie path cannot contain ';' or control characters");
                }
                if is_host && path != "/" {
                    return Err("Cookies with the prefix '__Host-' cannot have a path other than \"/\"");
                }
                if path.len() > ATTRIBUTE_BYTES {
                    return Err("Cookie path size cannot be larger than 1024");
                }
                Some(path)
            }
        };
        Ok(Cookie { name, value, domain, path, ..self })
    }

    /// The value of a `Set-Cookie` header.
    pub(super) fn header(&self) -> String {
        let mut text = if self.name.is_empty() { self.value.clone() } else { format!("{}={}", self.name, self.value) };
        if let Some(domain) = &self.domain {
            text += &format!("; Domain={domain}");
        }
        text += &format!("; Path={}", self.path.as_deref().unwrap_or("/"));
        if let Some(expires) = self.expires_ms {
            text += &format!("; Expires={}", http_date(expires));
        }
        text += match self.same_site {
            SameSite::Strict => "; Secure; SameSite=Strict",
            SameSite::Lax => "; Secure; SameSite=Lax",
            SameSite::None => "; Secure; SameSite=None",
        };
        if self.is_partitioned {
            text += "; Partitioned";
        }
        text
    }
}

// https://httpwg.org/http-extensions/draft-ietf-httpbis-rfc6265bis.html#name-the-cookie-header-field
/// Names and values of a `Cookie` header. A part without `=` is a value without a name.
pub(super) fn parse_header(header: &[u8]) -> Vec<(String, String)> {
    let text = String::from_utf8_lossy(header);
    let parts = text.split(';').map(normalize).filter(|part| !part.is_empty());
    parts
        .map(|part| part.split_once('=').unwrap_or(("", part)))
        .map(|(name, value)| (normalize(name).to_string(), normalize(value).to_string()))
        .collect()
}

// https://httpwg.org/http-extensions/draft-ietf-httpbis-rfc6265bis.html#name-paths-and-path-match
pub(super) fn path_matches(request: &str, cookie: &str) -> bool {
    request == cookie || request.strip_prefix(cookie).is_some_and(|rest| cookie.ends_with('/') || rest.starts_with('/'))
}

/// A time as HTTP writes it, within the years 1601 to 9999. <https://www.rfc-editor.org/rfc/rfc9110.html#section-5.6.7>
fn http_date(ms: f64) -> String {
    const EARLIEST: f64 = -11_644_473_600.0;
    const LATEST: f64 = 253_402_300_799.0;
    let seconds = (ms / 1000.0).floor().clamp(EARLIEST, LATEST) as i64;
    let (days, second_of_day) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    // Days to a civil date: years begin in March, eras have 400 of them.
    let shifted = days + 719_468;
    let (era, day_of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    let weekday = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"][days.rem_euclid(7) as usize];
    let month = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"][(month - 1) as usize];
    let (hour, minute, second) = (second_of_day / 3600, second_of_day / 60 % 60, second_of_day % 60);
    format!("{weekday}, {day:02} {month} {year:04} {hour:02}:{minute:02}:{second:02} GMT")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates() {
        assert_eq!(http_date(0.0), "Thu, 01 Jan 1970 00:00:00 GMT");
        assert_eq!(http_date(784_111_777_999.0), "Sun, 06 Nov 1994 08:49:37 GMT");
        assert_eq!(http_date(951_782_400_000.0), "Tue, 29 Feb 2000 00:00:00 GMT");
        assert_eq!(http_date(-1.0), "Wed, 31 Dec 1969 23:59:59 GMT");
        assert_eq!(http_date(f64::INFINITY), "Fri, 31 Dec 9999 23:59:59 GMT");
        assert_eq!(http_date(f64::NAN), "Thu, 01 Jan 1970 00:00:00 GMT");
    }

    #[test]
    fn headers() {
        let parsed = parse_header(b" a=1; b = x=y ;; c; =d;e=");
        let wanted = [("a", "1"), ("b", "x=y"), ("", "c"), ("", "d"), ("e", "")];
        assert_eq!(parsed, wanted.map(|(name, value)| (name.to_string(), value.to_string())));
        let cookie =
            Cookie { domain: Some("Example.com".to_string()), expires_ms: Some(0.0), is_partitioned: true, ..Cookie::new(" a ", "\tb") };
        let cookie = cookie.checked(Some("www.example.com")).expect("a cookie");
        assert_eq!(
            cookie.header(),
            "a=b; Domain=example.com; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Secure; SameSite=Strict; Partitioned"
        );
        assert_eq!(Cookie::new("", "v").header(), "v; Path=/; Secure; SameSite=Strict");
    }

    #[test]
    fn refusals() {
        let plain = Cookie::new("n", "v");
        let with_domain = |domain: &str| Cookie { domain: Some(domain.to_string()), ..plain.clone() };
        let with_path = |path: &str| Cookie { path: Some(path.to_string()), ..plain.clone() };
        for refused in [
            Cookie::new("a;", ""),
            Cookie::new("a", "\n"),
            Cookie::new("a=b", ""),
            Cookie::new("", ""),
            Cookie::new("", "a=b"),
            Cookie::new("", "__host-a"),
            Cookie::new("__Http-a", "b"),
            Cookie::new("a", &"x".repeat(4096)),
            with_domain(".example.com"),
            with_domain("ample.com"),
            with_domain("example.com; x"),
            with_path("a"),
            with_path("/a;b"),
            with_path(&format!("/{}", "x".repeat(1024))),
            Cookie { name: "__host-a".to_string(), ..with_domain("example.com") },
            Cookie { name: "__Host-a".to_string(), ..with_path("/a") },
        ] {
            assert!(refused.clone().checked(Some("example.com")).is_err(), "{refused:?}");
        }
        assert!(Cookie::new("a", &"x".repeat(4095)).checked(None).is_ok());
        assert!(Cookie::new("__Host-a", "b").checked(Some("example.com")).is_ok());
    }

    #[test]
    fn paths() {
        for (request, cookie, matches) in
            [("/", "/", true), ("/a/b", "/a", true), ("/ab", "/a", false), ("/a", "/a/", false), ("/a/", "/a/", true), ("/x", "/", true)]
        {
            assert_eq!(path_matches(request, cookie), matches, "{request} {cookie}");
        }
    }
}
