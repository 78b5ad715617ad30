//! The story: two students and an administrator, from the first registration to the end of an account.

use rustix::process::Signal;

use super::{Mode, Stage};
use crate::{
    story::{Campus, Student, until},
    support::PASSWORD,
};

/// Everybody, and what is between them.
struct Cast {
    campus: Campus,
    ada: Student,
    ben: Student,
    /// The administrator.
    cleo: Student,
}

/// Tells the whole story.
pub(super) fn told(mut stage: Stage) -> Stage {
    let campus = Campus::free();
    let ada = campus.sign_up("ada@uni.example", "Ada Lovelace");
    let ben = campus.sign_up("ben@uni.example", "Ben");
    let cleo = campus.sign_up("cleo@uni.example", "Cleo");
    for student in [&ada, &ben, &cleo] {
        stage.hide(student.home().display().to_string(), "HOME");
    }
    stage.hide(campus.data().display().to_string(), "DATA");
    stage.hide(campus.url.clone(), "SERVER");
    let cast = Cast { campus, ada, ben, cleo };
    let stage = &mut stage;
    accounts(stage, &cast);
    credentials(stage, &cast);
    let (lamp, book) = listings(stage, &cast);
    pictures(stage, &cast, &lamp);
    steps(stage, &cast);
    files(stage, &cast);
    finding(stage, &cast, &lamp);
    searches(stage, &cast);
    talk(stage, &cast, &lamp);
    let deal = deals(stage, &cast, &book);
    reviews(stage, &cast, &deal);
    refusals(stage, &cast, &lamp);
    alerts(stage, &cast);
    watches(stage, &cast, &lamp);
    administration(stage, &cast);
    moderation(stage, &cast, &lamp);
    campuses(stage, &cast);
    maintenance(stage, &cast);
    vouchers(stage, &cast);
    people(stage, &cast);
    this_machine(stage, &cast);
    settings(stage, &cast);
    going_on(stage, &cast);
    std::mem::replace(stage, Stage { mode: Mode::Pipe, told: Vec::new(), hidden: Vec::new() })
}

fn accounts(stage: &mut Stage, cast: &Cast) {
    let (campus, dora) = (&cast.campus, cast.campus.visitor());
    stage.hide(dora.home().display().to_string(), "HOME");
    let password = format!("{PASSWORD}\n");
    let register = "auth register --email dora@uni.example --name Dora --password-stdin --no-input";
    stage.tell_with(&dora, register, &password);
    let code = campus.code("dora@uni.example");
    stage.hide(code.clone(), "CODE");
    stage.tell(&dora, &format!("auth verify --email dora@uni.example --code {code}"));
    stage.tell(&dora, "auth status");
    stage.tell(&dora, "auth logout --yes");
    stage.tell(&dora, "auth status");
    stage.tell_with(&dora, "auth login --email dora@uni.example --password-stdin --device lab", &password);
    stage.tell_with(&dora, "auth password change --password-stdin", &format!("{PASSWORD}\na better password\n"));
    stage.tell(&dora, "auth password reset --email dora@uni.example --no-input");
    let again = until("another code", || Some(campus.code("dora@uni.example")).filter(|new| *new != code));
    stage.hide(again.clone(), "CODE");
    let reset = format!("auth password reset --email dora@uni.example --code {again} --password-stdin");
    stage.tell_with(&dora, &reset, &password);
    stage.tell_with(&dora, "auth login --email dora@uni.example --password-stdin --quiet", &password);
    stage.tell_with(&dora, "user delete --confirm Dora --password-stdin", &password);
}

