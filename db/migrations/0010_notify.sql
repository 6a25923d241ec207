CREATE TABLE `notifications` (
	`id` text PRIMARY KEY NOT NULL,
	`user` text NOT NULL,
	`company` text NOT NULL,
	`key` text NOT NULL,
	`kind` text NOT NULL,
	`subject` text NOT NULL,
	`session` text,
	`title` text NOT NULL,
	`body` text NOT NULL,
	`path` text NOT NULL,
	`at` text NOT NULL,
	`push_at` text,
	`mail_at` text,
	`attempts` integer DEFAULT 0 NOT NULL,
	`read_at` text,
	`settled_at` text,
	FOREIGN KEY (`user`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`company`) REFERENCES `companies`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE UNIQUE INDEX `notifications_key` ON `notifications` (`user`,`key`);--> statement-breakpoint
CREATE INDEX `notifications_user` ON `notifications` (`user`,`company`,`at`);--> statement-breakpoint
CREATE INDEX `notifications_subject` ON `notifications` (`subject`);--> statement-breakpoint
CREATE INDEX `notifications_push` ON `notifications` (`push_at`);--> statement-breakpoint
CREATE INDEX `notifications_mail` ON `notifications` (`mail_at`);--> statement-breakpoint
CREATE TABLE `notify_rules` (
	`user` text PRIMARY KEY NOT NULL,
	`json` text NOT NULL,
	`updated_at` text NOT NULL,
	FOREIGN KEY (`user`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE TABLE `push_subscriptions` (
	`id` text PRIMARY KEY NOT NULL,
	`user` text NOT NULL,
	`endpoint_hash` text NOT NULL,
	`sealed` text NOT NULL,
	`device` text NOT NULL,
	`created_at` text NOT NULL,
	`last_ok_at` text,
	FOREIGN KEY (`user`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE UNIQUE INDEX `push_subscriptions_endpoint_hash_unique` ON `push_subscriptions` (`endpoint_hash`);--> statement-breakpoint
CREATE INDEX `push_subscriptions_user` ON `push_subscriptions` (`user`);