//! Every command explains itself.

use crate::story::Student;

/// The names below `Commands:`.
fn subcommands(help: &str) -> Vec<String> {
    let listed = help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| line.starts_with("  "));
    let names = listed
        .filter_map(|line| line.strip_prefix("  ")?.split_whitespace().next().filter(|_| !line.starts_with("   ")));
    names.filter(|name| *name != "help").map(str::to_owned).collect()
}

/// Walks down from a command and counts the leaves.
fn visit(ada: &Student, path: &[String]) -> usize {
    let mut args = path.to_vec();
    args.push("--help".to_owned());
    let output = ada.run(&args);
    assert_eq!((output.code, output.stderr.as_str()), (Some(0), ""), "{path:?}");
    let help = output.stdout;
    let below = subcommands(&help);
    for line in help.lines() {
        assert!(line.chars().count() <= 130, "{path:?}: {line}");
    }
    if below.is_empty() {
        let examples: Vec<&str> = help.lines().skip_while(|line| *line != "Examples:").skip(1).collect();
        let typed = examples.iter().filter(|line| line.contains(&format!("campuszon {}", path.join(" ")))).count();
        assert!(typed >= 1, "{path:?} has no example of itself:\n{help}");
        return 1;
    }
    below.into_iter().map(|name| visit(ada, &[path, &[name]].concat())).sum()
}

#[test]
fn every_command_has_examples_of_itself() {
    let leaves = visit(&Student::without_server(), &[]);
    assert!(leaves >= 40, "only {leaves} commands were found");
}
