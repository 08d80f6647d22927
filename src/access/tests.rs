//! A narrowed gate, row by row.

use super::Access;
use crate::config::Config;
use crate::error::Code;

fn gate(pairs: &[(&str, &str)]) -> Access {
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
fn narrowing_only_shuts() {
    let tickets = [("AUTOTASK_TOOLS", "tickets")];
    let reading = [("AUTOTASK_READ_ONLY", "true")];
    for (of, reading, tools, tool, open) in [
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
        (&reading, false, None, "create-ticket", false),
        (&reading, false, Some(&["create-ticket"]), "create-ticket", false),
    ] {
        let tools = tools.map(words);
        let narrowed = gate(of).restrict(reading, tools.as_deref()).unwrap();
        let found = narrowed.find_tool(tool);
        assert_eq!(matches!(found, Ok(Some(_))), open, "{of:?} {tools:?} {tool}");
    }
    let narrowed = gate(&[]).restrict(true, None).unwrap();
    let refused = narrowed.find_tool("create-ticket").unwrap_err();
    assert_eq!(refused.code(), Code::ReadOnly);
    let wrong = gate(&[]).restrict(false, Some(&words(&["tickts"])));
    assert!(wrong.unwrap_err().to_string().contains("tickets"));
}

/// One decision of the policy, the listed entities and the tools that are there.
#[test]
fn what_may_be_written() {
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
        let told = gate(settings).describe_writes();
        let what = told.as_deref().and_then(|told| told.split(", each").next());
        assert_eq!(what, expected, "{settings:?}");
    }
}
