//! CookieStore. <https://cookiestore.spec.whatwg.org/>
//!
//! A user agent's cookies are what its requests bring and what replies tell it to keep. So the store of a request holds the cookies of its
//! `Cookie` header; what is set or deleted is seen by later reads of the same request, and goes out as `Set-Cookie` headers of its reply,
//! if that has not been sent yet. Nothing is observed from outside, so there are no change events and no subscriptions.
//!
//! | file | contents |
//! |---|---|
//! | `cookie` | cookies as plain data: parsing, checks, matching, serializing |
//! | this one | the class |
//!
//! Internal slots of the store; 1 belongs to EventTarget: 2 the cookies, a list of name, value, path (undefined for those of the request)
//! in turn; undefined until the request's header is read. 3 the `Set-Cookie` headers, a list of strings.

mod cookie;

use crate::event_target::EventTarget;
use crate::fetch::{headers, request};
use crate::platform::{try_platform, with_platform};
use crate::streams::support::Slots;
use crate::url;
use crate::webidl::prelude::*;
use cookie::{Cookie, SameSite};
use mayfly_engine::clock;

const COOKIES: u32 = 2;
const HEADERS: u32 = 3;

/// Values of a cookie in the list.
const NAME: u32 = 0;
const VALUE: u32 = 1;
const PATH: u32 = 2;
const WIDTH: u32 = 3;

/// The class tables of this folder.
pub const CLASSES: &[ClassEntry] = &[CookieStore::ENTRY, CookieStoreAttribute::ENTRY];

/// CookieSameSite
#[derive(Clone, Copy, PartialEq, Eq, Enumeration)]
enum CookieSameSite {
    Strict,
    Lax,
    None,
}

/// CookieStoreGetOptions
#[derive(Dictionary)]
struct CookieStoreGetOptions {
    name: Optional<USVString>,
    url: Optional<USVString>,
}

/// CookieInit
#[derive(Dictionary)]
struct CookieInit {
    #[idl(default = None)]
    domain: Option<USVString>,
    #[idl(default = None)]
    expires: Option<f64>,
    #[idl(required)]
    name: USVString,
    partitioned: bool,
    #[idl(default = Some(USVString("/".to_string())))]
    path: Option<USVString>,
    #[idl(default = CookieSameSite::Strict)]
    same_site: CookieSameSite,
    #[idl(required)]
    value: USVString,
}

/// CookieStoreDeleteOptions
#[derive(Dictionary)]
struct CookieStoreDeleteOptions {
    #[idl(default = None)]
    domain: Option<USVString>,
    #[idl(required)]
    name: USVString,
    partitioned: bool,
    #[idl(default = Some(USVString("/".to_string())))]
    path: Option<USVString>,
}

/// The cookies of a request.
#[interface(name = "CookieStore", class = class::COOKIE_STORE, parent = EventTarget, uses = [CookieInit])]
impl CookieStore {
    // https://cookiestore.spec.whatwg.org/#dom-cookiestore-get
    #[promise_method(length = 0, ts = "CookieListItem | null")]
    fn get(cx: &mut Context, this: Object, #[ts(USVString | CookieStoreGetOptions)] name_or_options: Optional<Value>) -> Result<Value> {
        let found = query(cx, this, *name_or_options, true, "get")?;
        match found.first() {
            Some((name, value)) => item(cx, *name, *value),
            None => Ok(Value::NULL),
        }
    }

    // https://cookiestore.spec.whatwg.org/#dom-cookiestore-getall
    #[promise_method(length = 0, ts = "CookieListItem[]")]
    fn get_all(
        cx: &mut Context,
        this: Object,
        #[ts(USVString | CookieStoreGetOptions)] name_or_options: Optional<Value>,
    ) -> Result<Object> {
        let found = query(cx, this, *name_or_options, false, "getAll")?;
        let mut items = Vec::with_capacity(found.len());
        for (name, value) in found {
            items.push(item(cx, name, value)?);
        }
        Ok(cx.new_array(&items))
    }

    // https://cookiestore.spec.whatwg.org/#dom-cookiestore-set
    #[promise_method(length = 1, ts = "(name: string, value: string): Promise<void>", ts = "(options: CookieInit): Promise<void>")]
    fn set(cx: &mut Context, this: Object, name_or_options: Value, value: Optional<USVString>) -> Result<()> {
        let place = Place::method("CookieStore", "set");
        let cookie = match &*value {
            Some(value) => {
                let name = USVString::from_js(cx, name_or_options, &place.argument(0))?;
                Cookie::new(&name, value)
            }
            None if name_or_options.is_object() => {
                let init = CookieInit::from_js(cx, name_or_options, &place.argument(0))?;
                Cookie {
                    domain: init.domain.map(|domain| domain.0),
                    path: init.path.map(|path| path.0),
                    expires_ms: init.expires,
                    same_site: match init.same_site {
                        CookieSameSite::Strict => SameSite::Strict,
                        CookieSameSite::Lax => SameSite::Lax,
                        CookieSameSite::None => SameSite::None,
                    },
                    is_partitioned: init.partitioned,
                    ..Cookie::new(&init.name, &init.value)
                }
            }
            None => return Err(place.type_error(cx, "2 arguments required, but only 1 present.")),
        };
        store(cx, this, cookie, &place)
    }

