//! SOCKS5 proxies. <https://www.rfc-editor.org/rfc/rfc1928>, with names and passwords by <https://www.rfc-editor.org/rfc/rfc1929>

use std::net::IpAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::connect::Duplex;
use crate::body::BoxError;

const VERSION: u8 = 5;
const NO_AUTHENTICATION: u8 = 0;
const NAME_AND_PASSWORD: u8 = 2;
const CONNECT: u8 = 1;
const IPV4: u8 = 1;
const DOMAIN: u8 = 3;
const IPV6: u8 = 4;

/// Where the proxy is to connect to.
pub(super) enum Destination<'a> {
    /// An address.
    Address(IpAddr),
    /// A name that the proxy resolves.
    Name(&'a str),
}

/// A string with its length before it.
fn push_counted(message: &mut Vec<u8>, text: &str, what: &str) -> Result<(), BoxError> {
    let length = u8::try_from(text.len()).map_err(|_| format!("the {what} is too long for a SOCKS proxy"))?;
    message.push(length);
    message.extend_from_slice(text.as_bytes());
    Ok(())
}

/// Sections 3 and 4 of RFC 1928: agrees on a method, authenticates, has the proxy connect.
pub(super) async fn connect(
    io: &mut dyn Duplex,
    credentials: Option<(&str, &str)>,
    destination: Destination<'_>,
    port: u16,
) -> Result<(), BoxError> {
    greet(io, credentials).await?;
    let mut request = vec![VERSION, CONNECT, 0];
    match destination {
        Destination::Address(IpAddr::V4(address)) => {
            request.push(IPV4);
            request.extend_from_slice(&address.octets());
        }
        Destination::Address(IpAddr::V6(address)) => {
            request.push(IPV6);
            request.extend_from_slice(&address.octets());
        }
        Destination::Name(name) => {
            request.push(DOMAIN);
            push_counted(&mut request, name, "host's name")?;
        }
    }
    request.extend_from_slice(&port.to_be_bytes());
    send(io, &request).await?;
    let [version, reply, _, kind] = receive::<4>(io).await?;
    if version != VERSION {
        return Err("the proxy does not speak SOCKS5".into());
    }
    if reply != 0 {
        return Err(format!("the SOCKS proxy refused to connect: {}", meaning(reply)).into());
    }
    // The address that it connects from, which nobody needs, and the port.
    match kind {
        IPV4 => drop(receive::<6>(io).await?),
        IPV6 => drop(receive::<18>(io).await?),
        DOMAIN => {
            let [length] = receive::<1>(io).await?;
            let mut rest = vec![0; usize::from(length) + 2];
            io.read_exact(&mut rest).await.map_err(broke_off)?;
        }
        _ => return Err("the SOCKS proxy answered with an address of an unknown kind".into()),
    }
    Ok(())
}

async fn greet(io: &mut dyn Duplex, credentials: Option<(&str, &str)>) -> Result<(), BoxError> {
    let greeting: &[u8] = match credentials {
        Some(_) => &[VERSION, 2, NO_AUTHENTICATION, NAME_AND_PASSWORD],
        None => &[VERSION, 1, NO_AUTHENTICATION],
    };
    send(io, greeting).await?;
    let [version, method] = receive::<2>(io).await?;
    if version != VERSION {
        return Err("the proxy does not speak SOCKS5".into());
    }
    match (method, credentials) {
        (NO_AUTHENTICATION, _) => Ok(()),
        (NAME_AND_PASSWORD, Some((name, password))) => {
            let mut message = vec![1];
            push_counted(&mut message, name, "proxy's user name")?;
            push_counted(&mut message, password, "proxy's password")?;
            send(io, &message).await?;
            let [_, status] = receive::<2>(io).await?;
            if status == 0 { Ok(()) } else { Err("the SOCKS proxy refused the name and password".into()) }
        }
        _ => Err("the SOCKS proxy wants an authentication that it cannot be given".into()),
    }
}

async fn send(io: &mut dyn Duplex, message: &[u8]) -> Result<(), BoxError> {
    io.write_all(message).await?;
    io.flush().await?;
    Ok(())
}

fn broke_off(error: std::io::Error) -> BoxError {
    format!("the proxy broke off: {error}").into()
}

async fn receive<const N: usize>(io: &mut dyn Duplex) -> Result<[u8; N], BoxError> {
    let mut bytes = [0; N];
    io.read_exact(&mut bytes).await.map_err(broke_off)?;
    Ok(bytes)
}

/// Section 6 of RFC 1928.
fn meaning(reply: u8) -> &'static str {
    match reply {
        1 => "general failure",
        2 => "not allowed",
        3 => "network unreachable",
        4 => "host unreachable",
        5 => "connection refused",
        6 => "time to live expired",
        7 => "command not supported",
        8 => "kind of address not supported",
        _ => "unknown reason",
    }
}
