//! RSA keys: generation, import, export. Material: RSAPublicKey or RSAPrivateKey in DER.
//! RFC 8017: <https://www.rfc-editor.org/rfc/rfc8017>

use super::algorithm::AlgorithmId as Id;
use super::der::{self, Reader};
use super::failure::{Failure, Outcome, message};
use super::hash::Hash;
use super::import::{Exported, KeyData, KeyFormat, Wanted};
use super::jwk::{self, JsonWebKey};
use super::key::{Key, KeyAlgorithm, KeyType, Usages};
use super::random::Random;
use rsa::traits::{PrivateKeyParts, PublicKeyParts};
use rsa::{BoxedUint, RsaPrivateKey, RsaPublicKey};

/// rsaEncryption, 1.2.840.113549.1.1.1
const RSA_ENCRYPTION: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 1, 1];

/// Bits of moduli that can be imported.
const MODULUS_BITS: std::ops::RangeInclusive<usize> = 512..=8192;
/// Bits of moduli that are generated.
const GENERATED_BITS: std::ops::RangeInclusive<u32> = 1024..=8192;

const INVALID: Failure = Failure::Data("The RSA key is not valid.");

/// Usages of public and private keys.
pub(super) fn usages(id: Id, kind: KeyType) -> Usages {
    match (id, kind) {
        (Id::RsaOaep, KeyType::Public) => Usages::ENCRYPT_WRAP,
        (Id::RsaOaep, _) => Usages::DECRYPT_UNWRAP,
        (_, KeyType::Public) => Usages::VERIFY,
        _ => Usages::SIGN,
    }
}

fn new_key(id: Id, hash: Hash, kind: KeyType, wanted: Wanted, material: Vec<u8>) -> Key {
    let algorithm = KeyAlgorithm { hash: Some(hash), ..KeyAlgorithm::plain(id) };
    Key { algorithm, kind, extractable: wanted.extractable, usages: wanted.usages, material }
}

/// Numbers of a public key.
struct Public<'a> {
    n: &'a [u8],
    e: &'a [u8],
}

/// Numbers of a private key: n, e, d, p, q, dp, dq, qi.
type Private<'a> = [&'a [u8]; 8];

// A.1.1 RSAPublicKey, https://www.rfc-editor.org/rfc/rfc8017#appendix-A.1.1
fn parse_public(bytes: &[u8]) -> Option<Public<'_>> {
    let mut reader = der::only_sequence(bytes)?;
    let public = Public { n: reader.unsigned()?, e: reader.unsigned()? };
    reader.is_empty().then_some(public)
}

// A.1.2 RSAPrivateKey, https://www.rfc-editor.org/rfc/rfc8017#appendix-A.1.2
/// Only version 0: keys of two primes.
fn parse_private(bytes: &[u8]) -> Option<Private<'_>> {
    let mut reader: Reader<'_> = der::only_sequence(bytes)?;
    if !reader.unsigned()?.is_empty() {
        return None;
    }
    let mut numbers: Private<'_> = [&[]; 8];
    for number in &mut numbers {
        *number = reader.unsigned()?;
    }
    reader.is_empty().then_some(numbers)
}

fn uint(bytes: &[u8]) -> BoxedUint {
    BoxedUint::from_be_slice_vartime(bytes)
}

/// Bytes of a number in their shortest form.
fn bytes(number: &BoxedUint) -> Vec<u8> {
    der::without_leading_zeros(&number.to_be_bytes()).to_vec()
}

fn public_key(public: &Public<'_>) -> Option<RsaPublicKey> {
    RsaPublicKey::new_with_size_limits(uint(public.n), uint(public.e), MODULUS_BITS).ok()
}

/// A key of n, e, d and its primes; without primes they are found again.
fn private_key(n: &[u8], e: &[u8], d: &[u8], primes: &[&[u8]]) -> Option<RsaPrivateKey> {
    if !MODULUS_BITS.contains(&(8 * n.len())) && !MODULUS_BITS.contains(&(8 * n.len()).saturating_sub(7)) {
        return None;
    }
    RsaPrivateKey::from_components(uint(n), uint(e), uint(d), primes.iter().map(|prime| uint(prime)).collect()).ok()
}

/// The public key in a CryptoKey's material.
pub(super) fn read_public(material: &[u8]) -> Outcome<RsaPublicKey> {
    parse_public(material).and_then(|public| public_key(&public)).ok_or(Failure::Operation(message::DAMAGED))
}

/// The private key in a CryptoKey's material.
pub(super) fn read_private(material: &[u8]) -> Outcome<RsaPrivateKey> {
    let key = parse_private(material).and_then(|[n, e, d, p, q, ..]| private_key(n, e, d, &[p, q]));
    key.ok_or(Failure::Operation(message::DAMAGED))
}

