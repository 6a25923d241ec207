CREATE TABLE `search_docs` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`key` text NOT NULL,
	`company` text NOT NULL,
	`kind` text NOT NULL,
	`ref` text NOT NULL,
	`agent` text,
	`session` text,
	`run` text,
	`seq` integer,
	`by_name` text NOT NULL,
	`at` text NOT NULL,
	`scope` text NOT NULL,
	`body` text NOT NULL,
	FOREIGN KEY (`company`) REFERENCES `companies`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE UNIQUE INDEX `search_docs_key_unique` ON `search_docs` (`key`);--> statement-breakpoint
CREATE INDEX `search_docs_company` ON `search_docs` (`company`);--> statement-breakpoint
CREATE INDEX `search_docs_ref` ON `search_docs` (`ref`);--> statement-breakpoint
CREATE VIRTUAL TABLE `search_index` USING fts5(
	scope, body,
	content = 'search_docs', content_rowid = 'id', columnsize = 0, prefix = '2 3',
	tokenize = 'unicode61 remove_diacritics 2'
);
--> statement-breakpoint
CREATE TRIGGER `search_docs_added` AFTER INSERT ON `search_docs` BEGIN
	INSERT INTO search_index (rowid, scope, body) VALUES (new.id, new.scope, new.body);
END;
--> statement-breakpoint
CREATE TRIGGER `search_docs_removed` AFTER DELETE ON `search_docs` BEGIN
	INSERT INTO search_index (search_index, rowid, scope, body) VALUES ('delete', old.id, old.scope, old.body);
END;
--> statement-breakpoint
CREATE TRIGGER `search_docs_changed` AFTER UPDATE OF scope, body ON `search_docs` BEGIN
	INSERT INTO search_index (search_index, rowid, scope, body) VALUES ('delete', old.id, old.scope, old.body);
	INSERT INTO search_index (rowid, scope, body) VALUES (new.id, new.scope, new.body);
END;
--> statement-breakpoint
INSERT INTO search_docs (key, company, kind, ref, agent, session, run, seq, by_name, at, scope, body)
SELECT key, company, kind, ref, agent, session, run, seq, by_name, at,
	replace(company || ' kind' || kind || coalesce(' ' || agent, ''), '_', ''), substr(body, 1, 20000)
FROM (
	SELECT 'run:' || id AS key, company, 'run' AS kind, id AS ref, agent, session, id AS run, NULL AS seq,
		coalesce(json_extract(json, '$.by.name'), '') AS by_name, queued_at AS at, json_extract(json, '$.title') AS body
	FROM runs
	UNION ALL
	SELECT 'step:' || e.epoch || ':' || e.seq || ':' || e.room, e.company, 'step', e.run, e.room, r.session, e.run, e.seq,
		coalesce(json_extract(e.json, '$.by.name'), a.name, ''), e.at,
		coalesce(json_extract(e.json, '$.text.head'), json_extract(e.json, '$.text'))
	FROM room_events e JOIN runs r ON r.id = e.run LEFT JOIN agents a ON a.id = e.room
	WHERE e.type = 'message.user' OR (e.type = 'block.ended' AND json_extract(e.json, '$.kind') = 'text' AND json_extract(e.json, '$.void') IS NULL)
	UNION ALL
	SELECT 'message:' || m.id, m.company, 'message', m.id, CASE m.by_kind WHEN 'agent' THEN m.by_id END, m.session, m.run, m.seq,
		m.by_name, m.at, coalesce(json_extract(m.text, '$.head'), json_extract(m.text, '$'))
	FROM messages m WHERE m.deleted = 0 AND m.by_kind <> 'system'
)
WHERE body IS NOT NULL AND trim(body) <> '' ORDER BY at;