    // https://cookiestore.spec.whatwg.org/#dom-cookiestore-delete
    #[promise_method(length = 1)]
    fn delete(cx: &mut Context, this: Object, #[ts(USVString | CookieStoreDeleteOptions)] name_or_options: Value) -> Result<()> {
        let place = Place::method("CookieStore", "delete");
        let cookie = if name_or_options.is_object() {
            let options = CookieStoreDeleteOptions::from_js(cx, name_or_options, &place.argument(0))?;
            Cookie {
                domain: options.domain.map(|domain| domain.0),
                path: options.path.map(|path| path.0),
                is_partitioned: options.partitioned,
                ..Cookie::new(&options.name, "")
            }
        } else {
            let name = USVString::from_js(cx, name_or_options, &place.argument(0))?;
            Cookie::new(&name, "")
        };
        // https://cookiestore.spec.whatwg.org/#delete-a-cookie: an expiry in the past; a value, for a name may be empty.
        let value = if cookie.name.trim_matches([' ', '\t']).is_empty() { "any non-empty value" } else { "" };
        store(cx, this, Cookie { expires_ms: Some(0.0), value: value.to_string(), ..cookie }, &place)
    }
}

/// `cookieStore` of the global object.
#[namespace(global)]
impl CookieStoreAttribute {
    // https://cookiestore.spec.whatwg.org/#dom-serviceworkerglobalscope-cookiestore
    #[getter(ts = "CookieStore")]
    fn cookie_store(cx: &mut Context) -> Result<Value> {
        Ok(cx.embedder_root(roots::COOKIE_STORE))
    }
}

/// Makes the one instance.
pub fn install(cx: &mut Context) {
    let store = new_instance::<CookieStore>(cx);
    cx.set_embedder_root(roots::COOKIE_STORE, store.value());
}

/// Says which request the store belongs to. The runtime calls it when the request begins, unless no object is made of it, which is only
/// right where it brings no cookies.
pub fn set_request(cx: &mut Context, request: Object) {
    cx.set_embedder_root(roots::COOKIE_REQUEST, request.value());
}

/// Forgets the request and its cookies, for a context that goes on without having been reset.
pub fn forget_request(cx: &mut Context) {
    if cx.embedder_root(roots::COOKIE_REQUEST).is_object() {
        cx.set_embedder_root(roots::COOKIE_REQUEST, Value::UNDEFINED);
    }
    if let Some(store) = cx.embedder_root(roots::COOKIE_STORE).as_object() {
        for slot in [COOKIES, HEADERS] {
            if !store.at(cx, slot).is_undefined() {
                store.put(cx, slot, Value::UNDEFINED);
            }
        }
    }
}

/// The `Set-Cookie` headers that the reply is to have.
pub fn reply_headers(cx: &Context) -> Vec<Vec<u8>> {
    let Some(store) = cx.embedder_root(roots::COOKIE_STORE).as_object() else { return Vec::new() };
    let Some(list) = store.at(cx, HEADERS).as_cell::<Values>() else { return Vec::new() };
    (0..list.length(&cx.heap)).filter_map(|i| list.at(cx, i).as_string()).map(|text| text.to_text(&cx.heap).into_bytes()).collect()
}

/// URL of the request, or the worker's location.
fn request_url(cx: &mut Context) -> Option<url::record::Record> {
    let text = match cx.embedder_root(roots::COOKIE_REQUEST).as_object() {
        Some(object) => request::url_text(cx, object),
        None => match try_platform(cx).and_then(|platform| platform.request_url()) {
            Some(url) => url,
            None => url::base(cx)?,
        },
    };
    url::parse(&text, None)
}

/// The list of cookies; the request's are read now if they were not before.
fn cookies(cx: &mut Context, this: Object) -> Result<Ref<Values>> {
    if let Some(list) = this.at(cx, COOKIES).as_cell() {
        return Ok(list);
    }
    // While an image is built there is no request, and later ones would share what is written now.
    with_platform(cx, |platform| platform.needs_request("Cookies cannot be read or written"))?;
    let mut list = cx.heap.new_values(8);
    if let Some(object) = cx.embedder_root(roots::COOKIE_REQUEST).as_object() {
        let header_list = request::header_list(cx, object);
        for (_, header) in headers::to_bytes(cx, header_list).into_iter().filter(|(name, _)| name == b"cookie") {
            for (name, value) in cookie::parse_header(&header) {
                cx.spend_fuel(1)?;
                let (name, value) = (cx.new_string(&name), cx.new_string(&value));
                list = list.push(&cx.heap, name).push(&cx.heap, value).push(&cx.heap, Value::UNDEFINED);
            }
        }
    }
    this.put(cx, COOKIES, Value::cell(list));
    Ok(list)
}

