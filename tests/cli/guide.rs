//! The guide: the whole program as a conversation in lines, on a terminal against a real server.

use std::process::Stdio;

use super::{Scene, Transcript, hostile::Trap, terminal::Attended};
use crate::{
    story::{Campus, Output, Running, Student, until},
    support::{PASSWORD, vt::Reading},
};

/// What asks for one of the choices.
const CHOICE: &str = "Your choice: ";

/// A conversation with the guide.
struct Talk {
    attended: Attended,
    /// How far it was listened to.
    heard: usize,
}

impl Talk {
    fn begin(student: &Student, args: &[&str]) -> Self {
        let mut command = student.command(args);
        let attended = Attended::on_one(command.env("CAMPUSZON_ACCESSIBLE", "1"));
        Self { attended, heard: 0 }
    }

    /// Listens until something is said; what was said before it.
    #[track_caller]
    fn hears(&mut self, text: &str) -> String {
        until(&format!("{text:?} in {}", self.attended.so_far()), || {
            let all = self.attended.so_far();
            let begin = all[self.heard..].find(text)? + self.heard;
            let before = all[self.heard..begin].to_owned();
            self.heard = begin + text.len();
            Some(before)
        })
    }

    fn types(&mut self, line: &str) {
        self.attended.press(&format!("{line}\r"));
    }

    #[track_caller]
    fn answers(&mut self, question: &str, line: &str) {
        self.hears(question);
        self.types(line);
    }

    #[track_caller]
    fn chooses(&mut self, line: &str) {
        self.answers(CHOICE, line);
    }

    /// Answers the questions that are asked, one after the other.
    #[track_caller]
    fn says(&mut self, answers: &[(&str, &str)]) {
        for (question, line) in answers {
            self.answers(question, line);
        }
    }

    /// All that was said until the end, of which nothing steers a terminal.
    #[track_caller]
    fn end(self) -> Output {
        let output = self.attended.end_as_written();
        assert!(!output.stderr.contains('\u{1b}'), "a control sequence: {:?}", output.stderr);
        assert_eq!(output.stdout, "", "everything is said on one terminal");
        output
    }
}

/// Notes what was said, without times: the machine may be a slow one.
fn note(told: &mut Transcript, output: &Output) {
    for time in [r"just now|\d+ (second|minute)s? ago", r"\((now|\d+ (s|min) ago)\)", r"at: (now|\d+ (s|min) ago)"] {
        told.filters.push((time.to_owned(), "NOW".to_owned()));
    }
    told.note(&[], "", output);
}

/// A book is found, talked about, booked, handed over and reviewed, by two who hear and type.
#[test]
fn a_book_changes_hands_in_words() {
    let campus = Campus::free();
    let ada = campus.sign_up("ada@uni.example", "Ada");
    let ben = campus.visitor();
    ada.offer("Calculus, 3rd ed.", "12.5");
    let mut told = Transcript::of(&ben);

    let mut buyer = Talk::begin(&ben, &[]);
    buyer.chooses("r");
    buyer.says(&[("E-mail: ", "ben@uni.example"), ("Name: ", "Ben")]);
    buyer.says(&[("Password: ", PASSWORD), ("Once more: ", PASSWORD), ("Code from the mail: ", "000000")]);
    let code = campus.code("ben@uni.example");
    told.hide(&code, "CODE");
    buyer.answers("Code from the mail: ", &code);
    buyer.hears("Ben, campus");
    buyer.chooses("s");
    buyer.hears("could be");
    buyer.chooses("search");
    buyer.answers("Words, and filters", "calculus price:<20");
    buyer.chooses("1");
    buyer.hears("Title: Calculus, 3rd ed.");
    buyer.chooses("write");
    buyer.hears("Nothing was said yet.");
    buyer.answers("what else can be typed.", "Is it still there?");
    buyer.hears("Sent.");
    let chat = ada.made(&["chat", "list"]);
    ada.run(&["chat", "send", &chat, "Yes, it is"]).expect(0);
    buyer.answers("Yes, it is\r\n", "");
    buyer.chooses("book");
    buyer.says(&[("Another price", ""), ("A word", "At noon?"), ("When to meet", ""), ("Where to meet", "Library")]);
    buyer.answers("Type y for yes: ", "y");
    buyer.hears("is pending at 12.5 USD, the other's turn");

    let mut seller = Talk::begin(&ada, &["tui", "--screen", "bookings"]);
    seller.hears("1: Calculus, 3rd ed., 12.50 USD, to Ben, pending, your turn");
    seller.chooses("1");
    seller.chooses("accept");
    seller.hears("is accepted");

    buyer.chooses("your");
    buyer.chooses("your code");
    buyer.hears("Your code is ");
    let handover = buyer.hears(". Tell it");
    told.hide(&handover, "HANDOVER");
    seller.chooses("hand");
    seller.answers("The buyer's code: ", &handover);
    seller.hears("is completed");
    seller.chooses("q");
    seller.end();

    buyer.chooses("read");
    buyer.hears("It is completed.");
    buyer.chooses("review");
    buyer.says(&[("From 1 to 5", "5"), ("In words", "Friendly.")]);
    buyer.hears("Reviewed with 5 of 5");
    for _ in 0..3 {
        buyer.chooses("0");
    }
    buyer.chooses("q");
    let output = buyer.end();
    assert_eq!(output.code, Some(0), "{output:?}");
    note(&mut told, &output);
    told.check("guide");
}

