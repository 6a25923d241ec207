CREATE TABLE `remote_runners` (
	`id` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`key_hash` text NOT NULL,
	`created_by` text NOT NULL,
	`created_at` text NOT NULL,
	`last_seen_at` text,
	`revoked_at` text
);
--> statement-breakpoint
CREATE UNIQUE INDEX `remote_runners_key_hash_unique` ON `remote_runners` (`key_hash`);--> statement-breakpoint
CREATE TABLE `runner_enrolments` (
	`token_hash` text PRIMARY KEY NOT NULL,
	`created_by` text NOT NULL,
	`created_at` text NOT NULL,
	`expires_at` text NOT NULL
);
--> statement-breakpoint
CREATE INDEX `runner_enrolments_expiry` ON `runner_enrolments` (`expires_at`);