fn credentials(stage: &mut Stage, cast: &Cast) {
    let ben = &cast.ben;
    stage.tell(ben, "auth token create --name backup --scope read");
    stage.tell(ben, "auth token list");
    let token = ben.made(&["auth", "token", "list"]);
    stage.tell(ben, &format!("auth token revoke {token} --yes"));
    let other = cast.campus.visitor();
    let login = ["auth", "login", "--email", "ben@uni.example", "--password-stdin", "--device", "library"];
    other.run_with(&login, &format!("{PASSWORD}\n")).expect(0);
    stage.tell(ben, "auth session list");
    let sessions = ben.json(&["auth", "session", "list"]);
    let there = sessions.as_array().expect("sessions").iter().find(|session| session["current"] == false);
    let there = there.expect("another session")["id"].as_str().expect("an id").to_owned();
    stage.tell(ben, &format!("auth session revoke {there} --yes"));
}

/// A picture of one shade in somebody's folder.
fn paint(who: &Student, name: &str, shade: u8) {
    let photo = image::RgbImage::from_pixel(640, 480, image::Rgb([shade; 3]));
    photo.save(who.home().join(name)).expect("written");
}

fn listings(stage: &mut Stage, cast: &Cast) -> (String, String) {
    let ada = &cast.ada;
    paint(ada, "lamp.png", 90);
    let create = "item create --title 'Desk lamp, brass' --price 12.5 --category other --condition good";
    stage.tell(ada, &format!("{create} --image lamp.png --pickup 'Hall 4' --wait"));
    let lamp = ada.made(&["item", "list", "lamp"]);
    let book = ada.offer("Calculus, 8th edition", "30");
    ada.offer("A \"quoted\" novel; =1+1", "4.5");
    stage.tell(ada, &format!("item show {lamp}"));
    stage.tell(ada, &format!("item edit {lamp} --price 11 --description 'Warm light.'"));
    (lamp, book)
}

fn pictures(stage: &mut Stage, cast: &Cast, lamp: &str) {
    let ada = &cast.ada;
    paint(ada, "side.png", 200);
    stage.tell(ada, &format!("item image add {lamp} side.png --wait"));
    let second = ada.json(&["item", "show", lamp])["images"][1]["id"].as_str().expect("an id").to_owned();
    stage.tell(ada, &format!("item image order {lamp} {second}"));
    stage.tell(ada, &format!("item image remove {lamp} {second}"));
    stage.tell(ada, "image prepare lamp.png");
}

fn steps(stage: &mut Stage, cast: &Cast) {
    let ada = &cast.ada;
    let fields = ["--title", "Old chair", "--price", "3", "--category", "furniture", "--condition", "fair", "--draft"];
    let chair = ada.made(&[&["item", "create"], &fields[..]].concat());
    for verb in ["publish", "withdraw", "relist", "renew", "sold"] {
        stage.tell(ada, &format!("item {verb} {chair}"));
    }
    let first = ada.offer("Box of cables", "1");
    let second = ada.offer("Box of screws", "1");
    stage.tell_with(ada, "item delete - --yes", &format!("{first}\n{second}\n"));
}

fn files(stage: &mut Stage, cast: &Cast) {
    let ben = &cast.ben;
    let listing = "{\"title\":\"Mug\",\"price\":1,\"category\":\"other\",\"condition\":\"new\"}\n";
    std::fs::write(ben.home().join("mugs.jsonl"), listing).expect("written");
    stage.tell(ben, "item import mugs.jsonl");
    stage.tell(ben, "item export");
}

fn finding(stage: &mut Stage, cast: &Cast, lamp: &str) {
    let ben = &cast.ben;
    stage.tell(ben, "item list --sort price");
    stage.tell(ben, "item list nothing-like-it");
    stage.tell(ben, &format!("item favorite {lamp}"));
    stage.tell(ben, &format!("item unfavorite {lamp}"));
    stage.tell(ben, &format!("item show {lamp} itm_00000000000000000000000000"));
    stage.tell(ben, "item list --fields id,title,description");
}

