//! Descriptors of memories and tables. Their members are converted as they are read, each by the type of addresses that the first one
//! names, which is what engines and the specification's tests do; so these dictionaries are read by hand.
//! <https://webassembly.github.io/spec/js-api/#dictdef-memorydescriptor>

use super::value::AddressType;
use crate::webidl::declaration::{DeclaredDictionary, Type, Typed};
use crate::webidl::expansion::{dictionary_object, missing_member};
use crate::webidl::prelude::*;

/// TableKind. <https://webassembly.github.io/spec/js-api/#enumdef-tablekind>
#[derive(Clone, Copy, PartialEq, Eq, Debug, Enumeration)]
pub(super) enum TableKind {
    #[idl("externref")]
    Externref,
    #[idl("anyfunc")]
    Anyfunc,
}

/// How large something is at first and at most, in pages or elements.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    pub address: AddressType,
    pub initial: u64,
    pub maximum: Option<u64>,
}

/// A dictionary that is being read.
struct Reader<'a> {
    object: Option<Object>,
    name: &'static str,
    place: &'a Place<'a>,
}

impl Reader<'_> {
    fn member<T>(
        &self,
        cx: &mut Context,
        name: &str,
        convert: impl FnOnce(&mut Context, Value, &Place<'_>) -> Result<T>,
    ) -> Result<Option<T>> {
        let Some(object) = self.object else { return Ok(None) };
        let key = cx.key(name);
        let value = cx.get(object, key)?;
        if value.is_undefined() {
            return Ok(None);
        }
        convert(cx, value, &self.place.of_dictionary_member(self.name, name)).map(Some)
    }

    fn required<T>(&self, cx: &mut Context, name: &str, convert: impl FnOnce(&mut Context, Value, &Place<'_>) -> Result<T>) -> Result<T> {
        match self.member(cx, name, convert)? {
            Some(member) => Ok(member),
            None => Err(missing_member(cx, &self.place.of_dictionary_member(self.name, name), self.name, name)),
        }
    }

    fn address(&self, cx: &mut Context) -> Result<AddressType> {
        Ok(self.member(cx, "address", AddressType::from_js)?.unwrap_or_default())
    }

    fn limits(&self, cx: &mut Context, address: AddressType) -> Result<Limits> {
        let initial = self.required(cx, "initial", |cx, value, place| address.convert(cx, value, place))?;
        let maximum = self.member(cx, "maximum", |cx, value, place| address.convert(cx, value, place))?;
        Ok(Limits { address, initial, maximum })
    }
}

fn address_value() -> Type {
    Type::Text("number | bigint")
}

/// MemoryDescriptor, with the member of the threads proposal.
/// <https://webassembly.github.io/threads/js-api/#dictdef-memorydescriptor>
pub(super) struct MemoryDescriptor {
    pub limits: Limits,
    pub is_shared: bool,
}

impl Typed for MemoryDescriptor {
    fn declared() -> Type {
        Type::Dictionary("MemoryDescriptor", || {
            let mut dictionary = DeclaredDictionary::new("MemoryDescriptor", "");
            dictionary.member("address", true, AddressType::declared);
            dictionary.member("initial", false, address_value);
            dictionary.member("maximum", true, address_value);
            dictionary.member("shared", true, bool::declared);
            dictionary
        })
    }
}

impl FromJs for MemoryDescriptor {
    fn from_js(cx: &mut Context, value: Value, place: &Place<'_>) -> Result<MemoryDescriptor> {
        let name = "MemoryDescriptor";
        let reader = Reader { object: dictionary_object(cx, value, name, place)?, name, place };
        let address = reader.address(cx)?;
        let limits = reader.limits(cx, address)?;
        let is_shared = reader.member(cx, "shared", bool::from_js)?.unwrap_or(false);
        Ok(MemoryDescriptor { limits, is_shared })
    }
}

/// TableDescriptor. <https://webassembly.github.io/spec/js-api/#dictdef-tabledescriptor>
pub(super) struct TableDescriptor {
    pub limits: Limits,
    pub element: TableKind,
}

impl Typed for TableDescriptor {
    fn declared() -> Type {
        Type::Dictionary("TableDescriptor", || {
            let mut dictionary = DeclaredDictionary::new("TableDescriptor", "");
            dictionary.member("address", true, AddressType::declared);
            dictionary.member("element", false, TableKind::declared);
            dictionary.member("initial", false, address_value);
            dictionary.member("maximum", true, address_value);
            dictionary
        })
    }
}

impl FromJs for TableDescriptor {
    fn from_js(cx: &mut Context, value: Value, place: &Place<'_>) -> Result<TableDescriptor> {
        let name = "TableDescriptor";
        let reader = Reader { object: dictionary_object(cx, value, name, place)?, name, place };
        let address = reader.address(cx)?;
        let element = reader.required(cx, "element", TableKind::from_js)?;
        let limits = reader.limits(cx, address)?;
        Ok(TableDescriptor { limits, element })
    }
}