/// Bits of the modulus and bytes of the public exponent, of either material.
pub(super) fn modulus_length_and_exponent(material: &[u8]) -> (u32, Vec<u8>) {
    let numbers = parse_private(material).map(|[n, e, ..]| (n, e)).or_else(|| parse_public(material).map(|public| (public.n, public.e)));
    match numbers {
        Some((n, e)) => (8 * n.len() as u32 - n.first().map_or(0, |first| first.leading_zeros()), e.to_vec()),
        None => (0, Vec::new()),
    }
}

/// RSAPublicKey in DER.
fn encode_public(n: &[u8], e: &[u8]) -> Vec<u8> {
    der::sequence(&[&der::unsigned(n), &der::unsigned(e)])
}

/// RSAPrivateKey in DER, if the key has two primes.
fn encode_private(key: &RsaPrivateKey) -> Option<Vec<u8>> {
    let [p, q] = key.primes() else { return None };
    let (dp, dq, qi) = (key.dp()?, key.dq()?, key.crt_coefficient()?);
    let numbers = [key.n().as_ref(), key.e(), key.d(), p.as_ref(), q.as_ref(), dp, dq, &qi];
    let mut contents = der::unsigned(&[]);
    for number in numbers {
        contents.extend(der::unsigned(&number.to_be_bytes()));
    }
    Some(der::value(der::tag::SEQUENCE, &contents))
}

// RSASSA-PKCS1-v1_5: Generate Key, https://w3c.github.io/webcrypto/#rsassa-pkcs1-operations-generate-key and likewise RSA-PSS, RSA-OAEP
/// Step 1, and what can be said of step 2 without trying.
pub(super) fn check_generation(id: Id, modulus_length: u32, public_exponent: &[u8], usages_wanted: Usages) -> Outcome<()> {
    usages_wanted.check(usages(id, KeyType::Public).union(usages(id, KeyType::Private)))?;
    let exponent = der::without_leading_zeros(public_exponent);
    // Odd numbers from 3 on are exponents; those of more than 32 bits serve no purpose.
    let is_exponent = exponent.len() <= 4 && exponent.last().is_some_and(|last| last & 1 == 1) && exponent != [1];
    if !is_exponent || !GENERATED_BITS.contains(&modulus_length) {
        return Err(Failure::Operation("The modulus length or public exponent is not supported."));
    }
    Ok(())
}

/// Steps 2 to 22: public and private key.
pub(super) fn generate(
    id: Id,
    modulus_length: u32,
    public_exponent: &[u8],
    hash: Hash,
    wanted: Wanted,
    random: &mut Random,
) -> Outcome<(Key, Key)> {
    let failed = Failure::Operation("The key pair could not be generated.");
    let key = RsaPrivateKey::new_with_exp(random, modulus_length as usize, uint(public_exponent)).map_err(|_| failed)?;
    let public = encode_public(&bytes(key.n().as_ref()), &bytes(key.e()));
    let private = encode_private(&key).ok_or(failed)?;
    let of = |kind| wanted.usages.intersection(usages(id, kind));
    Ok((
        new_key(id, hash, KeyType::Public, Wanted { extractable: true, usages: of(KeyType::Public) }, public),
        new_key(id, hash, KeyType::Private, Wanted { usages: of(KeyType::Private), ..wanted }, private),
    ))
}

/// `alg` of JSON Web Keys.
fn jwk_alg(id: Id, hash: Hash) -> Option<String> {
    let digits = hash.jwk_digits()?;
    Some(match (id, hash) {
        (Id::RsaPkcs1, _) => format!("RS{digits}"),
        (Id::RsaPss, _) => format!("PS{digits}"),
        (_, Hash::Sha1) => "RSA-OAEP".to_string(),
        _ => format!("RSA-OAEP-{digits}"),
    })
}

// RSASSA-PKCS1-v1_5: Import Key, https://w3c.github.io/webcrypto/#rsassa-pkcs1-operations-import-key and likewise RSA-PSS, RSA-OAEP
pub(super) fn import(id: Id, hash: Hash, data: KeyData, wanted: Wanted) -> Outcome<Key> {
    match data {
        KeyData::Spki(data) => {
            wanted.usages.check(usages(id, KeyType::Public))?;
            let info = der::parse_spki(&data).filter(|info| info.algorithm == RSA_ENCRYPTION).ok_or(INVALID)?;
            let public = parse_public(info.key).ok_or(INVALID)?;
            import_public(id, hash, wanted, &public)
        }
        KeyData::Pkcs8(data) => {
            wanted.usages.check(usages(id, KeyType::Private))?;
            let info = der::parse_pkcs8(&data).filter(|info| info.algorithm == RSA_ENCRYPTION).ok_or(INVALID)?;
            let [n, e, d, p, q, rest @ ..] = parse_private(info.key).ok_or(INVALID)?;
            import_private(id, hash, wanted, [n, e, d], Some(([p, q], rest)))
        }
        KeyData::Jwk(jwk) => import_jwk(id, hash, &jwk, wanted),
        KeyData::Raw(_) => Err(Failure::NotSupported(message::FORMAT)),
    }
}

