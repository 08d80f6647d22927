//! Renders `entities.rs`: the enum of all entities, their fields and routes, one row a line.

use autotask_schema::SchemaError;
use autotask_schema::schema::{Can, DataType, Entity, Field, Schema};
use heck::ToShoutySnakeCase;
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use crate::Declarations;
use crate::display_names::Names;

/// The whole file.
pub fn render(declared: &Declarations) -> Result<TokenStream, SchemaError> {
    let schema = &declared.schema;
    let (kinds, rows) = (kinds(schema)?, rows(declared)?);
    let (children, tables) = (children(schema), tables(declared)?);
    Ok(quote! { #kinds #rows #children #tables })
}

fn kinds(schema: &Schema) -> Result<TokenStream, SchemaError> {
    let names: Result<Vec<_>, _> = schema.entities.keys().map(|name| ident(name)).collect();
    let (names, count) = (names?, schema.entities.len());
    Ok(quote! {
        /// A kind of record that Autotask serves, named after its collection.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Entity {
            #(#names),*
        }

        impl Entity {
            /// Every entity of the schema, in the order of their names.
            pub const ALL: [Self; #count] = [#(Self::#names),*];
        }
    })
}

fn rows(declared: &Declarations) -> Result<TokenStream, SchemaError> {
    let entities = declared.schema.entities.values();
    let arm = |entity: &Entity| {
        let (name, row) = (ident(&entity.name)?, row(declared, entity));
        Ok(quote! { Self::#name => const { &#row } })
    };
    let arms = entities.map(arm).collect::<Result<Vec<_>, _>>()?;
    Ok(quote! {
        impl Entity {
            /// What is known of an entity.
            pub(super) fn row(self) -> &'static EntityDef {
                match self {
                    #(#arms),*
                }
            }
        }
    })
}

fn row(declared: &Declarations, entity: &Entity) -> TokenStream {
    let (name, table) = (&entity.name, table_name(entity));
    let singular = entity.singular.as_deref().unwrap_or_default();
    let (can, root) = (rights(entity.can), root_verbs(entity));
    let marks =
        letters(&[(entity.has_user_defined_fields, 'U'), (entity.supports_webhook_callouts, 'W')]);
    let (by, disambiguating) = names(declared, name);
    quote! { row(#name, #singular, (#can, #root, #marks), (#by, #disambiguating), &#table) }
}

fn names(declared: &Declarations, entity: &str) -> (String, String) {
    let names = declared.names.get(entity);
    let listed = |list: fn(&Names) -> &[String]| names.map(|names| list(names).join("|"));
    (
        listed(|names| &names.by).unwrap_or_default(),
        listed(|names| &names.disambiguating).unwrap_or_default(),
    )
}

fn rights(can: Can) -> String {
    letters(&[(can.query, 'Q'), (can.create, 'C'), (can.update, 'U'), (can.delete, 'D')])
}

fn root_verbs(entity: &Entity) -> String {
    let name = &entity.name;
    let has = |path: String, method: &str| entity.methods(&path).iter().any(|m| m == method);
    letters(&[
        (has(format!("{name}/query"), "POST"), 'Q'),
        (has(format!("{name}/{{id}}"), "GET"), 'G'),
        (has(name.clone(), "POST"), 'C'),
        (has(name.clone(), "PATCH"), 'U'),
        (has(format!("{name}/{{id}}"), "DELETE"), 'D'),
    ])
}

fn children(schema: &Schema) -> TokenStream {
    let rows: Vec<_> = schema.entities.values().filter_map(child).collect();
    let count = rows.len();
    quote! { pub(super) static CHILDREN: [Child; #count] = [#(#rows),*]; }
}

fn child(entity: &Entity) -> Option<TokenStream> {
    let parent = entity.parent.as_ref()?;
    let own = format_ident!("{}", entity.name);
    let parent_entity = if let Some(name) = &parent.entity {
        ident(name).map(|name| quote! { Some(#name) }).ok()?
    } else {
        quote! { None }
    };
    let (segment, name, verbs) = (&parent.segment, &parent.child, child_verbs(entity)?);
    let field = parent.parent_id_field.as_deref().unwrap_or_default();
    Some(quote! { child(#own, #parent_entity, (#segment, #name, #field), #verbs) })
}

/// The verbs of a child; a GET that changes data is not used to list.
fn child_verbs(entity: &Entity) -> Option<String> {
    let parent = entity.parent.as_ref()?;
    let list = format!("{}/{{parentId}}/{}", parent.segment, parent.child);
    let record = format!("{list}/{{id}}");
    let has = |path: &str, method: &str| entity.methods(path).iter().any(|m| m == method);
    let lists = has(&list, "GET") && !entity.actions.contains(&list);
    Some(letters(&[
        (lists, 'L'),
        (has(&record, "GET"), 'G'),
        (has(&list, "POST"), 'C'),
        (has(&list, "PATCH"), 'U'),
        (has(&record, "DELETE"), 'D'),
    ]))
}

fn tables(declared: &Declarations) -> Result<TokenStream, SchemaError> {
    declared.schema.entities.values().map(|entity| table(declared, entity)).collect()
}

fn table(declared: &Declarations, entity: &Entity) -> Result<TokenStream, SchemaError> {
    let (name, count) = (table_name(entity), entity.fields.len());
    let is_day =
        |field: &Field| declared.calendar_days.contains(&format!("{}.{}", entity.name, field.name));
    let row = |declaration: &Field| {
        let row = field(&declared.schema, declaration, is_day(declaration))?;
        Ok::<_, SchemaError>(match unlisted_parent(entity, declaration) {
            Some(parent) => quote! { #row.references(#parent) },
            None => row,
        })
    };
    let rows: Result<Vec<_>, _> = entity.fields.iter().map(row).collect();
    let rows = rows.map_err(|p| p.context(&entity.name))?;
    Ok(quote! { static #name: [Field; #count] = [#(#rows),*]; })
}

/// The parent entity whose id a field holds, if Autotask lists the field as a plain number.
fn unlisted_parent(entity: &Entity, field: &Field) -> Option<Ident> {
    let parent = entity.parent.as_ref()?;
    let is_parent = parent.parent_id_field.as_ref() == Some(&field.name);
    ident(parent.entity.as_ref().filter(|_| is_parent && field.reference_entity_type.is_none())?)
        .ok()
}

fn field(schema: &Schema, field: &Field, is_day: bool) -> Result<TokenStream, SchemaError> {
    let kind = if is_day {
        quote! { Date }
    } else {
        kind(field.data_type)
    };
    let (name, flags) = (&field.name, flags(field));
    let mut row = if let (DataType::String, Some(length)) = (field.data_type, field.length) {
        quote! { text(#name, #length, #flags) }
    } else {
        quote! { field(#name, #kind, #flags) }
    };
    if let Some(singular) = &field.reference_entity_type {
        let known = || schema.entities.values().filter_map(|e| e.singular.as_deref());
        let target = schema
            .by_singular(singular)
            .ok_or_else(|| SchemaError::unknown_name("reference", singular, known()))?;
        let target = ident(&target.name)?;
        row = quote! { #row.references(#target) };
    }
    if let Some(parent) = &field.picklist_parent_value_field {
        row = quote! { #row.depends_on(#parent) };
    }
    if let Some(name) = &field.field_info_name {
        row = quote! { #row.described_as(#name) };
    }
    Ok(row)
}

fn flags(field: &Field) -> String {
    let flag = |value: Option<bool>, yes: char| match value {
        Some(true) => yes,
        Some(false) => '-',
        None => '?',
    };
    [
        flag(field.is_required, 'R'),
        flag(field.is_read_only, 'O'),
        flag(field.is_queryable, 'Q'),
        flag(field.is_pick_list, 'P'),
        flag(field.is_reference, 'L'),
        flag(field.is_supported_webhook_field, 'W'),
    ]
    .iter()
    .collect()
}

fn kind(data_type: DataType) -> TokenStream {
    let name = match data_type {
        DataType::Boolean => "Boolean",
        DataType::Bytes => "Bytes",
        DataType::Datetime => "Datetime",
        DataType::Decimal => "Decimal",
        DataType::Double => "Double",
        DataType::Float => "Float",
        DataType::Integer => "Integer",
        DataType::Long => "Long",
        DataType::Short => "Short",
        DataType::String => "Text",
    };
    let name = format_ident!("{name}");
    quote! { #name }
}

fn letters(marks: &[(bool, char)]) -> String {
    marks.iter().map(|&(is_set, letter)| if is_set { letter } else { '-' }).collect()
}

/// The name of an entity's table of fields.
pub fn table_name(entity: &Entity) -> proc_macro2::Ident {
    format_ident!("{}", entity.name.to_shouty_snake_case())
}

fn ident(name: &str) -> Result<proc_macro2::Ident, SchemaError> {
    syn::parse_str(name).map_err(|_| SchemaError::new(format!("{name:?} is not a Rust identifier")))
}
