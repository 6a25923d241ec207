import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import { body, inCompany } from "../../lib/api.ts";

const ofFile = inCompany.files[":fileId"];
const ofAgent = inCompany.agents[":agentId"];

/** Files read at once. */
const LIST_PAGE = "60";

export interface FileFilter {
  q?: string | undefined;
  agent?: string | undefined;
  session?: string | undefined;
  run?: string | undefined;
}

/** What the screens of files ask of the API. Every refusal is an ApiError with a sentence for the person. */
export const filesApi = {
  list: (companyId: string, { q, ...filter }: FileFilter, cursor: string | undefined) =>
    body(inCompany.files.$get({ param: { companyId }, query: { ...filter, q: q || undefined, limit: LIST_PAGE, cursor } })),
  get: (companyId: string, fileId: string) => body(ofFile.$get({ param: { companyId, fileId } })),
  preview: (companyId: string, fileId: string) => body(ofFile.preview.$get({ param: { companyId, fileId } })),
  versions: async (companyId: string, fileId: string) =>
    (await body(ofFile.versions.$get({ param: { companyId, fileId } }))).items,
  artifact: (companyId: string, fileId: string) => body(ofFile.artifact.$get({ param: { companyId, fileId } })),
  remove: (companyId: string, fileId: string) => ofFile.$delete({ param: { companyId, fileId } }),
  folder: (companyId: string, agentId: string, path: string) =>
    body(ofAgent.workspace.$get({ param: { companyId, agentId }, query: { path } })),
  openPath: async (companyId: string, agentId: string, path: string) =>
    (await body(ofAgent.workspace.open.$post({ param: { companyId, agentId }, json: { path } }))).file,
  changes: async (companyId: string, runId: string, path: string | undefined) =>
    (await body(inCompany.runs[":runId"].changes.$get({ param: { companyId, runId }, query: { path } }))).items,
  /** The bytes, for what the screen draws by itself. */
  bytes: async (companyId: string, fileId: string) =>
    new Uint8Array(await (await ofFile.content.$get({ param: { companyId, fileId }, query: {} })).arrayBuffer()),
};

export type StoredFile = Awaited<ReturnType<typeof filesApi.get>>;
export type Preview = Awaited<ReturnType<typeof filesApi.preview>>;
export type Folder = Awaited<ReturnType<typeof filesApi.folder>>;
export type Change = Awaited<ReturnType<typeof filesApi.changes>>[number];

export const filesKey = (company: string) => ["files", company] as const;

/** Files of a company, the newest first, page by page. */
export const filesQuery = (company: string, filter: FileFilter) =>
  infiniteQueryOptions({
    queryKey: [...filesKey(company), "list", filter],
    queryFn: ({ pageParam }) => filesApi.list(company, filter, pageParam),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.nextCursor ?? undefined,
    placeholderData: keepPreviousData,
  });
export const fileQuery = (company: string, file: string) =>
  queryOptions({ queryKey: [...filesKey(company), "file", file], queryFn: () => filesApi.get(company, file) });
/** A content never changes under its id. */
export const previewQuery = (company: string, file: string) =>
  queryOptions({
    queryKey: ["preview", company, file],
    queryFn: () => filesApi.preview(company, file),
    staleTime: Number.POSITIVE_INFINITY,
  });
export const versionsQuery = (company: string, file: string) =>
  queryOptions({ queryKey: [...filesKey(company), "versions", file], queryFn: () => filesApi.versions(company, file) });
export const folderQuery = (company: string, agent: string, path: string) =>
  queryOptions({
    queryKey: [...filesKey(company), "folder", agent, path],
    queryFn: () => filesApi.folder(company, agent, path),
    placeholderData: keepPreviousData,
  });
export const changesQuery = (company: string, run: string) =>
  queryOptions({ queryKey: [...filesKey(company), "changes", run], queryFn: () => filesApi.changes(company, run, undefined) });

/** Where a file is downloaded, or shown where it is of a kind that cannot do harm. */
export function contentUrl(company: string, file: string, inline = false): string {
  return `/api/companies/${company}/files/${file}/content${inline ? "?inline=1" : ""}`;
}
