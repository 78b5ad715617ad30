-- The marketplace: the ledger's rules, unlocks, bookings, notifications, saved searches, trust.

-- The keyed hash of a user's canonical address, from the confirmation of the address on.
ALTER TABLE users ADD COLUMN address_hash {bytes};
-- The week (since 1970) in which this mailbox was last topped up, under whatever spelling.
ALTER TABLE granted_addresses ADD COLUMN topped_up_week BIGINT NOT NULL DEFAULT 0;
{append_only} token_entries;

-- Hidden: reported by many, until a moderator decides. `removed_from` is the state that `restore` returns to.
ALTER TABLE items ADD COLUMN hidden BIGINT NOT NULL DEFAULT 0;
ALTER TABLE items ADD COLUMN removed_from TEXT;
ALTER TABLE items ADD COLUMN warned BIGINT NOT NULL DEFAULT 0;
CREATE INDEX items_expiring ON items (status, expires_at);

CREATE TABLE vouchers (
    campus_id TEXT NOT NULL,
    code TEXT NOT NULL,
    tokens BIGINT NOT NULL,
    uses BIGINT NOT NULL,
    used BIGINT NOT NULL CHECK (used <= uses),
    expires_at BIGINT,
    created_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (campus_id, code)
);

CREATE TABLE blocks (
    campus_id TEXT NOT NULL,
    blocker_id TEXT NOT NULL,
    blocked_id TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (campus_id, blocker_id, blocked_id),
    FOREIGN KEY (campus_id, blocker_id) REFERENCES users (campus_id, id),
    FOREIGN KEY (campus_id, blocked_id) REFERENCES users (campus_id, id)
) {clustered};

-- What a buyer paid to see a contact card and to book. Open until it is refunded; a closed one has to be paid again.
CREATE TABLE unlocks (
    campus_id TEXT NOT NULL,
    id TEXT NOT NULL,
    item_id TEXT NOT NULL,
    buyer_id TEXT NOT NULL,
    price BIGINT NOT NULL,
    accepted BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    closed_at BIGINT,
    PRIMARY KEY (campus_id, id),
    FOREIGN KEY (campus_id, item_id) REFERENCES items (campus_id, id),
    FOREIGN KEY (campus_id, buyer_id) REFERENCES users (campus_id, id)
);
CREATE UNIQUE INDEX unlocks_open ON unlocks (campus_id, item_id, buyer_id) WHERE closed_at IS NULL;
CREATE INDEX unlocks_buyer ON unlocks (campus_id, buyer_id, id);

-- Bookings, with a snapshot of what was booked. Days count from 1970-01-01, both ends included. A deadline that is null
-- is stopped or over.
CREATE TABLE bookings (
    campus_id TEXT NOT NULL,
    id TEXT NOT NULL,
    item_id TEXT NOT NULL,
    buyer_id TEXT NOT NULL,
    seller_id TEXT NOT NULL,
    chat_id TEXT NOT NULL,
    unlock_id TEXT NOT NULL,
    status TEXT NOT NULL,
    turn TEXT NOT NULL,
    version BIGINT NOT NULL,
    rounds BIGINT NOT NULL,
    listing TEXT NOT NULL,
    rent_period TEXT,
    title TEXT NOT NULL,
    thumbnail TEXT,
    list_price BIGINT NOT NULL,
    price BIGINT NOT NULL,
    message TEXT,
    meet_at BIGINT,
    meet_place TEXT,
    first_day BIGINT,
    last_day BIGINT,
    handover_code TEXT,
    code_attempts BIGINT NOT NULL,
    buyer_confirmed BIGINT NOT NULL,
    seller_confirmed BIGINT NOT NULL,
    extended BIGINT NOT NULL,
    rewarded BIGINT NOT NULL,
    reason TEXT,
    deadline_at BIGINT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    accepted_at BIGINT,
    ended_at BIGINT,
    PRIMARY KEY (campus_id, id),
    FOREIGN KEY (campus_id, item_id) REFERENCES items (campus_id, id),
    FOREIGN KEY (campus_id, buyer_id) REFERENCES users (campus_id, id),
    FOREIGN KEY (campus_id, seller_id) REFERENCES users (campus_id, id),
    FOREIGN KEY (campus_id, chat_id) REFERENCES chats (campus_id, id),
    FOREIGN KEY (campus_id, unlock_id) REFERENCES unlocks (campus_id, id)
);
CREATE UNIQUE INDEX bookings_open ON bookings (campus_id, item_id, buyer_id) WHERE status IN ('pending', 'accepted');
CREATE INDEX bookings_item ON bookings (campus_id, item_id, status);
CREATE INDEX bookings_buyer ON bookings (campus_id, buyer_id, id);
CREATE INDEX bookings_seller ON bookings (campus_id, seller_id, id);
CREATE INDEX bookings_deadline ON bookings (deadline_at) WHERE deadline_at IS NOT NULL;

