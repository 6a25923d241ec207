import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "../../components/button.tsx";
import { LogSkeleton, Note } from "../../components/states.tsx";
import { sentence } from "../../lib/queries.ts";
import { showHidden } from "../../lib/visible-text.ts";
import { useCompany } from "../shell/company-context.tsx";
import { filesApi, type StoredFile } from "./files-api.ts";

/**
 * What an agent made, running: under another name than this page, in an origin of its own, without network. It can be stopped
 * by taking its frame away.
 */
export function ArtifactFrame({ file }: { file: StoredFile }) {
  const { company } = useCompany();
  const [running, setRunning] = useState(true);
  const query = useQuery({
    queryKey: ["artifact", company.id, file.id],
    queryFn: () => filesApi.artifact(company.id, file.id),
    // The address is good for minutes: each opening asks for its own.
    staleTime: 0,
    gcTime: 0,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  });
  if (query.isPending) return <LogSkeleton />;
  if (query.isError) {
    return (
      <Note
        kind="fail"
        icon="warn"
        title="This cannot be shown"
        action={<Button onClick={() => void query.refetch()}>Try again</Button>}
      >
        {sentence(query.error)}
      </Note>
    );
  }
  return (
    <div className="artifact">
      <p className="artifact-bar">
        <span className="grow">Made by {showHidden(file.by.name)}. It runs apart from Atrium and without network.</span>
        <Button small icon={running ? "stop" : "play"} onClick={() => setRunning(!running)}>
          {running ? "Stop" : "Run"}
        </Button>
      </p>
      {running && (
        <iframe
          title={`Result of ${showHidden(file.name)}`}
          src={query.data.url}
          sandbox="allow-scripts"
          referrerPolicy="no-referrer"
          allow=""
        />
      )}
    </div>
  );
}
