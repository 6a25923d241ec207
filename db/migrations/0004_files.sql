CREATE TABLE `files` (
	`id` text PRIMARY KEY NOT NULL,
	`company` text NOT NULL,
	`kind` text NOT NULL,
	`sha256` text,
	`name` text NOT NULL,
	`mime` text NOT NULL,
	`bytes` integer NOT NULL,
	`created_by_id` text NOT NULL,
	`created_by_name` text NOT NULL,
	`created_by_kind` text NOT NULL,
	`created_at` text NOT NULL,
	`session` text,
	`agent` text,
	`run` text,
	`call` text,
	`path` text,
	`op` text,
	`added` integer,
	`removed` integer,
	`deleted_at` text,
	FOREIGN KEY (`company`) REFERENCES `companies`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `files_company` ON `files` (`company`,`created_at`);--> statement-breakpoint
CREATE INDEX `files_blob` ON `files` (`company`,`sha256`);--> statement-breakpoint
CREATE INDEX `files_version` ON `files` (`agent`,`path`,`created_at`);--> statement-breakpoint
CREATE INDEX `files_run` ON `files` (`run`);--> statement-breakpoint
CREATE INDEX `files_session` ON `files` (`session`);