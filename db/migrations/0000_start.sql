CREATE TABLE `activity` (
	`chain` text NOT NULL,
	`n` integer NOT NULL,
	`prev_hash` text NOT NULL,
	`hash` text NOT NULL,
	`at` text NOT NULL,
	`actor_id` text NOT NULL,
	`actor_name` text NOT NULL,
	`actor_kind` text NOT NULL,
	`action` text NOT NULL,
	`subject_kind` text NOT NULL,
	`subject_id` text NOT NULL,
	`data` text NOT NULL,
	PRIMARY KEY(`chain`, `n`)
);
--> statement-breakpoint
CREATE TABLE `agents` (
	`id` text PRIMARY KEY NOT NULL,
	`company` text NOT NULL,
	`name` text NOT NULL,
	`title` text NOT NULL,
	`runtime` text NOT NULL,
	`model` text NOT NULL,
	`instructions` text NOT NULL,
	`tools` text NOT NULL,
	`max_concurrent_runs` integer DEFAULT 1 NOT NULL,
	`version` integer DEFAULT 1 NOT NULL,
	`created_by` text NOT NULL,
	`created_at` text NOT NULL,
	`updated_by` text NOT NULL,
	`updated_at` text NOT NULL,
	`retired_at` text,
	FOREIGN KEY (`company`) REFERENCES `companies`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `agents_company` ON `agents` (`company`,`created_at`);--> statement-breakpoint
CREATE TABLE `companies` (
	`id` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`prefix` text NOT NULL,
	`four_eyes` integer DEFAULT false NOT NULL,
	`version` integer DEFAULT 1 NOT NULL,
	`created_by` text NOT NULL,
	`created_at` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `invites` (
	`id` text PRIMARY KEY NOT NULL,
	`company` text NOT NULL,
	`role` text NOT NULL,
	`email` text,
	`token_hash` text NOT NULL,
	`created_by` text NOT NULL,
	`created_at` text NOT NULL,
	`expires_at` text NOT NULL,
	`accepted_at` text,
	`accepted_by` text,
	FOREIGN KEY (`company`) REFERENCES `companies`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE UNIQUE INDEX `invites_token_hash_unique` ON `invites` (`token_hash`);--> statement-breakpoint
CREATE INDEX `invites_company` ON `invites` (`company`);--> statement-breakpoint
CREATE TABLE `members` (
	`company` text NOT NULL,
	`user` text NOT NULL,
	`role` text NOT NULL,
	`rights` integer DEFAULT 1 NOT NULL,
	`created_at` text NOT NULL,
	`removed_at` text,
	PRIMARY KEY(`company`, `user`),
	FOREIGN KEY (`company`) REFERENCES `companies`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`user`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `members_user` ON `members` (`user`);--> statement-breakpoint
CREATE TABLE `messages` (
	`id` text PRIMARY KEY NOT NULL,
	`session` text NOT NULL,
	`company` text NOT NULL,
	`seq` integer NOT NULL,
	`by_id` text NOT NULL,
	`by_name` text NOT NULL,
	`by_kind` text NOT NULL,
	`text` text NOT NULL,
	`at` text NOT NULL,
	`reply_to` text,
	`run` text,
	`edited` integer DEFAULT false NOT NULL,
	`deleted` integer DEFAULT false NOT NULL,
	FOREIGN KEY (`session`) REFERENCES `sessions`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `messages_session` ON `messages` (`session`,`seq`);--> statement-breakpoint
CREATE TABLE `sessions` (
	`id` text PRIMARY KEY NOT NULL,
	`company` text NOT NULL,
	`agent` text NOT NULL,
	`title` text NOT NULL,
	`version` integer DEFAULT 1 NOT NULL,
	`created_by` text NOT NULL,
	`created_at` text NOT NULL,
	`updated_at` text NOT NULL,
	`last_message_at` text,
	`archived_at` text,
	FOREIGN KEY (`company`) REFERENCES `companies`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`agent`) REFERENCES `agents`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `sessions_company` ON `sessions` (`company`,`created_at`);--> statement-breakpoint
CREATE TABLE `idempotency` (
	`key` text NOT NULL,
	`scope` text NOT NULL,
	`digest` text NOT NULL,
	`status` integer,
	`response` text,
	`at` text NOT NULL,
	PRIMARY KEY(`scope`, `key`)
);
--> statement-breakpoint
CREATE INDEX `idempotency_at` ON `idempotency` (`at`);--> statement-breakpoint
CREATE TABLE `instance` (
	`key` text PRIMARY KEY NOT NULL,
	`value` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `outbox` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`generation` integer NOT NULL,
	`party` text NOT NULL,
	`room` text NOT NULL,
	`payload` text NOT NULL,
	`attempts` integer DEFAULT 0 NOT NULL,
	`created_at` text NOT NULL
);
--> statement-breakpoint
CREATE INDEX `outbox_room` ON `outbox` (`party`,`room`,`id`);--> statement-breakpoint
CREATE TABLE `outbox_dead` (
	`id` integer PRIMARY KEY NOT NULL,
	`generation` integer NOT NULL,
	`party` text NOT NULL,
	`room` text NOT NULL,
	`payload` text NOT NULL,
	`attempts` integer NOT NULL,
	`created_at` text NOT NULL,
	`died_at` text NOT NULL,
	`code` text NOT NULL,
	`message` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `api_keys` (
	`id` text PRIMARY KEY NOT NULL,
	`user` text NOT NULL,
	`name` text NOT NULL,
	`prefix` text NOT NULL,
	`hash` text NOT NULL,
	`created_at` text NOT NULL,
	`last_used_at` text,
	FOREIGN KEY (`user`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE UNIQUE INDEX `api_keys_prefix_unique` ON `api_keys` (`prefix`);--> statement-breakpoint
CREATE INDEX `api_keys_user` ON `api_keys` (`user`);--> statement-breakpoint
CREATE TABLE `auth_sessions` (
	`id_hash` text PRIMARY KEY NOT NULL,
	`user` text NOT NULL,
	`device` text NOT NULL,
	`created_at` text NOT NULL,
	`expires_at` text NOT NULL,
	FOREIGN KEY (`user`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `auth_sessions_user` ON `auth_sessions` (`user`);--> statement-breakpoint
CREATE INDEX `auth_sessions_expiry` ON `auth_sessions` (`expires_at`);--> statement-breakpoint
CREATE TABLE `sign_in_failures` (
	`id` text PRIMARY KEY NOT NULL,
	`key` text NOT NULL,
	`at` text NOT NULL
);
--> statement-breakpoint
CREATE INDEX `sign_in_failures_key` ON `sign_in_failures` (`key`);--> statement-breakpoint
CREATE INDEX `sign_in_failures_at` ON `sign_in_failures` (`at`);--> statement-breakpoint
CREATE TABLE `users` (
	`id` text PRIMARY KEY NOT NULL,
	`email` text NOT NULL,
	`name` text NOT NULL,
	`timezone` text NOT NULL,
	`password_hash` text NOT NULL,
	`instance_owner` integer DEFAULT false NOT NULL,
	`created_at` text NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `users_email_unique` ON `users` (`email`);--> statement-breakpoint
CREATE TABLE `refs` (
	`ref` text PRIMARY KEY NOT NULL,
	`room_party` text NOT NULL,
	`room` text NOT NULL,
	`company` text NOT NULL,
	`text` text NOT NULL,
	FOREIGN KEY (`company`) REFERENCES `companies`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `refs_company` ON `refs` (`company`);--> statement-breakpoint
CREATE TABLE `room_events` (
	`room_party` text NOT NULL,
	`room` text NOT NULL,
	`epoch` text NOT NULL,
	`seq` integer NOT NULL,
	`company` text NOT NULL,
	`run` text,
	`type` text NOT NULL,
	`at` text NOT NULL,
	`json` text NOT NULL,
	FOREIGN KEY (`company`) REFERENCES `companies`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE UNIQUE INDEX `room_events_place` ON `room_events` (`room_party`,`room`,`epoch`,`seq`);--> statement-breakpoint
CREATE INDEX `room_events_run` ON `room_events` (`run`,`seq`);--> statement-breakpoint
CREATE INDEX `room_events_company` ON `room_events` (`company`);--> statement-breakpoint
CREATE TABLE `approvals` (
	`id` text PRIMARY KEY NOT NULL,
	`company` text NOT NULL,
	`agent` text NOT NULL,
	`run` text NOT NULL,
	`tool` text NOT NULL,
	`risk` text NOT NULL,
	`state` text NOT NULL,
	`version` integer NOT NULL,
	`digest` text NOT NULL,
	`created_at` text NOT NULL,
	`expires_at` text NOT NULL,
	`decided_at` text,
	`seq` integer NOT NULL,
	`json` text NOT NULL,
	FOREIGN KEY (`company`) REFERENCES `companies`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `approvals_company` ON `approvals` (`company`,`state`,`created_at`);--> statement-breakpoint
CREATE INDEX `approvals_run` ON `approvals` (`run`);--> statement-breakpoint
CREATE TABLE `run_leases` (
	`run` text PRIMARY KEY NOT NULL,
	`agent` text NOT NULL,
	`company` text NOT NULL,
	`runner` text NOT NULL,
	`generation` integer NOT NULL,
	`fence` integer NOT NULL,
	`at` text NOT NULL,
	FOREIGN KEY (`company`) REFERENCES `companies`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE TABLE `runs` (
	`id` text PRIMARY KEY NOT NULL,
	`company` text NOT NULL,
	`agent` text NOT NULL,
	`session` text,
	`state` text NOT NULL,
	`outcome` text,
	`queued_at` text NOT NULL,
	`last_seq` integer NOT NULL,
	`search` text DEFAULT '' NOT NULL,
	`json` text NOT NULL,
	FOREIGN KEY (`company`) REFERENCES `companies`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `runs_company` ON `runs` (`company`,`queued_at`);--> statement-breakpoint
CREATE INDEX `runs_agent` ON `runs` (`agent`,`queued_at`);--> statement-breakpoint
CREATE INDEX `runs_session` ON `runs` (`session`);