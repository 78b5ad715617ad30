//! The built-in jq: an expression over the JSON that would have been printed.

use campuszon_core::safe::SafeText;
use jaq_core::{
    Compiler, Ctx, Vars, data,
    load::{Arena, File, Loader},
    unwrap_valr,
};
use jaq_json::{Val, read};
use serde_json::Value;

use super::json;

/// An expression that can be run.
pub struct Program(jaq_core::compile::Filter<jaq_core::Native<data::JustLut<Val>>>);

impl Program {
    /// Reads an expression.
    ///
    /// # Errors
    /// What is wrong with it, as a sentence.
    pub fn parse(expression: &str) -> Result<Self, String> {
        let definitions = jaq_core::defs().chain(jaq_std::defs()).chain(jaq_json::defs());
        let functions = jaq_core::funs().chain(jaq_std::funs()).chain(jaq_json::funs()).chain(jaq_fmts::funs());
        let arena = Arena::default();
        let modules = Loader::new(definitions)
            .load(&arena, File { code: expression, path: () })
            .map_err(|_| format!("{expression:?} is no jq expression"))?;
        let compiled = Compiler::default().with_funs(functions).compile(modules);
        compiled.map(Self).map_err(|errors| {
            let names: Vec<&str> = errors.iter().flat_map(|(_, unknown)| unknown).map(|(name, _)| *name).collect();
            format!("jq knows no {}", names.join(", "))
        })
    }

    /// Runs it over a document and hands each result on as a line: strings as they are, everything else as JSON. At a
    /// terminal strings are made safe first.
    ///
    /// # Errors
    /// What the expression, or `print`, complains of.
    pub fn run<E: From<String>>(
        &self,
        document: &Value,
        at_terminal: bool,
        mut print: impl FnMut(&str) -> Result<(), E>,
    ) -> Result<(), E> {
        let input = read::parse_single(document.to_string().as_bytes()).map_err(|error| E::from(error.to_string()))?;
        let context = Ctx::<data::JustLut<Val>>::new(&self.0.lut, Vars::new([]));
        for result in self.0.id.run((context, input)).map(unwrap_valr) {
            let text = result.map_err(|error| E::from(error.to_string()))?.to_string();
            print(&line(&text, at_terminal))?;
        }
        Ok(())
    }
}

/// A result as it is printed. What is no JSON, such as `nan`, stays what it is.
fn line(text: &str, at_terminal: bool) -> String {
    match serde_json::from_str(text) {
        Ok(Value::String(string)) if at_terminal => format!("{}\n", SafeText::block(&string)),
        Ok(Value::String(string)) => string + "\n",
        Ok(value) => json::line(&value),
        Err(_) => format!("{}\n", SafeText::line(text)),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn results(expression: &str, document: &Value, at_terminal: bool) -> Result<String, String> {
        let mut printed = String::new();
        Program::parse(expression)?.run(document, at_terminal, |line| {
            printed.push_str(line);
            Ok::<_, String>(())
        })?;
        Ok(printed)
    }

    #[test]
    fn strings_are_raw_and_the_rest_is_json() {
        let items = json!([{"title": "Lamp", "price": 7.5}, {"title": "Desk, \"old\"", "price": 20}]);
        assert_eq!(results(".[].title", &items, false), Ok("Lamp\nDesk, \"old\"\n".to_owned()));
        assert_eq!(
            results("map(select(.price > 10))", &items, false),
            Ok("[{\"title\":\"Desk, \\\"old\\\"\",\"price\":20}]\n".to_owned())
        );
        assert_eq!(results("length, (map(.price) | add)", &items, false), Ok("2\n27.5\n".to_owned()));
        assert_eq!(
            results(".[] | [.title, .price] | @csv", &items, false),
            Ok("\"Lamp\",7.5\n\"Desk, \"\"old\"\"\",20\n".to_owned())
        );
        assert_eq!(results("empty", &items, false), Ok(String::new()));
    }

    #[test]
    fn what_a_peer_wrote_cannot_steer_a_terminal() {
        let message = json!({"body": "\u{1b}[2Jgone\u{202e}"});
        let shown = results(".body", &message, true).expect("a result");
        assert!(!shown.contains('\u{1b}') && !shown.contains('\u{202e}'), "{shown:?}");
        assert!(!results(".", &message, true).expect("a result").contains('\u{1b}'));
        assert_eq!(results(".body", &message, false), Ok("\u{1b}[2Jgone\u{202e}\n".to_owned()));
    }

    #[test]
    fn faults_are_told() {
        assert_eq!(Program::parse(".[").err().as_deref(), Some("\".[\" is no jq expression"));
        assert_eq!(Program::parse("titel(1)").err().as_deref(), Some("jq knows no titel"));
        assert!(results(".title", &json!([1]), false).is_err());
    }
}
