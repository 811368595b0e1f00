//! Images, instance pools, event loop, limits.