fn searches(stage: &mut Stage, cast: &Cast) {
    let (ada, ben) = (&cast.ada, &cast.ben);
    stage.tell(ben, "search save lamps 'lamp price:<20'");
    ada.offer("Bedside lamp", "9");
    stage.tell(ben, "search run lamps");
    stage.tell(ben, "search list");
    stage.tell(ben, "search edit lamps --name light --digest");
    stage.tell(ben, "search delete light --yes");
}

fn talk(stage: &mut Stage, cast: &Cast, lamp: &str) {
    let (ada, ben) = (&cast.ada, &cast.ben);
    stage.tell(ben, &format!("chat start {lamp}"));
    let chat = ben.made(&["chat", "list"]);
    stage.tell(ben, &format!("chat send {chat} 'Is it still there?'"));
    stage.tell(ada, "chat list");
    stage.tell(ada, &format!("chat show {chat}"));
    stage.tell(ada, &format!("chat read {chat}"));
    stage.tell(ada, &format!("chat mute {chat}"));
    let message = ada.json(&["chat", "show", &chat])[0]["id"].as_str().expect("an id").to_owned();
    stage.tell(ada, &format!("chat report {chat} {message} --reason rude"));
}

fn deals(stage: &mut Stage, cast: &Cast, book: &str) -> String {
    let (ada, ben) = (&cast.ada, &cast.ben);
    stage.tell(ben, &format!("item unlock {book}"));
    stage.tell(ben, &format!("booking request {book} --offer 20 --message 'Tomorrow at noon?'"));
    let deal = ben.made(&["booking", "list"]);
    stage.tell(ada, "booking list --role seller");
    stage.tell(ada, &format!("booking counter {deal} --price 25"));
    stage.tell(ben, &format!("booking accept {deal}"));
    let code = ben.json(&["booking", "show", &deal])["handover_code"].as_str().expect("a code").to_owned();
    stage.hide(code.clone(), "CODE");
    stage.tell(ben, &format!("booking show {deal}"));
    stage.tell(ada, &format!("booking extend {deal}"));
    stage.tell(ada, &format!("booking complete {deal} --code {code}"));
    deal
}

fn reviews(stage: &mut Stage, cast: &Cast, deal: &str) {
    let (ada, ben) = (&cast.ada, &cast.ben);
    stage.tell(ben, &format!("booking review {deal} --rating 5 --comment 'Friendly and on time'"));
    ada.run(&["booking", "review", deal, "--rating", "4"]).expect(0);
    stage.tell(ada, "user reviews @me");
    let review = ada.made(&["user", "reviews", "@me"]);
    stage.tell(ada, &format!("booking answer {review} 'Gladly again'"));
    stage.tell(ben, "wallet balance");
    stage.tell(ben, "wallet history");
}

fn refusals(stage: &mut Stage, cast: &Cast, lamp: &str) {
    let (ada, ben) = (&cast.ada, &cast.ben);
    let deal = ben.made(&["booking", "request", lamp]);
    stage.tell(ada, &format!("booking decline {deal} --reason 'Promised to a friend'"));
    let deal = ben.made(&["booking", "request", lamp]);
    stage.tell(ben, &format!("booking cancel {deal} --yes"));
}

fn alerts(stage: &mut Stage, cast: &Cast) {
    let ben = &cast.ben;
    stage.tell(ben, "alert list --limit 3");
    let newest = ben.made(&["alert", "list", "--limit", "1"]);
    stage.tell(ben, &format!("alert read {newest}"));
    stage.tell(ben, "alert prefs");
    stage.tell(ben, "alert prefs --mute tokens");
    stage.tell(ben, "alert clear --yes");
}

