-- Campuses: the tenants. Their id leads every other key.
CREATE TABLE campuses (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE campus_domains (
    domain TEXT NOT NULL PRIMARY KEY,
    campus_id TEXT NOT NULL REFERENCES campuses (id)
);

-- Users.
CREATE TABLE users (
    campus_id TEXT NOT NULL REFERENCES campuses (id),
    id TEXT NOT NULL,
    email TEXT NOT NULL,
    name TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    role TEXT NOT NULL,
    status TEXT NOT NULL,
    residence TEXT,
    phone TEXT,
    tokens BIGINT NOT NULL CHECK (tokens >= 0),
    rating_sum BIGINT NOT NULL,
    rating_count BIGINT NOT NULL,
    hide_presence BIGINT NOT NULL,
    joined_at BIGINT NOT NULL,
    last_seen_at BIGINT,
    PRIMARY KEY (campus_id, id),
    UNIQUE (campus_id, email)
);

-- Mailed codes, hashed; one open code per user and purpose.
CREATE TABLE codes (
    campus_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    purpose TEXT NOT NULL,
    code_hash {bytes} NOT NULL,
    attempts BIGINT NOT NULL,
    sent_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (campus_id, user_id, purpose),
    FOREIGN KEY (campus_id, user_id) REFERENCES users (campus_id, id) ON DELETE CASCADE
);

-- Signed-in devices. Refresh tokens are derived from id, salt and generation, so none is stored.
CREATE TABLE sessions (
    campus_id TEXT NOT NULL,
    id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    device TEXT,
    salt {bytes} NOT NULL,
    generation BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    rotated_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (campus_id, id),
    FOREIGN KEY (campus_id, user_id) REFERENCES users (campus_id, id) ON DELETE CASCADE
);
CREATE INDEX sessions_user ON sessions (campus_id, user_id);

-- Personal access tokens.
CREATE TABLE access_tokens (
    campus_id TEXT NOT NULL,
    id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    name TEXT NOT NULL,
    scopes TEXT NOT NULL,
    secret_hash {bytes} NOT NULL,
    created_at BIGINT NOT NULL,
    last_used_at BIGINT,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (campus_id, id),
    FOREIGN KEY (campus_id, user_id) REFERENCES users (campus_id, id) ON DELETE CASCADE
);
CREATE INDEX access_tokens_user ON access_tokens (campus_id, user_id);

-- The ledger of marketplace tokens. The hash of a canonical address outlives its account.
CREATE TABLE token_entries (
    campus_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    number BIGINT NOT NULL,
    delta BIGINT NOT NULL,
    reason TEXT NOT NULL,
    reference TEXT NOT NULL,
    balance BIGINT NOT NULL CHECK (balance >= 0),
    created_at BIGINT NOT NULL,
    PRIMARY KEY (campus_id, user_id, number),
    UNIQUE (campus_id, user_id, reason, reference),
    FOREIGN KEY (campus_id, user_id) REFERENCES users (campus_id, id)
);
CREATE TABLE granted_addresses (
    campus_id TEXT NOT NULL,
    address_hash {bytes} NOT NULL,
    PRIMARY KEY (campus_id, address_hash)
);

-- Items. `number` is made from the id's time and orders them; it is also the row of the full-text table.
CREATE TABLE items (
    campus_id TEXT NOT NULL,
    id TEXT NOT NULL,
    number BIGINT NOT NULL,
    seller_id TEXT NOT NULL,
    title TEXT NOT NULL,
    description TEXT NOT NULL,
    listing TEXT NOT NULL,
    price BIGINT NOT NULL,
    rent_period TEXT,
    category TEXT NOT NULL,
    condition TEXT NOT NULL,
    pickup TEXT,
    status TEXT NOT NULL,
    listed BIGINT NOT NULL,
    deleted BIGINT NOT NULL,
    thumbnail TEXT,
    placeholder TEXT,
    failure TEXT,
    views BIGINT NOT NULL,
    favorites BIGINT NOT NULL,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    expires_at BIGINT,
    PRIMARY KEY (campus_id, id),
    UNIQUE (campus_id, number),
    FOREIGN KEY (campus_id, seller_id) REFERENCES users (campus_id, id)
);
CREATE INDEX items_listed ON items (campus_id, listed, number);
CREATE INDEX items_category ON items (campus_id, listed, category, number);
CREATE INDEX items_price ON items (campus_id, listed, price, number);
CREATE INDEX items_seller ON items (campus_id, seller_id, number);

{search};
{search_index};

-- The words of listed titles, for forgiving a typing error.
CREATE TABLE vocabulary (
    campus_id TEXT NOT NULL,
    word TEXT NOT NULL,
    uses BIGINT NOT NULL,
    PRIMARY KEY (campus_id, word)
) {clustered};

CREATE TABLE favorites (
    campus_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    item_id TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (campus_id, user_id, item_id),
    FOREIGN KEY (campus_id, user_id) REFERENCES users (campus_id, id),
    FOREIGN KEY (campus_id, item_id) REFERENCES items (campus_id, id) ON DELETE CASCADE
) {clustered};
CREATE INDEX favorites_item ON favorites (campus_id, item_id);

-- Who looked at what on which day since 1970, so that a viewer counts once a day.
CREATE TABLE item_views (
    campus_id TEXT NOT NULL,
    item_id TEXT NOT NULL,
    viewer_id TEXT NOT NULL,
    day BIGINT NOT NULL,
    PRIMARY KEY (campus_id, item_id, viewer_id, day),
    FOREIGN KEY (campus_id, item_id) REFERENCES items (campus_id, id) ON DELETE CASCADE
) {clustered};

-- Pictures. `key` addresses the blobs: the variants once ready, shared by equal uploads of one campus.
CREATE TABLE images (
    campus_id TEXT NOT NULL,
    id TEXT NOT NULL,
    owner_id TEXT NOT NULL,
    item_id TEXT,
    position BIGINT NOT NULL,
    status TEXT NOT NULL,
    error TEXT,
    key TEXT NOT NULL,
    width BIGINT NOT NULL,
    height BIGINT NOT NULL,
    placeholder TEXT,
    variants TEXT,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (campus_id, id),
    FOREIGN KEY (campus_id, owner_id) REFERENCES users (campus_id, id),
    FOREIGN KEY (campus_id, item_id) REFERENCES items (campus_id, id)
);
CREATE INDEX images_item ON images (campus_id, item_id, position);
CREATE INDEX images_key ON images (campus_id, key);
CREATE INDEX images_unattached ON images (item_id, created_at);

-- Conversations and their two members.
CREATE TABLE chats (
    campus_id TEXT NOT NULL,
    id TEXT NOT NULL,
    item_id TEXT NOT NULL,
    buyer_id TEXT NOT NULL,
    seller_id TEXT NOT NULL,
    last_seq BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (campus_id, id),
    UNIQUE (campus_id, item_id, buyer_id),
    FOREIGN KEY (campus_id, item_id) REFERENCES items (campus_id, id),
    FOREIGN KEY (campus_id, buyer_id) REFERENCES users (campus_id, id),
    FOREIGN KEY (campus_id, seller_id) REFERENCES users (campus_id, id)
);

CREATE TABLE chat_members (
    campus_id TEXT NOT NULL,
    chat_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    peer_id TEXT NOT NULL,
    read_seq BIGINT NOT NULL,
    unread BIGINT NOT NULL,
    muted BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (campus_id, chat_id, user_id),
    FOREIGN KEY (campus_id, chat_id) REFERENCES chats (campus_id, id)
) {clustered};
CREATE INDEX chat_members_user ON chat_members (campus_id, user_id, updated_at);

CREATE TABLE messages (
    campus_id TEXT NOT NULL,
    chat_id TEXT NOT NULL,
    seq BIGINT NOT NULL,
    id TEXT NOT NULL,
    client_id TEXT,
    sender_id TEXT,
    kind TEXT NOT NULL,
    body TEXT NOT NULL,
    image_id TEXT,
    booking_id TEXT,
    created_at BIGINT NOT NULL,
    edited_at BIGINT,
    deleted_at BIGINT,
    PRIMARY KEY (campus_id, chat_id, seq),
    UNIQUE (campus_id, chat_id, sender_id, client_id),
    FOREIGN KEY (campus_id, chat_id) REFERENCES chats (campus_id, id)
) {clustered};

-- What each reader is to hear of, in order and without gaps: the outbox of the live connection.
CREATE TABLE inbox_heads (
    campus_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    head BIGINT NOT NULL,
    PRIMARY KEY (campus_id, user_id)
) {clustered};
CREATE TABLE inbox (
    campus_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    since BIGINT NOT NULL,
    frame TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (campus_id, user_id, since)
) {clustered};

-- First results of keyed requests, for a day.
CREATE TABLE idempotency (
    campus_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    route TEXT NOT NULL,
    key TEXT NOT NULL,
    body_hash {bytes} NOT NULL,
    status BIGINT NOT NULL,
    location TEXT,
    answer {bytes} NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (campus_id, user_id, route, key)
);
CREATE INDEX idempotency_age ON idempotency (created_at);

-- Background work: pictures and mails. A job is waiting, leased until a time, or dead with its reason.
CREATE TABLE jobs (
    id TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    payload TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    run_at BIGINT NOT NULL,
    leased BIGINT NOT NULL,
    dead BIGINT NOT NULL,
    error TEXT,
    created_at BIGINT NOT NULL
);
CREATE INDEX jobs_due ON jobs (kind, dead, run_at);

-- What there is one of: the epoch of inbox numbers, counters of finished work.
CREATE TABLE facts (
    name TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
);
