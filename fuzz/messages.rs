//! The target of this name under libFuzzer.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| autotask_mcp_fuzz::targets::messages::run(data));
