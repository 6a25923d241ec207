import { useNavigate, useSearch } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import type { CompanyCommand } from "../../../party/protocol/commands.ts";
import type { Approval, CompanyState } from "../../../party/protocol/company.ts";
import { toast } from "../../components/toast.tsx";
import { useNow } from "../../lib/clock.ts";
import { sentence } from "../../lib/queries.ts";
import { useCompany } from "../shell/company-context.tsx";
import { askWords, comesBack, type Tab, type TriageItem, triage } from "./triage.ts";
import { type Decide, type Decision, type DecisionDetails, useDecide } from "./use-decide.ts";
import { useLater } from "./use-later.ts";

/** ms in which a decision can be taken back: long enough to see what one pressed, short enough to keep nobody waiting */
export const GRACE_MS = 5_000;
/** steps that can be taken back, newest last */
const UNDO_STEPS = 20;

/** `until`: the room's time at which it cannot be taken back any more. */
type Undo = { need: string; what: string; until: number; run: () => Promise<unknown> };

/** What the open card is busy with instead of its buttons. */
export type Mode = "deny" | "edit" | "confirm" | "remember";

export interface Triage {
  tab: Tab;
  setTab: (tab: Tab) => void;
  lists: Record<Tab, TriageItem[]>;
  later: ReadonlyMap<string, string>;
  now: number;
  /** the card that is open, by its id: one of the lists, or something that was settled meanwhile */
  card: string | undefined;
  item: TriageItem | undefined;
  /** it came up by itself after the one before was decided */
  followed: boolean;
  mode: Mode | undefined;
  setMode: (mode: Mode | undefined) => void;
  decide: Decide;
  open: (id: string | undefined) => void;
  move: (by: 1 | -1) => void;
  settle: (approval: Approval, decision: Decision, more?: DecisionDetails) => Promise<void>;
  claim: (approval: Approval) => Promise<void>;
  putOff: (item: TriageItem, until: Date) => Promise<void>;
  takeUp: (item: TriageItem) => Promise<void>;
  /** what can be taken back now, as "You allowed this" */
  undoable: string | undefined;
  undo: () => Promise<void>;
  /** runs something that can go wrong and says so */
  attempt: (run: () => Promise<unknown>) => Promise<boolean>;
}

const DONE: Record<Decision, string> = { allow: "You allow", deny: "You deny", edit: "You changed and allow" };

/** One ranked list, one open card, and what a person does about it, each step of which can be taken back while it can. */
export function useTriage(state: CompanyState, phone: boolean): Triage {
  const { company, me, role, room } = useCompany();
  const navigate = useNavigate({ from: "/c/$company/needs" });
  const { card: linked } = useSearch({ from: "/c/$company/needs" });
  const now = useNow() + room.clockOffsetMs;
  const later = useLater(company.id);
  const decide = useDecide();
  const lists = triage(state, { id: me.id, role }, later.until, now);
  const [tab, setTab] = useState<Tab>("mine");
  const [mode, setMode] = useState<{ card: string; mode: Mode }>();
  const [followed, setFollowed] = useState<string>();
  const [first, setFirst] = useState<string>();
  const undos = useRef<Undo[]>([]);
  const [, changed] = useState(0);

  // The first of the list is opened once; after that nothing comes up under a press but what the person went to.
  const start = lists[tab][0]?.id;
  if (!phone && linked === undefined && first === undefined && start !== undefined) setFirst(start);
  const card = linked ?? first;
  const item = [...lists.team, ...lists.later].find((one) => one.id === card);

  const { store } = room;
  const deciding = item?.kind === "approval" && linked === item.id ? item.id : undefined;
  useEffect(() => {
    store.present({ deciding });
    return () => store.present({ deciding: undefined });
  }, [store, deciding]);

  const open = (id: string | undefined): void => {
    setMode(undefined);
    setFollowed(undefined);
    setFirst(id);
    void navigate({ search: id === undefined ? {} : { card: id }, replace: true });
  };
  const neighbour = (by: 1 | -1): TriageItem | undefined => {
    const list = lists[tab];
    const at = list.findIndex((one) => one.id === card);
    return at < 0 ? list[0] : list[at + by];
  };
  const move = (by: 1 | -1): void => {
    const next = neighbour(by);
    if (next) open(next.id);
  };
  /** Goes on to what comes next, and says that nobody chose it. */
  const follow = (): void => {
    const next = neighbour(1) ?? neighbour(-1);
    if (phone || !next || next.id === card) {
      open(phone ? undefined : card);
      return;
    }
    open(next.id);
    setFollowed(next.id);
  };
  const attempt = async (run: () => Promise<unknown>): Promise<boolean> => {
    try {
      await run();
      return true;
    } catch (error) {
      toast("fail", sentence(error));
      return false;
    }
  };
  const canUndo = (step: Undo): void => {
    undos.current = [...undos.current, step].slice(-UNDO_STEPS);
    changed((count) => count + 1);
  };
  const forget = (step: Undo): void => {
    undos.current = undos.current.filter((one) => one !== step);
    changed((count) => count + 1);
  };
  const command = (one: CompanyCommand): Promise<unknown> => room.store.command(one);
  // What was settled meanwhile has nothing left to take back.
  const waits = new Set([...lists.team, ...lists.later].map((one) => one.id));
  const last = undos.current.findLast((one) => one.until > now && waits.has(one.need));

  return {
    tab,
    setTab: (next) => {
      setTab(next);
      if (!phone) open(lists[next][0]?.id ?? card);
    },
    lists,
    later: later.until,
    now,
    card,
    item,
    followed: followed !== undefined && followed === card,
    mode: mode?.card === card ? mode?.mode : undefined,
    setMode: (next) => setMode(next && card !== undefined ? { card, mode: next } : undefined),
    decide,
    open,
    move,
    attempt,
    settle: async (approval, decision, more = {}) => {
      if (!(await decide.decide(approval, decision, more))) return;
      if (more.graceMs !== undefined) {
        const run = (): Promise<unknown> => command({ type: "approval.withdraw", approval: approval.id });
        canUndo({ need: approval.id, what: `${DONE[decision]} “${approval.question}”`, until: now + more.graceMs, run });
      }
      follow();
    },
    claim: async (approval) => {
      const mine = approval.claim?.by.id === me.id;
      const take = { type: "approval.claim", approval: approval.id } as const;
      const release = { type: "approval.release", approval: approval.id } as const;
      if (!(await attempt(() => command(mine ? release : take)))) return;
      const what = `${mine ? "You let go of" : "You are on"} “${approval.question}”`;
      canUndo({ need: approval.id, what, until: Number.POSITIVE_INFINITY, run: () => command(mine ? take : release) });
    },
    putOff: async (what, until) => {
      const back = comesBack(what, until, now);
      if (back === undefined) return toast("info", "It expires before it could come back. Decide it now, or let it expire.");
      follow();
      // The list shows it at once, so it can be taken back at once: after what is still on its way.
      const done = attempt(() => later.put(what.id, back));
      const run = async (): Promise<void> => {
        await done;
        await later.put(what.id, null);
        open(what.id);
      };
      const step = { need: what.id, what: `You put off “${askWords(what)}”`, until: Number.POSITIVE_INFINITY, run };
      canUndo(step);
      if (!(await done)) forget(step);
    },
    takeUp: async (what) => {
      await attempt(() => later.put(what.id, null));
    },
    undoable: last?.what,
    undo: async () => {
      if (!last) return toast("info", "There is nothing to take back: what you decided counts already.");
      forget(last);
      await attempt(last.run);
    },
  };
}
