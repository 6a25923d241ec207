import { useState } from "react";
import type { RunView } from "../../../party/protocol/agent.ts";
import { toast } from "../../components/toast.tsx";
import { sentence } from "../../lib/queries.ts";
import type { CommandOf } from "../../lib/room/outbox.ts";
import type { RoomStore } from "../../lib/room/room-store.ts";
import type { ComposerMode } from "./composer.tsx";

export interface AgentActions {
  busy: string | undefined;
  /** says what went wrong in a toast */
  press: (name: string, command: CommandOf<"agent">) => Promise<void>;
  /** @throws when it was refused, for the composer that keeps the text */
  send: (mode: ComposerMode, text: string) => Promise<void>;
}

/** What a person can do to an agent and its runs, from the room's screen. */
export function useAgentActions(
  store: RoomStore<"agent">,
  run: RunView | undefined,
  onStarted: (run: string) => void,
): AgentActions {
  const [busy, setBusy] = useState<string>();
  return {
    busy,
    press: async (name, command) => {
      setBusy(name);
      try {
        await store.command(command);
      } catch (error) {
        toast("fail", sentence(error));
      } finally {
        setBusy(undefined);
      }
    },
    send: async (mode, text) => {
      if (mode === "steer" && run) {
        await store.command({ type: "run.steer", run: run.id, text });
        return;
      }
      const { result } = await store.command({ type: "run.wake", prompt: text });
      const started = result.runId ?? result.run;
      if (typeof started === "string") onStarted(started);
    },
  };
}
