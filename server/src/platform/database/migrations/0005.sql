-- The vocabulary has the words of descriptions too: a beginning that is searched for is looked up there, because the
-- index itself would collect all matches of all words that begin so.
DELETE FROM vocabulary;

INSERT INTO vocabulary (campus_id, word, uses)
WITH RECURSIVE split (campus_id, number, word, rest) AS (
    SELECT i.campus_id, i.number, '', w.title || ' ' || w.body || ' '
    FROM items i JOIN item_words w ON w.rowid = i.number
    UNION ALL
    SELECT campus_id, number, SUBSTR(rest, 1, {position}(rest, ' ') - 1), SUBSTR(rest, {position}(rest, ' ') + 1)
    FROM split WHERE rest <> ''
)
SELECT campus_id, word, CAST(COUNT(DISTINCT number) AS BIGINT) FROM split WHERE word <> '' GROUP BY campus_id, word;
