import { useInfiniteQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import { Button } from "../../components/button.tsx";
import { Icon } from "../../components/icon.tsx";
import { EmptyState, LogSkeleton, Note } from "../../components/states.tsx";
import { useKeys } from "../../lib/keys.ts";
import { usePhone } from "../../lib/layout.ts";
import { sentence } from "../../lib/queries.ts";
import { useCompany } from "../shell/company-context.tsx";
import { Page } from "../shell/page.tsx";
import { SEARCH } from "../shell/places.ts";
import { FoundText, KIND_WORDS, placeOf } from "./found.tsx";
import type { SearchSearch } from "./search-address.ts";
import { KINDS, searchQuery } from "./search-api.ts";
import { useSettled } from "./use-settled.ts";

/** ms without a key after which the words are looked for */
const TYPING_MS = 250;

/** Everything that was found, newest first; what is looked for stands in the address. */
export function SearchPage({ search }: { search: SearchSearch }) {
  const phone = usePhone();
  const content = <Content search={search} />;
  return (
    <Page title="Search" place={SEARCH}>
      {phone ? <main className="m-body">{content}</main> : <div className="column wide">{content}</div>}
    </Page>
  );
}

function Content({ search: { q = "", kind } }: { search: SearchSearch }) {
  const { company } = useCompany();
  const navigate = useNavigate();
  const input = useRef<HTMLInputElement>(null);
  const [typed, setTyped] = useState(q);
  const settled = useSettled(typed.trim(), TYPING_MS);
  const asked = useRef(q);
  const go = (next: SearchSearch): void =>
    void navigate({ to: "/c/$company/search", params: { company: company.id }, search: next, replace: true });
  useEffect(() => {
    if (settled === asked.current) return;
    asked.current = settled;
    void navigate({
      to: "/c/$company/search",
      params: { company: company.id },
      search: (before) => ({ ...before, q: settled || undefined }),
      replace: true,
    });
  }, [settled, navigate, company.id]);
  useEffect(() => {
    // The address changed by itself: the search was opened anew, or somebody went a step back.
    if (q === asked.current) return;
    asked.current = q;
    setTyped(q);
  }, [q]);
  const query = useInfiniteQuery(searchQuery(company.id, q, kind));
  const found = query.data?.pages.flatMap((page) => page.items) ?? [];
  useKeys({ "/": () => input.current?.focus() });
  return (
    <search className="search-page">
      <label className="conv-search">
        <Icon name="search" className="dim" />
        <span className="vh">Search runs, steps, messages and files</span>
        <input
          ref={input}
          type="search"
          placeholder="Words you remember"
          maxLength={200}
          value={typed}
          onChange={({ target }) => setTyped(target.value)}
        />
      </label>
      <fieldset className="seg" aria-label="What to look for">
        <button type="button" aria-pressed={kind === undefined} onClick={() => go({ q })}>
          Everything
        </button>
        {KINDS.map((one) => (
          <button key={one} type="button" aria-pressed={kind === one} onClick={() => go({ q, kind: one })}>
            {KIND_WORDS[one]}
          </button>
        ))}
      </fieldset>
      {q === "" ? (
        <EmptyState icon="search" title="What do you remember?">
          Two words are often enough. Every word must occur; words in quotes stand together.
        </EmptyState>
      ) : query.isError && found.length === 0 ? (
        <Note
          kind="fail"
          icon="warn"
          title="The search did not answer"
          action={<Button onClick={() => void query.refetch()}>Try again</Button>}
        >
          {sentence(query.error)}
        </Note>
      ) : query.isPending ? (
        <LogSkeleton />
      ) : found.length === 0 ? (
        <EmptyState icon="search" title={`Nothing is found for "${q}"`}>
          Try fewer words, or the beginning of one. Private conversations are searched by their people alone.
        </EmptyState>
      ) : (
        <>
          <ul className="found-rows" aria-label="Found, newest first" aria-busy={query.isPlaceholderData}>
            {found.map((one) => (
              <li key={`${one.kind}:${one.ref}:${one.seq ?? ""}`}>
                <Link className="found" {...placeOf(company.id, one)} preload={false}>
                  <FoundText found={one} />
                </Link>
              </li>
            ))}
          </ul>
          {query.hasNextPage && (
            <p className="conv-more">
              <Button small busy={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
                Older results
              </Button>
            </p>
          )}
        </>
      )}
    </search>
  );
}
