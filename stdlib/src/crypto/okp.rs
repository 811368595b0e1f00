//! Ed25519, Ed448, X25519 and X448. Material: of public keys the bytes, whatever they are; of private keys the seed or scalar, then the
//! public key.
//!
//! Curves 448: <https://wicg.github.io/webcrypto-secure-curves/>. RFC 8032: <https://www.rfc-editor.org/rfc/rfc8032>, RFC 7748:
//! <https://www.rfc-editor.org/rfc/rfc7748>

use super::algorithm::AlgorithmId as Id;
use super::der::{self, tag};
use super::failure::{Failure, Outcome, message};
use super::import::{Exported, KeyData, KeyFormat, Wanted};
use super::jwk::{self, JsonWebKey};
use super::key::{Key, KeyAlgorithm, KeyType, Usages};
use super::random::Random;
use ed448_goldilocks::elliptic_curve::Group;
use ed25519_dalek::Signer;
use rand_core::Rng;
use subtle::ConstantTimeEq;

const INVALID: Failure = Failure::Data("The key is not valid.");
const DAMAGED: Failure = Failure::Operation(message::DAMAGED);
const FAILED: Failure = Failure::Operation("The operation failed.");

/// Bytes of public keys, and of private ones.
fn bytes(id: Id) -> usize {
    match id {
        Id::Ed448 => 57,
        Id::X448 => 56,
        _ => 32,
    }
}

/// Object identifiers of RFC 8410, 3. <https://www.rfc-editor.org/rfc/rfc8410#section-3>
fn oid(id: Id) -> &'static [u8] {
    match id {
        Id::X25519 => &[0x2B, 0x65, 0x6E],
        Id::X448 => &[0x2B, 0x65, 0x6F],
        Id::Ed25519 => &[0x2B, 0x65, 0x70],
        _ => &[0x2B, 0x65, 0x71],
    }
}

fn signs(id: Id) -> bool {
    matches!(id, Id::Ed25519 | Id::Ed448)
}

fn usages(id: Id, kind: KeyType) -> Usages {
    match (signs(id), kind) {
        (true, KeyType::Public) => Usages::VERIFY,
        (true, _) => Usages::SIGN,
        (false, KeyType::Public) => Usages::NONE,
        (false, _) => Usages::DERIVE,
    }
}

fn new_key(id: Id, kind: KeyType, wanted: Wanted, material: Vec<u8>) -> Key {
    Key { algorithm: KeyAlgorithm::plain(id), kind, extractable: wanted.extractable, usages: wanted.usages, material }
}

fn array<const N: usize>(bytes: &[u8]) -> Outcome<[u8; N]> {
    bytes.try_into().map_err(|_| DAMAGED)
}

/// The public key of a private one.
fn public_of(id: Id, private: &[u8]) -> Outcome<Vec<u8>> {
    Ok(match id {
        Id::Ed25519 => ed25519_dalek::SigningKey::from_bytes(&array(private)?).verifying_key().to_bytes().to_vec(),
        Id::Ed448 => ed448_goldilocks::SigningKey::try_from(private).map_err(|_| DAMAGED)?.verifying_key().to_bytes().to_vec(),
        Id::X25519 => x25519_dalek::x25519(array(private)?, x25519_dalek::X25519_BASEPOINT_BYTES).to_vec(),
        _ => x448::x448_unchecked(array(private)?, x448::X448_BASEPOINT_BYTES).to_vec(),
    })
}

/// Private and public part of a private key.
fn private_parts(key: &Key) -> Outcome<(&[u8], &[u8])> {
    key.material.split_at_checked(bytes(key.algorithm.id)).ok_or(DAMAGED)
}

// Ed25519: Generate Key, https://w3c.github.io/webcrypto/#ed25519-operations-generate-key and likewise the others
/// Public and private key.
pub(super) fn generate(id: Id, wanted: Wanted, random: &mut Random) -> Outcome<(Key, Key)> {
    let mut material = vec![0; bytes(id)];
    random.fill_bytes(&mut material);
    let public = public_of(id, &material)?;
    material.extend_from_slice(&public);
    let of = |kind| wanted.usages.intersection(usages(id, kind));
    Ok((
        new_key(id, KeyType::Public, Wanted { extractable: true, usages: of(KeyType::Public) }, public),
        new_key(id, KeyType::Private, Wanted { usages: of(KeyType::Private), ..wanted }, material),
    ))
}

