-- A row that cannot be stored: `INSERT INTO write_guard (holds) VALUES (<condition>)` aborts the transaction unless the
-- condition holds. The write queue puts such statements into units that must refuse themselves.
CREATE VIEW `write_guard` AS SELECT 1 AS `holds`;
--> statement-breakpoint
CREATE TRIGGER `write_guard_check` INSTEAD OF INSERT ON `write_guard` WHEN NOT NEW.`holds`
BEGIN
  SELECT RAISE(ABORT, 'write_guard');
END;
