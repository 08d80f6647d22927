//! The page of install links: each opens a client with the server's configuration filled in.

use serde_json::{Value, json};

use super::encoding::{base64, percent};
use super::product::{Product, SERVER_KEY};
use super::user_option::{self, USER_OPTIONS};

const TEMPLATE: &str = include_str!("../../templates/install-links.md");

/// The page, with the links that try the sandbox and those that connect to a tenant.
pub fn page(product: &Product) -> String {
    let (sandbox, tenant) = (sandbox(product), tenant(product));
    let text = product.fill(TEMPLATE);
    let text = text.replace("{{sandbox_links}}", &links(&sandbox, &sandbox));
    text.replace("{{tenant_links}}", &links(&tenant, &with_inputs(&tenant)))
}

/// VS Code asks for inputs; the other clients open the configuration for editing.
fn links(config: &Value, vscode: &Value) -> String {
    let (json, encoded) = (percent(&vscode.to_string()), base64(config.to_string().as_bytes()));
    let encoded = percent(&encoded);
    [
        ("VS Code", format!("https://vscode.dev/redirect/mcp/install?name={SERVER_KEY}&config={json}")),
        ("VS Code Insiders", format!("https://insiders.vscode.dev/redirect/mcp/install?name={SERVER_KEY}&config={json}&quality=insiders")),
        ("Cursor", format!("https://cursor.com/en/install-mcp?name={SERVER_KEY}&config={encoded}")),
        ("LM Studio", format!("https://lmstudio.ai/install-mcp?name={SERVER_KEY}&config={encoded}")),
    ]
    .map(|(client, link)| format!("| {client} | [Add Autotask to {client}]({link}) |\n"))
    .concat()
}

fn sandbox(product: &Product) -> Value {
    json!({"command": "npx", "args": ["-y", product.npm_name(), "--sandbox"]})
}

/// Empty credentials, to be filled in by the user.
fn tenant(product: &Product) -> Value {
    json!({
        "command": "npx",
        "args": ["-y", product.npm_name()],
        "env": user_option::environment(super::user_option::UserOption::default_text),
    })
}

/// The configuration for VS Code, which asks for the credentials and stores them.
fn with_inputs(config: &Value) -> Value {
    let mut config = config.clone();
    let credentials: Vec<_> = USER_OPTIONS.iter().filter(|option| option.is_credential()).collect();
    let inputs = credentials.iter().map(|option| {
        json!({
            "type": "promptString",
            "id": option.key,
            "description": option.title,
            "password": option.is_secret(),
        })
    });
    config["inputs"] = inputs.collect();
    for option in credentials {
        config["env"][option.variable] = json!(format!("${{input:{}}}", option.key));
    }
    config
}
