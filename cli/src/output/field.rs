//! The fields of printed things: which there are, which are shown, and which were asked for.

use campuszon_core::fault::nearest;
use serde_json::{Map, Value};

use super::{Format, OutputError, cell};

/// What a kind of thing looks like when printed.
#[derive(Debug)]
pub struct Shape {
    /// What one is called.
    pub noun: &'static str,
    /// The columns of a table at a terminal.
    pub table: &'static [&'static str],
    /// The columns of pipes, csv and tsv.
    pub columns: &'static [&'static str],
    /// All documented fields, in the order of the JSON object. The first identifies the thing.
    pub fields: &'static [&'static str],
}

impl Shape {
    /// The object with every documented field, `null` where the server left it out.
    pub fn complete(&self, value: Value) -> Value {
        let Value::Object(mut given) = value else { return value };
        let mut complete: Map<String, Value> = self
            .fields
            .iter()
            .map(|field| ((*field).to_owned(), given.remove(*field).unwrap_or(Value::Null)))
            .collect();
        complete.extend(given);
        Value::Object(complete)
    }

    /// The columns where none were asked for.
    pub fn usual_columns(&self, format: Format) -> Vec<String> {
        let columns = if format == Format::Table { self.table } else { self.columns };
        columns.iter().map(|column| (*column).to_owned()).collect()
    }

    /// What identifies a row.
    pub fn id(&self, row: &Value) -> String {
        self.fields.first().and_then(|field| row.get(field)).map(|id| cell::text(id).to_string()).unwrap_or_default()
    }
}

/// The fields asked for by `--fields` or `--json=`; dots lead into nested objects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fields(Vec<String>);

impl Fields {
    /// Reads `id,title,seller.name`; `None` for an empty text.
    pub fn parse(text: &str) -> Option<Self> {
        let names: Vec<String> =
            text.split(',').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect();
        (!names.is_empty()).then_some(Self(names))
    }

    /// Their names.
    pub fn names(&self) -> Vec<String> {
        self.0.clone()
    }

    /// Checks that the thing has them.
    ///
    /// # Errors
    /// [`OutputError::UnknownField`].
    pub fn check(&self, shape: &Shape) -> Result<(), OutputError> {
        for name in &self.0 {
            let first = name.split('.').next().unwrap_or(name);
            if !shape.fields.contains(&first) {
                return Err(unknown(name, shape.fields.iter().copied()));
            }
        }
        Ok(())
    }

    /// The object of these fields alone.
    ///
    /// # Errors
    /// [`OutputError::UnknownField`] for one that a nested object does not have.
    pub fn select(&self, row: &Value) -> Result<Value, OutputError> {
        let pick = |name: &String| Ok((name.clone(), resolve(row, name)?));
        self.0.iter().map(pick).collect::<Result<Map<_, _>, _>>().map(Value::Object)
    }
}

fn resolve(row: &Value, name: &str) -> Result<Value, OutputError> {
    let mut value = row;
    for part in name.split('.') {
        match value {
            Value::Object(fields) => {
                value = fields.get(part).ok_or_else(|| unknown(name, fields.keys().map(String::as_str)))?;
            }
            // What is absent as a whole has no parts either.
            Value::Null => return Ok(Value::Null),
            _ => return Err(unknown(name, [])),
        }
    }
    Ok(value.clone())
}

fn unknown<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> OutputError {
    let known: Vec<&str> = known.into_iter().collect();
    let near = nearest(name.rsplit('.').next().unwrap_or(name), known.iter().copied()).map(str::to_owned);
    OutputError::UnknownField { name: name.to_owned(), near, known: known.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const SHAPE: Shape = Shape {
        noun: "thing",
        table: &["title"],
        columns: &["id", "title"],
        fields: &["id", "title", "seller", "note"],
    };

    #[test]
    fn selects_in_the_order_asked() {
        let row = json!({"id": "itm_1", "title": "Lamp", "seller": {"name": "Ada"}, "note": null});
        let fields = Fields::parse("seller.name, id,note.deep").expect("fields");
        assert!(fields.check(&SHAPE).is_ok());
        let chosen = fields.select(&row).expect("a selection");
        assert_eq!(chosen, json!({"seller.name": "Ada", "id": "itm_1", "note.deep": null}));
    }

    #[test]
    fn unknown_fields_name_the_nearest() {
        let error = Fields::parse("titel").expect("fields").check(&SHAPE).expect_err("unknown");
        assert!(matches!(error, OutputError::UnknownField { near: Some(near), .. } if near == "title"));
        let row = json!({"seller": {"name": "Ada"}});
        assert!(Fields::parse("seller.nam").expect("fields").select(&row).is_err());
    }

    #[test]
    fn every_documented_field_is_there() {
        let complete = SHAPE.complete(json!({"title": "Lamp", "id": "itm_1", "extra": 1}));
        assert_eq!(complete.to_string(), r#"{"id":"itm_1","title":"Lamp","seller":null,"note":null,"extra":1}"#);
    }
}
