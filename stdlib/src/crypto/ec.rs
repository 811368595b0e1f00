//! Keys on the NIST curves, ECDSA and ECDH. Material: of public keys the point, uncompressed; of private keys the scalar, then the point.
//! SEC 1: <https://www.secg.org/sec1-v2.pdf>

use super::algorithm::AlgorithmId as Id;
use super::der::{self, tag};
use super::failure::{Failure, Outcome, message};
use super::hash::Hash;
use super::import::{Exported, KeyData, KeyFormat, Wanted};
use super::jwk::{self, JsonWebKey};
use super::key::{Key, KeyAlgorithm, KeyType, Usages};
use super::random::Random;
use rand_core::Rng;

/// NamedCurve. <https://w3c.github.io/webcrypto/#dfn-NamedCurve>
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub(crate) enum Curve {
    P256,
    P384,
    P521,
}

/// id-ecPublicKey, 1.2.840.10045.2.1
const EC_PUBLIC_KEY: &[u8] = &[0x2A, 0x86, 0x48, 0xCE, 0x3D, 2, 1];

const INVALID: Failure = Failure::Data("The elliptic curve key is not valid.");
const DAMAGED: Failure = Failure::Operation(message::DAMAGED);

/// Evaluates an expression with `$curve` standing for the curve's crate.
macro_rules! with_curve {
    ($which:expr, $curve:ident => $body:expr) => {
        match $which {
            Curve::P256 => {
                use p256 as $curve;
                $body
            }
            Curve::P384 => {
                use p384 as $curve;
                $body
            }
            Curve::P521 => {
                use p521 as $curve;
                $body
            }
        }
    };
}

impl Curve {
    const ALL: [Curve; 3] = [Curve::P256, Curve::P384, Curve::P521];

    /// The curve of this number.
    pub(crate) fn from_number(number: u8) -> Option<Curve> {
        Curve::ALL.get(usize::from(number)).copied()
    }

    /// The curve with this name; case matters.
    pub(crate) fn from_name(name: &str) -> Option<Curve> {
        Curve::ALL.into_iter().find(|curve| curve.name() == name)
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Curve::P256 => "P-256",
            Curve::P384 => "P-384",
            Curve::P521 => "P-521",
        }
    }

    /// Bytes of coordinates and scalars.
    pub(crate) fn bytes(self) -> usize {
        match self {
            Curve::P256 => 32,
            Curve::P384 => 48,
            Curve::P521 => 66,
        }
    }

    /// Object identifiers of RFC 5480, 2.1.1.1. <https://www.rfc-editor.org/rfc/rfc5480#section-2.1.1.1>
    fn oid(self) -> &'static [u8] {
        match self {
            Curve::P256 => &[0x2A, 0x86, 0x48, 0xCE, 0x3D, 3, 1, 7],
            Curve::P384 => &[0x2B, 0x81, 4, 0, 0x22],
            Curve::P521 => &[0x2B, 0x81, 4, 0, 0x23],
        }
    }

    /// `alg` of JSON Web Keys for ECDSA.
    fn jwk_alg(self) -> &'static str {
        match self {
            Curve::P256 => "ES256",
            Curve::P384 => "ES384",
            Curve::P521 => "ES512",
        }
    }

    /// A point from its encoding, compressed or not, in the uncompressed encoding; not the point at infinity.
    fn point(self, encoded: &[u8]) -> Option<Vec<u8>> {
        // Of the encodings of SEC 1, 2.3.4.
        if !matches!(encoded.first(), Some(2..=4)) {
            return None;
        }
        with_curve!(self, curve => {
            use p256::elliptic_curve::sec1::ToSec1Point;
            let key = curve::PublicKey::from_sec1_bytes(encoded).ok()?;
            Some(key.to_sec1_point(false).as_bytes().to_vec())
        })
    }

    /// The point of a private key, uncompressed; `None` when the scalar is not between 1 and the order.
    fn public_point(self, scalar: &[u8]) -> Option<Vec<u8>> {
        if scalar.len() != self.bytes() {
            return None;
        }
        with_curve!(self, curve => {
            use p256::elliptic_curve::sec1::ToSec1Point;
            let key = curve::SecretKey::from_slice(scalar).ok()?;
            Some(key.public_key().to_sec1_point(false).as_bytes().to_vec())
        })
    }
}

