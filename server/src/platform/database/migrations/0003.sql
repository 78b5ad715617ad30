-- Registrations that wait for their code: what the account is to be called and its password, each with the code that
-- was mailed for it alone, so that a code opens what its mail was about and nothing else.
CREATE TABLE registrations (
    campus_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    number BIGINT NOT NULL,
    name TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    code_hash {bytes} NOT NULL,
    attempts BIGINT NOT NULL,
    sent_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (campus_id, user_id, number),
    FOREIGN KEY (campus_id, user_id) REFERENCES users (campus_id, id) ON DELETE CASCADE
);
CREATE INDEX registrations_end ON registrations (expires_at);

-- Codes that were mailed before stay good for the account they were mailed about.
INSERT INTO registrations (campus_id, user_id, number, name, password_hash, code_hash, attempts, sent_at, expires_at)
SELECT u.campus_id, u.id, 1, u.name, u.password_hash, c.code_hash, c.attempts, c.sent_at, c.expires_at
FROM users u JOIN codes c ON c.campus_id = u.campus_id AND c.user_id = u.id
WHERE c.purpose = 'verify' AND u.status = 'unverified';
DELETE FROM codes WHERE purpose = 'verify';