/// What is written in a conversation is sent, what the other says is heard meanwhile, and commands act on the deal.
#[test]
fn a_deal_is_made_while_one_writes() {
    let scene = Scene::set();
    let (ada, ben) = (&scene.ada, &scene.ben);
    let chat = ben.made(&["chat", "start", &scene.calculus]);
    let mut buyer = Talk::begin(ben, &["chat", "open", &chat]);
    buyer.chooses("write");
    buyer.answers("An empty line goes back", "/offer 25");
    buyer.answers("Type y for yes: ", "n");
    buyer.answers("Cancelled.", "/nonsense");
    buyer.answers("There are /offer 25", "/accept");
    buyer.answers("Nothing is booked here", "//offer 25");
    buyer.hears("Sent.");

    let mut seller = Talk::begin(ada, &["tui", "--chat", &chat]);
    seller.hears("Ben (");
    seller.hears("/offer 25");
    seller.chooses("1");
    seller.hears("An empty line");
    buyer.hears("Ada Lovelace is online.");
    buyer.types("/offer 25");
    buyer.answers("Type y for yes: ", "y");
    seller.answers("25 USD", "/offer 28");
    seller.hears("is pending at 28 USD");
    buyer.answers("28 USD", "/accept");
    buyer.hears("is accepted at 28 USD");
    seller.answers("Agreed at 28 USD", "Come at noon");
    buyer.hears("Ada Lovelace (");
    buyer.answers("Come at noon", "/decline");
    buyer.answers("Why, ", "Ill");
    buyer.answers("Type y for yes: ", "y");
    buyer.hears("is cancelled");
    for mut talk in [buyer, seller] {
        talk.types("");
        talk.chooses("q");
        assert_eq!(talk.end().code, Some(0));
    }
}

/// A lost connection is told of once, and so is its return; what was written meanwhile is sent.
#[test]
fn a_lost_server_is_a_sentence() {
    let Scene { mut campus, ada, ben, calculus, .. } = Scene::set();
    let address = campus.url.trim_start_matches("http://").to_owned();
    let chat = ben.made(&["chat", "start", &calculus]);
    let mut talk = Talk::begin(&ben, &["tui", "--accessible", "--chat", &chat]);
    talk.chooses("1");
    talk.hears("An empty line");
    assert!(campus.stop().success());
    talk.answers("Cannot reach", "At noon?");
    talk.answers("What you wrote waits here", "");
    talk.hears("There is still no connection.");
    talk.chooses("browse");
    talk.hears("There is still no connection.");
    talk.hears(CHOICE);

    let again = Running::start(campus.serve().args(["--listen", &address]).stderr(Stdio::null()));
    while !again.line().0.contains(&address) {}
    talk.types("chats");
    let between = talk.hears("The connection is back.");
    assert!(!between.contains("connection"), "{between}");
    talk.chooses("1");
    talk.hears("sent what waited");
    assert_eq!(ada.json(&["chat", "show", &chat])[0]["body"], "At noon?");
    talk.chooses("q");
    assert_eq!(talk.end().code, Some(0));
}

