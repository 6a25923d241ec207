/** A conversation on a person's screen, in their words. */
import { expect, type Locator } from "@playwright/test";
import { z } from "zod";
import type { ApiClient } from "../../harness/api-client.ts";
import type { Seat } from "./seat.ts";

const made = z.object({ id: z.string() });

export type NewTalk = { agentId: string; agents?: string[]; title?: string; private?: boolean; people?: string[] };

/** Begins a conversation by REST. */
export async function beginTalk(who: ApiClient, company: string, talk: NewTalk): Promise<string> {
  return (await who.ask(made, "POST", `/api/companies/${company}/sessions`, talk)).id;
}

/** Another agent of a company, on the rehearsal model as every new one. */
export async function hireAgent(who: ApiClient, company: string, name: string): Promise<string> {
  const agent = { name, title: "", instructions: "" };
  return (await who.ask(made, "POST", `/api/companies/${company}/agents`, agent)).id;
}

export class Talk {
  readonly seat: Seat;
  readonly #place: string;

  constructor(seat: Seat, company: string, session: string) {
    this.seat = seat;
    this.#place = `/c/${company}/chats/${session}`;
  }

  /** Opens the conversation, at one message where it is named; resolves when this page is live in its room. */
  async open(message?: string): Promise<void> {
    await this.seat.page.goto(message === undefined ? this.#place : `${this.#place}?message=${message}`);
    await this.entered();
  }

  async entered(): Promise<void> {
    await expect(this.field).toBeVisible();
    await expect(this.seat.page.getByRole("status").filter({ hasText: "Connecting" })).toHaveCount(0);
  }

  get field(): Locator {
    return this.seat.page.getByRole("textbox", { name: /^Message/ });
  }

  get log(): Locator {
    return this.seat.page.getByRole("log", { name: /^Messages of / });
  }

  /** Writes and sends. */
  async say(text: string): Promise<void> {
    await this.field.fill(text);
    await this.field.press("Enter");
    await expect(this.field).toHaveValue("");
  }

  /** The message that contains a text, whoever wrote it. */
  message(text: string | RegExp): Locator {
    return this.log.getByRole("article").filter({ hasText: text });
  }

  /** An answer that is being written by an agent. */
  answering(agent: string): Locator {
    return this.log.getByRole("article", { name: `${agent} is answering` });
  }

  /** An agent's answer that is whole. */
  answer(agent: string, text: string): Locator {
    return this.log.getByRole("article", { name: new RegExp(`^${agent}, \\d`) }).filter({ hasText: text });
  }

  /** Chooses a line of a message's menu. */
  async choose(message: Locator, line: string): Promise<void> {
    await message.getByRole("button", { name: "More about this message" }).click();
    await this.seat.page.getByRole("menuitem", { name: new RegExp(`^${line}`) }).click();
  }
}
