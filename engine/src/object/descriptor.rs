//! Property descriptors. https://tc39.es/ecma262/#sec-property-descriptor-specification-type

use super::shape::attribute;
use crate::value::Value;

/// The Property Descriptor specification type: absent fields are `None`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct PropertyDescriptor {
    /// [[Value]]
    pub value: Option<Value>,
    /// [[Writable]]
    pub writable: Option<bool>,
    /// [[Get]]: an object or undefined.
    pub get: Option<Value>,
    /// [[Set]]: an object or undefined.
    pub set: Option<Value>,
    /// [[Enumerable]]
    pub enumerable: Option<bool>,
    /// [[Configurable]]
    pub configurable: Option<bool>,
}

impl PropertyDescriptor {
    /// A complete data descriptor with these attributes.
    pub fn data(value: Value, attributes: u8) -> PropertyDescriptor {
        PropertyDescriptor {
            value: Some(value),
            writable: Some(attributes & attribute::WRITABLE != 0),
            get: None,
            set: None,
            enumerable: Some(attributes & attribute::ENUMERABLE != 0),
            configurable: Some(attributes & attribute::CONFIGURABLE != 0),
        }
    }

    /// A complete accessor descriptor with these attributes.
    pub fn accessor(get: Value, set: Value, attributes: u8) -> PropertyDescriptor {
        PropertyDescriptor {
            value: None,
            writable: None,
            get: Some(get),
            set: Some(set),
            enumerable: Some(attributes & attribute::ENUMERABLE != 0),
            configurable: Some(attributes & attribute::CONFIGURABLE != 0),
        }
    }

    /// IsAccessorDescriptor
    pub fn is_accessor(&self) -> bool {
        self.get.is_some() || self.set.is_some()
    }

    /// IsDataDescriptor
    pub fn is_data(&self) -> bool {
        self.value.is_some() || self.writable.is_some()
    }

    /// IsGenericDescriptor
    pub fn is_generic(&self) -> bool {
        !self.is_accessor() && !self.is_data()
    }

    /// Attribute bits, absent fields as false.
    pub fn attributes(&self) -> u8 {
        let mut bits = 0;
        if self.writable == Some(true) {
            bits |= attribute::WRITABLE;
        }
        if self.enumerable == Some(true) {
            bits |= attribute::ENUMERABLE;
        }
        if self.configurable == Some(true) {
            bits |= attribute::CONFIGURABLE;
        }
        if self.is_accessor() {
            bits |= attribute::ACCESSOR;
        }
        bits
    }
}
