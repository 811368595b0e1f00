//! Header fields as they are on the wire: any bytes but NUL, CR and LF, which is what the Fetch standard lets values be. The types of the
//! `http` crate refuse control characters.

/// A header list in order; names in lower case.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub(super) struct Fields(Vec<(Vec<u8>, Vec<u8>)>);

/// Bytes of field names. <https://www.rfc-editor.org/rfc/rfc9110#name-tokens>
pub(super) fn is_token(name: &[u8]) -> bool {
    !name.is_empty() && name.iter().all(|&byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}

// https://fetch.spec.whatwg.org/#header-value
/// Whether a value has none of the bytes that would end it.
pub(super) fn is_value(value: &[u8]) -> bool {
    !value.iter().any(|byte| matches!(byte, 0 | b'\r' | b'\n'))
}

impl Fields {
    /// A list from its parts.
    ///
    /// # Errors
    /// Where a part cannot be sent.
    pub(super) fn new(list: Vec<(Vec<u8>, Vec<u8>)>) -> Result<Fields, String> {
        match list.iter().find(|(name, value)| !is_token(name) || !is_value(value)) {
            Some((name, _)) => Err(format!("the header {} cannot be sent", String::from_utf8_lossy(name))),
            None => Ok(Fields(list)),
        }
    }

    /// Adds a field whose parts are valid.
    pub(super) fn push(&mut self, name: &[u8], value: &[u8]) {
        self.0.push((name.to_ascii_lowercase(), value.to_vec()));
    }

    /// Replaces all fields of a name by one.
    pub(super) fn set(&mut self, name: &str, value: &[u8]) {
        self.remove(name);
        self.push(name.as_bytes(), value);
    }

    /// Removes all fields of a name.
    pub(super) fn remove(&mut self, name: &str) {
        self.0.retain(|(known, _)| known != name.as_bytes());
    }

    /// The values of a name's fields.
    pub(super) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        self.0.iter().filter(move |(known, _)| known == name.as_bytes()).map(|(_, value)| value.as_slice())
    }

    /// The first value of a name.
    pub(super) fn get(&self, name: &str) -> Option<&[u8]> {
        self.0.iter().find(|(known, _)| known == name.as_bytes()).map(|(_, value)| value.as_slice())
    }

    /// Whether there is a field of this name.
    pub(super) fn contains(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// The members of a list that is spread over all fields of a name, in lower case and without what surrounds them; text that is no ASCII
    /// is changed. <https://www.rfc-editor.org/rfc/rfc9110#name-lists-rule-abnf-extension>
    pub(super) fn members(&self, name: &str) -> Vec<String> {
        let values = self.all(name).map(|value| String::from_utf8_lossy(value).to_ascii_lowercase());
        values.flat_map(|value| value.split(',').map(|member| member.trim_matches([' ', '\t']).to_string()).collect::<Vec<_>>()).collect()
    }

    /// Names and values.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        self.0.iter().map(|(name, value)| (name.as_slice(), value.as_slice()))
    }

    /// Names and values, taken over.
    pub(super) fn into_list(self) -> Vec<(Vec<u8>, Vec<u8>)> {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(fields: &[(&str, &str)]) -> Fields {
        let mut list = Fields::default();
        fields.iter().for_each(|(name, value)| list.push(name.as_bytes(), value.as_bytes()));
        list
    }

    #[test]
    fn what_can_be_sent() {
        let new = |name: &str, value: &str| Fields::new(vec![(name.as_bytes().to_vec(), value.as_bytes().to_vec())]);
        for value in ["", "x", "\u{1}\u{7f}\t", "\u{c}"] {
            assert!(new("a", value).is_ok(), "{value:?}");
        }
        for (name, value) in [("", "x"), ("a b", "x"), ("a:", "x"), ("a", "\r"), ("a", "x\ny"), ("a", "\0")] {
            assert!(new(name, value).is_err(), "{name:?} {value:?}");
        }
    }

    #[test]
    fn lists() {
        let mut fields = list(&[("Connection", "Close, \tX"), ("a", "1"), ("connection", "y")]);
        assert_eq!(fields.members("connection"), ["close", "x", "y"]);
        assert_eq!(fields.members("b"), [""; 0]);
        fields.set("connection", b"z");
        assert_eq!((fields.get("connection"), fields.all("connection").count()), (Some(&b"z"[..]), 1));
        fields.remove("a");
        assert!(!fields.contains("a"));
    }
}