fn watches(stage: &mut Stage, cast: &Cast, lamp: &str) {
    let (ada, ben) = (&cast.ada, &cast.ben);
    let is_online = || ada.json(&["user", "show", &ben.id])["online"] == true;
    let mut watch = |line: &str, cause: &dyn Fn()| {
        until("nobody is online", || (!is_online()).then_some(()));
        stage.watch(ben, line, Signal::TERM, || {
            ada.sees_online(&ben.id);
            cause();
        });
    };
    let chat = ben.made(&["chat", "start", lamp]);
    let write = || {
        ada.run(&["chat", "send", &chat, "It is."]).expect(0);
    };
    ben.run(&["search", "save", "lamps", "lamp"]).expect(0);
    let offer = || {
        ada.offer("Reading lamp", "8");
    };
    watch("chat watch", &write);
    watch("watch --type message", &write);
    watch("item watch lamp", &offer);
    watch("alert watch", &offer);
}

/// The names of what a server counts of itself, without its counts.
fn without_counts(mode: Mode, stdout: &str) -> String {
    let is_label = |word: &&str| {
        let mut letters = word.trim_start_matches("\u{1b}[1m").chars();
        letters.next().is_some_and(char::is_uppercase) && letters.next().is_some_and(char::is_lowercase)
    };
    match mode {
        Mode::Pipe => stdout.to_owned(),
        Mode::Json => {
            let mut stats: serde_json::Value = serde_json::from_str(stdout).expect("JSON");
            let server = stats["server"].as_object().expect("numbers of the server").keys().cloned().collect();
            stats["server"] = server;
            format!("{stats}\n")
        }
        Mode::Terminal | Mode::Accessible => {
            let labels = stdout.lines().filter_map(|line| line.split(' ').next()).filter(is_label);
            labels.map(|label| format!("{label}\n")).collect()
        }
    }
}

fn administration(stage: &mut Stage, cast: &Cast) {
    let cleo = &cast.cleo;
    let data = cast.campus.data();
    let data = data.display();
    stage.tell(cleo, &format!("admin init --data {data} --email cleo@uni.example"));
    until("the server knows", || (cleo.run(&["admin", "stats"]).code == Some(0)).then_some(()));
    stage.tell(cleo, &format!("admin check --data {data}"));
    // As many workers as this machine has cores would be told otherwise.
    std::fs::write(cleo.home().join("server.toml"), "[images]\nworkers = 2\n").expect("written");
    stage.tell(cleo, "admin config check server.toml");
    std::fs::write(cleo.home().join("wrong.toml"), "nmae = \"x\"\n[limits]\nauth = \"ten\"\n").expect("written");
    stage.tell(cleo, "admin config check wrong.toml");
    stage.tell(cleo, &format!("admin backup campus.tar --data {data}"));
    stage.tell(cleo, &format!("admin restore campus.tar --verify --data {data}"));
    stage.tell(cleo, &format!("admin keys rotate --data {data}"));
    stage.tell(cleo, "admin demo --data /dev/null/nowhere");
    stage.tell_part(cleo, "admin stats", without_counts);
    stage.tell(cleo, "admin queue show");
    stage.tell(cleo, "admin queue retry");
    stage.tell(cleo, "admin report list");
    let report = cleo.made(&["admin", "report", "list"]);
    stage.tell(cleo, &format!("admin report dismiss {report} --reason harmless"));
}

fn moderation(stage: &mut Stage, cast: &Cast, lamp: &str) {
    let (ada, ben, cleo) = (&cast.ada.id, &cast.ben, &cast.cleo);
    stage.tell(ben, &format!("item report {lamp} --reason spam"));
    stage.tell(ben, &format!("user report {ada} --reason fraud"));
    stage.tell(cleo, "admin item list --status sold");
    stage.tell(cleo, &format!("admin item remove {lamp} --reason spam"));
    stage.tell(cleo, &format!("admin item restore {lamp}"));
    stage.tell(cleo, "admin user list");
    stage.tell(cleo, &format!("admin user warn {ada} --message 'Please answer your buyers.'"));
    stage.tell(cleo, &format!("admin user suspend {ada} --reason spam"));
    stage.tell(cleo, &format!("admin user restore {ada}"));
    stage.tell(cleo, &format!("admin user sign-out {ada}"));
    stage.tell(cleo, &format!("admin user role {ada} moderator"));
    stage.tell(cleo, "admin audit --limit 3");
}

