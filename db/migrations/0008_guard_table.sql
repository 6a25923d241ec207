DROP VIEW `write_guard`;
--> statement-breakpoint
CREATE TABLE `write_guard` (
	`id` integer PRIMARY KEY NOT NULL,
	`holds` integer NOT NULL,
	CONSTRAINT "write_guard_one" CHECK("write_guard"."id" = 1),
	CONSTRAINT "write_guard_holds" CHECK("write_guard"."holds")
);
--> statement-breakpoint
INSERT INTO `write_guard` (`id`, `holds`) VALUES (1, 1);
