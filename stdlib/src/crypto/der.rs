//! The little of ASN.1's Distinguished Encoding Rules that keys need, and the structures SubjectPublicKeyInfo and PrivateKeyInfo.
//! X.690: <https://www.itu.int/rec/T-REC-X.690>, RFC 5280 4.1: <https://www.rfc-editor.org/rfc/rfc5280#section-4.1>,
//! RFC 5208 5: <https://www.rfc-editor.org/rfc/rfc5208#section-5>

/// Tags of the types in use.
pub(crate) mod tag {
    pub(crate) const INTEGER: u8 = 0x02;
    pub(crate) const BIT_STRING: u8 = 0x03;
    pub(crate) const OCTET_STRING: u8 = 0x04;
    pub(crate) const NULL: u8 = 0x05;
    pub(crate) const OBJECT_IDENTIFIER: u8 = 0x06;
    pub(crate) const SEQUENCE: u8 = 0x30;
    /// `[0]`, constructed.
    pub(crate) const CONTEXT_0: u8 = 0xA0;
    /// `[1]`, constructed.
    pub(crate) const CONTEXT_1: u8 = 0xA1;
    /// `[1]`, primitive.
    pub(crate) const CONTEXT_1_PRIMITIVE: u8 = 0x81;
}

/// Reads values one after the other. Everything returns `None` where the encoding is wrong.
#[derive(Clone, Copy)]
pub(crate) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Reader<'a> {
        Reader(bytes)
    }

    /// Whether everything has been read.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The next value's tag.
    pub(crate) fn peek(&self) -> Option<u8> {
        self.0.first().copied()
    }

    /// The next value: tag and contents. Lengths have to be minimal.
    pub(crate) fn any(&mut self) -> Option<(u8, &'a [u8])> {
        let (&tag, rest) = self.0.split_first()?;
        // Tags of more than one byte occur in none of the structures.
        if tag & 0x1F == 0x1F {
            return None;
        }
        let (&first, mut rest) = rest.split_first()?;
        let mut length = usize::from(first);
        if first >= 0x80 {
            let count = usize::from(first & 0x7F);
            if count == 0 || count > 4 {
                return None;
            }
            let (digits, after) = rest.split_at_checked(count)?;
            length = digits.iter().fold(0, |length, &digit| length << 8 | usize::from(digit));
            if digits[0] == 0 || length < 0x80 {
                return None;
            }
            rest = after;
        }
        let (contents, after) = rest.split_at_checked(length)?;
        self.0 = after;
        Some((tag, contents))
    }

    /// Contents of the next value, which has to have this tag.
    pub(crate) fn expect(&mut self, tag: u8) -> Option<&'a [u8]> {
        if self.peek() != Some(tag) {
            return None;
        }
        self.any().map(|(_, contents)| contents)
    }

    /// The next value as SEQUENCE.
    pub(crate) fn sequence(&mut self) -> Option<Reader<'a>> {
        self.expect(tag::SEQUENCE).map(Reader)
    }

    /// The next value as INTEGER that is not negative: its bytes without leading zeros (none at all for 0).
    pub(crate) fn unsigned(&mut self) -> Option<&'a [u8]> {
        match self.expect(tag::INTEGER)? {
            [] => None,
            [0] => Some(&[]),
            [0, second, ..] if second & 0x80 == 0 => None,
            [0, rest @ ..] => Some(rest),
            [first, ..] if first & 0x80 != 0 => None,
            bytes => Some(bytes),
        }
    }

    /// The next value as BIT STRING of whole bytes.
    pub(crate) fn bit_string(&mut self) -> Option<&'a [u8]> {
        whole_bytes(self.expect(tag::BIT_STRING)?)
    }
}

/// Contents of a BIT STRING of whole bytes.
pub(crate) fn whole_bytes(contents: &[u8]) -> Option<&[u8]> {
    match contents {
        [0, bytes @ ..] => Some(bytes),
        _ => None,
    }
}

/// The one value that bytes consist of, as SEQUENCE.
pub(crate) fn only_sequence(bytes: &[u8]) -> Option<Reader<'_>> {
    let mut outer = Reader::new(bytes);
    let inner = outer.sequence()?;
    outer.is_empty().then_some(inner)
}

/// A value.
pub(crate) fn value(tag: u8, contents: &[u8]) -> Vec<u8> {
    let mut bytes = vec![tag];
    let length = contents.len();
    if length < 0x80 {
        bytes.push(length as u8);
    } else {
        let digits = length.to_be_bytes();
        let digits = &digits[length.leading_zeros() as usize / 8..];
        bytes.push(0x80 | digits.len() as u8);
        bytes.extend_from_slice(digits);
    }
    bytes.extend_from_slice(contents);
    bytes
}

/// A SEQUENCE of values.
pub(crate) fn sequence(values: &[&[u8]]) -> Vec<u8> {
    value(tag::SEQUENCE, &values.concat())
}

/// An INTEGER that is not negative, from big-endian bytes.
pub(crate) fn unsigned(bytes: &[u8]) -> Vec<u8> {
    let bytes = without_leading_zeros(bytes);
    let mut contents = Vec::with_capacity(bytes.len() + 1);
    if bytes.first().is_none_or(|first| first & 0x80 != 0) {
        contents.push(0);
    }
    contents.extend_from_slice(bytes);
    value(tag::INTEGER, &contents)
}

/// A BIT STRING of whole bytes.
pub(crate) fn bit_string(bytes: &[u8]) -> Vec<u8> {
    value(tag::BIT_STRING, &[&[0], bytes].concat())
}

