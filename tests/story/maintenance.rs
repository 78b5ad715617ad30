//! Maintenance as people meet it: it outlasts a restart, says what an administrator said, and ends.

use super::{Campus, until};

#[test]
fn maintenance_outlasts_a_restart() {
    let mut campus = Campus::free();
    campus.hand_over();
    let ada = campus.sign_up("ada@uni.example", "Ada");
    let cleo = campus.sign_up("cleo@uni.example", "Cleo");
    let data = campus.data().display().to_string();
    cleo.run(&["admin", "init", "--data", &data, "--email", "cleo@uni.example"]).expect(0);
    until("the server knows", || (cleo.run(&["admin", "stats"]).code == Some(0)).then_some(()));
    cleo.run(&["admin", "maintenance", "on", "--message", "New disks; back at six"]).expect(0);
    assert!(campus.stop().success());
    campus.start();

    let refused = ada.run(&["item", "list"]);
    assert_eq!((refused.code, refused.stdout.as_str()), (Some(11), ""), "{refused:?}");
    let told = "error: the server is under maintenance: New disks; back at six\nhint: ";
    assert!(refused.stderr.starts_with(told) && !refused.stderr.contains("request"), "{refused:?}");
    let (status, _) = campus.fetch("/readyz");
    assert_eq!(status, 200);

    cleo.run(&["admin", "maintenance", "off"]).expect(0);
    ada.run(&["item", "list"]).expect(0);
}
