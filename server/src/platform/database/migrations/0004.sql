-- Pictures in messages: each is in one message at most, and found from it and from its own row.
CREATE UNIQUE INDEX messages_image ON messages (campus_id, image_id) WHERE image_id IS NOT NULL;
