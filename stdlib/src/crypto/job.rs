//! From an operation to a settled promise: at once when it is quick, or else on another thread.

use super::algorithm::Normalized;
use super::failure::{Failure, Outcome};
use super::import::{Exported, KeyData, Wanted};
use super::jwk;
use super::key::{self, Key};
use super::operations::{self, Generated};
use crate::blocking;
use crate::webidl::prelude::*;
use mayfly_engine::builtins::{promise, typed_array};

/// What an operation results in.
pub(super) enum Done {
    Bytes(Vec<u8>),
    Flag(bool),
    Key(Key),
    Generated(Box<Generated>),
    Exported(Exported),
    /// A JSON Web Key in JSON, still to be imported.
    Jwk(Vec<u8>, Box<Normalized>, Wanted),
}

/// Nanoseconds from which on an operation is too long for the thread of requests.
const LONG_NS: u64 = 1_000_000;
/// Nanoseconds that a unit of fuel stands for.
const NS_PER_FUEL: u64 = 4;

/// Runs an operation that costs about `cost_ns` nanoseconds. The result is the promise of its result.
pub(super) fn run(cx: &mut Context, cost_ns: u64, operation: impl FnOnce() -> Outcome<Done> + Send + 'static) -> Result<Object> {
    let promise = promise::new_pending(cx);
    if cost_ns < LONG_NS {
        cx.spend_fuel(cost_ns / NS_PER_FUEL)?;
        settle(cx, promise, operation())?;
    } else {
        let work: blocking::Work = Box::new(move || {
            let outcome = operation();
            Box::new(move |cx: &mut Context, promise: Value| match promise.as_object() {
                Some(promise) => settle(cx, promise, outcome),
                None => Ok(()),
            })
        });
        blocking::run(cx, promise.value(), work)?;
    }
    Ok(promise)
}

/// Settles the promise of an operation.
fn settle(cx: &mut Context, promise: Object, outcome: Outcome<Done>) -> Result<()> {
    // What cannot be made into an object, for lack of memory, rejects the promise too.
    match outcome.map(|done| into_value(cx, done)) {
        Ok(Ok(Ok(value))) => promise::resolve(cx, promise, value),
        Ok(Ok(Err(failure))) | Err(failure) => {
            let error = failure.into_error(cx);
            promise::reject(cx, promise, error);
            Ok(())
        }
        Ok(Err(thrown)) => match cx.take_exception() {
            Some(error) => {
                promise::reject(cx, promise, error);
                Ok(())
            }
            None => Err(thrown),
        },
    }
}

fn into_value(cx: &mut Context, done: Done) -> Result<Outcome<Value>> {
    Ok(Ok(match done {
        Done::Bytes(bytes) | Done::Exported(Exported::Bytes(bytes)) => {
            cx.reserve(bytes.len() as u64)?;
            typed_array::create_array_buffer(cx, &bytes).value()
        }
        Done::Flag(flag) => Value::bool(flag),
        Done::Key(key) => key::create(cx, &key)?.value(),
        Done::Generated(generated) => match *generated {
            Generated::Key(key) => key::create(cx, &key)?.value(),
            Generated::Pair(public, private) => {
                // CryptoKeyPair: members in the order of their names.
                let pair = cx.new_plain_object();
                for (name, key) in [("privateKey", private), ("publicKey", public)] {
                    let key = key::create(cx, &key)?;
                    let name = cx.key(name);
                    cx.create_data_property_or_throw(pair, name, key.value())?;
                }
                pair.value()
            }
        },
        Done::Exported(Exported::Jwk(exported)) => exported.into_object(cx)?.value(),
        Done::Jwk(json, algorithm, wanted) => {
            let imported = match jwk::parse(cx, &json)? {
                Ok(jwk) => operations::import_key(&algorithm, KeyData::Jwk(Box::new(jwk)), wanted),
                Err(failure) => Err(failure),
            };
            match imported {
                Ok(key) => key::create(cx, &key)?.value(),
                Err(failure) => return Ok(Err(failure)),
            }
        }
    }))
}

/// A promise that is rejected.
pub(super) fn rejected(cx: &mut Context, failure: Failure) -> Object {
    let error = failure.into_error(cx);
    promise::new_rejected(cx, error)
}
