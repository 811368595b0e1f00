//! `{{…}}` in files named `*.sub.*`: names and ports of the suite's servers.
//! <https://web-platform-tests.org/writing-tests/server-pipes.html#sub>

use std::sync::OnceLock;

/// Name of the suite's main host.
pub const HOST: &str = "web-platform.test";
/// Another site.
pub const ALTERNATIVE_HOST: &str = "not-web-platform.test";

/// Ports by protocol.
type Ports = Vec<(String, Vec<u16>)>;

/// Ports of the suite's servers.
static PORTS: OnceLock<Ports> = OnceLock::new();

/// The ports that the suite's servers have by default.
fn default_ports() -> Ports {
    let known: [(&str, &[u16]); 5] =
        [("http", &[8000, 8001]), ("https", &[8443, 8444]), ("ws", &[8666]), ("wss", &[8667]), ("h2", &[9000])];
    known.into_iter().map(|(name, ports)| (name.to_string(), ports.to_vec())).collect()
}

/// Takes the ports of running servers, as an object of arrays. Only the first call counts.
pub fn set_ports(ports: &serde_json::Value) {
    let numbers = |list: &serde_json::Value| {
        list.as_array().into_iter().flatten().filter_map(|port| port.as_u64().and_then(|port| u16::try_from(port).ok())).collect()
    };
    let ports = ports.as_object().into_iter().flatten().map(|(name, list)| (name.clone(), numbers(list))).collect();
    PORTS.get_or_init(|| ports);
}

fn ports(protocol: &str) -> &'static [u16] {
    let all = PORTS.get_or_init(default_ports);
    all.iter().find(|(name, _)| name == protocol).map_or(&[], |(_, ports)| ports)
}

/// First port of a protocol.
pub fn port(protocol: &str) -> u16 {
    ports(protocol).first().copied().unwrap_or(0)
}

fn named_host(base: &str, name: &str) -> String {
    let label = match name {
        "" => return base.to_string(),
        "天気の良い日" => "xn--n8j6ds53lwwkrqhv28a",
        "élève" => "xn--lve-6lad",
        other => other,
    };
    format!("{label}.{base}")
}

/// Replaces what is between double braces in a file that is asked for under `url`. What is not known stays as it is.
pub fn substitute(text: &str, url: &str) -> String {
    let mut result = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find("{{") {
        let (before, after) = rest.split_at(start);
        result.push_str(before);
        let Some(end) = after.find("}}") else {
            rest = after;
            break;
        };
        match value(after[2..end].trim(), url) {
            Some(value) => result.push_str(&value),
            None => result.push_str(&after[..end + 2]),
        }
        rest = &after[end + 2..];
    }
    result.push_str(rest);
    result
}

fn value(expression: &str, url: &str) -> Option<String> {
    let (name, mut rest) = match expression.find(['[', '(']) {
        Some(at) => expression.split_at(at),
        None => (expression, ""),
    };
    let mut subscripts = Vec::new();
    while let Some(inner) = rest.strip_prefix('[') {
        let (subscript, after) = inner.split_once(']')?;
        subscripts.push(subscript);
        rest = after;
    }
    let after_scheme = url.split_once("://").map_or(url, |(_, rest)| rest);
    let (authority, path_and_query) = after_scheme.find('/').map_or((after_scheme, ""), |at| after_scheme.split_at(at));
    match (name, subscripts.as_slice()) {
        ("host", []) => Some(HOST.to_string()),
        ("domains", [name]) => Some(named_host(HOST, name)),
        ("hosts", [group, name]) => Some(named_host(if *group == "alt" { ALTERNATIVE_HOST } else { HOST }, name)),
        ("ports", [protocol, index]) => ports(protocol).get(index.parse::<usize>().ok()?).map(ToString::to_string),
        ("location", [part]) => match *part {
            "server" => Some(url.split_once("://").map_or_else(String::new, |(scheme, _)| format!("{scheme}://{authority}"))),
            "scheme" => url.split_once("://").map(|(scheme, _)| scheme.to_string()),
            "host" => Some(authority.to_string()),
            "hostname" => Some(authority.split(':').next().unwrap_or_default().to_string()),
            "port" => Some(authority.split_once(':').map_or_else(String::new, |(_, port)| port.to_string())),
            "path" | "pathname" => Some(path_and_query.split('?').next().unwrap_or_default().to_string()),
            "query" => Some(path_and_query.find('?').map_or_else(String::new, |at| path_and_query[at..].to_string())),
            _ => None,
        },
        ("GET", [name]) => {
            let (_, query) = path_and_query.split_once('?')?;
            query.split('&').find_map(|pair| pair.split_once('=').filter(|(key, _)| key == name)).map(|(_, value)| value.to_string())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_ports() {
        let url = "http://web-platform.test:8000/a/b.sub.js?x=1";
        let text = "{{host}} {{domains[www]}} {{hosts[alt][]}} {{ports[http][1]}} {{location[host]}} {{location[path]}} {{GET[x]}}";
        assert_eq!(
            substitute(text, url),
            "web-platform.test www.web-platform.test not-web-platform.test 8001 web-platform.test:8000 /a/b.sub.js 1"
        );
    }

    #[test]
    fn what_is_unknown_stays() {
        assert_eq!(substitute("{{a}} {{ports[http][7]}} {{host", "x"), "{{a}} {{ports[http][7]}} {{host");
    }
}