fn usages(id: Id, kind: KeyType) -> Usages {
    match (id, kind) {
        (Id::Ecdsa, KeyType::Public) => Usages::VERIFY,
        (Id::Ecdsa, _) => Usages::SIGN,
        (_, KeyType::Public) => Usages::NONE,
        _ => Usages::DERIVE,
    }
}

fn new_key(id: Id, curve: Curve, kind: KeyType, wanted: Wanted, material: Vec<u8>) -> Key {
    let algorithm = KeyAlgorithm { curve: Some(curve), ..KeyAlgorithm::plain(id) };
    Key { algorithm, kind, extractable: wanted.extractable, usages: wanted.usages, material }
}

/// Scalar and point of a private key.
fn private_parts(key: &Key) -> Outcome<(&[u8], &[u8])> {
    key.material.split_at_checked(key.curve()?.bytes()).ok_or(DAMAGED)
}

// ECDSA and ECDH: Generate Key, https://w3c.github.io/webcrypto/#ecdsa-operations-generate-key
/// Steps 1 and 2 as far as they can fail.
pub(super) fn check_generation(id: Id, curve: Option<Curve>, usages_wanted: Usages) -> Outcome<Curve> {
    usages_wanted.check(usages(id, KeyType::Public).union(usages(id, KeyType::Private)))?;
    curve.ok_or(Failure::NotSupported("Unrecognized namedCurve"))
}

/// Public and private key.
pub(super) fn generate(id: Id, curve: Curve, wanted: Wanted, random: &mut Random) -> Outcome<(Key, Key)> {
    // Scalars beyond the order are drawn anew: B.4.2 of FIPS 186-4. At most one in 2³² is, on P-256; the top byte of P-521 has one bit.
    for _ in 0..128 {
        let mut scalar = vec![0; curve.bytes()];
        random.fill_bytes(&mut scalar);
        if curve == Curve::P521 {
            scalar[0] &= 1;
        }
        let Some(point) = curve.public_point(&scalar) else { continue };
        let of = |kind| wanted.usages.intersection(usages(id, kind));
        scalar.extend_from_slice(&point);
        return Ok((
            new_key(id, curve, KeyType::Public, Wanted { extractable: true, usages: of(KeyType::Public) }, point),
            new_key(id, curve, KeyType::Private, Wanted { usages: of(KeyType::Private), ..wanted }, scalar),
        ));
    }
    Err(Failure::Operation("The key pair could not be generated."))
}

// ECDSA and ECDH: Import Key, https://w3c.github.io/webcrypto/#ecdsa-operations-import-key
pub(super) fn import(id: Id, curve: Option<Curve>, data: KeyData, wanted: Wanted) -> Outcome<Key> {
    // For the raw format usages are checked after the curve, for the others before it: no other curve is in keys of these formats.
    const NO_CURVE: Failure = Failure::Data("Unrecognized namedCurve");
    match data {
        KeyData::Spki(data) => {
            wanted.usages.check(usages(id, KeyType::Public))?;
            let curve = curve.ok_or(NO_CURVE)?;
            let info = der::parse_spki(&data).filter(|info| is_on(info, curve)).ok_or(INVALID)?;
            import_public(id, curve, info.key, wanted)
        }
        KeyData::Pkcs8(data) => {
            wanted.usages.check(usages(id, KeyType::Private))?;
            let curve = curve.ok_or(NO_CURVE)?;
            let info = der::parse_pkcs8(&data).filter(|info| is_on(info, curve)).ok_or(INVALID)?;
            let (scalar, point) = parse_ec_private_key(info.key, curve).ok_or(INVALID)?;
            import_private(id, curve, scalar, point, wanted)
        }
        KeyData::Jwk(jwk) => import_jwk(id, curve, &jwk, wanted),
        KeyData::Raw(data) => {
            let curve = curve.ok_or(NO_CURVE)?;
            wanted.usages.check(usages(id, KeyType::Public))?;
            import_public(id, curve, &data, wanted)
        }
    }
}

