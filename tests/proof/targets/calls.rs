//! Any tool with any arguments, through the whole server: `{"name":…,"arguments":{…}}`.

use std::cell::RefCell;

use autotask_mcp::tools::{Arguments, Tool};
use serde_json::Value;

use super::tenant::Tenant;

/// The settings with which each call is made.
const SETTINGS: [&[(&str, &str)]; 3] = [
    &[("AUTOTASK_CONFIRM_MODE", "token")],
    &[("AUTOTASK_CONFIRM_MODE", "bound"), ("AUTOTASK_TIME_ZONE", "America/New_York")],
    &[("AUTOTASK_READ_ONLY", "true")],
];

/// A call gets a response; nothing is written without the tool's token, or by a read-only server.
pub fn run(data: &[u8]) {
    let Ok(call) = serde_json::from_slice::<Value>(data) else { return };
    let (Some(name), Some(arguments)) = (call["name"].as_str(), call["arguments"].as_object())
    else {
        return;
    };
    TENANTS.with_borrow_mut(|tenants| {
        for (settings, tenant) in SETTINGS.into_iter().zip(tenants) {
            check(settings, tenant, (name, arguments.clone()));
            if !tenant.writes().is_empty() {
                *tenant = Tenant::sandbox(settings);
            }
        }
    });
}

thread_local! {
    /// A tenant for each of the settings, reused until something is written, because a new one costs more than a call.
    static TENANTS: RefCell<[Tenant; 3]> = RefCell::new(SETTINGS.map(Tenant::sandbox));
}

fn check(settings: &[(&str, &str)], tenant: &Tenant, (name, arguments): (&str, Arguments)) {
    let is_confirmed = settings.contains(&("AUTOTASK_CONFIRM_MODE", "token"))
        && Tool::find(name).is_some_and(|tool| has_token(tool, &arguments));
    let response = tenant.call(name, arguments);
    assert_eq!(
        response.is_some(),
        Tool::find(name).is_some(),
        "only unknown tools have no response"
    );
    let writes = tenant.writes();
    assert!(is_confirmed || writes.is_empty(), "unconfirmed: {writes:?}");
}

/// Whether the call has the token, with the name of the argument in any letter case.
fn has_token(tool: Tool, arguments: &Arguments) -> bool {
    let Some(token) = tool.token() else { return false };
    let mut values = arguments.iter().filter(|(name, _)| name.eq_ignore_ascii_case("confirm"));
    values.any(|(_, value)| value.as_str().is_some_and(|text| text.contains(token)))
}
