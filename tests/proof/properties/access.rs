//! Settings, a line of the tokens file and headers each restrict access: a tool is available if all of them allow it.

use std::collections::BTreeSet;

use autotask_mcp::access::Access;
use autotask_mcp::catalog::Entity;
use autotask_mcp::tools::{Group, Tool};
use proptest::prelude::*;

use super::cases;
use crate::support::config;

/// One level: whether it is read-only, and its list of tools, if it has one.
#[derive(Debug, Clone)]
struct Level {
    read_only: bool,
    words: Option<Vec<String>>,
}

fn words() -> impl Strategy<Value = Vec<String>> {
    let names = Tool::ALL.map(Tool::name).into_iter().chain(Group::ALL.map(Group::name));
    let names: Vec<_> = names.collect();
    let word = (proptest::sample::select(names), any::<bool>());
    let word = word.prop_map(
        |(name, is_removed)| if is_removed { format!("-{name}") } else { name.to_owned() },
    );
    proptest::collection::vec(word, 1..5)
}

fn level() -> impl Strategy<Value = Level> {
    (proptest::bool::weighted(0.3), proptest::option::of(words()))
        .prop_map(|(read_only, words)| Level { read_only, words })
}

fn entities() -> impl Strategy<Value = Option<Vec<Entity>>> {
    proptest::option::of(proptest::sample::subsequence(Entity::ALL.to_vec(), 1..6))
}

/// Whether a level allows a tool: named or no names given, not removed, and read-only if the level is.
fn allows(level: &Level, tool: Tool) -> bool {
    let is_named = |word: &str| tool.name() == word || tool.group().name() == word;
    let words = level.words.iter().flatten();
    let (removed, named): (Vec<&String>, Vec<_>) = words.partition(|word| word.starts_with('-'));
    let is_selected = named.is_empty() || named.iter().any(|word| is_named(word));
    let is_removed = removed.iter().any(|word| is_named(word.trim_start_matches('-')));
    is_selected && !is_removed && (!level.read_only || tool.effect().is_read_only())
}

fn access(settings: &Level, entities: Option<&[Entity]>) -> Access {
    let tools = settings.words.clone().unwrap_or_default().join(",");
    let entities = entities.unwrap_or_default().iter().map(|entity| entity.name());
    let entities = entities.collect::<Vec<_>>().join(",");
    let all = [
        ("AUTOTASK_READ_ONLY", settings.read_only.to_string()),
        ("AUTOTASK_TOOLS", tools),
        ("AUTOTASK_WRITE_ENTITIES", entities),
    ];
    let set = all.iter().filter(|(_, value)| !value.is_empty());
    Access::new(&config(set.map(|(name, value)| (*name, value.as_str())))).expect("names of tools")
}

fn names(access: &Access) -> BTreeSet<&'static str> {
    access.tools().iter().map(|tool| tool.name()).collect()
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn each_level_only_restricts(
        settings in level(),
        entities in entities(),
        token in level(),
        headers in level(),
    ) {
        let mut access = access(&settings, entities.as_deref());
        for level in [&token, &headers] {
            access = access.restrict(level.read_only, level.words.as_deref()).expect("names of tools");
        }
        let levels = [&settings, &token, &headers];
        let expected = Tool::ALL.into_iter().filter(|tool| levels.iter().all(|level| allows(level, *tool)));
        prop_assert_eq!(names(&access), expected.map(Tool::name).collect::<BTreeSet<_>>());
        let read_only = levels.iter().any(|level| level.read_only);
        for entity in Entity::ALL {
            let is_listed = entities.as_ref().is_none_or(|entities| entities.contains(&entity));
            prop_assert_eq!(access.policy().authorize(entity).is_ok(), is_listed && !read_only);
        }
        for tool in Tool::ALL {
            let found = access.find_tool(tool.name());
            prop_assert_eq!(matches!(found, Ok(Some(_))), access.tools().contains(&tool));
        }
    }
}
