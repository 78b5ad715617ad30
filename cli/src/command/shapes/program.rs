//! What the program says of itself, its settings and its work.

use crate::output::Shape;

/// A change that leaves nothing to show.
pub const DONE: Shape =
    Shape { noun: "change", table: &["id", "status"], columns: &["id", "status"], fields: &["id", "status"] };

/// A request that a dry run did not send.
pub const PLANNED: Shape = Shape {
    noun: "request",
    table: &["method", "path", "body"],
    columns: &["method", "path", "body"],
    fields: &["method", "path", "body"],
};

/// A picture made ready.
pub const PICTURE: Shape = Shape {
    noun: "picture",
    table: &["file", "from_bytes", "bytes", "width", "height", "out"],
    columns: &["file", "from_bytes", "from_width", "from_height", "bytes", "width", "height", "format", "out"],
    fields: &["file", "from_bytes", "from_width", "from_height", "bytes", "width", "height", "format", "out"],
};

/// A named server.
pub const SERVER: Shape = Shape {
    noun: "server",
    table: &["name", "url", "current"],
    columns: &["name", "url", "current"],
    fields: &["name", "url", "current"],
};

/// A setting.
pub const SETTING: Shape =
    Shape { noun: "setting", table: &["key", "value"], columns: &["key", "value"], fields: &["key", "value"] };

/// A setting and where it came from.
pub const SOURCED_SETTING: Shape = Shape {
    noun: "setting",
    table: &["key", "value", "source", "meaning"],
    columns: &["key", "value", "source"],
    fields: &["key", "value", "source", "meaning"],
};

/// What `doctor` found.
pub const FINDING: Shape = Shape {
    noun: "check",
    table: &["check", "status", "detail", "hint"],
    columns: &["check", "status", "detail", "hint"],
    fields: &["check", "status", "detail", "hint"],
};

/// A help text.
pub const HELP: Shape =
    Shape { noun: "text", table: &["about", "text"], columns: &["about", "text"], fields: &["about", "text"] };

/// A command, by name.
pub const NAMED: Shape = Shape { noun: "command", table: &["command"], columns: &["command"], fields: &["command"] };

/// Manual pages.
pub const MANUAL: Shape =
    Shape { noun: "page", table: &["out", "pages"], columns: &["out", "pages"], fields: &["out", "pages", "page"] };

/// The versions.
pub const VERSION: Shape = Shape {
    noun: "version",
    table: &["version", "server_version"],
    columns: &["version", "server_version"],
    fields: &["version", "server", "server_name", "server_version"],
};

/// Where a server listens.
pub const LISTENING: Shape =
    Shape { noun: "address", table: &["address"], columns: &["address"], fields: &["address"] };
