//! `admin init`, `admin campus`, `admin check`, and what a user takes along.

use super::Transcript;
use crate::{story::Campus, support::PASSWORD};

#[test]
fn looking_after_campuses() {
    let campus = Campus::free();
    let ada = campus.sign_up("ada@uni.example", "Ada");
    let mut told = Transcript::of(&ada);
    told.hide(&campus.data().display().to_string(), "DATA");
    let data = campus.data();
    let data = data.to_str().expect("a path");
    let init = ["admin", "init", "--data", data];
    told.tell(&ada, &init);
    told.tell(&ada, &["admin", "campus", "list"]);
    told.tell_with(
        &ada,
        &[&init[..], &["--email", "ada@gmail.com", "--password-stdin"]].concat(),
        &format!("{PASSWORD}\n"),
    );
    told.tell_with(&ada, &[&init[..], &["--email", "new@uni.example", "--password-stdin"]].concat(), "short\n");
    told.tell(&ada, &[&init[..], &["--email", "ada@uni.example"]].concat());
    told.tell(&ada, &["admin", "init", "nonsense", "--email", "ada@uni.example"]);
    crate::story::until("the server notices", || (ada.run(&["admin", "campus", "list"]).code == Some(0)).then_some(()));
    told.tell(&ada, &["admin", "campus", "list"]);
    told.tell(&ada, &["admin", "campus", "create"]);
    let create = ["admin", "campus", "create", "--name", "Tech", "--domain", "tech.example"];
    told.tell(&ada, &[&create[..], &["--dry-run"]].concat());
    told.tell(&ada, &[&create[..], &["--json"]].concat());
    told.tell(&ada, &create);
    told.tell(&ada, &["admin", "campus", "create", "--name", "Mail", "--domain", "gmail.com"]);
    let uni = ada.run(&["admin", "campus", "list", "--format", "ids"]).expect(0);
    let uni = uni.lines().last().expect("the oldest").to_owned();
    told.tell(&ada, &["admin", "campus", "edit", &uni]);
    told.tell(&ada, &["admin", "campus", "edit", &uni, "--name", "University", "--add-domain", "student.uni.example"]);
    told.tell(&ada, &["admin", "campus", "edit", &uni, "--remove-domain", "uni.example"]);
    told.tell(&ada, &["admin", "check", "--data", data]);
    told.tell(&ada, &["admin", "check", "--data", data, "--json"]);
    told.tell(&ada, &["user", "export", "--out", "mine", "--json=out,images"]);
    told.check("administration");
}