/// Every place of the guide, and a wrong answer in each.
#[test]
fn every_place_can_be_gone_to_and_left() {
    let scene = Scene::set();
    let mut told = Transcript::of(&scene.ada);
    let mut talk = Talk::begin(&scene.ada, &[]);
    for place in ["browse", "search", "chats", "bookings", "selling", "alerts", "me", "servers", "help"] {
        talk.chooses(place);
        match place {
            "search" => talk.answers("Words", "price:<a"),
            "chats" | "bookings" | "help" => {}
            _ => talk.says(&[(CHOICE, "99"), (CHOICE, "0")]),
        }
    }
    talk.says(&[(CHOICE, "0"), (CHOICE, "sell"), (CHOICE, "new")]);
    talk.says(&[("Title: ", "Desk lamp"), ("sale, rent", ""), ("Price in", "5"), ("Category", "furniture")]);
    talk.says(&[("Condition", "good"), ("What there is", "-"), ("Where to", "Hall 4"), ("The path", "")]);
    talk.says(&[(CHOICE, "desk"), (CHOICE, "change"), (CHOICE, "price"), ("What it is", "4"), (CHOICE, "take")]);
    talk.says(&[(CHOICE, "delete"), ("Type y", "y"), (CHOICE, "0")]);
    talk.says(&[
        (CHOICE, "me"),
        (CHOICE, "change your res"),
        ("Where you live", "Hall 4"),
        (CHOICE, "what"),
        (CHOICE, "price d"),
    ]);
    talk.hears("price drop: no");
    talk.says(&[(CHOICE, "0"), (CHOICE, "?"), (CHOICE, "sign out"), ("Type y", "y")]);
    talk.answers("Nobody is signed in", "q");
    let output = talk.end();
    assert_eq!(output.code, Some(0), "{output:?}");
    note(&mut told, &output);
    told.check("guide-places");
}

/// Ten at a time, and the end of the input leaves.
#[test]
fn lists_go_on_page_by_page() {
    let scene = Scene::set();
    for number in 0..12 {
        scene.ada.offer(&format!("Book {number}"), "3");
    }
    let mut talk = Talk::begin(&scene.ben, &["tui", "--screen", "browse"]);
    let first = talk.hears(CHOICE);
    assert!(first.contains("\n10: Book 2") && !first.contains("\n11: "), "{first}");
    talk.types("n");
    let second = talk.hears(CHOICE);
    assert!(
        second.contains("\n11: Book 1") && second.contains("\n14: ") && !second.contains("n: the next"),
        "{second}"
    );
    talk.types("3");
    talk.hears("Title: Book 9");
    talk.chooses("0");
    let again = talk.hears(CHOICE);
    assert!(again.contains("\n11: Book 1"), "where one was: {again}");
    talk.attended.press("\u{4}");
    assert_eq!(talk.end().code, Some(0));
}

/// What others wrote is heard as text wherever it stands.
#[test]
fn a_guide_is_not_steered() {
    let trap = Trap::set();
    let mut talk = Talk::begin(&trap.scene.ben, &[]);
    for place in ["browse", "chats", "bookings", "alerts"] {
        talk.says(&[(CHOICE, place), (CHOICE, "1"), (CHOICE, "0"), (CHOICE, "0")]);
    }
    talk.chooses("q");
    let output = talk.end();
    assert_eq!(output.code, Some(0), "{output:?}");
    assert_eq!(Reading::of(output.stderr.as_bytes()).faults, [""; 0], "{output:?}");
    assert!(output.stderr.contains(r"Lamp\u{1b}[2J"), "{output:?}");
}

/// Where nothing can be asked, that is said.
#[test]
fn without_answers_there_is_no_guide() {
    let student = Student::without_server();
    let mut command = student.command(&["tui", "--accessible", "--no-input"]);
    let output = Attended::start(&mut command).end();
    assert_eq!(output.code, Some(2), "{output:?}");
    assert!(output.stderr.contains("here nothing can be asked"), "{output:?}");
    let piped = student.run(&["tui", "--accessible"]);
    assert!(piped.stderr.contains("needs a terminal"), "{piped:?}");
    piped.expect(2);
}