/// Whether the algorithm is id-ecPublicKey with the curve as parameters.
fn is_on(info: &der::KeyInfo<'_>, curve: Curve) -> bool {
    info.algorithm == EC_PUBLIC_KEY && info.parameters == Some((tag::OBJECT_IDENTIFIER, curve.oid()))
}

// 3 Elliptic Curve Private Key Format, https://www.rfc-editor.org/rfc/rfc5915#section-3
/// Scalar, and the point if it is there.
fn parse_ec_private_key(bytes: &[u8], curve: Curve) -> Option<(&[u8], Option<&[u8]>)> {
    let mut reader = der::only_sequence(bytes)?;
    if reader.unsigned()? != [1] {
        return None;
    }
    let scalar = reader.expect(tag::OCTET_STRING)?;
    if reader.peek() == Some(tag::CONTEXT_0) {
        let mut parameters = der::Reader::new(reader.expect(tag::CONTEXT_0)?);
        if parameters.expect(tag::OBJECT_IDENTIFIER)? != curve.oid() || !parameters.is_empty() {
            return None;
        }
    }
    let mut point = None;
    if reader.peek() == Some(tag::CONTEXT_1) {
        let mut public = der::Reader::new(reader.expect(tag::CONTEXT_1)?);
        point = Some(public.bit_string()?);
        if !public.is_empty() {
            return None;
        }
    }
    reader.is_empty().then_some((scalar, point))
}

fn import_public(id: Id, curve: Curve, point: &[u8], wanted: Wanted) -> Outcome<Key> {
    let point = curve.point(point).ok_or(INVALID)?;
    Ok(new_key(id, curve, KeyType::Public, wanted, point))
}

/// A private key; the point, if it is given, has to be that of the scalar.
fn import_private(id: Id, curve: Curve, scalar: &[u8], given: Option<&[u8]>, wanted: Wanted) -> Outcome<Key> {
    let point = curve.public_point(scalar).ok_or(INVALID)?;
    if let Some(given) = given
        && curve.point(given).as_ref() != Some(&point)
    {
        return Err(INVALID);
    }
    Ok(new_key(id, curve, KeyType::Private, wanted, [scalar, &point].concat()))
}

fn import_jwk(id: Id, curve: Option<Curve>, jwk: &JsonWebKey, wanted: Wanted) -> Outcome<Key> {
    // 2.
    let kind = if jwk.d.is_some() { KeyType::Private } else { KeyType::Public };
    wanted.usages.check(usages(id, kind))?;
    // 3.-6.
    jwk.require_kty("EC")?;
    jwk.check(if id == Id::Ecdsa { "sig" } else { "enc" }, wanted.usages, wanted.extractable)?;
    // 7. and 8.
    let named = jwk.crv.as_ref().and_then(|name| Curve::from_name(name));
    let Some(curve) = named.filter(|named| curve == Some(*named)) else {
        return Err(Failure::Data("The JWK \"crv\" member is not the algorithm's curve."));
    };
    // 9. Keys for ECDH may say anything in "alg".
    if id == Id::Ecdsa && jwk.alg.as_ref().is_some_and(|alg| alg.0 != curve.jwk_alg()) {
        return Err(Failure::Data("The JWK \"alg\" member is not suited to the algorithm."));
    }
    let coordinate = |member| match jwk::bytes(member) {
        Ok(bytes) if bytes.len() == curve.bytes() => Ok(bytes),
        Ok(_) => Err(INVALID),
        Err(failure) => Err(failure),
    };
    let point = [&[4][..], &coordinate(&jwk.x)?, &coordinate(&jwk.y)?].concat();
    if kind == KeyType::Public {
        return import_public(id, curve, &point, wanted);
    }
    import_private(id, curve, &coordinate(&jwk.d)?, Some(&point), wanted)
}

