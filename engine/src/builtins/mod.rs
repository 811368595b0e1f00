//! Built-ins: one file per specification object, each with its class table.

pub mod support;

use crate::context::Context;
use crate::native::ClassSpec;
use crate::realm::Realm;

/// Every class table, parents before children. Order is part of the image format.
pub static CLASSES: &[&ClassSpec] = &[&support::SUPPORT];

/// Steps after all tables are installed: intrinsics that are members of classes, properties that tables cannot say.
pub fn finish_realm(cx: &mut Context, realm: Realm) {
    let _ = (cx, realm);
}
