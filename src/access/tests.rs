//! Restricted access, row by row.

use super::Access;
use crate::config::Config;
use crate::error::Code;

fn access(pairs: &[(&str, &str)]) -> Access {
    let lookup = |name: &str| {
        let pair = pairs.iter().find(|(key, _)| *key == name);
        pair.map(|(_, value)| (*value).to_owned())
    };
    Access::new(&Config::read(&lookup).unwrap()).unwrap()
}

fn words(list: &[&str]) -> Vec<String> {
    list.iter().map(|word| (*word).to_owned()).collect()
}

#[test]
fn restrictions_never_add_tools() {
    let tickets = [("AUTOTASK_TOOLS", "tickets")];
    let read_only_server = [("AUTOTASK_READ_ONLY", "true")];
    for (settings, read_only, tools, tool, is_enabled) in [
        (&[][..], false, None, "create-company", true),
        (&[], true, None, "create-company", false),
        (&[], true, None, "get-company", true),
        (&[], false, Some(&["companies"][..]), "create-company", true),
        (&[], false, Some(&["companies"]), "create-ticket", false),
        (&[], false, Some(&["-create-ticket"]), "create-ticket", false),
        (&[], false, Some(&["-create-ticket"]), "get-ticket", true),
        (&[], false, Some(&[]), "get-ticket", false),
        (&tickets, false, Some(&["companies"]), "get-company", false),
        (&tickets, false, Some(&["companies"]), "get-ticket", false),
        (&tickets, false, Some(&["get-ticket"]), "get-ticket", true),
        (&read_only_server, false, None, "create-ticket", false),
        (&read_only_server, false, Some(&["create-ticket"]), "create-ticket", false),
    ] {
        let tools = tools.map(words);
        let restricted = access(settings).restrict(read_only, tools.as_deref()).unwrap();
        let found = restricted.find_tool(tool);
        assert_eq!(matches!(found, Ok(Some(_))), is_enabled, "{settings:?} {tools:?} {tool}");
    }
    let restricted = access(&[]).restrict(true, None).unwrap();
    let rejected = restricted.find_tool("create-ticket").unwrap_err();
    assert_eq!(rejected.code(), Code::ReadOnly);
    let invalid = access(&[]).restrict(false, Some(&words(&["tickts"])));
    assert!(invalid.unwrap_err().to_string().contains("tickets"));
}

#[test]
fn writable_entities_follow_policy_and_tools() {
    let entities = ("AUTOTASK_WRITE_ENTITIES", "Companies,TicketNotes");
    let tools = |words| ("AUTOTASK_TOOLS", words);
    for (settings, expected) in [
        (&[][..], Some("any entity")),
        (&[("AUTOTASK_READ_ONLY", "true")], None),
        (&[entities], Some("only Companies, TicketNotes")),
        (&[tools("get-ticket")], None),
        (&[tools("tickets")], Some("only TicketNotes, Tickets")),
        (&[tools("tickets"), entities], Some("only TicketNotes")),
        (&[tools("time"), entities], None),
        (&[tools("-create-ticket")], Some("any entity")),
        (&[tools("delete-entity")], Some("any entity")),
    ] {
        let described = access(settings).describe_writes();
        let entities = described.as_deref().and_then(|text| text.split(", each").next());
        assert_eq!(entities, expected, "{settings:?}");
    }
}
