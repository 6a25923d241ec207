import { useNavigate } from "@tanstack/react-router";
import type { ComponentProps } from "react";
import { Menu, type MenuEntry } from "../../components/menu.tsx";
import { toast } from "../../components/toast.tsx";
import { api } from "../../lib/api.ts";
import { queryClient, sentence } from "../../lib/queries.ts";
import { leaveRooms } from "../../lib/room/registry.ts";
import { setTheme, THEMES, type Theme, useTheme } from "../../lib/theme.ts";

const THEME_LABEL: Record<Theme, string> = { system: "As the system", light: "Light", dark: "Dark" };

/** The person's own choices: the theme, and the way out. */
export function useUserEntries(): MenuEntry[] {
  const navigate = useNavigate();
  const theme = useTheme();
  const signOut = async (): Promise<void> => {
    try {
      await api.signOut();
    } catch (error) {
      toast("fail", sentence(error));
      return;
    }
    leaveRooms();
    await navigate({ to: "/sign-in" });
    queryClient.clear();
  };
  return [
    { kind: "head", id: "theme", text: "Theme" },
    ...THEMES.map(
      (one): MenuEntry => ({
        kind: "action",
        id: one,
        icon: "sun",
        label: THEME_LABEL[one],
        checked: theme === one,
        onSelect: () => setTheme(one),
      }),
    ),
    { kind: "line", id: "line" },
    { kind: "action", id: "account", icon: "settings", label: "Account", onSelect: () => void navigate({ to: "/account" }) },
    { kind: "action", id: "sign-out", icon: "door", label: "Sign out", onSelect: () => void signOut() },
  ];
}

export function UserMenu({ trigger }: { trigger: ComponentProps<typeof Menu>["trigger"] }) {
  return <Menu trigger={trigger} side="top" entries={useUserEntries()} />;
}
