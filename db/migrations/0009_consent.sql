CREATE TABLE `needs_later` (
	`person` text NOT NULL,
	`company` text NOT NULL,
	`need` text NOT NULL,
	`until` text NOT NULL,
	`at` text NOT NULL,
	PRIMARY KEY(`person`, `company`, `need`),
	FOREIGN KEY (`person`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`company`) REFERENCES `companies`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `needs_later_company` ON `needs_later` (`company`);--> statement-breakpoint
CREATE INDEX `approvals_agent` ON `approvals` (`company`,`agent`,`tool`,`created_at`);