// https://cookiestore.spec.whatwg.org/#query-cookies
/// Names and values of the cookies that are asked for.
fn query(cx: &mut Context, this: Object, asked: Option<Value>, one: bool, method: &'static str) -> Result<Vec<(Value, Value)>> {
    let place = Place::method("CookieStore", method);
    let (name, url) = match asked {
        Some(options) if options.is_object() || options.is_null() => {
            let options = CookieStoreGetOptions::from_js(cx, options, &place.argument(0))?;
            (options.name.0, options.url.0)
        }
        Some(name) => (Some(USVString::from_js(cx, name, &place.argument(0))?), None),
        None => (None, None),
    };
    if one && name.is_none() && url.is_none() {
        return Err(place.type_error(cx, "CookieStoreGetOptions must not be empty"));
    }
    let own = request_url(cx);
    let asked_url = match url {
        Some(url) => {
            let base = own.as_ref().map(|own| own.serialize().href);
            let parsed = url::parse(&url, base.as_deref());
            let Some(parsed) = parsed.filter(|parsed| own.as_ref().is_none_or(|own| own.origin() == parsed.origin())) else {
                return Err(place.type_error(cx, "URL must be of the worker's own origin"));
            };
            Some(parsed)
        }
        None => own,
    };
    let url_path = asked_url.map_or_else(|| "/".to_string(), |url| url.path_text());
    let name = name.map(|name| cookie::normalize(&name).to_string());
    let list = cookies(cx, this)?;
    let mut found = Vec::new();
    for at in (0..list.length(&cx.heap)).step_by(WIDTH as usize) {
        let text = |cx: &Context, field: u32| list.at(cx, at + field).as_string().map(|text| text.to_text(&cx.heap));
        let is_named = name.as_ref().is_none_or(|name| text(cx, NAME).as_ref() == Some(name));
        // Those of the request have been chosen for it by the user agent.
        let is_there = text(cx, PATH).is_none_or(|path| cookie::path_matches(&url_path, &path));
        if is_named && is_there {
            found.push((list.at(cx, at + NAME), list.at(cx, at + VALUE)));
        }
    }
    Ok(found)
}

/// CookieListItem
fn item(cx: &mut Context, name: Value, value: Value) -> Result<Value> {
    let item = cx.new_plain_object();
    let (name_key, value_key) = (cx.key("name"), cx.key("value"));
    cx.create_data_property_or_throw(item, name_key, name)?;
    cx.create_data_property_or_throw(item, value_key, value)?;
    Ok(item.value())
}

// https://cookiestore.spec.whatwg.org/#set-a-cookie
fn store(cx: &mut Context, this: Object, cookie: Cookie, place: &Place<'_>) -> Result<()> {
    let host = request_url(cx).and_then(|url| url.host);
    let cookie = match cookie.checked(host.as_deref()) {
        Ok(cookie) => cookie,
        Err(why) => return Err(place.type_error(cx, why)),
    };
    let now = clock::now_ms(cx)?;
    let list = cookies(cx, this)?;
    let path = cookie.path.clone().unwrap_or_else(|| "/".to_string());
    // It takes the place of one of the same name that it would overwrite; one of the request's may be that.
    let mut kept = Vec::with_capacity(list.length(&cx.heap) as usize + WIDTH as usize);
    for at in (0..list.length(&cx.heap)).step_by(WIDTH as usize) {
        let text = |field: u32| list.at(cx, at + field).as_string().map(|text| text.to_text(&cx.heap));
        let is_same = text(NAME).as_ref() == Some(&cookie.name) && text(PATH).is_none_or(|known| known == path);
        if !is_same {
            kept.extend((0..WIDTH).map(|field| list.at(cx, at + field)));
        }
    }
    if cookie.expires_ms.is_none_or(|expires| expires > now) {
        kept.extend([cx.new_string(&cookie.name), cx.new_string(&cookie.value), cx.new_string(&path)]);
    }
    let list = cx.heap.new_values_from(&kept);
    this.put(cx, COOKIES, Value::cell(list));
    let header = cx.new_string(&cookie.header());
    let headers = this.at(cx, HEADERS).as_cell().unwrap_or_else(|| cx.heap.new_values(2));
    this.put(cx, HEADERS, Value::cell(headers.push(&cx.heap, header)));
    Ok(())
}
