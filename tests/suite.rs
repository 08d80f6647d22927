//! Integration tests in one binary; each module is one topic.

mod support;

#[path = "../xtask/src/examples.rs"]
mod examples;
#[cfg(target_os = "linux")]
#[path = "../xtask/src/terminal_picture.rs"]
mod terminal_picture;

mod apps;
mod at_most_once;
mod audit;
mod autotask_behavior;
mod cli;
mod cold_start;
mod completion;
mod confirm;
mod conversation;
mod doctor;
mod elicit;
mod endless_lists;
mod errors;
mod faults_over_socket;
mod grouping;
mod http;
mod impersonation;
mod missing_fields;
mod names;
mod names_equal_ids;
mod network;
mod oauth;
mod oauth_identity;
mod paging;
mod progress;
mod prompts;
mod read_only;
mod readme;
mod redis_limits;
mod reliability;
mod replicas;
mod report;
mod safeguards;
mod sandbox_over_socket;
mod schema_discovery;
mod secrets;
mod setup;
mod shutdown;
mod stdio;
mod terminal;
mod tool_list;