// ECDSA and ECDH: Export Key, https://w3c.github.io/webcrypto/#ecdsa-operations-export-key
pub(super) fn export(format: KeyFormat, key: &Key) -> Outcome<Exported> {
    let curve = key.curve()?;
    let oid = der::value(tag::OBJECT_IDENTIFIER, curve.oid());
    match format {
        KeyFormat::Spki => {
            key.require_public()?;
            Ok(Exported::Bytes(der::spki(EC_PUBLIC_KEY, &oid, &key.material)))
        }
        KeyFormat::Pkcs8 => {
            key.require_private()?;
            let (scalar, point) = private_parts(key)?;
            // The parameters are not repeated in the inner structure, as in keys of all other implementations.
            let public = der::value(tag::CONTEXT_1, &der::bit_string(point));
            let inner = der::sequence(&[&der::unsigned(&[1]), &der::value(tag::OCTET_STRING, scalar), &public]);
            Ok(Exported::Bytes(der::pkcs8(EC_PUBLIC_KEY, &oid, &inner)))
        }
        KeyFormat::Jwk => {
            let (scalar, point) = if key.kind == KeyType::Private { private_parts(key)? } else { (&[][..], &key.material[..]) };
            let coordinates = point.get(1..).and_then(|both| both.split_at_checked(curve.bytes())).ok_or(DAMAGED)?;
            let mut exported = jwk::Exported::new("EC", key).text("crv", curve.name()).bytes("x", coordinates.0).bytes("y", coordinates.1);
            if key.kind == KeyType::Private {
                exported = exported.bytes("d", scalar);
            }
            Ok(Exported::Jwk(exported))
        }
        KeyFormat::Raw => {
            key.require_public()?;
            Ok(Exported::Bytes(key.material.clone()))
        }
    }
}

/// A digest as the curves' crates take it: at least as long as half a scalar. Zeros in front change no number.
fn prehash(curve: Curve, hash: Hash, message: &[u8]) -> Vec<u8> {
    let digest = hash.digest(message);
    let zeros = curve.bytes().saturating_sub(digest.len());
    [&vec![0; zeros][..], &digest].concat()
}

// ECDSA: Sign, https://w3c.github.io/webcrypto/#ecdsa-operations-sign
/// Nonces are those of RFC 6979. <https://www.rfc-editor.org/rfc/rfc6979>
pub(super) fn sign(key: &Key, hash: Hash, message: &[u8]) -> Outcome<Vec<u8>> {
    key.require_private()?;
    let curve = key.curve()?;
    let (scalar, _) = private_parts(key)?;
    let prehash = prehash(curve, hash, message);
    with_curve!(curve, c => {
        use p256::ecdsa::signature::hazmat::PrehashSigner;
        let key = c::ecdsa::SigningKey::from_slice(scalar).map_err(|_| DAMAGED)?;
        let signature: c::ecdsa::Signature = key.sign_prehash(&prehash).map_err(|_| Failure::Operation("The operation failed."))?;
        Ok(signature.to_bytes().to_vec())
    })
}

// ECDSA: Verify, https://w3c.github.io/webcrypto/#ecdsa-operations-verify
pub(super) fn verify(key: &Key, hash: Hash, signature: &[u8], message: &[u8]) -> Outcome<bool> {
    key.require_public()?;
    let curve = key.curve()?;
    if signature.len() != 2 * curve.bytes() {
        return Ok(false);
    }
    let prehash = prehash(curve, hash, message);
    with_curve!(curve, c => {
        use p256::ecdsa::signature::hazmat::PrehashVerifier;
        let key = c::ecdsa::VerifyingKey::from_sec1_bytes(&key.material).map_err(|_| DAMAGED)?;
        Ok(c::ecdsa::Signature::from_slice(signature).is_ok_and(|signature| key.verify_prehash(&prehash, &signature).is_ok()))
    })
}

// ECDH: Derive Bits, steps 5 and 6, https://w3c.github.io/webcrypto/#ecdh-operations-derive-bits
pub(super) fn shared_secret(key: &Key, public: &Key) -> Outcome<Vec<u8>> {
    let curve = key.curve()?;
    if public.curve()? != curve {
        return Err(Failure::InvalidAccess("The public key is on another curve."));
    }
    let (scalar, _) = private_parts(key)?;
    with_curve!(curve, c => {
        let secret = c::SecretKey::from_slice(scalar).map_err(|_| DAMAGED)?;
        let public = c::PublicKey::from_sec1_bytes(&public.material).map_err(|_| DAMAGED)?;
        Ok(secret.diffie_hellman(&public).raw_secret_bytes().to_vec())
    })
}
