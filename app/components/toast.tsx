import { Toast } from "@base-ui/react/toast";
import { Icon, type IconName } from "./icon.tsx";

/** ms; long enough to read one sentence twice; pauses on hover and focus */
const TOAST_MS = 8_000;

const manager = Toast.createToastManager();

export type ToastKind = "done" | "fail" | "info";
const ICONS: Record<ToastKind, { name: IconName; tone: string }> = {
  done: { name: "check", tone: "done" },
  fail: { name: "st-fail", tone: "fail" },
  info: { name: "users", tone: "" },
};

/** Says one thing that happened; the screen behind it already shows the result. */
export function toast(kind: ToastKind, text: string): void {
  manager.add({ description: text, type: kind, timeout: TOAST_MS, priority: kind === "fail" ? "high" : "low" });
}

function List() {
  const { toasts } = Toast.useToastManager();
  return toasts.map((item) => {
    const icon = ICONS[item.type === "fail" || item.type === "done" ? item.type : "info"];
    return (
      <Toast.Root key={item.id} toast={item} className="toast">
        <Icon name={icon.name} className={icon.tone} />
        <Toast.Description className="grow" />
        <Toast.Close className="link" aria-label="Close message">
          <Icon name="x" />
        </Toast.Close>
      </Toast.Root>
    );
  });
}

/** Where toasts appear; once, around the app. */
export function Toasts({ children }: { children: React.ReactNode }) {
  return (
    <Toast.Provider toastManager={manager} limit={3}>
      {children}
      <Toast.Portal>
        <Toast.Viewport className="toasts">
          <List />
        </Toast.Viewport>
      </Toast.Portal>
    </Toast.Provider>
  );
}