/// Big-endian bytes of a number in their shortest form.
pub(crate) fn without_leading_zeros(bytes: &[u8]) -> &[u8] {
    let zeros = bytes.iter().take_while(|&&byte| byte == 0).count();
    &bytes[zeros..]
}

/// Parts of a SubjectPublicKeyInfo or PrivateKeyInfo.
pub(crate) struct KeyInfo<'a> {
    /// `algorithm` of the AlgorithmIdentifier, as contents of its OBJECT IDENTIFIER.
    pub(crate) algorithm: &'a [u8],
    /// `parameters` of the AlgorithmIdentifier: tag and contents.
    pub(crate) parameters: Option<(u8, &'a [u8])>,
    /// `subjectPublicKey` or `privateKey`.
    pub(crate) key: &'a [u8],
}

fn algorithm_identifier<'a>(reader: &mut Reader<'a>) -> Option<(&'a [u8], Option<(u8, &'a [u8])>)> {
    let mut identifier = reader.sequence()?;
    let algorithm = identifier.expect(tag::OBJECT_IDENTIFIER)?;
    let parameters = if identifier.is_empty() { None } else { Some(identifier.any()?) };
    identifier.is_empty().then_some((algorithm, parameters))
}

// https://w3c.github.io/webcrypto/#concept-parse-a-spki
pub(crate) fn parse_spki(bytes: &[u8]) -> Option<KeyInfo<'_>> {
    let mut reader = only_sequence(bytes)?;
    let (algorithm, parameters) = algorithm_identifier(&mut reader)?;
    let key = reader.bit_string()?;
    reader.is_empty().then_some(KeyInfo { algorithm, parameters, key })
}

// https://w3c.github.io/webcrypto/#concept-parse-a-privateKeyInfo
/// Version 1 of RFC 5958 differs only in that the public key may follow, which is not looked at.
pub(crate) fn parse_pkcs8(bytes: &[u8]) -> Option<KeyInfo<'_>> {
    let mut reader = only_sequence(bytes)?;
    let version = reader.unsigned()?;
    if !matches!(version, [] | [1]) {
        return None;
    }
    let (algorithm, parameters) = algorithm_identifier(&mut reader)?;
    let key = reader.expect(tag::OCTET_STRING)?;
    if reader.peek() == Some(tag::CONTEXT_0) {
        reader.any()?;
    }
    if version == [1] && reader.peek() == Some(tag::CONTEXT_1_PRIMITIVE) {
        reader.any()?;
    }
    reader.is_empty().then_some(KeyInfo { algorithm, parameters, key })
}

/// A SubjectPublicKeyInfo; `parameters` are whole values.
pub(crate) fn spki(algorithm: &[u8], parameters: &[u8], key: &[u8]) -> Vec<u8> {
    let identifier = sequence(&[&value(tag::OBJECT_IDENTIFIER, algorithm), parameters]);
    sequence(&[&identifier, &bit_string(key)])
}

/// A PrivateKeyInfo; `parameters` are whole values.
pub(crate) fn pkcs8(algorithm: &[u8], parameters: &[u8], key: &[u8]) -> Vec<u8> {
    let identifier = sequence(&[&value(tag::OBJECT_IDENTIFIER, algorithm), parameters]);
    sequence(&[&unsigned(&[]), &identifier, &value(tag::OCTET_STRING, key)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths() {
        for length in [0, 1, 127, 128, 255, 256, 65535, 65536] {
            let bytes = value(tag::OCTET_STRING, &vec![7; length]);
            let mut reader = Reader::new(&bytes);
            assert_eq!(reader.expect(tag::OCTET_STRING).map(<[u8]>::len), Some(length));
            assert!(reader.is_empty());
        }
        // Longer than needed, indefinite, beyond the end.
        for wrong in
            [&[4, 0x81, 1, 0][..], &[4, 0x82, 0, 0x80], &[4, 0x80, 0, 0], &[4, 2, 0], &[4, 0x84, 0xFF, 0xFF, 0xFF, 0xFF], &[4], &[0x1F, 1]]
        {
            assert!(Reader::new(wrong).any().is_none(), "{wrong:?}");
        }
    }

    #[test]
    fn integers() {
        for (number, encoded) in
            [(&[][..], &[2, 1, 0][..]), (&[0, 0, 1], &[2, 1, 1]), (&[0x80], &[2, 2, 0, 0x80]), (&[1, 0], &[2, 2, 1, 0])]
        {
            assert_eq!(unsigned(number), encoded);
            assert_eq!(Reader::new(encoded).unsigned(), Some(without_leading_zeros(number)));
        }
        // Negative, not minimal, empty.
        for wrong in [&[2, 1, 0x80][..], &[2, 2, 0, 1], &[2, 0]] {
            assert_eq!(Reader::new(wrong).unsigned(), None, "{wrong:?}");
        }
    }

    #[test]
    fn key_infos() {
        let parameters = value(tag::NULL, &[]);
        let bytes = spki(&[1, 2], &parameters, b"key");
        let info = parse_spki(&bytes).expect("valid");
        assert_eq!((info.algorithm, info.parameters, info.key), (&[1, 2][..], Some((tag::NULL, &[][..])), &b"key"[..]));
        let bytes = pkcs8(&[1, 2], &[], b"key");
        let info = parse_pkcs8(&bytes).expect("valid");
        assert_eq!((info.algorithm, info.parameters, info.key), (&[1, 2][..], None, &b"key"[..]));
        assert!(parse_spki(&bytes).is_none());
        assert!(parse_pkcs8(&[&bytes[..], &[0]].concat()).is_none(), "trailing data");
        for end in 0..bytes.len() {
            assert!(parse_pkcs8(&bytes[..end]).is_none(), "{end}");
        }
    }
}