-- What accepted bookings hold: each day of a rental, and day -1 for a sale. The key is what keeps two from holding the
-- same.
CREATE TABLE item_claims (
    campus_id TEXT NOT NULL,
    item_id TEXT NOT NULL,
    day BIGINT NOT NULL,
    booking_id TEXT NOT NULL,
    PRIMARY KEY (campus_id, item_id, day),
    FOREIGN KEY (campus_id, booking_id) REFERENCES bookings (campus_id, id)
) {clustered};
CREATE INDEX item_claims_booking ON item_claims (campus_id, booking_id);

CREATE TABLE reviews (
    campus_id TEXT NOT NULL,
    id TEXT NOT NULL,
    booking_id TEXT NOT NULL,
    author_id TEXT NOT NULL,
    subject_id TEXT NOT NULL,
    rating BIGINT NOT NULL CHECK (rating BETWEEN 1 AND 5),
    comment TEXT,
    answer TEXT,
    answered_at BIGINT,
    revealed BIGINT NOT NULL,
    reveal_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (campus_id, id),
    UNIQUE (campus_id, booking_id, author_id),
    FOREIGN KEY (campus_id, booking_id) REFERENCES bookings (campus_id, id)
);
CREATE INDEX reviews_subject ON reviews (campus_id, subject_id, revealed, id);
CREATE INDEX reviews_due ON reviews (reveal_at) WHERE revealed = 0;

CREATE TABLE notifications (
    campus_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    id TEXT NOT NULL,
    kind TEXT NOT NULL,
    title TEXT NOT NULL,
    body TEXT,
    item_id TEXT,
    chat_id TEXT,
    booking_id TEXT,
    seen BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (campus_id, user_id, id),
    FOREIGN KEY (campus_id, user_id) REFERENCES users (campus_id, id)
) {clustered};
CREATE INDEX notifications_unseen ON notifications (campus_id, user_id, seen);

-- The kinds a user does not want, and whether a daily mail sums up what they have not read.
CREATE TABLE notification_preferences (
    campus_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    muted TEXT NOT NULL,
    digest BIGINT NOT NULL,
    digested_at BIGINT NOT NULL,
    PRIMARY KEY (campus_id, user_id),
    FOREIGN KEY (campus_id, user_id) REFERENCES users (campus_id, id)
) {clustered};
CREATE INDEX notification_digests ON notification_preferences (digest, digested_at);

CREATE TABLE searches (
    campus_id TEXT NOT NULL,
    id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    name TEXT NOT NULL,
    query TEXT NOT NULL,
    digest BIGINT NOT NULL,
    digested_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (campus_id, id),
    FOREIGN KEY (campus_id, user_id) REFERENCES users (campus_id, id)
);
CREATE INDEX searches_user ON searches (campus_id, user_id, id);
CREATE TABLE search_matches (
    campus_id TEXT NOT NULL,
    search_id TEXT NOT NULL,
    item_id TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (campus_id, search_id, item_id),
    FOREIGN KEY (campus_id, search_id) REFERENCES searches (campus_id, id) ON DELETE CASCADE,
    FOREIGN KEY (campus_id, item_id) REFERENCES items (campus_id, id) ON DELETE CASCADE
) {clustered};

-- Reports on an item, a user or a message; `subject_id` is the user whose doing it is.
CREATE TABLE reports (
    campus_id TEXT NOT NULL,
    id TEXT NOT NULL,
    reporter_id TEXT NOT NULL,
    target_kind TEXT NOT NULL,
    target_id TEXT NOT NULL,
    chat_id TEXT,
    subject_id TEXT NOT NULL,
    reason TEXT NOT NULL,
    detail TEXT,
    status TEXT NOT NULL,
    note TEXT,
    created_at BIGINT NOT NULL,
    decided_at BIGINT,
    decided_by TEXT,
    PRIMARY KEY (campus_id, id),
    UNIQUE (campus_id, reporter_id, target_kind, target_id)
);
CREATE INDEX reports_status ON reports (campus_id, status, id);
CREATE INDEX reports_target ON reports (campus_id, target_kind, target_id, status);

-- Every act of moderators and administrators.
CREATE TABLE audit (
    campus_id TEXT NOT NULL,
    id TEXT NOT NULL,
    actor_id TEXT,
    action TEXT NOT NULL,
    target_kind TEXT NOT NULL,
    target_id TEXT NOT NULL,
    detail TEXT,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (campus_id, id)
);
{append_only} audit;