fn import_public(id: Id, hash: Hash, wanted: Wanted, public: &Public<'_>) -> Outcome<Key> {
    public_key(public).ok_or(INVALID)?;
    Ok(new_key(id, hash, KeyType::Public, wanted, encode_public(public.n, public.e)))
}

/// `rest`: dp, dq and qi, which have to be what follows from the other numbers.
fn import_private(id: Id, hash: Hash, wanted: Wanted, [n, e, d]: [&[u8]; 3], factors: Option<([&[u8]; 2], [&[u8]; 3])>) -> Outcome<Key> {
    let primes = factors.as_ref().map_or(&[][..], |(primes, _)| primes);
    let key = private_key(n, e, d, primes).ok_or(INVALID)?;
    let material = encode_private(&key).ok_or(INVALID)?;
    if let Some((_, rest)) = factors {
        let found = parse_private(&material).ok_or(INVALID)?;
        if found[5..] != rest {
            return Err(INVALID);
        }
    }
    Ok(new_key(id, hash, KeyType::Private, wanted, material))
}

fn import_jwk(id: Id, hash: Hash, jwk: &JsonWebKey, wanted: Wanted) -> Outcome<Key> {
    // 2.
    let kind = if jwk.d.is_some() { KeyType::Private } else { KeyType::Public };
    wanted.usages.check(usages(id, kind))?;
    // 3.-6.
    jwk.require_kty("RSA")?;
    jwk.check(if id == Id::RsaOaep { "enc" } else { "sig" }, wanted.usages, wanted.extractable)?;
    // 7.-9.
    if jwk.alg.as_ref().is_some_and(|alg| Some(&alg.0) != jwk_alg(id, hash).as_ref()) {
        return Err(Failure::Data("The JWK \"alg\" member is not suited to the algorithm."));
    }
    // 10.
    let (n, e) = (jwk::number(&jwk.n)?, jwk::number(&jwk.e)?);
    if kind == KeyType::Public {
        return import_public(id, hash, wanted, &Public { n: &n, e: &e });
    }
    if jwk.oth.is_some() {
        return Err(Failure::Data("RSA keys of more than two primes are not supported."));
    }
    let d = jwk::number(&jwk.d)?;
    // Either all five further numbers are there, or none. https://www.rfc-editor.org/rfc/rfc7518#section-6.3.2
    let further = [&jwk.p, &jwk.q, &jwk.dp, &jwk.dq, &jwk.qi];
    if further.iter().all(|member| member.is_none()) {
        return import_private(id, hash, wanted, [&n, &e, &d], None);
    }
    let mut numbers = Vec::with_capacity(5);
    for member in further {
        numbers.push(jwk::number(member)?);
    }
    let [p, q, dp, dq, qi] = &numbers[..] else { return Err(INVALID) };
    import_private(id, hash, wanted, [&n, &e, &d], Some(([p, q], [dp, dq, qi])))
}

// RSASSA-PKCS1-v1_5: Export Key, https://w3c.github.io/webcrypto/#rsassa-pkcs1-operations-export-key and likewise RSA-PSS, RSA-OAEP
pub(super) fn export(format: KeyFormat, key: &Key) -> Outcome<Exported> {
    let null = der::value(der::tag::NULL, &[]);
    match format {
        KeyFormat::Spki => {
            key.require_public()?;
            Ok(Exported::Bytes(der::spki(RSA_ENCRYPTION, &null, &key.material)))
        }
        KeyFormat::Pkcs8 => {
            key.require_private()?;
            Ok(Exported::Bytes(der::pkcs8(RSA_ENCRYPTION, &null, &key.material)))
        }
        KeyFormat::Jwk => {
            let mut exported = jwk::Exported::new("RSA", key);
            if let Some(alg) = jwk_alg(key.algorithm.id, key.hash()?) {
                exported = exported.text("alg", &alg);
            }
            if key.kind == KeyType::Private {
                let numbers = parse_private(&key.material).ok_or(Failure::Operation(message::DAMAGED))?;
                for (name, number) in ["n", "e", "d", "p", "q", "dp", "dq", "qi"].into_iter().zip(numbers) {
                    exported = exported.bytes(name, number);
                }
            } else {
                let public = parse_public(&key.material).ok_or(Failure::Operation(message::DAMAGED))?;
                exported = exported.bytes("n", public.n).bytes("e", public.e);
            }
            Ok(Exported::Jwk(exported))
        }
        KeyFormat::Raw => Err(Failure::NotSupported(message::FORMAT)),
    }
}
