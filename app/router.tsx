import { createRootRoute, createRoute, createRouter, lazyRouteComponent, Outlet, redirect } from "@tanstack/react-router";
import type { LibrarySearch } from "./features/files/library.tsx";
import { readRunsSearch } from "./features/runs/runs-filter.ts";
import { readSearch } from "./features/search/search-address.ts";
import { PageError } from "./features/shell/page-error.tsx";
import { ApiError } from "./lib/http.ts";
import { lastCompany } from "./lib/last-company.ts";
import { atOnce, companiesQuery, meQuery, queryClient } from "./lib/queries.ts";

/** Sends people without a session to the sign-in, and back afterwards. */
async function signedIn(next: string): Promise<void> {
  try {
    await queryClient.ensureQueryData({ ...meQuery, ...atOnce });
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) throw redirect({ to: "/sign-in", search: { next } });
    throw error;
  }
}

const isSeq = (value: unknown): value is number => typeof value === "number" && Number.isSafeInteger(value) && value > 0;
const text = (value: unknown): string | undefined => (typeof value === "string" && value !== "" ? value : undefined);

/** What stands in the address when a provider sent a person back without success. */
type CameBack = { problem?: string; provider?: string };

function cameBack({ problem, provider }: Record<string, unknown>): CameBack {
  return text(problem) === undefined ? {} : { problem: text(problem), provider: text(provider) };
}

const root = createRootRoute({
  component: Outlet,
  errorComponent: PageError,
  notFoundComponent: lazyRouteComponent(() => import("./routes/not-found.tsx")),
});

const home = createRoute({
  getParentRoute: () => root,
  path: "/",
  beforeLoad: async () => {
    await signedIn("/");
    const companies = await queryClient.ensureQueryData({ ...companiesQuery, ...atOnce });
    const company = companies.find((one) => one.id === lastCompany()) ?? companies[0];
    throw company ? redirect({ to: "/c/$company", params: { company: company.id } }) : redirect({ to: "/new-company" });
  },
});

const signIn = createRoute({
  getParentRoute: () => root,
  path: "/sign-in",
  validateSearch: (search): { next?: string } & CameBack => ({ next: text(search.next), ...cameBack(search) }),
  component: lazyRouteComponent(() => import("./routes/sign-in.tsx")),
});

const join = createRoute({
  getParentRoute: () => root,
  path: "/join",
  validateSearch: (search): { invite?: string } & CameBack => ({ invite: text(search.invite), ...cameBack(search) }),
  component: lazyRouteComponent(() => import("./routes/join.tsx")),
});

const reset = createRoute({
  getParentRoute: () => root,
  path: "/reset",
  component: lazyRouteComponent(() => import("./routes/reset.tsx")),
});
const confirmEmail = createRoute({
  getParentRoute: () => root,
  path: "/confirm-email",
  component: lazyRouteComponent(() => import("./routes/confirm-email.tsx")),
});
const account = createRoute({
  getParentRoute: () => root,
  path: "/account",
  validateSearch: (search): { linked?: string } & CameBack => ({
    ...(text(search.linked) !== undefined && { linked: text(search.linked) }),
    ...cameBack(search),
  }),
  beforeLoad: ({ location }) => signedIn(location.href),
  component: lazyRouteComponent(() => import("./routes/account.tsx")),
});
const instance = createRoute({
  getParentRoute: () => root,
  path: "/instance",
  beforeLoad: ({ location }) => signedIn(location.href),
  component: lazyRouteComponent(() => import("./routes/instance.tsx")),
});

const newCompany = createRoute({
  getParentRoute: () => root,
  path: "/new-company",
  beforeLoad: ({ location }) => signedIn(location.href),
  component: lazyRouteComponent(() => import("./routes/new-company.tsx")),
});

const company = createRoute({
  getParentRoute: () => root,
  path: "/c/$company",
  beforeLoad: ({ location }) => signedIn(location.href),
  component: lazyRouteComponent(() => import("./routes/company.tsx")),
});

