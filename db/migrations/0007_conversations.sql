CREATE TABLE `session_agents` (
	`session` text NOT NULL,
	`agent` text NOT NULL,
	`place` integer NOT NULL,
	PRIMARY KEY(`session`, `agent`),
	FOREIGN KEY (`session`) REFERENCES `sessions`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`agent`) REFERENCES `agents`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `session_agents_agent` ON `session_agents` (`agent`);--> statement-breakpoint
CREATE TABLE `session_people` (
	`session` text NOT NULL,
	`user` text NOT NULL,
	PRIMARY KEY(`session`, `user`),
	FOREIGN KEY (`session`) REFERENCES `sessions`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`user`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `session_people_user` ON `session_people` (`user`);--> statement-breakpoint
CREATE TABLE `session_reads` (
	`session` text NOT NULL,
	`user` text NOT NULL,
	`seq` integer NOT NULL,
	`at` text NOT NULL,
	PRIMARY KEY(`session`, `user`),
	FOREIGN KEY (`session`) REFERENCES `sessions`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`user`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `session_reads_user` ON `session_reads` (`user`);--> statement-breakpoint
ALTER TABLE `messages` ADD `attachments` text;--> statement-breakpoint
ALTER TABLE `messages` ADD `mentions` text;--> statement-breakpoint
ALTER TABLE `messages` ADD `answers` text;--> statement-breakpoint
ALTER TABLE `messages` ADD `edited_at` text;--> statement-breakpoint
ALTER TABLE `sessions` ADD `titled` integer DEFAULT true NOT NULL;--> statement-breakpoint
ALTER TABLE `sessions` ADD `private` integer DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE `approvals` ADD `lane` text;--> statement-breakpoint
ALTER TABLE `run_leases` ADD `lane` text;--> statement-breakpoint
ALTER TABLE `runs` ADD `lane` text;