/// Step 1 of Generate Key.
pub(super) fn check_generation(id: Id, usages_wanted: Usages) -> Outcome<()> {
    usages_wanted.check(usages(id, KeyType::Public).union(usages(id, KeyType::Private)))
}

// Ed25519: Import Key, https://w3c.github.io/webcrypto/#ed25519-operations-import-key and likewise the others
pub(super) fn import(id: Id, data: KeyData, wanted: Wanted) -> Outcome<Key> {
    match data {
        KeyData::Spki(data) => {
            wanted.usages.check(usages(id, KeyType::Public))?;
            let info = der::parse_spki(&data).filter(|info| info.algorithm == oid(id) && info.parameters.is_none()).ok_or(INVALID)?;
            import_public(id, info.key, wanted)
        }
        KeyData::Pkcs8(data) => {
            wanted.usages.check(usages(id, KeyType::Private))?;
            let info = der::parse_pkcs8(&data).filter(|info| info.algorithm == oid(id) && info.parameters.is_none()).ok_or(INVALID)?;
            // CurvePrivateKey ::= OCTET STRING, https://www.rfc-editor.org/rfc/rfc8410#section-7
            let mut reader = der::Reader::new(info.key);
            let private = reader.expect(tag::OCTET_STRING).filter(|_| reader.is_empty()).ok_or(INVALID)?;
            import_private(id, private, None, wanted)
        }
        KeyData::Jwk(jwk) => import_jwk(id, &jwk, wanted),
        KeyData::Raw(data) => {
            wanted.usages.check(usages(id, KeyType::Public))?;
            import_public(id, &data, wanted)
        }
    }
}

/// Points are not looked at: verification says that those that are none verify nothing.
fn import_public(id: Id, public: &[u8], wanted: Wanted) -> Outcome<Key> {
    if public.len() != bytes(id) {
        return Err(INVALID);
    }
    Ok(new_key(id, KeyType::Public, wanted, public.to_vec()))
}

fn import_private(id: Id, private: &[u8], given: Option<&[u8]>, wanted: Wanted) -> Outcome<Key> {
    if private.len() != bytes(id) {
        return Err(INVALID);
    }
    let public = public_of(id, private)?;
    if given.is_some_and(|given| given != public) {
        return Err(INVALID);
    }
    Ok(new_key(id, KeyType::Private, wanted, [private, &public].concat()))
}

fn import_jwk(id: Id, jwk: &JsonWebKey, wanted: Wanted) -> Outcome<Key> {
    let kind = if jwk.d.is_some() { KeyType::Private } else { KeyType::Public };
    wanted.usages.check(usages(id, kind))?;
    jwk.require_kty("OKP")?;
    if jwk.crv.as_ref().is_none_or(|crv| crv.0 != id.name()) {
        return Err(Failure::Data("The JWK \"crv\" member is not the algorithm's curve."));
    }
    // Keys for X25519 and X448 may say anything in "alg".
    if signs(id) && jwk.alg.as_ref().is_some_and(|alg| alg.0 != id.name() && alg.0 != "EdDSA") {
        return Err(Failure::Data("The JWK \"alg\" member is not suited to the algorithm."));
    }
    jwk.check(if signs(id) { "sig" } else { "enc" }, wanted.usages, wanted.extractable)?;
    let public = jwk::bytes(&jwk.x)?;
    if kind == KeyType::Public {
        return import_public(id, &public, wanted);
    }
    import_private(id, &jwk::bytes(&jwk.d)?, Some(&public), wanted)
}