fn campuses(stage: &mut Stage, cast: &Cast) {
    let cleo = &cast.cleo;
    stage.tell(cleo, "admin campus create --name Tech --domain tech.example");
    stage.tell(cleo, "admin campus list");
    let all = cleo.made(&["admin", "campus", "list"]);
    let newest = all.lines().next().expect("a campus");
    stage.tell(cleo, &format!("admin campus edit {newest} --add-domain lab.example"));
}

fn maintenance(stage: &mut Stage, cast: &Cast) {
    let (ada, cleo) = (&cast.ada, &cast.cleo);
    stage.tell(cleo, "admin maintenance on --message 'New disks; back at six'");
    stage.tell(cleo, "admin maintenance show");
    stage.tell(ada, "item list");
    stage.tell(cleo, "admin maintenance off");
}

fn vouchers(stage: &mut Stage, cast: &Cast) {
    let (ben, cleo) = (&cast.ben, &cast.cleo);
    let codes = || cleo.made(&["admin", "voucher", "list"]);
    let first = cleo.run(&["admin", "voucher", "create", "--tokens", "2", "--quiet"]).expect(0).trim().to_owned();
    stage.hide(first.clone(), "COUPON-COUPON.");
    stage.tell(ben, &format!("wallet redeem {first}"));
    stage.tell(cleo, &format!("admin voucher delete {first} --yes"));
    let before = codes();
    stage.tell(cleo, "admin voucher create --tokens 5 --uses 300");
    let after = codes();
    let new = after.lines().find(|code| !before.contains(code)).expect("a code").to_owned();
    stage.hide(new, "COUPON-COUPON.");
    stage.tell(cleo, "admin voucher list");
    stage.tell(cleo, &format!("admin token grant {} 3 --reason 'helped at the fair'", ben.id));
}

fn people(stage: &mut Stage, cast: &Cast) {
    let (ada, ben) = (&cast.ada.id, &cast.ben);
    stage.tell(ben, &format!("user show {ada}"));
    stage.tell(ben, "user show @me");
    stage.tell(ben, "user edit --residence 'Hall 4, room 17'");
    stage.tell(ben, &format!("user block {ada}"));
    stage.tell(ben, &format!("user unblock {ada}"));
    stage.tell(ben, "user export --out mine");
    stage.tell(ben, "api GET '/api/wallet?limit=1'");
}

fn this_machine(stage: &mut Stage, cast: &Cast) {
    let ben = &cast.ben;
    stage.tell(ben, "doctor");
    stage.tell(ben, "schema wallet balance");
    stage.tell(ben, "man");
    stage.tell(ben, "completion bash");
    stage.tell(ben, "version --client");
    stage.tell(ben, "help");
    // At the end: whoever sits in the full screen is online for a while after it, which others would see.
    stage.leave(ben, "tui");
    let chats = ben.made(&["chat", "list"]);
    stage.leave(ben, &format!("chat open {}", chats.lines().next().expect("a chat")));
}

fn settings(stage: &mut Stage, cast: &Cast) {
    let ben = &cast.ben;
    stage.tell(ben, "config set timeout 60s");
    stage.tell(ben, "config get timeout");
    stage.tell(ben, "config list");
    stage.tell(ben, "config unset timeout");
    stage.tell(ben, "config edit");
    stage.tell(ben, "config path");
    stage.tell(ben, "server add uni https://market.uni.example");
    stage.tell(ben, "server list");
    stage.tell(ben, "server use uni");
    stage.tell(ben, "server remove uni --yes");
}

fn going_on(stage: &mut Stage, cast: &Cast) {
    let serve = "serve --listen 127.0.0.1:0 --data fresh --mail file:mail --log-level error";
    stage.watch(&cast.cleo, serve, Signal::TERM, || {});
}
