import "./styles/main.css";
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { Toasts } from "./components/toast.tsx";
import { TipLayer } from "./components/tooltip.tsx";
import { isSilence } from "./lib/http.ts";
import { queryClient } from "./lib/queries.ts";
import { nudgeRooms } from "./lib/room/registry.ts";
import { router } from "./router.tsx";

// A person who looks again, or whose network is back, should not wait out a back-off; one whose network went should soon see it.
window.addEventListener("online", nudgeRooms);
window.addEventListener("offline", nudgeRooms);
window.addEventListener("focus", nudgeRooms);

const root = document.getElementById("root");
if (!root) throw new Error("index.html has no #root");
createRoot(root, {
  // A server that is not there is told by the page itself; everything else that ends a screen is for the console, too.
  onCaughtError: (error) => {
    if (!isSilence(error)) console.error(error);
  },
}).render(
  <StrictMode>
    <QueryClientProvider client={queryClient}>
      <RouterProvider router={router} />
      <Toasts />
      <TipLayer />
    </QueryClientProvider>
  </StrictMode>,
);

if (import.meta.env.PROD && "serviceWorker" in navigator) {
  // After the first screen: it takes nothing away from what the person came for.
  window.addEventListener("load", () => {
    void import("./sw/register.ts").then(({ registerWorker }) => registerWorker((path) => void router.navigate({ href: path })));
  });
}