// Ed25519: Export Key, https://w3c.github.io/webcrypto/#ed25519-operations-export-key and likewise the others
pub(super) fn export(format: KeyFormat, key: &Key) -> Outcome<Exported> {
    let id = key.algorithm.id;
    match format {
        KeyFormat::Spki => {
            key.require_public()?;
            Ok(Exported::Bytes(der::spki(oid(id), &[], &key.material)))
        }
        KeyFormat::Pkcs8 => {
            key.require_private()?;
            let (private, _) = private_parts(key)?;
            Ok(Exported::Bytes(der::pkcs8(oid(id), &[], &der::value(tag::OCTET_STRING, private))))
        }
        KeyFormat::Jwk => {
            let mut exported = jwk::Exported::new("OKP", key).text("crv", id.name());
            if signs(id) {
                exported = exported.text("alg", id.name());
            }
            if key.kind == KeyType::Private {
                let (private, public) = private_parts(key)?;
                exported = exported.bytes("x", public).bytes("d", private);
            } else {
                exported = exported.bytes("x", &key.material);
            }
            Ok(Exported::Jwk(exported))
        }
        KeyFormat::Raw => {
            key.require_public()?;
            Ok(Exported::Bytes(key.material.clone()))
        }
    }
}

/// "If context has a length greater than 255 bytes, then throw an OperationError."
fn check_context(context: &[u8]) -> Outcome<()> {
    if context.len() <= 255 { Ok(()) } else { Err(Failure::Operation("The context is longer than 255 bytes.")) }
}

// Ed25519: Sign, https://w3c.github.io/webcrypto/#ed25519-operations-sign,
// Ed448: Sign, https://wicg.github.io/webcrypto-secure-curves/#ed448-operations
pub(super) fn sign(key: &Key, context: &[u8], message: &[u8]) -> Outcome<Vec<u8>> {
    key.require_private()?;
    check_context(context)?;
    let (private, _) = private_parts(key)?;
    if key.algorithm.id == Id::Ed25519 {
        return Ok(ed25519_dalek::SigningKey::from_bytes(&array(private)?).sign(message).to_bytes().to_vec());
    }
    let key = ed448_goldilocks::SigningKey::try_from(private).map_err(|_| DAMAGED)?;
    Ok(key.sign_ctx(context, message).map_err(|_| FAILED)?.to_bytes().to_vec())
}

// Ed25519: Verify, https://w3c.github.io/webcrypto/#ed25519-operations-verify,
// Ed448: Verify, https://wicg.github.io/webcrypto-secure-curves/#ed448-operations
pub(super) fn verify(key: &Key, context: &[u8], signature: &[u8], message: &[u8]) -> Outcome<bool> {
    key.require_public()?;
    check_context(context)?;
    if key.algorithm.id == Id::Ed25519 {
        return Ok(verify_ed25519(&array(&key.material)?, signature, message).is_some());
    }
    Ok(verify_ed448(&array(&key.material)?, context, signature, message).is_some())
}

fn verify_ed25519(public: &[u8; 32], signature: &[u8], message: &[u8]) -> Option<()> {
    let key = ed25519_dalek::VerifyingKey::from_bytes(public).ok()?;
    let signature = ed25519_dalek::Signature::from_slice(signature).ok()?;
    // "Strict" rejects points of small order.
    key.verify_strict(message, &signature).ok()
}

fn verify_ed448(public: &[u8; 57], context: &[u8], signature: &[u8], message: &[u8]) -> Option<()> {
    let of_small_order = |point: ed448_goldilocks::EdwardsPoint| bool::from(point.double().double().is_identity());
    let key = ed448_goldilocks::VerifyingKey::from_bytes(public).ok()?;
    // R, the first half.
    let r: [u8; 57] = signature.get(..57)?.try_into().ok()?;
    let r = ed448_goldilocks::CompressedEdwardsY(r).decompress_unchecked().into_option()?.to_edwards();
    if of_small_order(key.to_edwards()) || of_small_order(r) {
        return None;
    }
    let signature = ed448_goldilocks::Signature::try_from(signature).ok()?;
    key.verify_ctx(&signature, context, message).ok()
}

// X25519: Derive Bits, steps 5 and 6, https://w3c.github.io/webcrypto/#x25519-operations-derive-bits, and likewise X448
pub(super) fn shared_secret(key: &Key, public: &Key) -> Outcome<Vec<u8>> {
    let (private, _) = private_parts(key)?;
    let secret = if key.algorithm.id == Id::X25519 {
        x25519_dalek::x25519(array(private)?, array(&public.material)?).to_vec()
    } else {
        x448::x448_unchecked(array(private)?, array(&public.material)?).to_vec()
    };
    if bool::from(secret.ct_eq(&vec![0; secret.len()])) {
        return Err(Failure::Operation("The shared secret is zero."));
    }
    Ok(secret)
}