const floor = createRoute({
  getParentRoute: () => company,
  path: "/",
  component: lazyRouteComponent(() => import("./routes/floor.tsx")),
});
const needs = createRoute({
  getParentRoute: () => company,
  path: "/needs",
  validateSearch: (search): { card?: string } => (text(search.card) === undefined ? {} : { card: text(search.card) }),
  component: lazyRouteComponent(() => import("./routes/needs.tsx")),
});
const agents = createRoute({
  getParentRoute: () => company,
  path: "/agents",
  component: lazyRouteComponent(() => import("./routes/agents.tsx")),
});
const agent = createRoute({
  getParentRoute: () => company,
  path: "/agents/$agent",
  component: lazyRouteComponent(() => import("./routes/agent.tsx")),
});
const runs = createRoute({
  getParentRoute: () => company,
  path: "/runs",
  validateSearch: readRunsSearch,
  component: lazyRouteComponent(() => import("./routes/runs.tsx")),
});
const search = createRoute({
  getParentRoute: () => company,
  path: "/search",
  validateSearch: readSearch,
  component: lazyRouteComponent(() => import("./routes/search.tsx")),
});
const run = createRoute({
  getParentRoute: () => company,
  path: "/agents/$agent/runs/$run",
  validateSearch: (search): { step?: number } => (isSeq(search.step) ? { step: search.step } : {}),
  component: lazyRouteComponent(() => import("./routes/run.tsx")),
});
const chats = createRoute({
  getParentRoute: () => company,
  path: "/chats",
  component: lazyRouteComponent(() => import("./routes/chats.tsx")),
});
/** Below the list, which stays as it is while one conversation after the other is opened. */
const chat = createRoute({
  getParentRoute: () => chats,
  path: "/$session",
  validateSearch: (search): { message?: string } => ({ message: text(search.message) }),
  component: () => null,
});
const agentSettings = createRoute({
  getParentRoute: () => company,
  path: "/agents/$agent/settings",
  component: lazyRouteComponent(() => import("./routes/agent-settings.tsx")),
});
/** The one way in to the settings; their pages lead to each other. */
const settings = createRoute({
  getParentRoute: () => company,
  path: "/settings",
  beforeLoad: ({ params }) => {
    throw redirect({ to: "/c/$company/settings/members", params, replace: true });
  },
});
const models = createRoute({
  getParentRoute: () => company,
  path: "/settings/models",
  component: lazyRouteComponent(() => import("./routes/models.tsx")),
});
const notifications = createRoute({
  getParentRoute: () => company,
  path: "/settings/notifications",
  component: lazyRouteComponent(() => import("./routes/notifications.tsx")),
});
const patterns = createRoute({
  getParentRoute: () => company,
  path: "/settings/patterns",
  component: lazyRouteComponent(() => import("./routes/patterns.tsx")),
});
const members = createRoute({
  getParentRoute: () => company,
  path: "/settings/members",
  component: lazyRouteComponent(() => import("./routes/members.tsx")),
});

const files = createRoute({
  getParentRoute: () => company,
  path: "/files",
  validateSearch: (search): LibrarySearch => ({
    file: text(search.file),
    agent: text(search.agent),
    session: text(search.session),
    run: text(search.run),
  }),
  component: lazyRouteComponent(() => import("./routes/files.tsx")),
});
const agentFiles = createRoute({
  getParentRoute: () => company,
  path: "/agents/$agent/files",
  validateSearch: (search): { path?: string; file?: string } => ({ path: text(search.path), file: text(search.file) }),
  component: lazyRouteComponent(() => import("./routes/agent-files.tsx")),
});
const runChanges = createRoute({
  getParentRoute: () => company,
  path: "/agents/$agent/runs/$run/changes",
  component: lazyRouteComponent(() => import("./routes/run-changes.tsx")),
});

const routeTree = root.addChildren([
  home,
  signIn,
  join,
  reset,
  confirmEmail,
  account,
  instance,
  newCompany,
  company.addChildren([
    floor,
    needs,
    chats.addChildren([chat]),
    agents,
    agent,
    agentSettings,
    runs,
    search,
    run,
    settings,
    members,
    models,
    notifications,
    patterns,
    files,
    agentFiles,
    runChanges,
  ]),
]);

export const router = createRouter({ routeTree, defaultPreload: "intent", scrollRestoration: false });

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
